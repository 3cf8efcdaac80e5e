"""Exports that were cut into several files, as a large one is: which files belong together, and orders cut in two."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

End = tuple[int, str]
"""The first or last order of a file: when it was placed, in microseconds since 1970, and its id."""


@dataclass(frozen=True)
class Ends:
    """The first and the last order of a file whose orders are in order of time.

    Attributes:
        first: The first one.
        last: The last one.
        is_descending: Whether the newest is the first.
    """

    first: End
    last: End
    is_descending: bool


@dataclass(frozen=True)
class FileLines:
    """What a file's lines begin and end with, of a file that is read in parts.

    Attributes:
        first: Id of the order of its first line that has one.
        last: Id of the order of its last such line.
        orders: Number of orders of the file.
    """

    first: str
    last: str
    orders: int


FEWEST_FILES: Final = 3
"""Of two files no order can be both in a piece and in another export."""

FEWEST_ORDERS: Final = 2
"""A file that holds nothing but an order may be an export of that order."""

CONTENT: Final = ("product_id", "sku", "title", "quantity", "price")


def mark_cut_orders(
    lines: Sequence[pl.DataFrame | None],
    orders: Sequence[pl.DataFrame | None],
    files: Mapping[int, FileLines] | None = None,
) -> list[pl.DataFrame | None]:
    """Return the orders of each file, with `is_partial` for those that another file holds the first lines of.

    An order is taken as cut when it stands last in one file and first in another, both of which hold other orders, and
    the two say the same of the order and share no line. Where the source marks the row with the order's own fields,
    that row says more, and nothing is done here.

    Args:
        lines: The lines of each file (`importing.format.LINE_FIELDS`), None for a file without orders.
        orders: The orders of each file (`importing.format.ORDER_FIELDS`).
        files: What the whole files begin and end with, by number, where the tables are parts of them.
    """
    marked = list(orders)
    files = _find_file_lines(lines, orders) if files is None else files
    last = {file.last: number for number, file in files.items()}
    for number, file in files.items():
        before, table = last.get(file.first), marked[number]
        if before is None or before == number or table is None or "is_partial" in table.columns:
            continue
        if min(file.orders, files[before].orders) < FEWEST_ORDERS:
            continue
        first = file.first
        if _say_the_same(orders[before], table, first) and _share_no_line(lines[before], lines[number], first):
            marked[number] = table.with_columns(is_partial=pl.col("order_id") == first)
    return marked


def _find_file_lines(
    lines: Sequence[pl.DataFrame | None], orders: Sequence[pl.DataFrame | None]
) -> dict[int, FileLines]:
    ids = {number: table["order_id"].drop_nulls() for number, table in enumerate(lines) if table is not None}
    heights = {number: 0 if table is None else table.height for number, table in enumerate(orders)}
    return {number: FileLines(of[0], of[-1], heights[number]) for number, of in ids.items() if len(of)}


def _say_the_same(first: pl.DataFrame | None, second: pl.DataFrame, order_id: str) -> bool:
    """Whether two files agree on the fields of an order."""
    if first is None:
        return False
    parts = [table.filter(pl.col("order_id") == order_id).drop("row", strict=False) for table in (first, second)]
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
    if newest.height >= FEWEST_FILES:
        newest = group_exports(newest, find_ends(orders), find_times(orders))
    return with_export_ends(orders, newest)


def group_exports(newest: pl.DataFrame, ends: Mapping[int, Ends], times: np.ndarray) -> pl.DataFrame:
    """Return `exported_until` of each file as that of the newest piece of its export.

    Args:
        newest: `file` and `exported_until`, its newest order.
        ends: Of each file whose orders are in order of time (`find_ends`).
        times: When each order of all files was placed (`find_times`).
    """
    groups = _group_pieces(newest["file"], ends, times)
    newest = newest.with_columns(group=pl.col("file").replace(groups))
    return newest.with_columns(exported_until=pl.col("exported_until").max().over("group")).drop("group")


def with_export_ends(orders: pl.DataFrame, newest: pl.DataFrame) -> pl.DataFrame:
    """Add `exported_until` to orders.

    Args:
        orders: With `file`.
        newest: `file` and `exported_until`.
    """
    return orders.with_columns(orders.select("file").join(newest, on="file", how="left", maintain_order="left"))


def find_times(orders: pl.DataFrame) -> np.ndarray:
    """Return when each order of some files was placed, in microseconds since 1970, in order of time."""
    placed = orders.select("ordered_at", "order_id").drop_nulls().unique()
    return np.sort(placed["ordered_at"].to_physical().to_numpy())


def find_ends(orders: pl.DataFrame) -> dict[int, Ends]:
    """Return the ends of each file whose orders are in order of time, the newest or the oldest first.

    Args:
        orders: `order_id`, `ordered_at` and `file`, in the order of each file.
    """
    time, steps = pl.col("time"), pl.col("time").diff().drop_nulls()
    rows = orders.select("file", "order_id", time=pl.col("ordered_at").to_physical()).filter(time.is_not_null())
    table = rows.group_by("file", maintain_order=True).agg(
        *(time.first().alias("first"), pl.col("order_id").first().alias("first_id")),
        *(time.last().alias("last"), pl.col("order_id").last().alias("last_id")),
        *((steps >= 0).all().alias("rises"), (steps <= 0).all().alias("falls")),
    )
    return {
        number: Ends((first, first_id), (last, last_id), is_descending=falls)
        for number, first, first_id, last, last_id, rises, falls in table.iter_rows()
        if rises or falls
    }


def _group_pieces(files: pl.Series, ends: Mapping[int, Ends], times: np.ndarray) -> dict[int, int]:
    """Return, for each file, the first file of those that it was cut from."""
    pairs = _match_same_order(ends)
    # where a piece continues within an order, another export that begins with the next one is no piece of it
    continued, begun = {before for before, _ in pairs}, {after for _, after in pairs}
    pairs += _match_next_order(times, ends, continued, begun)
    groups = {number: number for number in files}
    for before, after in pairs:
        old, new = max(groups[before], groups[after]), min(groups[before], groups[after])
        groups = {member: new if group == old else group for member, group in groups.items()}
    return groups


def _match_same_order(ends: Mapping[int, Ends]) -> list[tuple[int, int]]:
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
    times: np.ndarray, ends: Mapping[int, Ends], continued: Collection[int], begun: Collection[int]
) -> list[tuple[int, int]]:
    """Return the files after whose last order, of all orders, comes the first one of another, and that other one.

    Args:
        times: When each order was placed, in order of time.
        ends: Of each file.
        continued: Files that continue in another one.
        begun: Files that another one continues in.
    """
    begin: dict[tuple[int, bool], list[int]] = {}
    for number, end in ends.items():
        if number not in begun:
            begin.setdefault((end.first[0], end.is_descending), []).append(number)

    def before(time: int) -> int:
        return int(np.searchsorted(times, time, "left"))

    def until(time: int) -> int:
        return int(np.searchsorted(times, time, "right"))

    pairs = []
    for number, end in ends.items():
        if number in continued:
            continue
        time = end.last[0]
        place = before(time) - 1 if end.is_descending else until(time)
        neighbour = int(times[place]) if 0 <= place < len(times) else time
        pairs += [
            (number, after)
            for first in {time, neighbour}
            for after in begin.get((first, end.is_descending), ())
            # the two orders themselves, and no other
            if after != number and until(max(time, first)) - before(min(time, first)) == 2
        ]
    return pairs
