"""Orders whose lines are in two files because a table was cut between them, as a large one is."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

CONTENT = ("product_id", "sku", "title", "quantity", "price")


def mark_cut_orders(
    lines: Sequence[pl.DataFrame | None], orders: Sequence[pl.DataFrame | None]
) -> list[pl.DataFrame | None]:
    """Return the orders of each file, with `is_partial` for those that another file holds the first lines of.

    An order is taken as cut when it stands last in one file and first in another, and the two share no line. Where
    the source marks the row with the order's own fields, that row says more, and nothing is done here.

    Args:
        lines: The lines of each file (`importing.format.LINE_FIELDS`), None for a file without orders.
        orders: The orders of each file (`importing.format.ORDER_FIELDS`).
    """
    marked = list(orders)
    ends = {number: table["order_id"].drop_nulls() for number, table in enumerate(lines) if table is not None}
    last = {ids[-1]: number for number, ids in ends.items() if len(ids)}
    for number, ids in ends.items():
        before = last.get(ids[0]) if len(ids) else None
        table = marked[number]
        if before is None or before == number or table is None or "is_partial" in table.columns:
            continue
        if _share_no_line(lines[before], lines[number], ids[0]):
            marked[number] = table.with_columns(is_partial=pl.col("order_id") == ids[0])
    return marked


def _share_no_line(first: pl.DataFrame | None, second: pl.DataFrame | None, order_id: str) -> bool:
    if first is None or second is None:
        return False
    names = [name for name in CONTENT if name in first.columns and name in second.columns]
    parts = [table.filter(pl.col("order_id") == order_id).select(names) for table in (first, second)]
    return parts[0].join(parts[1], on=names, how="semi", nulls_equal=True).is_empty()
