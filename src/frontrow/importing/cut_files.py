"""Exports that were cut into several files, as a large one is: which files belong together, and orders cut in two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl

End = tuple[dt.datetime, str]
"""The first or last order of a file: when it was placed, and its id."""

FEWEST_FILES: Final = 3
"""Of two files no order can be both in a piece and in another export."""

CONTENT: Final = ("product_id", "sku", "title", "quantity", "price")


def mark_cut_orders(
    lines: Sequence[pl.DataFrame | None], orders: Sequence[pl.DataFrame | None]
) -> list[pl.DataFrame | None]:
    """Return the orders of each file, with `is_partial` for those that another file holds the first lines of.

    An order is taken as cut when it stands last in one file and first in another, both of which hold other orders, and
    the two say the same of the order and share no line. Where the source marks the row with the order's own fields,
    that row says more, and nothing is done here.

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
        if _say_the_same(orders[before], table, ids[0]) and _share_no_line(lines[before], lines[number], ids[0]):
            marked[number] = table.with_columns(is_partial=pl.col("order_id") == ids[0])
    return marked


def _say_the_same(first: pl.DataFrame | None, second: pl.DataFrame, order_id: str) -> bool:
    """Whether two files that hold other orders too agree on the fields of an order."""
    if first is None or min(first.height, second.height) < 2:
        return False
    parts = [table.filter(pl.col("order_id") == order_id) for table in (first, second)]
    return parts[0].equals(parts[1])


def _share_no_line(first: pl.DataFrame | None, second: pl.DataFrame | None, order_id: str) -> bool:
    if first is None or second is None:
        return False
    names = [name for name in CONTENT if name in first.columns and name in second.columns]
    parts = [table.filter(pl.col("order_id") == order_id).select(names) for table in (first, second)]
    return parts[0].join(parts[1], on=names, how="semi", nulls_equal=True).is_empty()


def add_export_ends(orders: pl.DataFrame) -> pl.DataFrame:
    """Add `exported_until`, the newest order of the export that each order comes from.

    That is the file's newest order, or that of the newest piece where an export was cut: a piece begins with the order
    that the piece before it ends with, or with the next one of all.

    Args:
        orders: `order_id`, `ordered_at` and `file`, in the order of each file.
    """
    newest = orders.group_by("file").agg(exported_until=pl.col("ordered_at").max())
    if newest.height < FEWEST_FILES:
        return orders.join(newest, on="file", how="left", maintain_order="left")
    groups = _group_pieces(orders)
    newest = newest.with_columns(group=pl.col("file").replace(groups))
    newest = newest.with_columns(exported_until=pl.col("exported_until").max().over("group"))
    return orders.join(newest.drop("group"), on="file", how="left", maintain_order="left")


def _group_pieces(orders: pl.DataFrame) -> dict[int, int]:
    """Return, for each file, the first file of those that it was cut from."""
    ends = {number: ends for number in orders["file"].unique().sort() if (ends := _find_ends(orders, number))}
    groups = {number: number for number in orders["file"].unique()}
    for number, (first, _, descending) in ends.items():
        for before, (_, last, direction) in ends.items():
            if number != before and descending == direction and _follows(orders, last, first, descending=descending):
                old, new = max(groups[number], groups[before]), min(groups[number], groups[before])
                groups = {member: new if group == old else group for member, group in groups.items()}
    return groups


def _find_ends(orders: pl.DataFrame, number: int) -> tuple[End, End, bool] | None:
    """Return a file's first and last order, and whether the newest is first; None where it is not in order of time."""
    rows = orders.filter(pl.col("file") == number, pl.col("ordered_at").is_not_null()).select("ordered_at", "order_id")
    if not rows.height:
        return None
    times = rows["ordered_at"]
    first, last = rows.row(0), rows.row(-1)
    descending = bool(first[0] >= last[0])
    return (first, last, descending) if times.is_sorted(descending=descending) else None


def _follows(orders: pl.DataFrame, last: End, first: End, *, descending: bool) -> bool:
    """Whether no order of any file lies between two, in the direction of the files."""
    if last == first:
        return True
    low, high = (first, last) if descending else (last, first)
    if low[0] > high[0]:
        return False
    between = orders.filter(
        pl.col("ordered_at").is_between(pl.lit(low[0]), pl.lit(high[0])),
        ~pl.col("order_id").is_in([low[1], high[1]]),
    )
    return between.is_empty()
