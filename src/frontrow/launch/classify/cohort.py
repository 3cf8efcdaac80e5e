"""The notebook's choice of customers: those seen both before the launch and after it."""

from __future__ import annotations

import polars as pl

from frontrow.shop.shop import History


def ordered_in_window(rows: pl.DataFrame, history: History, horizon_days: int) -> pl.DataFrame:
    """Rows of customers who ordered anything within the horizon of the launch.

    It picks customers by what they did afterwards, which nobody knows on the day (`classification` says so wherever
    it is used).

    Args:
        rows: `launch`, `customer_id`, `cutoff_day` and whatever else.
        history: What is known.
        horizon_days: Days from the launch on.

    Example:
        >>> from frontrow.testing.shops import DAY_ZERO, hand_made_shop
        >>> history = hand_made_shop([(1, "pot", 0), (1, "pot", 5), (2, "pot", 0), (2, "pot", 9)]).as_of()
        >>> rows = pl.DataFrame({"launch": [0, 0], "customer_id": [1, 2], "cutoff_day": [DAY_ZERO + 5] * 2})
        >>> ordered_in_window(rows, history, 4)["customer_id"].to_list()
        [1]
    """
    days = history.lines.filter(pl.col("customer_id").is_not_null()).select("customer_id", "day").unique().collect()
    since = pl.col("day") - pl.col("cutoff_day")
    keys = rows.select("launch", "customer_id", "cutoff_day")
    ordered = keys.join(days, on="customer_id", how="inner").filter((since >= 0) & (since < horizon_days))
    return rows.join(ordered, on=["launch", "customer_id"], how="semi", maintain_order="left")
