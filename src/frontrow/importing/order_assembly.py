"""Order lines put together from what files say line by line and what they say about whole orders."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.importing.order_amounts import convert_amounts, spread_discounts, spread_refunds
from frontrow.importing.order_versions import SUPERSEDED, LatestOrders

ORDER_COLUMNS: Final = (
    *("source_id", "ordered_at", "partially_refunded", "country", "province", "city"),
    *("order_discount", "subtotal", "refunded_amount", "rate"),
)
SPREAD: Final = ("order_discount", "subtotal", "refunded_amount")


def assemble_lines(latest: LatestOrders, time_zone: str) -> pl.DataFrame:
    """Return the lines of the latest state of each order, with what its file says of the whole order.

    Amounts are in the shop's currency. Rows that are no purchase keep their reason in `dropped`; they are here because
    their order's discount was for them too.

    Args:
        latest: The latest state of each order.
        time_zone: IANA name, of `ordered_at`.
    """
    names = [name for name in ORDER_COLUMNS if name in latest.orders.columns]
    lines = latest.lines.filter(
        pl.col("order_id").is_not_null() & ~pl.col("dropped").is_in(SUPERSEDED).fill_null(False)
    )
    lines = lines.join(latest.orders.select("order_id", *names), on="order_id", how="left", maintain_order="left")
    absent = {"source_id": pl.String(), "ordered_at": pl.Datetime("us", time_zone)}
    lines = lines.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in absent.items() if name not in names)
    return lines.pipe(convert_amounts).pipe(spread_discounts).pipe(spread_refunds).drop(*SPREAD, strict=False)
