"""Small CSV files that a person wrote by hand or saved from a spreadsheet, read as text: new products, stock, lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.masking import list_columns
from frontrow.tables.columns import normalize_name
from frontrow.tables.csv_output import restore_text
from frontrow.tables.csv_text import SAVE_AGAIN, decode, find_separator

FIRST_ROW: Final = 2
"""The row of the file that is the table's first row, as a spreadsheet counts."""

OTHER_KINDS: Final = {
    b"PK\x03\x04": "a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
}
"""Files that are given in place of a CSV file, by their first bytes."""


def read_text_table(file: Path, advice: str, *, required: Collection[str] = ()) -> pl.DataFrame:
    r"""Read every cell as text; row n of the table is row n + `FIRST_ROW` of the file.

    Args:
        file: CSV as `read_records` reads it. Row 1 holds the names of the columns, in any order and case, with an
            underscore, a space or a hyphen between words. A column without a name is ignored.
        advice: What to do if there is no such file or a column is missing.
        required: Columns that must exist.

    Returns:
        A text column for each name, in lower case with underscores; cells are stripped, and null where they are empty
        or the row ends before them. The apostrophe that `csv_output.write_csv` puts before a formula is taken off.

    Raises:
        InputError: There is no such file, it is not a table, a required column is missing, two columns have the same
            name, or a row has more cells than the header.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "stock.csv"
        ...     _ = file.write_text("Product ID, Stock\npot,0\nbulb\n")
        ...     read_text_table(file, "").to_dicts()
        [{'product_id': 'pot', 'stock': '0'}, {'product_id': 'bulb', 'stock': None}]
    """
    header, *rows = read_records(file, advice) or [[]]
    names = [normalize_name(name).replace(" ", "_") for name in header]
    _check_names(file, names, advice, required)
    _refuse_long_rows(file, rows, len(names))
    columns = {name: [_cell(row, position) for row in rows] for position, name in enumerate(names) if name}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String()))


def filled_rows(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the rows that are not blank; spreadsheets write blank ones below the last.

    Args:
        table: What `read_text_table` returned.
        columns: The columns to return.

    Returns:
        `row` (of the file) and the columns; null where there is no such column.

    Example:
        >>> filled_rows(pl.DataFrame({"a": ["x", None, "y"]}), ["a", "b"]).rows()
        [(2, 'x', None), (4, 'y', None)]
    """
    is_filled = table.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    selected = [pl.col(name) if name in table.columns else pl.lit(None, pl.String).alias(name) for name in columns]
    return table.select(selected).with_row_index("row", FIRST_ROW).filter(is_filled)


def read_records(file: Path, advice: str) -> list[list[str]]:
    r"""Read every row of a CSV file and every cell of the row, as text; a blank line is a row without cells.

    The file is in UTF-8, UTF-16 or Windows-1252. Its separator is a comma, semicolon, tab or bar, whichever cuts the
    first row into most cells.

    Args:
        file: CSV, with a header or without.
        advice: What to do if there is no such file.

    Raises:
        InputError: There is no such file, it is not text, or a quotation mark does not close; shows no cell.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "new.csv"
        ...     _ = file.write_text('\ufefftitle;price\nPot;"12,50"\n', "utf-8")
        ...     read_records(file, "")
        [['title', 'price'], ['Pot', '12,50']]
    """
    text = _read_text(file, advice)
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=find_separator(text), strict=True))
    except csv.Error as error:
        raise InputError(
            "the row has a quotation mark that does not close its cell",
            file=file,
            row=len(rows) + 1,
            advice='Close it at the end of the cell, and write one inside the cell twice: "Pot, 12"" wide".',
        ) from error
    return rows


def _read_text(file: Path, advice: str) -> str:
    if not file.is_file():
        raise InputError("this is a folder" if file.is_dir() else "the file does not exist", file=file, advice=advice)
    with file.open("rb") as handle:
        start = handle.read(4)
    for signature, kind in OTHER_KINDS.items():
        if start.startswith(signature):
            raise InputError(f"this is not a CSV table but {kind}", file=file, advice=SAVE_AGAIN)
    text, _ = decode(file)
    if "\0" in text:
        raise InputError("this is not a CSV table: not all of it is text", file=file, advice=SAVE_AGAIN)
    return text.lstrip("\ufeff")


def _check_names(file: Path, names: Sequence[str], advice: str, required: Collection[str]) -> None:
    if not any(names):
        problem = "this is not a CSV table: row 1 is empty"
        raise InputError(problem, file=file, advice="Write the names of the columns there.")
    for position, name in enumerate(names):
        if name and name in names[:position]:
            problem = "two columns have this name"
            raise InputError(problem, file=file, row=1, column=name, advice="Keep one of them.")
    missing = [name for name in required if name not in names]
    if missing:
        raise InputError(
            f"there is no column {' and no column '.join(missing)}; found {list_columns(names)}",
            file=file,
            row=1,
            advice=advice,
        )


def _refuse_long_rows(file: Path, rows: Sequence[Sequence[str]], width: int) -> None:
    for row, cells in enumerate(rows, FIRST_ROW):
        if any(cell.strip() for cell in cells[width:]):
            raise InputError(
                f"the row has {len(cells)} cells where the header has {width}",
                file=file,
                row=row,
                advice="Put quotation marks around a cell with a comma or semicolon in it.",
            )


def _cell(row: Sequence[str], position: int) -> str | None:
    return restore_text(row[position].strip()) or None if position < len(row) else None
