"""Amounts of whole orders, spread over their lines: discounts, refunds, and amounts in another currency."""

from __future__ import annotations

import polars as pl


def spread_discounts(lines: pl.DataFrame, order: str = "order_id") -> pl.DataFrame:
    """Add each line's share of its order's discount, in proportion to the line's value.

    Shopify's `Discount Amount` is the order's, and includes free-shipping codes. The lines were reduced by the
    difference between their sum and the order's subtotal, and by no more than `Discount Amount`; `Lineitem discount`
    is part of it. No line is reduced by more than its value, which would make a purchase with negative revenue.

    Args:
        lines: All lines of each order: `order_id`, `quantity`, `price`, `discount`, and the order's `order_discount`
            and `subtotal` where the source has them.
        order: The column that tells the orders apart.

    Example:
        >>> lines = {"order_id": ["1", "1"], "quantity": [1, 1], "price": [30.0, 10.0], "discount": [0.0, 0.0]}
        >>> order = {"order_discount": [8.0, 8.0], "subtotal": [32.0, 32.0]}
        >>> spread_discounts(pl.DataFrame({**lines, **order}))["discount"].to_list()
        [6.0, 2.0]
    """
    value = _line_value()
    line_discount = pl.col("discount").fill_null(0.0)
    if "order_discount" in lines.columns and lines.select((pl.col("order_discount") > 0).any()).item():
        subtotal = pl.col("subtotal") if "subtotal" in lines.columns else pl.lit(None, pl.Float64)
        below = (value.sum().over(order) - subtotal).clip(lower_bound=0.0)
        reduction = pl.min_horizontal(
            pl.col("order_discount").fill_null(0.0), below.fill_null(pl.col("order_discount"))
        )
        rest = (reduction - line_discount.sum().over(order)).clip(lower_bound=0.0)
        line_discount = line_discount + _share(rest, value, order)
    return lines.with_columns(discount=line_discount.clip(0.0, value))


def spread_refunds(lines: pl.DataFrame, order: str = "order_id") -> pl.DataFrame:
    """Add `refunded`, each line's share of what was given back for its order, in proportion to what it earned.

    What the source gives back for a line stays with it; the rest of the order's amount is spread. Postage and taxes
    may be part of the amount: it lowers the lines to zero and no further.

    Args:
        lines: All lines of each order, discounts spread; `refunded` and the order's `refunded_amount` where the
            source has them.
        order: The column that tells the orders apart.

    Example:
        >>> lines = {"order_id": ["1", "1"], "quantity": [1, 1], "price": [30.0, 10.0], "discount": [6.0, 2.0]}
        >>> spread_refunds(pl.DataFrame({**lines, "refunded_amount": [16.0, 16.0]}))["refunded"].to_list()
        [12.0, 4.0]
    """
    earned = (_line_value() - pl.col("discount")).clip(lower_bound=0.0)
    of_line = pl.col("refunded").fill_null(0.0) if "refunded" in lines.columns else pl.lit(0.0)
    if "refunded_amount" in lines.columns and lines.select((pl.col("refunded_amount") > 0).any()).item():
        rest = (pl.col("refunded_amount").fill_null(0.0) - of_line.sum().over(order)).clip(lower_bound=0.0)
        of_line = of_line + _share(rest, (earned - of_line).clip(lower_bound=0.0), order)
    return lines.with_columns(refunded=of_line.clip(0.0, earned))


def _line_value() -> pl.Expr:
    return (pl.col("quantity") * pl.col("price")).fill_null(0.0).clip(lower_bound=0.0)


def _share(amount: pl.Expr, weight: pl.Expr, order: str) -> pl.Expr:
    """A line's part of an amount of its order, to the millionth; nothing where all weights are zero."""
    total = weight.sum().over(order)
    return pl.when(total > 0).then(amount * weight / total).otherwise(0.0).fill_null(0.0).round(6)


def convert_amounts(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with every amount in the shop's currency.

    Args:
        lines: Lines with the amounts of their orders; `rate`, what one unit of the order's currency is worth, where
            any order is in another currency.
    """
    if "rate" not in lines.columns:
        return lines
    names = ("price", "discount", "refunded", "order_discount", "subtotal", "refunded_amount")
    rate = pl.col("rate").fill_null(1.0)
    return lines.with_columns((pl.col(name) * rate).alias(name) for name in names if name in lines.columns).drop("rate")
