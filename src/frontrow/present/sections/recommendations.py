"""Lists of products for customers: some of them, what the rules did, and what to look at again."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from frontrow.present.section import Block, Section, Sentence, Table
from frontrow.present.wording import counted
from frontrow.recommend.evaluate.window import NEW
from frontrow.recommend.listed_customers import ListedCustomers
from frontrow.recommend.recommend_products import RecommendationResult


def build_sections(
    result: RecommendationResult, *, customers: str, active_days: int, k: int, model: str, as_of: str, examples: int
) -> list[Section]:
    """The lists in a few sentences and two tables.

    Args:
        result: The lists.
        customers: Whom they are for: `returning`, `all`, `new`, or a file.
        active_days: Days without an order after which a customer counts as inactive.
        k: Length of the lists.
        model: Name of the recommender.
        as_of: Day of the cutoff.
        examples: Number of customers whose list is shown.
    """
    lists = result.recommendations
    noun = ("first order", "first orders") if customers == NEW else ("customer", "customers")
    blocks: list[Block] = [Sentence(f"Lists of {k} for {counted(lists.customers, *noun)} by {model}, as of {as_of}.")]
    if result.listed.unknown:
        rows = counted(result.listed.unknown, "row names a customer", "rows name customers")
        blocks.append(Sentence(f"{customers}: {rows} that this shop does not know."))
    blocks += [Sentence(text) for text in describe_inactive(result.listed, active_days)]
    blocks += [Sentence(warning) for warning in result.warnings]
    if examples:
        blocks.append(
            _example_table(lists.examples(examples, result.items), probabilities=result.scores_are_probabilities)
        )
    if lists.effects.height:
        blocks.append(_effect_table(lists.effects))
    if lists.short:
        blocks.append(Sentence(f"Lists shorter than {k}, where the rules leave no more: {lists.short:,}."))
    return [Section("lists", "", tuple(blocks))]


def describe_inactive(listed: ListedCustomers, active_days: int) -> list[str]:
    """Say how many customers are listed of whom little is known, and how many get no list.

    Args:
        listed: Whom the lists are for.
        active_days: Days without an order after which a customer counts as inactive.

    Example:
        >>> import numpy as np
        >>> from frontrow.models.interactions.interactions import Queries
        >>> nobody = Queries(np.zeros(0, dtype=np.int64), pl.DataFrame())
        >>> describe_inactive(ListedCustomers(pl.DataFrame(), nobody, left_out=2), active_days=365)
        ['2 customers have not ordered in the last 365 days and get no list; --customers all makes theirs too.']
    """
    sentences = []
    if listed.left_out:
        verb, theirs = ("has", "gets no list") if listed.left_out == 1 else ("have", "get no list")
        sentences.append(
            f"{counted(listed.left_out, 'customer', 'customers')} {verb} not ordered in the last {active_days:,} days "
            f"and {theirs}; --customers all makes theirs too."
        )
    if listed.inactive:
        sentences.append(
            f"Of these, {listed.inactive:,} last ordered more than {active_days:,} days ago: their lists come from "
            "what they bought then, where they live and what sells now."
        )
    if listed.without_order:
        sentences.append(
            f"Of these, {listed.without_order:,} have no order to learn from: they get what new customers buy."
        )
    return sentences


def build_similar_section(product: dict[str, str], rows: pl.DataFrame, model: str) -> Section:
    """The products most similar to one.

    Args:
        product: `product_id` and `title` of the product.
        rows: `product_id`, `title`, `similarity`, the most similar first.
        model: Name of the recommender.
    """
    if rows.height == 0:
        sentence = (
            f"{model} finds no product for sale that is like {product['title']}: too few known customers bought it. "
            "Try another recommender with --model."
        )
        return Section("similar", "", (Sentence(sentence),))
    table = Table(
        f"Most like {product['title']} ({product['product_id']}), by {model}",
        ("product", "title", "similarity"),
        [(row["product_id"], row["title"], f"{row['similarity']:.3f}") for row in rows.iter_rows(named=True)],
        numeric=("similarity",),
    )
    return Section("similar", "", (table,))


def _example_table(rows: pl.DataFrame, *, probabilities: bool) -> Table:
    """One table; the customer stands beside the first product of each list only."""
    keys = _customer_columns(rows)
    value = "probability" if probabilities else "score"
    cells: list[Sequence[str | None]] = []
    for row in rows.iter_rows(named=True):
        score = row["score"]
        figure = "-" if score is None else f"{score:.1%}" if probabilities else f"{score:.3f}"
        customer = [_text(row[key]) if row["rank"] == 1 else "" for key in keys]
        cells.append((*customer, str(row["rank"]), row["title"] or row["product_id"], figure, row["source"]))
    names = ["customer" if key == "customer_id" else key for key in keys]
    return Table("Some of the lists", (*names, "rank", "product", value, "source"), cells, numeric=("rank", value))


def _customer_columns(rows: pl.DataFrame) -> list[str]:
    """The customer's number; of new customers, what is known of their first order."""
    if "customer_id" in rows.columns:
        return ["customer_id"]
    return [name for name in rows.columns[1:6] if rows[name].null_count() < rows.height]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _effect_table(effects: pl.DataFrame) -> Table:
    columns = ("rule", "products", "places removed", "places filled", "customers")
    rows = [
        [cell if cell is None or isinstance(cell, str) else f"{cell:,}" for cell in row] for row in effects.iter_rows()
    ]
    return Table("What the rules did", columns, rows, numeric=columns[1:])
