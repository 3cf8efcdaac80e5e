"""Who is expected to buy each new product, as a command prints it."""

from __future__ import annotations

import math
from typing import Any, Final

import polars as pl

from frontrow.launch.audience.audience import Audience
from frontrow.present.section import Block, Section, Sentence, Table
from frontrow.present.wording import percent_plain

REASONS: Final = ("rank", "customer", "probability", "reasons")
FIGURES: Final = ("rank", "customer", "probability", "last order", "order days", "spent", "similar lines")


def build_sections(
    audience: Audience, *, launches: int, as_of: str, horizon_days: int, top: int, currency: str
) -> list[Section]:
    """The first customers of each product, with reasons where the audience has them, else with figures.

    Args:
        audience: Everyone scored.
        launches: Number of past launches that the model learned from.
        as_of: The cutoff.
        horizon_days: Days after the launch within which a purchase counts.
        top: Number of customers of each product.
        currency: The shop's.
    """
    blocks: list[Block] = [
        Sentence(f"Learned from {launches} past launches; {audience.customers:,} customers scored as of {as_of}.")
    ]
    if audience.message is not None:
        blocks.append(Sentence(audience.message))
    columns = REASONS if "reasons" in audience.rows.columns else FIGURES
    if columns == FIGURES:
        money = f" ({currency})" if currency else ""
        blocks.append(
            Sentence(
                f"Last order in days ago; order days and money spent{money} in the last 365 days; similar lines: order "
                "lines of products that resemble the new one."
            )
        )
    rows = audience.top(top)
    for product in audience.expected_buyers().iter_rows(named=True):
        cells = [
            _cells(row, columns)
            for row in rows.filter(pl.col("product_id") == product["product_id"]).iter_rows(named=True)
        ]
        numeric = tuple(name for name in columns if name != "reasons")
        blocks.append(Table(describe_expected_buyers(product, horizon_days), columns, cells, numeric))
    return [Section("audience", "", tuple(blocks))]


def describe_expected_buyers(product: dict[str, Any], horizon_days: int) -> str:
    """How many buyers are expected, in a sentence.

    Args:
        product: A row of `Audience.expected_buyers`.
        horizon_days: Days after the launch within which a purchase counts.

    Example:
        >>> row = {"title": "Pot", "customers": 900, "expected_buyers": 21.4, "low": 4.2, "high": 60.9}
        >>> describe_expected_buyers({**row, "days_on_sale": 0, "buyers_so_far": 0}, 30)
        'Pot: about 21 buyers expected within 30 days among 900 customers (80 % interval: 5 to 60)'
    """
    customers, days = f"among {product['customers']:,} customers", product["days_on_sale"]
    start = f"{product['title']}: "
    if days:
        start += f"{product['buyers_so_far']:,} of its customers bought in {days} days; "
    within = f"in the {horizon_days - days} days left" if days else f"within {horizon_days} days"
    if product["expected_buyers"] is None:
        return f"{start}ranks {customers}"
    low, high = math.ceil(product["low"]), math.floor(product["high"])
    buyers = f"about {product['expected_buyers']:,.0f} {'more buyers' if days else 'buyers'} expected {within}"
    return f"{start}{buyers} {customers} (80 % interval: {min(low, high):,} to {high:,})"


def _cells(row: dict[str, Any], columns: tuple[str, ...]) -> list[str]:
    probability = "-" if row["probability"] is None else percent_plain(row["probability"], 1)
    cells = [str(row["rank"]), str(row["customer_id"]), probability]
    if columns == REASONS:
        return [*cells, "\n".join(row["reasons"] or [])]
    figures = [row["days_since_last_order"], row["orders_365d"], f"{row['spend_365d']:,.2f}", row["similar_lines"]]
    return [*cells, *("" if figure is None else str(figure) for figure in figures)]
