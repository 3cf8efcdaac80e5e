"""The life of each product, from its first sale to its last: sums that can be added up from blocks of customers."""

from __future__ import annotations

import narwhals as nw

from frontrow.engines.frames import Frame
from frontrow.features.exact import MONEY, from_units, to_units
from frontrow.schema import revenue


def product_sums(lines: Frame) -> Frame:
    """One row a product, guests included: what can be added up from blocks.

    Args:
        lines: Order lines (`schema.order_line_schema`).

    Returns:
        `product_id`, `first_day` and `last_day` of sale (int32, days since 1970-01-01), `units` int64, `revenue` int64
        in units of `exact.MONEY`, discounts and refunds taken off.
    """
    line_revenue = revenue(*(nw.col(name) for name in ("quantity", "price", "discount", "refunded")))
    return (
        lines.with_columns(to_units(line_revenue.cast(nw.Float64), MONEY).alias("revenue"))
        .group_by("product_id")
        .agg(
            nw.col("day").min().cast(nw.Int32).alias("first_day"),
            nw.col("day").max().cast(nw.Int32).alias("last_day"),
            nw.col("quantity").sum().cast(nw.Int64).alias("units"),
            nw.col("revenue").sum(),
        )
    )


def add_product_sums(sums: Frame) -> Frame:
    """The sums of several blocks as those of one: what `product_sums` returns, each product once."""
    return sums.group_by("product_id").agg(
        nw.col("first_day").min(), nw.col("last_day").max(), nw.col("units").sum(), nw.col("revenue").sum()
    )


def express_revenue(sums: Frame) -> Frame:
    """Sums with the revenue as float64 in the shop's currency.

    Args:
        sums: What `product_sums` returns, each product once.
    """
    return sums.with_columns(from_units(nw.col("revenue"), MONEY))


def product_totals(lines: Frame) -> Frame:
    """One row a product, guests included: `product_sums`, with the revenue as float64 in the shop's currency."""
    return express_revenue(product_sums(lines))


def buyer_totals(lines: Frame, launch_days: Frame, horizon_days: int) -> Frame:
    """Known customers who bought each product, and those among them who were customers before its launch.

    Args:
        lines: Order lines; guests are left out.
        launch_days: `product_id`, `launch_day`.
        horizon_days: Days from the launch within which a purchase counts.

    Returns:
        `product_id` and, as int64, `buyers`, `buyers_before` (buyers with an order before the launch day) and
        `buyers_in_horizon` (those of `buyers_before` who first bought within the horizon).
    """
    of_customers = lines.filter(~nw.col("customer_id").is_null())
    customers = of_customers.group_by("customer_id").agg(nw.col("day").min().alias("customer_since"))
    pairs = of_customers.group_by("customer_id", "product_id").agg(nw.col("day").min().alias("bought_first"))
    rows = pairs.join(customers, on="customer_id", how="inner").join(launch_days, on="product_id", how="inner")
    before = nw.col("customer_since") < nw.col("launch_day")
    in_horizon = (nw.col("bought_first") >= nw.col("launch_day")) & (
        nw.col("bought_first") < nw.col("launch_day") + horizon_days
    )
    flags = rows.with_columns(
        nw.when(before).then(1).otherwise(0).alias("before"),
        nw.when(before & in_horizon).then(1).otherwise(0).alias("in_horizon"),
        nw.when(before | ~before).then(1).otherwise(0).alias("buyer"),
    )
    return flags.group_by("product_id").agg(
        nw.col("buyer").sum().cast(nw.Int64).alias("buyers"),
        nw.col("before").sum().cast(nw.Int64).alias("buyers_before"),
        nw.col("in_horizon").sum().cast(nw.Int64).alias("buyers_in_horizon"),
    )
