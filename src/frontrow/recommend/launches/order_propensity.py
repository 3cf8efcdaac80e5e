"""How likely a customer is to order at all within a horizon, by what customers like them did in past windows."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.shop.shop import History

WINDOWS: Final = 3
"""Past windows that are learned from, one before the other."""

RECENCY_DAYS: Final = (7, 14, 30, 60, 90, 120, 180, 270, 365)
"""Customers are alike whose last order lies between the same two of these, in days."""

ORDER_DAYS: Final = (1, 2, 4, 8, 16)
"""... and whose days with an order in the last year reach the same one of these."""

PRIOR_CUSTOMERS: Final = 10.0
"""The share of a recency counts as so many customers in each of its cells."""

CELL: Final = ("recency", "orders")


def order_chance(history: History, customer_ids: NDArray[np.int64], *, days: int) -> NDArray[np.float64]:
    """The chance of each customer to order within `days` days after the cutoff.

    Args:
        history: What is known.
        customer_ids: Who is asked about.
        days: Length of the window.

    Returns:
        Shape (customers,); NaN for one without an order, and where the history is shorter than a window.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> lines = [(one, "pot", day) for one in range(40) for day in (0, 9, 19, 29, 39)]
        >>> order_chance(hand_made_shop(lines).as_of(), np.array([3, 99]), days=10).round(1).tolist()
        [1.0, nan]
    """
    lines = history.lines.filter(pl.col("customer_id").is_not_null()).select("customer_id", "day").collect()
    past = []
    for window in range(1, WINDOWS + 1):
        start = history.cutoff_day - window * days
        there = _cells(lines, start)
        later = lines.filter(pl.col("day").is_between(start, start + days - 1))["customer_id"].unique()
        past.append(there.with_columns(ordered=pl.col("customer_id").is_in(later.implode())))
    shares = _shares(pl.concat(past))
    asked = pl.DataFrame({"customer_id": customer_ids}).join(
        _cells(lines, history.cutoff_day), on="customer_id", how="left", maintain_order="left"
    )
    found = asked.join(shares, on=CELL, how="left", maintain_order="left").join(
        shares.group_by("recency").agg(usual=pl.col("usual").first()), on="recency", how="left", maintain_order="left"
    )
    share = found.select(pl.coalesce("share", "usual_right").cast(pl.Float64).fill_null(float("nan")).alias("share"))
    return share["share"].to_numpy()


def _cells(lines: pl.DataFrame, day: int) -> pl.DataFrame:
    """`customer_id` and `CELL` of each customer with an order before a day."""
    before = lines.filter(pl.col("day") < day).unique()
    told = before.group_by("customer_id").agg(
        age=day - pl.col("day").max(), year=(pl.col("day") >= day - 365).sum().cast(pl.Int64)
    )
    return told.select(
        "customer_id",
        recency=pl.Series(np.searchsorted(RECENCY_DAYS, told["age"].to_numpy())),
        orders=pl.Series(np.searchsorted(ORDER_DAYS, told["year"].to_numpy(), side="right")),
    )


def _shares(past: pl.DataFrame) -> pl.DataFrame:
    """By cell, the share who ordered, drawn towards that of its recency."""
    usual = past.group_by("recency").agg(usual=pl.col("ordered").mean())
    counted = past.group_by(CELL).agg(pl.col("ordered").sum(), customers=pl.len()).join(usual, on="recency")
    drawn = (pl.col("ordered") + PRIOR_CUSTOMERS * pl.col("usual")) / (pl.col("customers") + PRIOR_CUSTOMERS)
    return counted.select(*CELL, "usual", share=drawn)
