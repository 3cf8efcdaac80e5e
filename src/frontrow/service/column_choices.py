"""Files whose columns no format knows: which they are, and a proposal of what their columns mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from frontrow.errors import UnknownFormatError
from frontrow.importing.format import UNKNOWN, get_format, recognize_format
from frontrow.masking import mask_column
from frontrow.tables.opening import open_tables

ORDER_LINES = "order_lines"


@dataclass(frozen=True)
class UnknownColumns:
    """The columns of files in no known format.

    Attributes:
        files: Which of the files are in no known format and have this header, by number from 0.
        others: Which of the files are in a known format.
        header: Names of the columns.
        shown: The same as a page may show them: a name that could be a person's is masked.
        proposal: Field to column, from the names alone.
    """

    files: tuple[int, ...]
    others: tuple[int, ...]
    header: tuple[str, ...]
    shown: tuple[str, ...]
    proposal: Mapping[str, str]


def is_about_columns(message: str) -> bool:
    """Whether an error says that a file is in no known format."""
    return UNKNOWN in message


def find_unknown_columns(files: Sequence[Path]) -> UnknownColumns | None:
    """Find the files in no known format, and propose what their columns mean; None where all are known.

    Files with another header than the first of them are left out: they need a proposal of their own.

    Args:
        files: Exports.

    Raises:
        InputError: A file cannot be read at all.
    """
    unknown: list[int] = []
    others: list[int] = []
    header: tuple[str, ...] = ()
    for number, file in enumerate(files):
        headers = _find_unknown_headers(file)
        if not headers:
            others.append(number)
            continue
        header = header or next(other for other in headers if other is not None)
        # an archive whose tables need several proposals is left out, as a file that needs another one is
        if all(other == header for other in headers):
            unknown.append(number)
    if not unknown:
        return None
    proposal = get_format(ORDER_LINES).guess_columns(header)
    return UnknownColumns(tuple(unknown), tuple(others), header, tuple(map(mask_column, header)), proposal)


def _find_unknown_headers(file: Path) -> list[tuple[str, ...] | None]:
    """The header of each table of a file if one of them is in no known format; None for a table that is in one."""
    headers: list[tuple[str, ...] | None] = []
    with open_tables([file]) as tables:
        for table in tables:
            try:
                recognize_format(table)
                headers.append(None)
            except UnknownFormatError:
                headers.append(table.header)
    return [] if all(header is None for header in headers) else headers
