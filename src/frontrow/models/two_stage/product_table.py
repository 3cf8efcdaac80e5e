"""What is known of each product at a cutoff: how it sells lately, to whom, for how long, and how it did a year ago."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

WINDOWS = (7, 14, 30, 60, 90, 180, 365)
"""Days before the cutoff in which a product's customers are counted, by their last purchase."""

FIRSTS = (7, 14, 30, 60, 90)
"""Days in which those who bought it for the first time are counted."""

AGAIN = (30, 90)
"""Days in which orders by those who had bought it before are counted."""

YEAR = 365
SEASON_DAYS = 30

PRODUCT_FEATURES = (
    *(f"buyers_{days}d" for days in WINDOWS),
    "buyers",
    *(f"first_buyers_{days}d" for days in FIRSTS),
    *(f"orders_again_{days}d" for days in AGAIN),
    "orders_3d",
    "days_sold_30d",
    "buyers_14d_of_60d",
    "buyers_30d_of_180d",
    "orders_next_month_last_year",
    "orders_this_month_last_year",
    "next_month_last_year",
    "first_orders_60d",
    "share_of_first_orders",
    "orders_per_buyer",
    "days_since_first_sold",
    "days_since_last_sold",
    "log_price",
)


def product_table(lines: pl.DataFrame, day: int, products: pl.DataFrame) -> NDArray[np.float32]:
    """Add up order lines by product.

    Args:
        lines: Those of `Interactions` before `day`.
        day: The cutoff, as days since 1970-01-01.
        products: `price` of each column.

    Returns:
        `PRODUCT_FEATURES`, shape (products, features), float32; 0 or NaN for a product without a line, and NaN for
        last year's figures where the lines do not reach that far back.

    Example:
        >>> lines = pl.DataFrame({"customer": [0, 1], "product": [1, 1], "order": [0, 0], "day": [0, 20]})
        >>> found = product_table(lines, day=30, products=pl.DataFrame({"price": [1.0, 2.0]}))
        >>> found[:, PRODUCT_FEATURES.index("buyers_14d")].tolist()
        [0.0, 1.0]
    """
    orders = lines.select("customer", "product", "order", "day").unique(["customer", "product", "order"])
    orders = orders.with_columns(
        age=day - pl.col("day"),
        again=pl.col("order") > pl.col("order").min().over("customer", "product"),
        first=pl.col("order") == pl.col("order").min().over("customer"),
    )
    told = (
        _pairs(orders)
        .join(_orders(orders), on="product", how="full", coalesce=True)
        .with_columns(
            buyers_14d_of_60d=pl.col("buyers_14d") / (pl.col("buyers_60d") + 1),
            buyers_30d_of_180d=pl.col("buyers_30d") / (pl.col("buyers_180d") + 1),
            next_month_last_year=(pl.col("orders_next_month_last_year") + 1)
            / (pl.col("orders_this_month_last_year") + 1),
            orders_per_buyer=pl.col("orders") / pl.col("buyers"),
        )
    )
    if lines.filter(pl.col("day") <= day - YEAR - SEASON_DAYS).height == 0:
        last_year = ("orders_next_month_last_year", "orders_this_month_last_year", "next_month_last_year")
        told = told.with_columns(pl.lit(None, pl.Float64).alias(name) for name in last_year)
    every = products.select("price").with_row_index("product").with_columns(pl.col("product").cast(pl.Int32))
    whole = every.join(told.cast({"product": pl.Int32}), on="product", how="left", maintain_order="left")
    counts = [name for name in PRODUCT_FEATURES if name.startswith(("buyers", "first_buyers", "orders_again"))]
    filled = whole.with_columns(pl.col(counts).fill_null(0), log_price=(pl.col("price") + 0.01).log())
    named = filled.select(pl.col(name).cast(pl.Float32).fill_null(np.nan) for name in PRODUCT_FEATURES)
    return np.ascontiguousarray(named.to_numpy())


def _pairs(orders: pl.DataFrame) -> pl.DataFrame:
    """Distinct customers, by the age of their last and first purchase."""
    pairs = orders.group_by("product", "customer").agg(last=pl.col("age").min(), earliest=pl.col("age").max())
    return pairs.group_by("product").agg(
        **{f"buyers_{days}d": (pl.col("last") <= days).sum() for days in WINDOWS},
        buyers=pl.len(),
        **{f"first_buyers_{days}d": (pl.col("earliest") <= days).sum() for days in FIRSTS},
    )


def _orders(orders: pl.DataFrame) -> pl.DataFrame:
    """Orders, by their age and by whether customer and product had met before."""
    age = pl.col("age")
    return orders.group_by("product").agg(
        **{f"orders_again_{days}d": (pl.col("again") & (age <= days)).sum() for days in AGAIN},
        orders=pl.len(),
        orders_3d=(age <= 3).sum(),
        days_sold_30d=age.filter(age <= 30).n_unique(),
        orders_next_month_last_year=age.is_between(YEAR - SEASON_DAYS + 1, YEAR).sum(),
        orders_this_month_last_year=age.is_between(YEAR + 1, YEAR + SEASON_DAYS).sum(),
        first_orders_60d=(pl.col("first") & (age <= 60)).sum(),
        share_of_first_orders=pl.col("first").mean(),
        days_since_first_sold=age.max(),
        days_since_last_sold=age.min(),
    )
