"""How likely a customer is to order at all within a horizon, by what similar customers did in past windows."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.shop.history import History

WINDOWS: Final = 3
"""Number of past windows to learn from, each before the next."""

RECENCY_DAYS: Final = (7, 14, 30, 60, 90, 120, 180, 270, 365)
"""Customers are similar when their last order lies between the same two of these, in days before the cutoff, ..."""

ORDER_DAYS: Final = (1, 2, 4, 8, 16)
"""... and their number of days with an order in the last year between the same two of these."""

PRIOR_CUSTOMERS: Final = 10.0
"""The share of a recency counts as so many customers in each of its cells."""

CELL: Final = ("recency", "orders")


def estimate_order_propensity(
    history: History, customer_ids: NDArray[np.int64], *, horizon_days: int
) -> NDArray[np.float64]:
    """Estimate each customer's probability to order within the horizon.

    Args:
        history: What to learn from.
        customer_ids: The customers.
        horizon_days: Length of the horizon in days, and of the past windows.

    Returns:
        Shape (customers,); NaN for a customer without an order, and where the history is shorter than a window.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> lines = [(customer, "pot", day) for customer in range(40) for day in (0, 9, 19, 29, 39)]
        >>> history = hand_made_shop(lines).as_of()
        >>> estimate_order_propensity(history, np.array([3, 99]), horizon_days=10).round(1).tolist()
        [1.0, nan]
    """
    lines = history.lines.filter(pl.col("customer_id").is_not_null()).select("customer_id", "day").collect()
    windows = []
    for window in range(1, WINDOWS + 1):
        start = history.cutoff_day - window * horizon_days
        in_window = pl.col("day").is_between(start, start + horizon_days - 1)
        ordered = lines.filter(in_window)["customer_id"].unique()
        windows.append(_cells(lines, start).with_columns(ordered=pl.col("customer_id").is_in(ordered.implode())))
    shares = _shares(pl.concat(windows))
    recency_shares = shares.group_by("recency").agg(pl.col("recency_share").first())
    cells = (
        pl.DataFrame({"customer_id": customer_ids})
        .join(_cells(lines, history.cutoff_day), on="customer_id", how="left", maintain_order="left")
        .join(shares.drop("recency_share"), on=CELL, how="left", maintain_order="left")
        .join(recency_shares, on="recency", how="left", maintain_order="left")
    )
    share = pl.coalesce("share", "recency_share").cast(pl.Float64).fill_null(float("nan"))
    return cells.select(share.alias("share"))["share"].to_numpy()


def _cells(lines: pl.DataFrame, cutoff_day: int) -> pl.DataFrame:
    """`customer_id` and `CELL` of each customer with an order before a day."""
    days = lines.filter(pl.col("day") < cutoff_day).unique()
    customers = days.group_by("customer_id").agg(
        recency=cutoff_day - pl.col("day").max(),
        orders=(pl.col("day") >= cutoff_day - 365).sum().cast(pl.Int64),
    )
    return customers.select(
        "customer_id",
        recency=pl.Series(np.searchsorted(RECENCY_DAYS, customers["recency"].to_numpy())),
        orders=pl.Series(np.searchsorted(ORDER_DAYS, customers["orders"].to_numpy(), side="right")),
    )


def _shares(customers: pl.DataFrame) -> pl.DataFrame:
    """By cell, the share who ordered, shrunk towards the share of its recency."""
    recency = customers.group_by("recency").agg(recency_share=pl.col("ordered").mean())
    cells = customers.group_by(CELL).agg(pl.col("ordered").sum(), customers=pl.len()).join(recency, on="recency")
    prior = PRIOR_CUSTOMERS * pl.col("recency_share")
    share = (pl.col("ordered") + prior) / (pl.col("customers") + PRIOR_CUSTOMERS)
    return cells.select(*CELL, "recency_share", share=share)
