"""Features of a customer at a cutoff, whatever the product: volume, rhythm, interest in new products, price level."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engines.frames import Frame, collect, lazy
from frontrow.features.customer_sums import WindowSum, find_active, names_of, sum_days
from frontrow.features.exact import LOG_PRICE, MONEY, WEIGHT, decay, from_units, to_units
from frontrow.features.purchases import DECAY_DAYS

WINDOWS = (30, 90, 180, 365)
"""Days before the cutoff over which volumes are added up."""

SAME_SEASON = (335, 395)
"""Ages in days that lie in the same season a year ago, the month after the cutoff included."""

SUMS = (
    *(f"{column}_{days}d" for column in ("lines", "spend", "order_days") for days in WINDOWS),
    "lines",
    "spend",
    "order_days",
    "lines_decayed",
    "firsts_decayed",
    "order_days_decayed",
    "lines_same_season",
    "adoptions",
    "adoptions_90d",
    "days_since_last_order",
    "days_since_first_order",
)
"""Sums that are features as they are."""

TOTALS = ("lines", "units", "spend", "firsts", "adoptions", "order_days", "log_price", "log_price_squared")
"""Columns of days that are added up over all of them."""

DECAYED = ("lines", "firsts", "order_days")
"""Those that are added up with their decayed weight too."""

CUSTOMER_FEATURES = (
    *SUMS,
    "days_between_orders",
    "overdue",
    "products",
    "share_of_firsts",
    "share_of_adoptions",
    "lines_per_order_day",
    "units_per_line",
    "log_price_mean",
    "log_price_spread",
)
"""Columns of `customer_features` besides its keys."""


def customer_days(purchases: Frame) -> Frame:
    """Add purchases up to one row a customer and day of ordering.

    Args:
        purchases: What `purchases.build_purchases` returns.

    Returns:
        `customer_id`, `day` and the int64 sums `lines`, `units`, `spend` (in units of `exact.MONEY`), `firsts`
        (products bought for the first time), `adoptions`, `log_price` (in units of `exact.LOG_PRICE`) and
        `log_price_squared` (in their square).
    """
    counted = purchases.with_columns(
        to_units((nw.col("price") + 0.01).log(), LOG_PRICE).alias("log_price"),
        to_units(nw.col("revenue"), MONEY).alias("spend"),
        *[nw.col(column).cast(nw.Int64) for column in ("quantity", "first", "adopted")],
        nw.lit(1, nw.Int64).alias("line"),
    )
    return counted.group_by("customer_id", "day").agg(
        nw.col("line").sum().alias("lines"),
        nw.col("quantity").sum().alias("units"),
        nw.col("spend").sum(),
        nw.col("first").sum().alias("firsts"),
        nw.col("adopted").sum().alias("adoptions"),
        (nw.col("log_price") * nw.col("log_price")).sum().alias("log_price_squared"),
        nw.col("log_price").sum(),
    )


def active_customers(days: Frame, cutoff_days: Frame, active_days: int) -> Frame:
    """Who is scored at each cutoff: customers with an order within `active_days` before it.

    Args:
        days: What `customer_days` returns.
        cutoff_days: `cutoff_day`, each once.
        active_days: Days before the cutoff within which an order counts.

    Returns:
        `customer_id`, `cutoff_day`, each pair once.
    """
    if days.implementation.is_polars():
        numbers = collect(cutoff_days)["cutoff_day"].to_list()
        return lazy(find_active(collect(days.select("customer_id", "day")), numbers, active_days))
    crossed = days.select("customer_id", "day").join(cutoff_days, how="cross")
    return crossed.filter(_is_recent(active_days)).select("customer_id", "cutoff_day").unique()


def select_active(days: Frame, pairs: Frame, active_days: int) -> Frame:
    """Of some customers, those who are scored at their cutoffs: `active_customers` for a few pairs of them.

    Args:
        days: What `customer_days` returns.
        pairs: `customer_id`, `cutoff_day`, each pair once.
        active_days: See `active_customers`.

    Returns:
        The pairs that are active.
    """
    joined = days.select("customer_id", "day").join(pairs, on="customer_id", how="inner")
    return joined.filter(_is_recent(active_days)).select("customer_id", "cutoff_day").unique()


def _is_recent(active_days: int) -> nw.Expr:
    return (nw.col("day") < nw.col("cutoff_day")) & (nw.col("day") >= nw.col("cutoff_day") - active_days)


def customer_features(days: Frame, cutoffs: Frame) -> Frame:
    """Features of customers at their cutoffs.

    Args:
        days: What `customer_days` returns.
        cutoffs: `customer_id`, `cutoff_day`: each pair once. A pair with no earlier purchase gives no row.

    Returns:
        `customer_id`, `cutoff_day` and one float64 column a feature, in lines, units, money or days.
    """
    return express_sums(add_up_days(days, cutoffs), ["customer_id", "cutoff_day"])


def add_customer_features(days: Frame, rows: Frame) -> Frame:
    """Rows with the features of their customers.

    Args:
        days: What `customer_days` returns.
        rows: `customer_id`, `cutoff_day` and other columns. A row with no earlier purchase is left out.

    Returns:
        The columns of `rows`, and what `customer_features` returns, to the bit; of order lines in memory without a
        join, several times quicker.
    """
    if days.implementation.is_polars():
        table = collect(rows)
        pairs = table.select("customer_id", "cutoff_day").with_row_index("row")
        features = collect(express_sums(_add_up_in_memory(days, pairs), ["row"]))
        if features.height < table.height:
            table = table[features["row"]]
        return lazy(table.hstack(features.drop("row")))
    cutoffs = rows.select("customer_id", "cutoff_day").unique()
    return rows.join(customer_features(days, cutoffs), on=["customer_id", "cutoff_day"], how="inner")


def express_sums(sums: Frame, keys: Sequence[str]) -> Frame:
    """Whole numbers as features, behind the columns of keys.

    Args:
        sums: What `add_up_days` returns, and further columns.
        keys: Columns that stay as they are.
    """
    floats = sums.select(*keys, *_to_floats())
    return floats.select(*keys, *_ratios())


def add_up_days(days: Frame, cutoffs: Frame) -> Frame:
    """The whole numbers that `customer_features` are made of, on any engine.

    Args:
        days: What `customer_days` returns.
        cutoffs: `customer_id`, `cutoff_day`: each pair once.
    """
    earlier = days.join(cutoffs, on="customer_id", how="inner").filter(nw.col("day") < nw.col("cutoff_day"))
    aged = earlier.with_columns(
        (nw.col("cutoff_day") - nw.col("day")).cast(nw.Int64).alias("age"), nw.lit(1, nw.Int64).alias("order_days")
    )
    weighted = aged.with_columns(_weight(nw.col("age")).alias("weight"))
    return weighted.group_by("customer_id", "cutoff_day").agg(*_sums())


def _add_up_in_memory(days: Frame, pairs: pl.DataFrame) -> Frame:
    """Rows with what `add_up_days` returns."""
    table = collect(days.with_columns(nw.lit(1, nw.Int64).alias("order_days")))
    windows = {
        **names_of([(column, count) for column in ("lines", "spend", "order_days") for count in WINDOWS]),
        **{column: WindowSum(column) for column in TOTALS},
        "lines_same_season": WindowSum("lines", *SAME_SEASON),
        **names_of([("adoptions", 90)]),
    }
    ages = pairs["cutoff_day"].to_numpy().max(initial=0) - table["day"].to_numpy().min(initial=0)
    oldest = max(int(ages), 0)
    weighted = {f"{column}_decayed": column for column in DECAYED}
    return lazy(sum_days(table, pairs, windows, _weights(oldest), weighted))


def _weights(oldest: int) -> NDArray[np.int64]:
    """The weight of each age up to the oldest, in units of `WEIGHT`."""
    ages = lazy(pl.DataFrame({"age": pl.int_range(oldest + 1, eager=True)}))
    return collect(ages.select(_weight(nw.col("age"))))["age"].to_numpy()


def _weight(age: nw.Expr) -> nw.Expr:
    return to_units(decay(age.cast(nw.Float64), DECAY_DAYS), WEIGHT)


def _within(column: str, days: int) -> nw.Expr:
    return nw.when(nw.col("age") <= days).then(nw.col(column)).otherwise(0).sum().alias(f"{column}_{days}d")


def _sums() -> list[nw.Expr]:
    """Whole numbers, and so the same in any order of the rows."""
    season = (nw.col("age") > SAME_SEASON[0]) & (nw.col("age") <= SAME_SEASON[1])
    return [
        *[_within(column, days) for column in ("lines", "spend", "order_days") for days in WINDOWS],
        *[nw.col(column).sum() for column in TOTALS],
        *[(nw.col(column) * nw.col("weight")).sum().alias(f"{column}_decayed") for column in DECAYED],
        nw.when(season).then(nw.col("lines")).otherwise(0).sum().alias("lines_same_season"),
        _within("adoptions", 90),
        nw.col("age").min().alias("days_since_last_order"),
        nw.col("age").max().alias("days_since_first_order"),
    ]


def _to_floats() -> list[nw.Expr]:
    """What `customer_features` adds up, as float64 in lines, units, money or days."""
    units = {
        **dict.fromkeys(("spend", *(f"spend_{days}d" for days in WINDOWS)), MONEY),
        **{f"{column}_decayed": WEIGHT for column in DECAYED},
        "log_price": LOG_PRICE,
        "log_price_squared": LOG_PRICE**2,
    }
    names = dict.fromkeys((*SUMS, *TOTALS))
    return [from_units(nw.col(name), units.get(name, 1)).alias(name) for name in names]


def _ratios() -> list[nw.Expr]:
    gap = (nw.col("days_since_first_order") - nw.col("days_since_last_order")) / (nw.col("order_days") - 1.0)
    mean_gap = nw.when(nw.col("order_days") > 1.0).then(gap).otherwise(nw.col("days_since_first_order"))
    mean = nw.col("log_price") / nw.col("lines")
    variance = nw.col("log_price_squared") / nw.col("lines") - mean * mean
    # One price bought over and over leaves a variance of rounding noise, whose root would not be noise-sized.
    spread = nw.when(variance > 1e-9).then(variance).otherwise(0.0).sqrt()
    return [
        *(nw.col(column) for column in SUMS),
        mean_gap.alias("days_between_orders"),
        (nw.col("days_since_last_order") / (mean_gap + 1.0)).alias("overdue"),
        nw.col("firsts").alias("products"),
        (nw.col("firsts") / nw.col("lines")).alias("share_of_firsts"),
        (nw.col("adoptions") / nw.col("firsts")).alias("share_of_adoptions"),
        (nw.col("lines") / nw.col("order_days")).alias("lines_per_order_day"),
        (nw.col("units") / nw.col("lines")).alias("units_per_line"),
        mean.alias("log_price_mean"),
        spread.alias("log_price_spread"),
    ]
