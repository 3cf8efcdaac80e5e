"""Who is expected to buy each new product: how many, who stands first and why, and what the top of the list holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.campaign.record.campaign import Campaign
from frontrow.launch.audience.audience import Audience
from frontrow.present.section import Block, Section, Sentence, Table
from frontrow.present.wording import ABSENT, count, decimal, percent

TOP: Final = 10
"""Customers of each product that a report names."""

MAX_PRODUCTS: Final = 20
"""Products that a report shows; the audience file has them all."""

FEW_PRODUCTS: Final = 3
"""Up to so many products, `TOP` customers of each get reasons; of more products, half as many."""

LIST_SHARES: Final = (0.01, 0.05, 0.10)
"""Lengths of a list that a report counts buyers for, as shares of the customers scored."""

WITH_REASONS: Final = ("rank", "customer", "probability", "reasons")
WITH_FIGURES: Final = ("rank", "customer", "probability", "last order", "order days", "spent", "similar lines")

_CURVE_POINTS: Final = 120


@dataclass(frozen=True)
class ProductAnswer:
    """One new product.

    Attributes:
        product_id: Its id.
        title: Its title.
        customers: Number of customers scored.
        expected: Buyers expected among them, the sum of their probabilities; NaN where there are none.
        low: Lower end of the 80 % interval; None where there is none.
        high: Upper end of the 80 % interval.
        lists: For each of `LIST_SHARES`: (share, length, buyers expected in a list of that length).
        curve: Share of customers contacted and share of the expected buyers reached, both from 0 to 1; empty where
            there are no probabilities.
        top: The first rows, as they are shown.
        days_on_sale: Days since the launch of a product whose window is open; 0 for a new one.
        buyers_so_far: How many of those scored bought it in these days.
        on_sale_since: The first day of sale of a product whose window is over; None for any other.
    """

    product_id: str
    title: str
    customers: int
    expected: float
    low: float | None
    high: float | None
    lists: list[tuple[float, int, float]]
    curve: list[tuple[float, float]]
    top: list[list[str]]
    days_on_sale: int = 0
    buyers_so_far: int = 0
    on_sale_since: str | None = None


def build_sections(
    audience: Audience, *, launches: int, as_of: str, horizon_days: int, top: int, currency: str
) -> list[Section]:
    """The first customers of each product, with reasons where the audience has them, else with figures.

    Args:
        audience: Everyone scored.
        launches: Number of past launches that the model learned from; 0 for a baseline.
        as_of: The cutoff.
        horizon_days: Days after the launch within which a purchase counts.
        top: Number of customers of each product.
        currency: The shop's.
    """
    learned = f"Learned from {launches} past launches; " if launches else ""
    blocks: list[Block] = [Sentence(f"{learned}{audience.customers:,} customers scored as of {as_of}.")]
    if audience.message is not None:
        blocks.append(Sentence(audience.message))
    columns = WITH_REASONS if "reasons" in audience.rows.columns else WITH_FIGURES
    if columns == WITH_FIGURES:
        money = f" ({currency})" if currency else ""
        blocks.append(
            Sentence(
                f"Last order in days ago; order days and money spent{money} in the last 365 days; similar lines: order "
                "lines of products that resemble the new one."
            )
        )
    rows = audience.top(top)
    numeric = tuple(name for name in columns if name != "reasons")
    for product in audience.expected_buyers().iter_rows(named=True):
        customers = rows.filter(pl.col("product_id") == product["product_id"]).iter_rows(named=True)
        title = describe_expected_buyers(product, horizon_days)
        blocks.append(Table(title, columns, [_row(customer, columns) for customer in customers], numeric))
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


def page_values(audience: Audience, currency: str) -> dict[str, Any]:
    """What a page shows of the audience: each product's answer, chart and first customers.

    Args:
        audience: Everyone scored.
        currency: The shop's.
    """
    products = build_answers(audience)
    return {
        "products": products,
        "unshown": audience.rows["product_id"].n_unique() - len(products),
        "columns": _page_columns(currency),
        "message": audience.message,
        "charts": [_reach_chart(product, f"reach{index}") for index, product in enumerate(products)],
    }


def build_answers(audience: Audience) -> list[ProductAnswer]:
    """One answer a product, in the order given, `MAX_PRODUCTS` at most."""
    parts = audience.rows.partition_by("product_id", maintain_order=True)[:MAX_PRODUCTS]
    expected = {row["product_id"]: row for row in audience.expected_buyers().iter_rows(named=True)}
    over = audience.sold.filter(~pl.col("under_way"))
    first_days = dict(over.select("product_id", pl.col("first_day").cast(pl.Date).cast(pl.String)).iter_rows())
    return [
        _build_answer(rows.sort("rank"), expected[product_id], first_days.get(product_id))
        for product_id, rows in ((rows["product_id"][0], rows) for rows in parts)
    ]


def select_examples(audience: Audience, campaign: Campaign | None = None) -> pl.DataFrame:
    """Whose reasons a report shows: `product_id`, `customer_id` of the first customers of each product.

    Args:
        audience: Everyone scored.
        campaign: The campaign whose contacted customers are shown; None for everyone scored.
    """
    keys = ["product_id", "customer_id"]
    rows = audience.rows.select(*keys, "rank")
    if campaign is not None:
        contacted = campaign.contacted.select(*keys).cast(dict(rows.select(keys).schema))  # type: ignore[arg-type]
        rows = rows.join(contacted, on=keys, how="semi", maintain_order="left")
    shown = rows["product_id"].unique(maintain_order=True).head(MAX_PRODUCTS)
    top = TOP if len(shown) <= FEW_PRODUCTS else -(-TOP // 2)
    rows = rows.filter(pl.col("product_id").is_in(shown.implode()))
    return rows.sort("rank").group_by("product_id", maintain_order=True).head(top).select(keys)


def list_examples(audience: Audience, campaign: Campaign | None = None) -> dict[str, list[tuple[str, str, str, Any]]]:
    """Rank, customer number, probability and reasons of some customers, by product id; empty without reasons.

    Args:
        audience: With reasons of those that `select_examples` names, or of more.
        campaign: As for `select_examples`.
    """
    if "reasons" not in audience.rows.columns:
        return {}
    keys = ["product_id", "customer_id"]
    rows = audience.rows.join(select_examples(audience, campaign), on=keys, how="semi", maintain_order="left")
    examples: dict[str, list[tuple[str, str, str, Any]]] = {}
    for row in rows.filter(pl.col("reasons").is_not_null()).sort("rank").iter_rows(named=True):
        cells = (count(row["rank"]), str(row["customer_id"]), percent(row["probability"], 1), row["reasons"])
        examples.setdefault(row["product_id"], []).append(cells)
    return examples


def _row(customer: dict[str, Any], columns: tuple[str, ...]) -> list[str]:
    probability = "-" if customer["probability"] is None else f"{customer['probability'] * 100:.1f} %"
    cells = [str(customer["rank"]), str(customer["customer_id"]), probability]
    if columns == WITH_REASONS:
        return [*cells, "\n".join(customer["reasons"] or [])]
    figures = [customer[name] for name in ("days_since_last_order", "orders_365d")]
    figures += [f"{customer['spend_365d']:,.2f}", customer["similar_lines"]]
    return [*cells, *("" if figure is None else str(figure) for figure in figures)]


def _build_answer(rows: pl.DataFrame, expected_row: dict[str, Any], on_sale_since: str | None) -> ProductAnswer:
    reached = np.cumsum(rows["probability"].fill_null(float("nan")).to_numpy())
    customers, expected = rows.height, float(reached[-1])
    lengths = [max(1, math.ceil(share * customers - 1e-9)) for share in LIST_SHARES]
    return ProductAnswer(
        product_id=rows["product_id"][0],
        title=rows["title"][0],
        customers=customers,
        expected=expected,
        low=expected_row["low"],
        high=expected_row["high"],
        lists=[(share, length, float(reached[length - 1])) for share, length in zip(LIST_SHARES, lengths, strict=True)],
        curve=_reach_curve(reached) if math.isfinite(expected) else [],
        top=[_page_row(row) for row in rows.head(TOP).drop("source_id").iter_rows(named=True)],
        days_on_sale=expected_row["days_on_sale"],
        buyers_so_far=expected_row["buyers_so_far"],
        on_sale_since=on_sale_since,
    )


def _reach_curve(reached: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Denser at the top of the list, where the curve bends; every customer of a short list."""
    customers, total = len(reached), max(float(reached[-1]), 1e-300)
    steps = np.linspace(0.0, 1.0, min(customers, _CURVE_POINTS) + 1) ** 2
    lengths = np.unique(np.ceil(steps * customers).astype(int))
    return [(length / customers, float(reached[length - 1]) / total if length else 0.0) for length in lengths.tolist()]


def _reach_chart(answer: ProductAnswer, name: str) -> str | None:
    # only a page draws, and altair takes half a second to import
    from frontrow.present.charts.launches import draw_reach

    if not answer.curve:
        return None
    total = answer.expected or 1.0
    lists = [
        (length / answer.customers, buyers / total, f"first {percent(share)}: {percent(buyers / total)}")
        for share, length, buyers in answer.lists
    ]
    return draw_reach(answer.curve, lists, name=name)


def _page_columns(currency: str) -> list[str]:
    return [
        "Rank",
        "Customer",
        "Probability",
        "Days since last order",
        "Order days in 365 days",
        f"Spent in 365 days{f' ({currency})' if currency else ''}",
        "Different products bought",
        "Lines of similar products",
        "Days since a similar one",
    ]


def _page_row(row: dict[str, Any]) -> list[str]:
    # A customer's number is a name, not a quantity: no thousands separator.
    return [
        count(row["rank"]),
        str(row["customer_id"]),
        percent(row["probability"], 1),
        count(row["days_since_last_order"]),
        count(row["orders_365d"]),
        decimal(row["spend_365d"], 2),
        count(row["products_bought"]),
        count(row["similar_lines"]),
        ABSENT if row["days_since_similar"] is None else count(row["days_since_similar"]),
    ]
