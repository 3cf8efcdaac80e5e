"""CSV files that a person has written or saved from a spreadsheet: bytes to rows of text."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Final

from frontrow.errors import InputError
from frontrow.tables.csv_file import SEPARATORS

SAVE_AGAIN: Final = 'Save it as CSV in UTF-8, which Excel calls "CSV UTF-8 (Comma delimited)".'
OTHER_KINDS: Final = {
    b"PK\x03\x04": "a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
}
"""Files that are given in place of a CSV, by what they begin with."""


def read_records(file: Path, advice: str) -> list[list[str]]:
    r"""Every row of the file and every cell of the row, as text; a blank line is a row without cells.

    The file is in UTF-8 or UTF-16. Its cells stand between commas, semicolons, tabs or bars, whichever cuts the first
    row into most. Other encodings are refused: which one it is cannot be told, and names would be read wrongly.

    Args:
        file: CSV, with a header or without.
        advice: What to give where there is no such file.

    Raises:
        InputError: There is no such file, it is no text in UTF-8, or a quotation mark does not close; no cell is told.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     file = Path(there) / "new.csv"
        ...     _ = file.write_text('\ufefftitle;price\nPot;"12,50"\n', "utf-8")
        ...     read_records(file, "")
        [['title', 'price'], ['Pot', '12,50']]
    """
    text = _text(file, advice)
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True))
    except csv.Error as error:
        raise InputError(
            "has a quotation mark that does not close its cell",
            file=file,
            row=len(rows) + 1,
            advice='Close it at the end of the cell, and write one inside the cell twice: "Pot, 12"" wide".',
        ) from error
    return rows


def _text(file: Path, advice: str) -> str:
    if not file.is_file():
        raise InputError("is a folder" if file.is_dir() else "is not there", file=file, advice=advice)
    told = file.read_bytes()
    for start, kind in OTHER_KINDS.items():
        if told.startswith(start):
            raise InputError(f"is not a CSV table but {kind}", file=file, advice=SAVE_AGAIN)
    is_utf16 = told.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = told.decode("utf-16" if is_utf16 else "utf-8")
    except UnicodeDecodeError as error:
        row = None if is_utf16 else _row(told[: error.start].decode("utf-8"))
        raise InputError("is not a CSV table in UTF-8", file=file, row=row, advice=SAVE_AGAIN) from error
    if "\0" in text:
        raise InputError("is not a CSV table: not all of it is text", file=file, advice=SAVE_AGAIN)
    return text.lstrip("\ufeff")


def _row(before: str) -> int:
    """The row that stands where a text was cut off."""
    return sum(1 for _ in csv.reader(io.StringIO(before + "?", newline="")))


def _separator(text: str) -> str:
    return max(SEPARATORS, key=lambda one: len(next(csv.reader(io.StringIO(text, newline=""), delimiter=one), [])))
