"""Features of when a customer orders: rhythm, recency, decayed rates, spend, season; whatever the product.

All orders of a customer on one day count as one order.
"""

from __future__ import annotations

from typing import Final

import narwhals as nw

from frontrow.engines.frames import Frame
from frontrow.features.exact import MONEY, WEIGHT, halve, sum_exactly
from frontrow.schema import revenue

WINDOWS: Final = (30, 90, 180, 365)
"""Days before the cutoff over which orders and spend are added up."""

HALF_LIVES: Final = (7, 15, 30, 60, 120, 240)
"""An order counts half for each of these many days of age."""

YEAR_OF_WEEKS: Final = 364
"""Days of 52 weeks: the same weekday a year ago."""

ORDER_FEATURES: Final = (
    "recency_days",
    "tenure_days",
    "orders",
    *(f"orders_{days}d" for days in WINDOWS),
    *(f"orders_half_life_{days}d" for days in HALF_LIVES),
    *(f"spend_{days}d" for days in WINDOWS),
    "spend_per_order",
    "lines_per_order",
    "orders_same_season",
    "mean_gap_days",
    "median_gap_days",
    "gap_spread_days",
    "recency_over_mean_gap",
    "recency_over_median_gap",
    "recency_over_tenure",
    "orders_per_tenure_day",
    "share_of_weekend_orders",
)
"""Columns of `build_order_features` besides `customer_id`."""


def build_order_days(lines: Frame) -> Frame:
    """One row a customer and day with an order.

    Args:
        lines: Order lines (`schema.order_line_schema`); guests are left out.

    Returns:
        `customer_id` int64, `day` int32, `spend` (money before later refunds), `lines`, `gap_days` since the day of the
        order before (null at the first). A later order changes no earlier row.
    """
    of_customers = lines.filter(~nw.col("customer_id").is_null())
    spend = revenue(nw.col("quantity"), nw.col("price"), nw.col("discount"))
    days = (
        of_customers.select("customer_id", "day", spend.alias("spend"))
        .group_by("customer_id", "day")
        .agg(sum_exactly(nw.col("spend"), MONEY), nw.len().cast(nw.Float64).alias("lines"))
    )
    before = nw.col("day").shift(1).over("customer_id", order_by="day")
    return days.with_columns((nw.col("day") - before).cast(nw.Float64).alias("gap_days")).sort("customer_id", "day")


def build_order_features(order_days: Frame, cutoff_day: int, horizon_days: int) -> Frame:
    """What is known of each customer's orders just before a day.

    Args:
        order_days: What `build_order_days` returns; rows of the cutoff day and later are not read.
        cutoff_day: The cutoff (days since 1970-01-01).
        horizon_days: Days from the cutoff on that will be asked about; the same days a year ago are a feature.

    Returns:
        `customer_id` and `ORDER_FEATURES` as float64, in orders, days and money; sorted by customer. Customers
        without an order before the cutoff have no row. Gaps are null for a customer with one order.
    """
    aged = order_days.filter(nw.col("day") < cutoff_day).with_columns(
        (nw.lit(cutoff_day) - nw.col("day")).cast(nw.Float64).alias("age")
    )
    sums = aged.group_by("customer_id").agg(*_sums(horizon_days))
    return sums.with_columns(*_gaps()).select("customer_id", *_ratios()).sort("customer_id")


def _sums(horizon_days: int) -> list[nw.Expr]:
    # 1970-01-01 was a Thursday: Saturdays and Sundays are the days 2 and 3 of a week that starts there
    weekday = nw.col("day") % 7
    season = (nw.col("age") <= YEAR_OF_WEEKS) & (nw.col("age") > YEAR_OF_WEEKS - horizon_days)
    return [
        nw.len().cast(nw.Float64).alias("orders"),
        nw.col("age").min().alias("recency_days"),
        nw.col("age").max().alias("tenure_days"),
        sum_exactly(nw.col("spend"), MONEY),
        # counts and days are whole numbers, which floats add up exactly
        nw.col("lines").sum(),
        *(_within(nw.lit(1.0), days).sum().alias(f"orders_{days}d") for days in WINDOWS),
        *(sum_exactly(_within(nw.col("spend"), days), MONEY).alias(f"spend_{days}d") for days in WINDOWS),
        *(sum_exactly(halve(nw.col("age"), days), WEIGHT).alias(f"orders_half_life_{days}d") for days in HALF_LIVES),
        nw.when(season).then(nw.lit(1.0)).otherwise(0.0).sum().alias("orders_same_season"),
        nw.when((weekday == 2) | (weekday == 3)).then(nw.lit(1.0)).otherwise(0.0).sum().alias("weekend_orders"),
        nw.col("gap_days").median().alias("median_gap_days"),
        (nw.col("gap_days") * nw.col("gap_days")).sum().alias("squared_gaps"),
    ]


def _within(value: nw.Expr, days: int) -> nw.Expr:
    return nw.when(nw.col("age") <= days).then(value).otherwise(0.0)


def _gaps() -> list[nw.Expr]:
    count = nw.col("orders") - 1.0
    mean = (nw.col("tenure_days") - nw.col("recency_days")) / count
    variance = nw.col("squared_gaps") / count - mean * mean
    several = nw.col("orders") > 1.0
    return [
        nw.when(several).then(mean).alias("mean_gap_days"),
        nw.when(several).then(nw.when(variance > 1e-9).then(variance).otherwise(0.0).sqrt()).alias("gap_spread_days"),
    ]


def _ratios() -> list[nw.Expr]:
    derived = {
        "spend_per_order": nw.col("spend") / nw.col("orders"),
        "lines_per_order": nw.col("lines") / nw.col("orders"),
        "recency_over_mean_gap": nw.col("recency_days") / (nw.col("mean_gap_days") + 1.0),
        "recency_over_median_gap": nw.col("recency_days") / (nw.col("median_gap_days") + 1.0),
        "recency_over_tenure": nw.col("recency_days") / nw.col("tenure_days"),
        "orders_per_tenure_day": nw.col("orders") / nw.col("tenure_days"),
        "share_of_weekend_orders": nw.col("weekend_orders") / nw.col("orders"),
    }
    return [derived[name].alias(name) if name in derived else nw.col(name) for name in ORDER_FEATURES]
