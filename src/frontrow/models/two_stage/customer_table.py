"""What is known of each customer at a cutoff: how much and how often, what kind of products, how eager for new ones."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

HALF_LIFE_DAYS = 120
"""An order line so old counts half in the shares."""

PRIOR_LINES = 0.5
"""Lines of nothing in particular that every share starts from."""

YOUNG_DAYS = 60
"""A product is new to the shop for so long."""

SAME_SEASON = (320, 380)
"""Ages in days that lie in the season of the coming month, a year ago."""

CUSTOMER_FEATURES = (
    "lines",
    "orders",
    "lines_30d",
    "lines_90d",
    "lines_365d",
    "days_since_last_order",
    "days_since_first_order",
    "days_between_orders",
    "overdue",
    "lines_per_order",
    "log_units_per_line",
    "products_per_line",
    "log_price_mean",
    "share_of_new_products",
    "share_of_firsts",
    "log_buyers_mean",
    "lines_same_season",
)


def customer_table(
    lines: pl.DataFrame, day: int, customers: int, products: pl.DataFrame, log_buyers: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Add up order lines by customer.

    Args:
        lines: Those of `Interactions` before `day`.
        day: The cutoff, as days since 1970-01-01.
        customers: Number of rows.
        products: `price` of each column.
        log_buyers: log(1 + customers of the last year) of each column.

    Returns:
        `CUSTOMER_FEATURES`, shape (customers, features), float32; NaN for a customer without a line.

    Example:
        >>> lines = pl.DataFrame({"customer": [0, 0], "product": [1, 1], "order": [0, 1], "day": [0, 20],
        ...     "quantity": [1, 1]})
        >>> products = pl.DataFrame({"price": [1.0, 2.0]})
        >>> found = customer_table(lines, 30, 2, products, np.zeros(2, dtype=np.float32))
        >>> found[:, CUSTOMER_FEATURES.index("days_between_orders")].tolist()
        [20.0, nan]
    """
    age = day - pl.col("day")
    weight = 0.5 ** (age / HALF_LIFE_DAYS)
    told = products.select(log_price=(pl.col("price") + 0.01).log(), log_buyers=pl.Series(log_buyers))
    met = lines.join(told.with_row_index("product").cast({"product": lines["product"].dtype}), on="product")
    met = met.with_columns(
        first=pl.col("order") == pl.col("order").min().over("customer", "product"),
        young=pl.col("day") - pl.col("day").min().over("product") < YOUNG_DAYS,
    )
    added = met.group_by("customer").agg(
        lines=pl.len(),
        orders=pl.col("order").n_unique(),
        **{f"lines_{days}d": (age <= days).sum() for days in (30, 90, 365)},
        days_since_last_order=age.min(),
        days_since_first_order=age.max(),
        log_units_per_line=pl.col("quantity").clip(0).mean().log1p(),
        products_per_line=pl.col("product").n_unique() / pl.len(),
        log_price_mean=pl.col("log_price").mean(),
        share_of_new_products=(weight * pl.col("young")).sum() / (weight.sum() + PRIOR_LINES),
        share_of_firsts=(weight * pl.col("first")).sum() / (weight.sum() + PRIOR_LINES),
        log_buyers_mean=(weight * pl.col("log_buyers")).sum() / (weight.sum() + PRIOR_LINES),
        lines_same_season=age.is_between(*SAME_SEASON).sum(),
    )
    between = (pl.col("days_since_first_order") - pl.col("days_since_last_order")) / (pl.col("orders") - 1)
    added = added.with_columns(
        days_between_orders=pl.when(pl.col("orders") > 1).then(between),
        lines_per_order=pl.col("lines") / pl.col("orders"),
    ).with_columns(overdue=pl.col("days_since_last_order") / pl.max_horizontal("days_between_orders", pl.lit(1.0)))
    named = added.select(pl.col(name).cast(pl.Float32).fill_null(np.nan) for name in CUSTOMER_FEATURES)
    found = np.full((customers, len(CUSTOMER_FEATURES)), np.nan, dtype=np.float32)
    found[added["customer"].to_numpy()] = named.to_numpy()
    return found
