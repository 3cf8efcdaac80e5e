"""Files to tables: CSV, Excel and Parquet become a Polars frame with the row numbers a spreadsheet shows.

Cells of CSV and Excel files stay text; Parquet keeps its own types. Rows are numbered as records, with the header
as row 1: a quoted line break does not start a new row.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.tables.csv_file import MALFORMED, count_rows, in_windows_encoding, open_text, read_shape

ROW: Final = "row"
EXCEL: Final = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
NUMBERED: Final = re.compile(r"_duplicated_\d+$")
PARQUET: Final = {".parquet", ".pq"}


@dataclass(frozen=True)
class Table:
    """A file whose header is known and whose rows are read when they are asked for.

    Attributes:
        file: Where it stands.
        header: Column names as in the file, white space around them removed.
        rows: All rows, with their number in the column `row`.
        notes: What a person should know about how it was read, such as another encoding than UTF-8.
        counted: The number of rows, where it is known before they are read.
    """

    file: Path
    header: tuple[str, ...]
    rows: pl.LazyFrame
    notes: tuple[str, ...] = ()
    counted: int | None = None

    def read(self, columns: Iterable[str]) -> pl.DataFrame:
        """The rows, with `row` and the named columns of the header.

        Raises:
            InputError: The file is damaged.
        """
        return pl.concat(self.batches(columns))

    def batches(
        self, columns: Iterable[str], prepare: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None
    ) -> Iterator[pl.DataFrame]:
        """The same rows in their order, a batch at a time; an empty file gives one empty batch.

        Args:
            columns: Names of the header.
            prepare: Steps to take while the file is read.

        Raises:
            InputError: The file is damaged.
        """
        wanted = self.rows.select(ROW, *dict.fromkeys(columns))
        self._refuse_what_is_no_cell(wanted.collect_schema())
        wanted = wanted if prepare is None else prepare(wanted)
        read = 0
        try:
            yield pl.DataFrame(schema=wanted.collect_schema())
            for batch in wanted.collect_batches(maintain_order=True, engine="streaming"):
                read += batch.height
                yield batch
        except pl.exceptions.PolarsError as error:
            raise InputError("a quotation mark stands inside a cell", file=self.file, advice=MALFORMED) from error
        if self.counted not in (None, read):
            problem = f"{self.counted} rows are in the file, but {read} could be read"
            raise InputError(problem, file=self.file, advice=MALFORMED)

    def _refuse_what_is_no_cell(self, schema: pl.Schema) -> None:
        """Parquet columns can hold lists, records and raw bytes, of which no field is made."""
        for name, dtype in schema.items():
            if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Time, pl.Duration):
                advice = "Write the column as text, number or date."
                raise InputError(f"found cells of type {dtype}", file=self.file, column=name, advice=advice)


def open_table(file: str | Path) -> Table:
    """Open a CSV, Excel or Parquet file by its ending.

    Raises:
        InputError: The file is missing, empty, damaged, or a row has more or fewer cells than the header.
    """
    path = Path(file)
    if path.is_dir():
        raise InputError("this is a folder", file=path, advice=f"Name the files in it, such as {path / '*.csv'}.")
    if not path.is_file():
        raise InputError("no such file", file=path, advice="Check the path.")
    if path.stat().st_size == 0:
        raise InputError("the file is empty", file=path, advice="Export it again.")
    if path.suffix.lower() in PARQUET:
        return _open_parquet(path)
    if path.suffix.lower() in EXCEL:
        return _open_excel(path)
    if zipfile.is_zipfile(path):
        raise InputError("this is an archive", file=path, advice="Unpack it, and import the files in it.")
    return _open_csv(path)


def _open_csv(path: Path) -> Table:
    try:
        text = open_text(path)
        shape = read_shape(text)
        counted = count_rows(text, shape)
    except UnicodeDecodeError:
        text = in_windows_encoding(path)
        shape = read_shape(text)
        counted = count_rows(text, shape)
    rows = pl.scan_csv(
        text.source(),
        separator=shape.separator,
        infer_schema=False,
        row_index_name=f"{ROW} ",
        row_index_offset=shape.first_row,
        glob=False,
    )
    return _named(path, rows, text.notes, counted)


def _open_parquet(path: Path) -> Table:
    try:
        rows = pl.scan_parquet(path, glob=False).with_row_index(f"{ROW} ", offset=2)
        return _named(path, rows)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError("this is no readable Parquet file", file=path, advice="Write it again.") from error


def _open_excel(path: Path) -> Table:
    """All sheets that share the first one's header, one below the other; row numbers restart with each sheet."""
    try:
        sheets = pl.read_excel(path, sheet_id=0, infer_schema_length=0, raise_if_empty=False)
    except Exception as error:  # the reader raises kinds of its own, none of them public
        raise InputError("this is no readable workbook", file=path, advice="Save it as .xlsx or CSV.") from error
    filled = {name: sheet for name, sheet in sheets.items() if sheet.width}
    if not filled:
        raise InputError("no sheet holds a table", file=path, advice="Put the header in a sheet's first row.")
    header = next(iter(filled.values())).columns
    alike = {name: sheet for name, sheet in filled.items() if sheet.columns == header}
    notes = [f'the sheet "{name}" was left out: its header is not the first one\'s' for name in filled.keys() - alike]
    if len(alike) > 1:
        notes.append(f"{len(alike)} sheets were read one below the other: {', '.join(alike)}")
    numbered = [sheet.cast(pl.String).with_row_index(f"{ROW} ", offset=2) for sheet in alike.values()]
    return _named(path, pl.concat(numbered).lazy(), tuple(notes))


def _named(path: Path, rows: pl.LazyFrame, notes: tuple[str, ...] = (), counted: int | None = None) -> Table:
    """A table whose first column is `row` and whose other columns have clean names."""
    names = rows.collect_schema().names()
    clean = _clean(names[1:])
    return Table(path, tuple(clean), rows.rename(dict(zip(names, [ROW, *clean], strict=True))), notes, counted)


def _clean(names: Iterable[str]) -> list[str]:
    """Names without white space around them; a repeated one is numbered, so that the first keeps its name.

    Example:
        >>> _clean(["Name", " Phone", "Phone", "", "row"])
        ['Name', 'Phone', 'Phone (2)', 'column 4', 'row (2)']
    """
    taken = {ROW: 1}
    out = []
    for position, name in enumerate(names, 1):
        # the CSV reader has numbered repeated names in a way of its own
        clean = NUMBERED.sub("", name).strip().lstrip("\ufeff") or f"column {position}"
        taken[clean] = taken.get(clean, 0) + 1
        out.append(clean if taken[clean] == 1 else f"{clean} ({taken[clean]})")
    return out
