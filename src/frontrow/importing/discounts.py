"""Shopify's order-level discounts, spread over the order's lines."""

from __future__ import annotations

import polars as pl


def spread_discounts(lines: pl.DataFrame) -> pl.DataFrame:
    """Add each line's share of its order's discount, in proportion to the line's value.

    `Discount Amount` is the order's, and counts a free-shipping code too. What was taken off the lines is what the
    order's subtotal lies below their sum, and never more than `Discount Amount`; `Lineitem discount` is part of it.

    Args:
        lines: With `order_id`, `quantity`, `price`, `discount`, `dropped` and the order's `order_discount` and
            `subtotal`, on all its rows or on its first only.
    """
    if not lines.select((pl.col("order_discount") > 0).any()).item():
        return lines
    value = (pl.col("quantity") * pl.col("price")).fill_null(0.0).clip(lower_bound=0.0)
    counted = pl.when(pl.col("dropped").eq("repeated rows").fill_null(False)).then(0.0).otherwise(value)
    own = pl.col("discount").fill_null(0.0)
    total = counted.sum().over("order_id")
    discount, subtotal = (pl.col(name).max().over("order_id") for name in ("order_discount", "subtotal"))
    below = (total - subtotal).clip(lower_bound=0.0)
    taken = pl.min_horizontal(discount.fill_null(0.0), below.fill_null(discount))
    left = (taken - own.sum().over("order_id")).clip(lower_bound=0.0)
    share = pl.when(total > 0).then(left * counted / total).otherwise(0.0)
    return lines.with_columns(discount=own + share.fill_null(0.0).round(6))
