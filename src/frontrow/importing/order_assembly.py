"""Purchases put together from what files say line by line and what they say about whole orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.importing.order_amounts import convert_amounts, spread_discounts, spread_refunds
from frontrow.importing.order_versions import SUPERSEDED, LatestOrders

ORDER_COLUMNS: Final = ("order_id", "source_id", "ordered_at", "partially_refunded", "country", "province", "city")
AMOUNTS: Final = ("order_discount", "refunded_amount")
ORDER: Final = "order"


@dataclass(frozen=True)
class Purchases:
    """Order lines that are purchases. What an order says of all its lines is here once, however many lines it has.

    Attributes:
        lines: The lines in order of time, with the place of their order in `orders` as `order`, and `line_number`.
        orders: One row an order, in order of time; those without a purchase are here too.
    """

    lines: pl.DataFrame
    orders: pl.DataFrame


def assemble_purchases(latest: LatestOrders, time_zone: str) -> Purchases:
    """Return the purchases of the latest state of each order, amounts in the shop's currency.

    Args:
        latest: The latest state of each order.
        time_zone: IANA name, of `ordered_at`.
    """
    orders = latest.orders.sort("ordered_at", "order_id")
    lines = assemble_lines(latest.lines, orders).filter(pl.col("dropped").is_null()).drop("dropped")
    if not lines[ORDER].is_sorted():
        lines = lines.sort(ORDER, maintain_order=True)
    begins = pl.col(ORDER).ne_missing(pl.col(ORDER).shift(1)).fill_null(True)
    place = pl.int_range(pl.len(), dtype=pl.Int32)
    lines = lines.with_columns(line_number=place - pl.when(begins).then(place).forward_fill() + 1).drop(
        "row", "version"
    )
    fields = {"source_id": pl.String(), "ordered_at": pl.Datetime("us", time_zone)}
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in fields.items() if name not in orders.columns]
    names = [name for name in ORDER_COLUMNS if name in orders.columns]
    return Purchases(lines, orders.select(*names, *absent))


def assemble_lines(lines: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of orders with the place of their order, and their share of the amounts of whole orders.

    Rows that are no purchase keep their reason in `dropped`; they are here because their order's discount was for them
    too.

    Args:
        lines: Lines with `order_id`; those without one, or with another state of their order, are left out.
        orders: One row an order.
    """
    counts = pl.col("order_id").is_not_null() & ~pl.col("dropped").is_in(SUPERSEDED).fill_null(False)
    lines = lines.filter(lines.select(counts).to_series())
    places = orders.select("order_id").with_row_index(ORDER)
    place = lines.select("order_id").join(places, on="order_id", how="left", maintain_order="left")[ORDER]
    lines = lines.drop("order_id").with_columns(place)
    lines = lines.with_columns(orders[name].gather(place) for name in _find_amounts(orders))
    return lines.pipe(convert_amounts).pipe(spread_discounts, ORDER).pipe(spread_refunds, ORDER)


def _find_amounts(orders: pl.DataFrame) -> list[str]:
    """Return the columns of amounts that some order which counts has; most exports have none to spread."""
    counts = orders["dropped"].is_null()
    names = [name for name in AMOUNTS if name in orders.columns and ((orders[name] > 0) & counts).any()]
    more = {"subtotal": "order_discount" in names, "rate": True}
    return [*names, *(name for name, is_needed in more.items() if is_needed and name in orders.columns)]
