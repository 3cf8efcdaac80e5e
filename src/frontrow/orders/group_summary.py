"""What is expected of each RFM group."""

from __future__ import annotations

import polars as pl

from frontrow.orders.order_model import OrderModel
from frontrow.orders.rfm import GROUPS


def summarize_groups(forecast: pl.DataFrame, model: OrderModel) -> pl.DataFrame:
    """Add the forecast up by RFM group, the best group first; groups without a customer are left out.

    Args:
        forecast: What `OrderModel.forecast` returns.
        model: The model that made it, for the intervals.

    Returns:
        `rfm_group`, `customers`, `expected_customers` (who will order within the horizon) with the ends of its 80 %
        interval, `overdue_customers`, `expected_orders_365d`, `expected_spend_365d`.
    """
    groups = forecast.group_by("rfm_group").agg(
        pl.len().cast(pl.Int64).alias("customers"),
        pl.col("chance_to_order").sum().alias("expected_customers"),
        (pl.col("days_overdue") > 0).sum().cast(pl.Int64).alias("overdue_customers"),
        pl.col("expected_orders_365d").sum(),
        pl.col("expected_spend_365d").sum(),
    )
    ends = [
        model.interval(expected, customers)
        for expected, customers in groups.select("expected_customers", "customers").iter_rows()
    ]
    places = {group: place for place, group in enumerate(GROUPS)}
    return (
        groups.with_columns(
            pl.Series("expected_customers_low", [low for low, _ in ends], dtype=pl.Float64),
            pl.Series("expected_customers_high", [high for _, high in ends], dtype=pl.Float64),
        )
        .sort(pl.col("rfm_group").replace_strict(places, return_dtype=pl.Int32))
        .select(
            *("rfm_group", "customers", "expected_customers", "expected_customers_low", "expected_customers_high"),
            *("overdue_customers", "expected_orders_365d", "expected_spend_365d"),
        )
    )
