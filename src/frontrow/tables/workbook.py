"""Excel files are archives: what would not fit into memory is refused before it is unpacked."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

from frontrow.errors import InputError

LARGEST: Final = 1_000_000_000
"""Most bytes of an unpacked workbook: about ten million filled cells."""

MOST_CELLS: Final = 100_000_000
"""Most cells of a sheet's used range; the reader keeps the empty ones between the first and the last, too."""

CHUNK: Final = 1 << 20
SHEETS: Final = "xl/worksheets/"
DIMENSION: Final = re.compile(rb'<dimension ref="\$?[A-Z]+\$?\d+:\$?([A-Z]{1,3})\$?(\d{1,7})"')
HEAD: Final = 8_192
"""The range of a sheet stands within so many bytes from its begin."""

UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What Python raises for a broken or encrypted archive."""


def check_workbook(path: Path) -> None:
    """Refuse a workbook that unpacks to more than its name says or memory holds; other files pass.

    Args:
        path: The file. One of Excel's old format is no archive, and passes.

    Raises:
        InputError: It is too large when unpacked, or is no whole archive.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_large(path, sum(member.file_size for member in archive.infolist()))
            for member in archive.infolist():
                with archive.open(member) as content:
                    head = content.read(HEAD)
                    if member.filename.startswith(SHEETS):
                        _refuse_wide(path, head)
                    # to the end: a member that holds more than the archive says fails its checksum here
                    while content.read(CHUNK):
                        pass
    except UNREADABLE as error:
        raise InputError("this is not a readable workbook", file=path, advice="Save it as .xlsx or CSV.") from error


def _refuse_large(path: Path, size: int) -> None:
    if size > LARGEST:
        problem = f"this workbook unpacks to {size / 1e9:,.1f} GB, more than the {LARGEST / 1e9:,.0f} GB that are read"
        raise InputError(problem, file=path, advice="Save each sheet as CSV, and import these files.")


def _refuse_wide(path: Path, head: bytes) -> None:
    """Compare the range that a sheet says it uses; a lost cell in its last corner would fill the memory."""
    match = DIMENSION.search(head)
    if match is None:
        return
    columns, rows = column_number(match[1].decode()), int(match[2])
    if columns * rows > MOST_CELLS:
        problem = f"a sheet reaches to column {match[1].decode()} and row {rows:,}, which is mostly empty"
        advice = "Delete what stands far away from the table, or save the sheet as CSV."
        raise InputError(problem, file=path, advice=advice)


def column_number(letters: str) -> int:
    """The number of a column by its letters.

    Example:
        >>> column_number("A"), column_number("AA"), column_number("XFD")
        (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
