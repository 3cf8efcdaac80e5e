"""Exports that were cut into several files, as a large one is: which files belong together, and orders cut in two."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

End = tuple[dt.datetime, str]
"""The first or last order of a file: when it was placed, and its id."""


@dataclass(frozen=True)
class _Ends:
    """The first and the last order of a file, and whether the newest is the first."""

    first: End
    last: End
    is_descending: bool


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
    return parts[0].drop("row", strict=False).equals(parts[1].drop("row", strict=False))


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
        return _with_ends(orders, newest)
    groups = _group_pieces(orders)
    newest = newest.with_columns(group=pl.col("file").replace(groups))
    newest = newest.with_columns(exported_until=pl.col("exported_until").max().over("group"))
    return _with_ends(orders, newest.drop("group"))


def _with_ends(orders: pl.DataFrame, newest: pl.DataFrame) -> pl.DataFrame:
    return orders.with_columns(orders.select("file").join(newest, on="file", how="left", maintain_order="left"))


def _group_pieces(orders: pl.DataFrame) -> dict[int, int]:
    """Return, for each file, the first file of those that it was cut from."""
    ends = _find_ends(orders)
    pairs = _match_same_order(ends)
    # where a piece continues within an order, another export that begins with the next one is no piece of it
    continued, begun = {before for before, _ in pairs}, {after for _, after in pairs}
    pairs += _match_next_order(orders, ends, continued, begun)
    groups = {number: number for number in orders["file"].unique()}
    for before, after in pairs:
        old, new = max(groups[before], groups[after]), min(groups[before], groups[after])
        groups = {member: new if group == old else group for member, group in groups.items()}
    return groups


def _find_ends(orders: pl.DataFrame) -> dict[int, _Ends]:
    """Return the ends of each file whose orders are in order of time, the newest or the oldest first."""
    time, steps = pl.col("ordered_at"), pl.col("ordered_at").diff().drop_nulls()
    zero = pl.duration()
    rows = orders.filter(time.is_not_null()).group_by("file", maintain_order=True)
    table = rows.agg(
        *(time.first().alias("first"), pl.col("order_id").first().alias("first_id")),
        *(time.last().alias("last"), pl.col("order_id").last().alias("last_id")),
        *((steps >= zero).all().alias("rises"), (steps <= zero).all().alias("falls")),
    ).filter(pl.col("rises") | pl.col("falls"))
    return {
        number: _Ends((first, first_id), (last, last_id), is_descending=falls)
        for number, first, first_id, last, last_id, _, falls in table.iter_rows()
    }


def _match_same_order(ends: Mapping[int, _Ends]) -> list[tuple[int, int]]:
    """Return the files that end with the order with which another one begins, and that other one."""
    begin: dict[tuple[End, bool], list[int]] = {}
    for number, end in ends.items():
        begin.setdefault((end.first, end.is_descending), []).append(number)
    return [
        (number, after)
        for number, end in ends.items()
        for after in begin.get((end.last, end.is_descending), ())
        if after != number
    ]


def _match_next_order(
    orders: pl.DataFrame, ends: Mapping[int, _Ends], continued: Collection[int], begun: Collection[int]
) -> list[tuple[int, int]]:
    """Return the files after whose last order, of all orders, comes the first one of another, and that other one.

    Args:
        orders: All orders.
        ends: Of each file.
        continued: Files that continue in another one.
        begun: Files that another one continues in.
    """
    placed = orders.select("ordered_at", "order_id").drop_nulls().unique().sort("ordered_at")["ordered_at"].to_list()
    begin: dict[tuple[dt.datetime, bool], list[int]] = {}
    for number, end in ends.items():
        if number not in begun:
            begin.setdefault((end.first[0], end.is_descending), []).append(number)
    pairs = []
    for number, end in ends.items():
        if number in continued:
            continue
        time = end.last[0]
        place = bisect_left(placed, time) - 1 if end.is_descending else bisect_right(placed, time)
        neighbour = placed[place] if 0 <= place < len(placed) else time
        pairs += [
            (number, after)
            for first in {time, neighbour}
            for after in begin.get((first, end.is_descending), ())
            # the two orders themselves, and no other
            if after != number and bisect_right(placed, max(time, first)) - bisect_left(placed, min(time, first)) == 2
        ]
    return pairs
