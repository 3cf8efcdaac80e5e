"""The amounts of WooCommerce's order lines: before and after discounts, and what was given back, all without taxes.

WooCommerce keeps two amounts of a line: its subtotal before coupons and its total after them. A refund is an order of
its own. It says how much was given back for which line, or only an amount for the whole order. An amount for the whole
order holds taxes and postage, so what is known of the lines is taken off it first, and its rest is brought to an amount
without taxes.
"""

from __future__ import annotations

from typing import Final

import polars as pl

AMOUNTS: Final = (
    *("full_price", "line_subtotal", "line_total", "refunded_tax"),
    *("order_total", "order_tax", "goods", "cart_discount", "refunded_shipping", "refunded_shipping_tax"),
)
"""The amounts that no other format has; all are numbers in the functions below, and null where the file has none."""

DECIMALS: Final = 8


def add_line_amounts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with `price` of one unit before discounts, and `discount` of the line.

    Args:
        rows: `quantity`, `price` after discounts, `full_price`, `line_subtotal` and `line_total`; null where the file
            does not say.

    Example:
        >>> line = {"quantity": [4], "price": [None], "full_price": [None]}
        >>> rows = pl.DataFrame({**line, "line_subtotal": [50.0], "line_total": [45.0]})
        >>> add_line_amounts(rows).select("price", "discount").row(0)
        (12.5, 5.0)
    """
    quantity = pl.when(pl.col("quantity") > 0).then(pl.col("quantity"))
    before = pl.coalesce(pl.col("line_subtotal"), pl.col("full_price") * quantity)
    after = pl.coalesce(pl.col("line_total"), pl.col("price") * quantity)
    price = pl.coalesce(before / quantity, "price", after / quantity)
    discount = (before - after).clip(lower_bound=0.0).fill_null(0.0)
    # of a line that was sent back whole no unit is left, and its price is not read
    return rows.with_columns(price=price.round(DECIMALS), discount=discount.round(DECIMALS))


def add_refunds(rows: pl.DataFrame, *, is_left: bool) -> pl.DataFrame:
    """Return rows with `refunded_amount` as the amount without taxes that was given back for the order's lines.

    Args:
        rows: Lines with `price`, `discount` and `quantity`, and the order's amounts on each of its lines.
        is_left: Whether `quantity` is what is left after units were sent back.
    """
    net = (1.0 - pl.col("order_tax") / pl.col("order_total")).clip(0.0, 1.0)
    net = pl.when(pl.col("order_total") > 0).then(net).fill_null(1.0)
    amount = pl.col("refunded_amount").fill_null(0.0)
    if is_left:
        bought = pl.col("goods") - pl.col("cart_discount").fill_null(0.0)
        left = (pl.col("quantity") * pl.col("price") - pl.col("discount")).fill_null(0.0).sum().over("order_id")
        sent_back = (bought - left).clip(lower_bound=0.0).fill_null(0.0)
        return rows.with_columns(refunded_amount=(amount * net - sent_back).clip(lower_bound=0.0).round(DECIMALS))
    of_line = pl.col("refunded").fill_null(0.0)
    with_tax = of_line + pl.coalesce(pl.col("refunded_tax"), of_line / net - of_line)
    of_lines, lines_with_tax = of_line.sum().over("order_id"), with_tax.sum().over("order_id")
    postage = pl.col("refunded_shipping").fill_null(0.0) + pl.col("refunded_shipping_tax").fill_null(0.0)
    rest = (amount - lines_with_tax - postage).clip(lower_bound=0.0)
    # cents that rounding left are no refund
    rest = pl.when(rest >= CENT).then(rest * net).otherwise(0.0)
    return rows.with_columns(refunded_amount=(of_lines + rest).round(DECIMALS))


CENT: Final = 0.0099
"""The smallest amount that counts as a refund of its own."""
