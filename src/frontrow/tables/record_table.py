"""Tables that a person has written by hand, new products or stock for instance: CSV with a header, as text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.tables.columns import spelled
from frontrow.tables.parse import number
from frontrow.tables.records import read_records

FIRST_ROW: Final = 2
"""The row of the file in which the table's first row stands, as a spreadsheet counts."""

IDENTIFYING: Final = re.compile(r"@|(\d\D*){7}")


def read_text_table(file: Path, advice: str, *, needed: Collection[str] = ()) -> pl.DataFrame:
    r"""Read every cell as text; row n of the table stands in row n + `FIRST_ROW` of the file.

    Args:
        file: CSV as `text_file.read_records` reads it. Names of columns stand in row 1, in any order and case, words
            apart by an underscore, a space or a hyphen. A column without a name is passed over.
        advice: What to give, where there is no such file or a column is missing.
        needed: Columns that must be there.

    Returns:
        A text column for each name, in lower case with underscores; no space around a cell, and null where it is
        empty or the row ends before it.

    Raises:
        InputError: There is no such file, it is no table, a needed column is missing, two columns have one name, or
            a row has more cells than the header.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     file = Path(there) / "stock.csv"
        ...     _ = file.write_text("Product ID, Stock\npot,0\nbulb\n")
        ...     read_text_table(file, "").to_dicts()
        [{'product_id': 'pot', 'stock': '0'}, {'product_id': 'bulb', 'stock': None}]
    """
    header, *rows = read_records(file, advice) or [[]]
    names = [spelled(name).replace(" ", "_") for name in header]
    _check_names(file, names, advice, needed)
    _refuse_long_rows(file, rows, len(names))
    cells = {name: [_cell(row, place) for row in rows] for place, name in enumerate(names) if name}
    return pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String()))


def filled_rows(told: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The rows in which anything stands, as a spreadsheet writes blank ones below the last.

    Args:
        told: What `read_text_table` gave.
        columns: Those wanted.

    Returns:
        `row` (of the file) and the columns; null where there is no such column.

    Example:
        >>> filled_rows(pl.DataFrame({"a": ["x", None, "y"]}), ["a", "b"]).rows()
        [(2, 'x', None), (4, 'y', None)]
    """
    filled = told.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    wanted = [pl.col(name) if name in told.columns else pl.lit(None, pl.String).alias(name) for name in columns]
    return told.select(wanted).with_row_index("row", FIRST_ROW).filter(filled)


def amounts(told: pl.DataFrame, column: str) -> pl.Series:
    """A column as numbers, read as an import reads them; null where there is none.

    Example:
        >>> amounts(pl.DataFrame({"price": ["12,50", "1.024,50", "1,024.50", "cheap", None]}), "price").to_list()
        [12.5, 1024.5, 1024.5, None, None]
    """
    return number(told, column)


def shown_name(name: str) -> str | None:
    """A column's name, or None for what may be an address or a number of a person.

    Example:
        >>> shown_name("stock"), shown_name("ann@example.com"), shown_name("+44 7700 900123")
        ('stock', None, None)
    """
    return name if name and not IDENTIFYING.search(name) else None


def _check_names(file: Path, names: Sequence[str], advice: str, needed: Collection[str]) -> None:
    if not any(names):
        raise InputError(
            "is not a CSV table: row 1 is empty", file=file, advice="Write the names of the columns there."
        )
    for place, name in enumerate(names):
        if name and name in names[:place]:
            shown = shown_name(name)
            raise InputError("names a column twice", file=file, row=1, column=shown, advice="Keep one of them.")
    missing = [name for name in needed if name not in names]
    if missing:
        # where there is no header, a person may stand in row 1
        found = [shown for name in names if (shown := shown_name(name))]
        raise InputError(
            f"has no column {' and no column '.join(missing)}; found {', '.join(found) or 'no names of columns'}",
            file=file,
            row=1,
            advice=advice,
        )


def _refuse_long_rows(file: Path, rows: Sequence[Sequence[str]], width: int) -> None:
    for row, cells in enumerate(rows, FIRST_ROW):
        if any(cell.strip() for cell in cells[width:]):
            raise InputError(
                f"has {len(cells)} cells where the header has {width}",
                file=file,
                row=row,
                advice="Put quotation marks around a cell with a comma or semicolon in it.",
            )


def _cell(row: Sequence[str], place: int) -> str | None:
    return (row[place].strip() or None) if place < len(row) else None
