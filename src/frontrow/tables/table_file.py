"""Files to tables: CSV, Excel and Parquet become a Polars frame with the row numbers a spreadsheet shows.

Cells of CSV and Excel files stay text; Parquet keeps its own types. Rows are numbered as records, with the header
as row 1: a quoted line break does not start a new row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.masking import mask_column
from frontrow.tables.archives import EXCEL, PARQUET, is_archive
from frontrow.tables.csv_text import MALFORMED, CsvText, find_places, read_shape
from frontrow.tables.row_ranges import RowRange, cut_csv, cut_parquet
from frontrow.tables.timestamps import bound_timestamps
from frontrow.tables.whole_file import WholeFile
from frontrow.tables.workbook import check_workbook

ROW: Final = "row"
NUMBERED: Final = re.compile(r"_duplicated_\d+$")


@dataclass(frozen=True)
class Table:
    """A file whose header has been read and whose rows are read on demand.

    Attributes:
        file: Its path.
        header: Column names as in the file, without white space around them.
        rows: All rows, with their number in the column `row`.
        warnings: How the file was read, where a person should know, such as another encoding than UTF-8.
        height: The number of rows, where it is known before they are read.
        is_text: Whether every cell is text, as in CSV and Excel.
        whole: What the whole file says, where the table is a part of it.
        ranges: The rows in parts that can be read without those before them; none where only the whole can be read.
    """

    file: Path
    header: tuple[str, ...]
    rows: pl.LazyFrame
    warnings: tuple[str, ...] = ()
    height: int | None = None
    is_text: bool = True
    whole: WholeFile | None = None
    ranges: Sequence[RowRange] = field(default=(), compare=False)

    def cells_elsewhere(self, column: str | None) -> Sequence[str]:
        """Some cells of a column that are in other parts of the file, and decide how all of the column are read."""
        return () if self.whole is None or column is None else self.whole.cells.get(column, ())

    def read(self, columns: Iterable[str]) -> pl.DataFrame:
        """Read `row` and the given columns of the header.

        Raises:
            InputError: The file is damaged.
        """
        return pl.concat(self.batches(columns))

    def batches(
        self, columns: Iterable[str], prepare: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None
    ) -> Iterator[pl.DataFrame]:
        """Give the same rows in their order, a batch at a time; an empty file gives one empty batch.

        Args:
            columns: Names of the header.
            prepare: Steps to take while the file is read.

        Raises:
            InputError: The file is damaged.
        """
        names = (ROW, *dict.fromkeys(columns))
        rows = self.rows.select(names)
        self._refuse_nested_columns(rows.collect_schema())
        parts = iter([rows if prepare is None else prepare(rows)])
        if prepare is None and self.ranges:
            # a reader of Parquet runs far ahead of whoever takes the rows, so that they pile up in memory
            parts = (some.scan().select(names) for some in self.ranges)
        height = 0
        with self._explain_damage():
            yield pl.DataFrame(schema=(rows if prepare is None else prepare(rows)).collect_schema())
            for part in parts:
                for batch in part.collect_batches(maintain_order=True, engine="streaming"):
                    height += batch.height
                    yield batch
        if self.height is not None:
            self._check_height(height, self.height)

    def read_range(self, number: int, columns: Iterable[str]) -> pl.DataFrame:
        """Read `row` and the given columns of some of the rows.

        Args:
            number: Of the range in `ranges`.
            columns: Names of the header.

        Raises:
            InputError: The file is damaged.
            FileNotFoundError: It is not there any more, or not on this machine.
        """
        rows = self.ranges[number].scan().select(ROW, *dict.fromkeys(columns))
        self._refuse_nested_columns(rows.collect_schema())
        with self._explain_damage():
            read = rows.collect(engine="streaming")
        self._check_height(read.height, self.ranges[number].height)
        return read

    @contextmanager
    def _explain_damage(self) -> Iterator[None]:
        try:
            yield
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            problem = "there is a quotation mark inside a cell" if self.is_text else "a part of the file is damaged"
            raise InputError(problem, file=self.file, advice=MALFORMED) from error

    def _check_height(self, height: int, expected: int) -> None:
        if height != expected:
            problem = f"the file has {expected} rows, but {height} could be read"
            raise InputError(problem, file=self.file, advice=MALFORMED)

    def _refuse_nested_columns(self, schema: pl.Schema) -> None:
        """Parquet columns can hold lists, records and raw bytes, from which no field is read."""
        for name, dtype in schema.items():
            if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Time, pl.Duration):
                advice = "Write the column as text, number or date."
                raise InputError(f"found cells of type {dtype}", file=self.file, column=name, advice=advice)


def open_table(file: str | Path) -> Table:
    """Open a CSV, Excel or Parquet file; its suffix decides which of them it is.

    Raises:
        InputError: The file is missing, empty, damaged, or a row has more or fewer cells than the header.
    """
    path = Path(file)
    if path.is_dir():
        raise InputError("this is a folder", file=path, advice=f"Give the files in it, such as {path / '*.csv'}.")
    if not path.is_file():
        raise InputError("the file does not exist", file=path, advice="Check the path.")
    if path.stat().st_size == 0:
        raise InputError("the file is empty", file=path, advice="Export it again.")
    if path.suffix.lower() in PARQUET:
        return _open_parquet(path)
    if path.suffix.lower() in EXCEL:
        return _open_excel(path)
    if is_archive(path):
        raise InputError("this is an archive", file=path, advice="Unpack it, and import the files in it.")
    return _open_csv(path)


def _open_csv(path: Path) -> Table:
    try:
        text = CsvText.open(path)
        shape = read_shape(text)
        places = find_places(text, shape)
    except UnicodeDecodeError:
        text = CsvText.decoded(path)
        shape = read_shape(text)
        places = find_places(text, shape)
    rows = pl.scan_csv(
        text.source(),
        separator=shape.separator,
        infer_schema=False,
        row_index_name=_free_name(shape.header),
        row_index_offset=shape.first_row,
        glob=False,
    )
    try:
        table = _with_clean_names(path, rows, text.warnings, places[-1].row - places[0].row)
        if text.text is not None:
            return table
        return replace(table, ranges=cut_csv(path.absolute(), shape.separator, (ROW, *table.header), places))
    except pl.exceptions.PolarsError as error:
        advice = "Give each column a name of its own."
        raise InputError("two columns have the same name", file=path, row=1, advice=advice) from error


def _open_parquet(path: Path) -> Table:
    try:
        rows = pl.scan_parquet(path.absolute(), glob=False)
        schema = rows.collect_schema()
        types = [_to_plain_type(name, dtype) for name, dtype in schema.items()]
        index = _free_name(schema.names())
        table = _with_clean_names(path, rows.with_columns(types).with_row_index(index, offset=2), is_text=False)
        names = dict(zip((index, *schema.names()), (ROW, *table.header), strict=True))

        height = rows.select(pl.len()).collect().item()
        return replace(table, height=height, ranges=cut_parquet(rows, types, names, height))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError("this is not a readable Parquet file", file=path, advice="Write it again.") from error


def _open_excel(path: Path) -> Table:
    """Read all sheets that share the first one's header, one below the other; row numbers restart with each sheet."""
    check_workbook(path)
    try:
        sheets = pl.read_excel(path, sheet_id=0, infer_schema_length=0, raise_if_empty=False)
    except Exception as error:  # the reader raises kinds of its own, none of them public
        raise InputError("this is not a readable workbook", file=path, advice="Save it as .xlsx or CSV.") from error
    filled = {name: sheet for name, sheet in sheets.items() if sheet.width}
    if not filled:
        raise InputError("no sheet holds a table", file=path, advice="Put the header in a sheet's first row.")
    header = next(iter(filled.values())).columns
    same = {name: sheet for name, sheet in filled.items() if sheet.columns == header}
    others = [name for name in filled if name not in same]
    warnings = [f'the sheet "{mask_column(name)}" was left out: its header is not the first one\'s' for name in others]
    if len(same) > 1:
        warnings.append(f"{len(same)} sheets were read one below the other: {', '.join(map(mask_column, same))}")
    index = _free_name(header)
    numbered = [sheet.cast(pl.String).with_row_index(index, offset=2) for sheet in same.values()]
    return _with_clean_names(path, pl.concat(numbered).lazy(), tuple(warnings))


def _to_plain_type(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column of Parquet as text, number, date or truth value; the kinds that hold neither stay as they are."""
    column = pl.col(name)
    if dtype in (pl.Categorical, pl.Enum, pl.Null):
        return column.cast(pl.String)
    return bound_timestamps(column, dtype) if dtype == pl.Date or isinstance(dtype, pl.Datetime) else column


def _free_name(names: Iterable[str]) -> str:
    """Return a name that none of the columns has."""
    longest = max(map(len, names), default=0)
    return ROW + "_" * longest


def _with_clean_names(
    path: Path,
    rows: pl.LazyFrame,
    warnings: tuple[str, ...] = (),
    height: int | None = None,
    *,
    is_text: bool = True,
) -> Table:
    """Return a table whose first column is `row` and whose other columns have clean names."""
    names = rows.collect_schema().names()
    clean = _clean_names(names[1:])
    renamed = rows.rename(dict(zip(names, [ROW, *clean], strict=True)))
    return Table(path, tuple(clean), renamed, warnings, height, is_text)


def _clean_names(names: Iterable[str]) -> list[str]:
    """Return names without white space around them; a repeated one is numbered, so that the first keeps its name.

    Example:
        >>> _clean_names(["Name", " Phone", "Phone", "", "row"])
        ['Name', 'Phone', 'Phone (2)', 'column 4', 'row (2)']
    """
    counts = {ROW: 1}
    unique = []
    for position, name in enumerate(names, 1):
        # the CSV reader has numbered repeated names in a way of its own
        clean = NUMBERED.sub("", name).strip().lstrip("\ufeff") or f"column {position}"
        counts[clean] = counts.get(clean, 0) + 1
        unique.append(clean if counts[clean] == 1 else f"{clean} ({counts[clean]})")
    return unique
