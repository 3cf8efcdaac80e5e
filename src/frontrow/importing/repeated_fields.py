"""Tables with the order's fields on every line: read so that these fields are in memory once for lines that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from frontrow.importing.column_parsing import LINES
from frontrow.importing.order_lines import share_text
from frontrow.tables.table_file import ROW, Table

RUN = "run"
PERSONAL = ("order_id", "source_id", "email", "phone", "ordered_at", "updated_at")
"""Fields in which few rows are equal, unless they are of one order: sharing their text would cost memory."""


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
    table: Table, columns: Iterable[str], clean: Callable[[pl.LazyFrame], pl.LazyFrame], item: Sequence[str]
) -> RepeatedFields:
    """Read a file, and keep what lines that follow each other repeat once.

    Args:
        table: The file.
        columns: Names of the header.
        clean: Turns columns into clean fields, with `row`.
        item: The fields of a line item; all others are the order's.
    """
    lines, runs, last = [], [], None
    started = 0
    for batch in table.batches(columns, clean):
        order = batch.drop(ROW, *item, strict=False)
        begins = _find_begins(order, last)
        last = order.tail(1) if order.height else last
        number = (begins.cast(pl.Int64).cum_sum() + started - 1).cast(pl.UInt32).alias(RUN)
        available = [name for name in item if name in batch.columns]
        lines.append(share_text(batch.select(ROW, *available)).with_columns(number))
        runs.append(share_text(batch.select(ROW, *order.columns).filter(begins), but=PERSONAL))
        started += runs[-1].height
    all_lines, all_runs = pl.concat(lines, rechunk=True), pl.concat(runs, rechunk=True)
    counts = all_lines[RUN].rle().struct.field("len") if all_lines.height else pl.Series(LINES, [], pl.UInt32)
    return RepeatedFields(all_lines, all_runs.with_columns(counts.alias(LINES)))


def _find_begins(order: pl.DataFrame, last: pl.DataFrame | None) -> pl.Series:
    """Return which rows differ from the row above; `last` is the row above the first."""
    rows = order if last is None else pl.concat([last, order])
    differs = pl.any_horizontal(pl.all().ne_missing(pl.all().shift(1)))
    begins = rows.select(differs.alias("begins"))["begins"]
    if last is not None:
        return begins.slice(1)
    return begins if begins.is_empty() else begins.set(pl.int_range(begins.len(), eager=True) == 0, True)
