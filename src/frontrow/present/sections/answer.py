"""The answer for each new product: how many are expected to buy, who stands first, how much the list's top holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.audience.audience import Audience
from frontrow.present.wording import ABSENT, count, decimal, percent

TOP: Final = 10
"""Customers of each product that the report names."""

MOST_PRODUCTS: Final = 20
"""Products that the report shows; the audience file has them all."""

LIST_SHARES: Final = (0.01, 0.05, 0.10)
"""Lengths of a list that the report counts buyers for, as shares of the customers scored."""

_CURVE_POINTS: Final = 120


@dataclass(frozen=True)
class Answer:
    """One new product.

    Attributes:
        product_id: As given, or made of the title.
        title: As given.
        customers: How many were scored.
        expected: Buyers expected among them, the sum of their probabilities; NaN where there are none.
        low: Lower end of its 80 % interval; None where there is none.
        high: Upper end.
        lists: For each of `LIST_SHARES`: (share, length, buyers expected among the first so many).
        curve: Share of customers contacted and share of the expected buyers reached, both from 0 to 1; empty where
            there are no probabilities.
        top: The first rows, as they are shown.
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


def answers(found: Audience) -> list[Answer]:
    """One answer a product, in the order asked, `MOST_PRODUCTS` at most."""
    parts = found.rows.partition_by("product_id", maintain_order=True)[:MOST_PRODUCTS]
    ends = {row["product_id"]: (row["low"], row["high"]) for row in found.expected_buyers().iter_rows(named=True)}
    return [_answer(rows.sort("rank"), ends[rows["product_id"][0]]) for rows in parts]


def columns(currency: str) -> list[str]:
    """Names of the columns of `Answer.top`."""
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


def _answer(rows: pl.DataFrame, ends: tuple[float | None, float | None]) -> Answer:
    reached = np.cumsum(rows["probability"].fill_null(float("nan")).to_numpy())
    customers, expected = rows.height, float(reached[-1])
    lengths = [max(1, math.ceil(share * customers - 1e-9)) for share in LIST_SHARES]
    return Answer(
        product_id=rows["product_id"][0],
        title=rows["title"][0],
        customers=customers,
        expected=expected,
        low=ends[0],
        high=ends[1],
        lists=[(share, length, float(reached[length - 1])) for share, length in zip(LIST_SHARES, lengths, strict=True)],
        curve=_curve(reached) if math.isfinite(expected) else [],
        top=[_cells(row) for row in rows.head(TOP).drop("source_id").iter_rows(named=True)],
    )


def _curve(reached: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Denser at the top of the list, where the curve bends; every customer of a short list."""
    customers, total = len(reached), max(float(reached[-1]), 1e-300)
    steps = np.linspace(0.0, 1.0, min(customers, _CURVE_POINTS) + 1) ** 2
    lengths = np.unique(np.ceil(steps * customers).astype(int))
    return [(length / customers, float(reached[length - 1]) / total if length else 0.0) for length in lengths.tolist()]


def _cells(row: dict[str, Any]) -> list[str]:
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
