"""Tables with the order's fields on every line: read so that these fields are in memory once for lines that follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.importing.column_parsing import LINES
from frontrow.importing.format import SHARED_TEXT
from frontrow.importing.order_lines import repeated_header_reason
from frontrow.tables.table_file import ROW, Table

RUN: Final = "run"
DROPPED: Final = "dropped"
PERSONAL: Final = ("order_id", "customer_id", "email", "phone", "ordered_at", "updated_at")
"""Fields in which few rows are equal, unless they are of one order: sharing their text would cost memory."""

Clean = Callable[[str, pl.DataType], pl.Expr | None]
"""From a field's name and type to what cleans its cells; None for those that are read as they are."""


@dataclass(frozen=True)
class RepeatedFields:
    """The rows of a table, apart from what they repeat.

    Attributes:
        lines: All rows with the line item's fields, and in `run` the place in `runs`.
        runs: The order's fields, one row for the lines one below the other that agree in them; with `row`, the first of
            them, and their number in `lines`.
    """

    lines: pl.DataFrame
    runs: pl.DataFrame

    def of_lines(self, values: pl.Series) -> pl.Series:
        """What each line has, of the values that the runs have."""
        return values.gather(self.lines[RUN])


def read_repeated_fields(
    table: Table, columns: Mapping[str, str], clean: Clean, item: Collection[str]
) -> RepeatedFields:
    """Read a file, and keep what lines that follow each other repeat once; `dropped` says which rows repeat the header.

    Each cell that is repeated is cleaned once.

    Args:
        table: The file.
        columns: The file's column of each field.
        clean: Cleans the cells of a field, each by itself.
        item: The fields of a line item; all others are the order's.
    """
    lines, runs, last = [], [], None
    started = 0
    for batch in table.batches(columns.values()):
        cells = batch.select(ROW, *(pl.col(column).alias(field) for field, column in columns.items()))
        cells = cells.with_columns(repeated_header_reason(cells.schema, columns).alias(DROPPED))
        order = cells.drop(ROW, *item, strict=False)
        begins = _find_begins(order, last)
        last = order.tail(1) if order.height else last
        number = (begins.cast(pl.Int64).cum_sum() + started - 1).cast(pl.UInt32).alias(RUN)
        available = [name for name in item if name in columns]
        lines.append(_clean_fields(cells.select(ROW, *available), clean).with_columns(number))
        runs.append(_clean_fields(cells.select(ROW, *order.columns).filter(begins), clean))
        started += runs[-1].height
    all_lines, all_runs = pl.concat(lines, rechunk=True), pl.concat(runs, rechunk=True)
    counts = all_lines[RUN].rle().struct.field("len") if all_lines.height else pl.Series(LINES, [], pl.UInt32)
    return RepeatedFields(all_lines, all_runs.with_columns(counts.alias(LINES)))


def _clean_fields(rows: pl.DataFrame, clean: Clean) -> pl.DataFrame:
    """Clean fields; text that many rows share is cleaned, and in memory, once."""
    return pl.DataFrame([_clean_field(cells, clean(cells.name, cells.dtype)) for cells in rows.get_columns()])


def _clean_field(cells: pl.Series, cleaning: pl.Expr | None) -> pl.Series:
    is_shared = cells.name not in PERSONAL
    if is_shared and cells.dtype == pl.String:
        cells = cells.cast(SHARED_TEXT)
        return cells if cleaning is None else _clean_shared(cells, cleaning)
    cleaned = cells if cleaning is None else cells.to_frame().select(cleaning).to_series()
    return cleaned.cast(SHARED_TEXT) if is_shared and cleaned.dtype == pl.String else cleaned


def _clean_shared(cells: pl.Series, cleaning: pl.Expr) -> pl.Series:
    """Clean each distinct text of a column once."""
    distinct = cells.unique()
    cleaned = distinct.cast(pl.String).to_frame().select(cleaning).to_series()
    if cleaned.dtype == pl.String:
        cleaned = cleaned.cast(SHARED_TEXT)
    values = pl.DataFrame([distinct.alias("cell"), cleaned.alias("value")])
    of_cells = cells.alias("cell").to_frame().join(values, on="cell", how="left", maintain_order="left")["value"]
    return of_cells.alias(cleaned.name)


def _find_begins(order: pl.DataFrame, last: pl.DataFrame | None) -> pl.Series:
    """Return which rows differ from the row above; `last` is the row above the first."""
    rows = order if last is None else pl.concat([last, order])
    differs = pl.any_horizontal(pl.all().ne_missing(pl.all().shift(1)))
    begins = rows.select(differs.alias("begins"))["begins"]
    if last is not None:
        return begins.slice(1)
    return begins if begins.is_empty() else begins.set(pl.int_range(begins.len(), eager=True) == 0, True)
