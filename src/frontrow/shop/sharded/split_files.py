"""Files cut into shards by order: every row of an order, of whichever file, is in the same shard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.importing.column_parsing import TIMESTAMPS
from frontrow.importing.format import Format, ParseSettings
from frontrow.storage.spill import Spill
from frontrow.tables.table_file import ROW, Table
from frontrow.tables.whole_file import AmountCells, DateCells, WholeFile

ITEM: Final = ("title", "sku", "price", "quantity")
ORDER_SEED: Final = 11
CUSTOMER_SEED: Final = 13


class OrderUnnamedError(InputError):
    """A row belongs to the order above it, so that the file cannot be cut by the orders that its rows name."""


@dataclass(frozen=True)
class SplitFile:
    """A file whose rows are in shards.

    Attributes:
        table: The file, with some cells that decide how its columns are read.
        format: Its format.
        rows: Its rows by shard.
    """

    table: Table
    format: Format
    rows: Spill

    def part(self, shard: int) -> Table | None:
        """The rows of a shard as a table; None where there are none."""
        if shard not in self.rows:
            return None
        return replace(self.table, rows=self.rows.scan(shard), height=None, part=None)


def split_file(table: Table, file_format: Format, settings: ParseSettings, shards: int, folder: Path) -> SplitFile:
    """Cut a file into shards.

    Args:
        table: The file.
        file_format: Its format.
        settings: What was decided about it.
        shards: Number of shards.
        folder: A new folder for the rows.

    Raises:
        InputError: The file cannot be used.
        OrderUnnamedError: It cannot be cut by orders.
    """
    columns = file_format.choose_columns(table, settings)
    spill, cells = Spill(folder), _Cells(columns, file_format)
    for batch in table.batches(columns.values()):
        cells.look_at(batch)
        key = file_format.order_key(columns["order_id"], batch.schema[columns["order_id"]])
        ids = batch.select(key).to_series()
        if file_format.continues_orders:
            _refuse_unnamed(table, batch, ids, columns)
        if batch.height or 0 not in spill:
            # the first batch is empty, so that the first shard of every file can be read
            spill.add_by(batch, shard_of(ids, shards, ORDER_SEED)) if batch.height else spill.add(0, batch)
    spill.flush()
    return SplitFile(replace(table, whole=WholeFile(cells.decisive())), file_format, spill)


def shard_of(ids: pl.Series, shards: int, seed: int) -> pl.Series:
    """Return the shard of each id, of orders or of customers; the first one where there is no id."""
    return (ids.hash(seed) % shards).cast(pl.UInt16).set(ids.is_null(), 0)


def _refuse_unnamed(table: Table, batch: pl.DataFrame, ids: pl.Series, columns: Mapping[str, str]) -> None:
    if not ids.null_count():
        return
    item = [columns[name] for name in ITEM if name in columns]
    unnamed = batch.filter(ids.is_null()).filter(pl.any_horizontal(pl.col(item).is_not_null()))
    if unnamed.height:
        raise OrderUnnamedError(
            "the row does not name its order, and the file is too large to be read as a whole",
            file=table.file,
            row=int(unnamed[ROW][0]),
            column=columns["order_id"],
            advice="Write the order's name on each of its rows, or import the export in several files, one by one.",
        )


class _Cells:
    """The cells of a file that decide how its columns are read."""

    def __init__(self, columns: Mapping[str, str], file_format: Format) -> None:
        self._finders: dict[str, AmountCells | DateCells] = {}
        for names, finder in ((file_format.amounts, AmountCells), (TIMESTAMPS, DateCells)):
            self._finders |= {columns[name]: finder() for name in names if name in columns}

    def look_at(self, batch: pl.DataFrame) -> None:
        for column, finder in self._finders.items():
            if batch.schema[column] == pl.String:
                finder.look_at(batch[column])

    def decisive(self) -> dict[str, tuple[str, ...]]:
        return {column: finder.decisive() for column, finder in self._finders.items()}
