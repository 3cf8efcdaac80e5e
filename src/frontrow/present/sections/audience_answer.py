"""The answer of an audience in a few sentences: how many buyers to expect, how sure that is, and what it leans on."""

from __future__ import annotations

import polars as pl

from frontrow.present.section import Sentence, Table
from frontrow.present.sections.audience import ProductAnswer
from frontrow.present.sections.new_products import page_tables
from frontrow.present.wording import ABSENT, buyers_between, count, counted


def describe_answer(answer: ProductAnswer, horizon_days: int) -> list[Sentence]:
    """How many buyers a new product is expected to have, with the interval in the same sentence; then its list.

    Args:
        answer: One product.
        horizon_days: Days after the launch within which a purchase counts.

    Example:
        >>> pot = ProductAnswer("pot", "Pot", 900, 21.4, 4.2, 60.9, [(0.1, 90, 12.0)], [], [])
        >>> [sentence.plain for sentence in describe_answer(pot, 30)]  # doctest: +NORMALIZE_WHITESPACE
        ['About 21 of 900 customers are expected to buy Pot within 30 days of its launch; eight launches in ten like it
        find 5 to 60.', 'The likeliest 90 hold about 12 of these buyers.']
    """
    customers = counted(answer.customers, "customer", "customers")
    if answer.low is None or answer.high is None:
        return [Sentence(f"**{customers}** are ranked for **{answer.title}**, the likeliest buyer first.")]
    between = buyers_between(answer.low, answer.high)
    if answer.days_on_sale:
        so_far = counted(answer.buyers_so_far, "customer has", "customers have")
        first = (
            f"{so_far} bought **{answer.title}** in {counted(answer.days_on_sale, 'day', 'days')}; about "
            f"**{count(answer.expected)}** of the {customers} left are expected to buy it in the days to come"
        )
    else:
        first = (
            f"About **{count(answer.expected)}** of {customers} are expected to buy **{answer.title}** within "
            f"{horizon_days} days of its launch"
        )
    sentences = [Sentence(f"{first}; eight launches in ten like it find **{between}**.")]
    _, length, buyers = answer.lists[-1]
    sentences.append(Sentence(f"The likeliest {count(length)} hold about {count(buyers)} of these buyers."))
    if answer.on_sale_since:
        note = f"It has been on sale since {answer.on_sale_since}; whoever has it is left out, and it counts as new."
        sentences.append(Sentence(note, "note"))
    return sentences


def describe_similar_launches(
    launches: pl.DataFrame, product_id: str, horizon_days: int, currency: str
) -> Table | None:
    """What the past launches most like one new product sold; None where none is like it.

    Args:
        launches: `similar_launches.SIMILAR_LAUNCH_SCHEMA`.
        product_id: The new product.
        horizon_days: Days after a launch within which a purchase counts.
        currency: The shop's.
    """
    tables = page_tables(launches.filter(pl.col("product_id") == product_id), horizon_days, currency)
    return tables[0] if tables else None


def build_overview(answers: list[ProductAnswer], horizon_days: int) -> Table:
    """All new products of an audience beside each other.

    Args:
        answers: One a product.
        horizon_days: Days after the launch within which a purchase counts.
    """
    rows = [
        (
            answer.title,
            count(answer.customers),
            ABSENT if answer.low is None else count(answer.expected),
            ABSENT if answer.low is None or answer.high is None else buyers_between(answer.low, answer.high),
        )
        for answer in answers
    ]
    columns = ("product", "customers ranked", f"buyers expected in {horizon_days} days", "eight in ten find")
    return Table("All products", columns, rows, numeric=columns[1:])
