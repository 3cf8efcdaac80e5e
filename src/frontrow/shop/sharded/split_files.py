"""Files cut into shards by order: every row of an order, of whichever file, is in the same shard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.engines.engine import Engine
from frontrow.errors import InputError
from frontrow.importing.column_parsing import TIMESTAMPS
from frontrow.importing.format import Format, ParseSettings
from frontrow.shop.sharded.answers import pack, unpack
from frontrow.storage.spill import Spill
from frontrow.tables.table_file import ROW, Table
from frontrow.tables.whole_file import AmountCells, DateCells, WholeFile

ITEM: Final = ("title", "sku", "price", "quantity")
ORDER_SEED: Final = 11
CUSTOMER_SEED: Final = 13
ABSENT: Final = "absent"
"""Where a worker cannot reach the file, such as one that was unpacked here."""


class OrderUnnamedError(InputError):
    """A row belongs to the order above it, so that the file cannot be cut by the orders that its rows name."""


@dataclass(frozen=True)
class SplitFile:
    """A file whose rows are in shards.

    Attributes:
        table: The file without its rows, with some cells that decide how its columns are read.
        format: Its format.
        rows: Its rows by shard.
    """

    table: Table
    format: Format
    rows: Spill

    def parts(self) -> list[ShardRows]:
        """The rows of each shard that has some, not read yet."""
        return [ShardRows(self.table, self.rows.folder, shard) for shard in self.rows.present()]


@dataclass(frozen=True)
class ShardTable:
    """The rows of a file that are in a shard.

    Attributes:
        shard: Its number.
        table: The rows, and what the whole file says.
    """

    shard: int
    table: Table


@dataclass(frozen=True)
class ShardRows:
    """The rows of a file that are in a shard, on disk."""

    table: Table
    folder: Path
    shard: int

    def read(self) -> ShardTable:
        """The rows as a table."""
        cells = self.table.whole.cells if self.table.whole is not None else {}
        rows = Spill(self.folder).scan(self.shard)
        return ShardTable(self.shard, replace(self.table, rows=rows, whole=WholeFile(cells)))


@dataclass(frozen=True)
class RangeRows:
    """Some rows of a file, one below the other.

    Attributes:
        number: Of the range of rows in the file.
        rows: The rows; None where the file cannot be reached.
    """

    number: int
    rows: pl.DataFrame | None


@dataclass(frozen=True)
class FileRange:
    """A range of rows of a file, not read yet."""

    table: Table
    number: int
    columns: tuple[str, ...]

    def read(self) -> RangeRows:
        """The rows."""
        try:
            return RangeRows(self.number, self.table.read_range(self.number, self.columns))
        except FileNotFoundError:
            return RangeRows(self.number, None)


@dataclass(frozen=True)
class SplitRange:
    """Sets the rows of a range aside by shard of their order; returns what the cells say of their columns.

    Attributes:
        format: The file's format.
        columns: The file's column of each field.
        shards: Number of shards.
        folder: For the rows.
    """

    format: Format
    columns: Mapping[str, str]
    shards: int
    folder: Path

    def __call__(self, some: RangeRows) -> pl.DataFrame:
        """Split the rows; see `engines.engine.Step`."""
        rows = some.rows
        if rows is None:
            return pack({ABSENT: True})
        cells = _Cells(self.columns, self.format)
        cells.look_at(rows)
        ids = _read_ids(rows, self.columns["order_id"], self.format)
        unnamed = _find_unnamed(rows, ids, self.columns) if self.format.continues_orders else None
        if unnamed is None and rows.height:
            spill = Spill(self.folder, some.number)
            spill.add_by(rows, shard_of(ids, self.shards, ORDER_SEED))
            spill.flush()
        return pack({ABSENT: False, "unnamed": unnamed, "amounts": cells.amounts(), "dates": cells.dates()})


def split_file(
    table: Table, file_format: Format, settings: ParseSettings, shards: int, folder: Path, engine: Engine
) -> SplitFile:
    """Cut a file into shards.

    Args:
        table: The file.
        file_format: Its format.
        settings: What was decided about it.
        shards: Number of shards.
        folder: A new folder for the rows.
        engine: Where it is done, if the file can be read in ranges; else here.

    Raises:
        InputError: The file cannot be used.
        OrderUnnamedError: It cannot be cut by orders.
    """
    columns = file_format.choose_columns(table, settings)
    names = tuple(dict.fromkeys(columns.values()))
    spill, cells = Spill(folder), _Cells(columns, file_format)
    step = SplitRange(file_format, columns, shards, folder)
    for facts in _split(table, names, step, engine):
        if facts["unnamed"] is not None:
            _refuse_unnamed(table, int(facts["unnamed"]), columns)
        cells.add(facts["amounts"], facts["dates"])
    if 0 not in spill:
        # so that the first shard of every file can be read
        spill.write(0, pl.DataFrame(schema=table.rows.select(ROW, *names).collect_schema()))
    whole = WholeFile(cells.decisive())
    return SplitFile(replace(table, rows=pl.LazyFrame(), height=None, ranges=(), whole=whole), file_format, spill)


def _split(table: Table, names: tuple[str, ...], step: SplitRange, engine: Engine) -> Iterator[dict[str, Any]]:
    """Split a file, what cannot be read elsewhere here; what is to be said of each part of it."""
    if not table.ranges:
        yield from (unpack(step(RangeRows(number, batch))) for number, batch in enumerate(table.batches(names)))
        return
    light = replace(table, rows=pl.LazyFrame())
    ranges = [FileRange(light, number, names) for number in range(len(table.ranges))]
    for number, answer in enumerate(engine.map_blocks(ranges, step)):
        facts = unpack(answer)
        yield unpack(step(RangeRows(number, table.read_range(number, names)))) if facts[ABSENT] else facts


def shard_of(ids: pl.Series, shards: int, seed: int) -> pl.Series:
    """Return the shard of each id, of orders or of customers; the first one where there is no id."""
    return (ids.hash(seed) % shards).cast(pl.UInt16).set(ids.is_null(), 0)


def _read_ids(rows: pl.DataFrame, column: str, file_format: Format) -> pl.Series:
    """The id of each row's order; of rows with the same cell, one below the other, it is read once."""
    cells = rows.select(column)
    first = pl.int_range(pl.len()) == 0
    begins = cells.select(first | pl.col(column).ne_missing(pl.col(column).shift(1))).to_series()
    ids = cells.filter(begins).select(file_format.order_key(column, cells.schema[column])).to_series()
    return ids.gather(begins.cast(pl.UInt32).cum_sum() - 1) if ids.len() else ids


def _find_unnamed(rows: pl.DataFrame, ids: pl.Series, columns: Mapping[str, str]) -> int | None:
    """The first row that holds an item and does not name its order; None without one."""
    if not ids.null_count():
        return None
    item = [columns[name] for name in ITEM if name in columns]
    unnamed = rows.filter(ids.is_null()).filter(pl.any_horizontal(pl.col(item).is_not_null()))
    return int(unnamed[ROW][0]) if unnamed.height else None


def _refuse_unnamed(table: Table, row: int, columns: Mapping[str, str]) -> None:
    raise OrderUnnamedError(
        "the row does not name its order, and the file is too large to be read as a whole",
        file=table.file,
        row=row,
        column=columns["order_id"],
        advice="Write the order's name on each of its rows, or import the export in several files, one by one.",
    )


class _Cells:
    """The cells of a file that decide how its columns are read."""

    def __init__(self, columns: Mapping[str, str], file_format: Format) -> None:
        self._amounts = {columns[name]: AmountCells() for name in file_format.amounts if name in columns}
        self._dates = {columns[name]: DateCells() for name in TIMESTAMPS if name in columns}

    def look_at(self, rows: pl.DataFrame) -> None:
        for column, finder in self._finders().items():
            if rows.schema[column] == pl.String:
                finder.look_at(rows[column])

    def amounts(self) -> dict[str, dict[str, str]]:
        """By column the first cell of each kind."""
        return {column: finder.first for column, finder in self._amounts.items()}

    def dates(self) -> dict[str, dict[str, tuple[int, str]]]:
        """By column the highest numbers with their cells."""
        return {column: finder.highest for column, finder in self._dates.items()}

    def add(self, amounts: Mapping[str, Mapping[str, str]], dates: Mapping[str, Mapping[str, tuple[int, str]]]) -> None:
        """Add what the next rows say."""
        for column, cells in amounts.items():
            self._amounts[column].add(cells)
        for column, highest in dates.items():
            self._dates[column].add(highest)

    def decisive(self) -> dict[str, tuple[str, ...]]:
        return {column: finder.decisive() for column, finder in self._finders().items()}

    def _finders(self) -> dict[str, AmountCells | DateCells]:
        return {**self._amounts, **self._dates}
