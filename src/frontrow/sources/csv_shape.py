"""What a CSV file is before any cell is read: its encoding, its separator, and whether every row is whole.

Polars skips surplus cells without a word where only some columns are asked for, and fills missing ones with nulls.
So each row's cells are counted here first, in blocks, at a small part of the cost of reading them.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from frontrow.errors import InputError

BLOCK: Final = 1 << 22
QUOTED: Final = re.compile(rb'"[^"]*"')
SEPARATORS: Final = ",;\t|"


@dataclass(frozen=True)
class CsvText:
    """A CSV file's text, on disk where it is UTF-8 already, else in memory as UTF-8.

    Attributes:
        file: Where it stands.
        text: The whole text as UTF-8, or None when the file itself can be read as it is.
        notes: Said in the data report when the file was not UTF-8.
    """

    file: Path
    text: bytes | None
    notes: tuple[str, ...] = ()

    def source(self) -> Path | io.BytesIO:
        """What a reader opens."""
        return self.file if self.text is None else io.BytesIO(self.text)

    def blocks(self) -> Iterator[bytes]:
        """The text in blocks."""
        with self.file.open("rb") if self.text is None else io.BytesIO(self.text) as handle:
            while block := handle.read(BLOCK):
                yield block


@dataclass(frozen=True)
class CsvShape:
    """What the first record says about the others.

    Attributes:
        header: Column names, as in the file.
        separator: What stands between two cells.
        first_row: The number of the first row below the header, counting records from 1.
    """

    header: tuple[str, ...]
    separator: str
    first_row: int


def open_text(file: Path) -> CsvText:
    """Find the encoding: UTF-8, else UTF-16 by its mark, else Windows-1252.

    Raises:
        InputError: The file is in none of these.
    """
    start = _start(file)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return CsvText(file, _decoded(file, "utf-16"), ("the file is in UTF-16",))
    if b"\r" in start and b"\n" not in start:
        return CsvText(file, file.read_bytes().replace(b"\r", b"\n"))
    if _is_utf8(file):
        return CsvText(file, None)
    note = "the file is not UTF-8 and was read as Windows-1252; check names with accents"
    return CsvText(file, _decoded(file, "cp1252"), (note,))


def read_shape(text: CsvText) -> CsvShape:
    """Read the header.

    Raises:
        InputError: There is no header.
    """
    start = next(text.blocks(), b"").removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    body = start.lstrip("\r\n")
    if not body.strip():
        raise InputError("the file is empty", file=text.file, advice="Export it again.")
    line = body.split("\n", 1)[0]
    separator = max(SEPARATORS, key=line.count)
    try:
        header = next(csv.reader(io.StringIO(body, newline=""), delimiter=separator))
    except (csv.Error, StopIteration) as error:
        raise InputError("the header cannot be read", file=text.file, row=1, advice="Export it again.") from error
    blank_lines = start[: len(start) - len(body)].count("\n")
    return CsvShape(tuple(header), separator, blank_lines + 2)


def count_rows(text: CsvText, shape: CsvShape) -> int:
    """The number of records below the header, each of them as long as it.

    Blank lines count as records. A quoted line break is part of its cell.

    Raises:
        InputError: A record has more or fewer cells than the header, or a quotation mark never closes.
    """
    separator, width = ord(shape.separator), len(shape.header)
    rest, seen = b"", 0
    for block in text.blocks():
        # quoted cells hold separators and line breaks of their own: take them out, keep what is still open
        clean = QUOTED.sub(b"", rest + block)
        still_open = clean.find(b'"')
        cut = clean.rfind(b"\n", 0, still_open if still_open >= 0 else len(clean)) + 1
        seen = _count(text.file, clean[:cut], separator, width, seen)
        rest = clean[cut:]
    if b'"' in rest:
        raise InputError("a quotation mark opens and never closes", file=text.file, row=seen + 1, advice=MALFORMED)
    if rest.strip(b"\r"):
        seen = _count(text.file, rest + b"\n", separator, width, seen)
    return seen - (shape.first_row - 1)


MALFORMED: Final = "Export the file again; a program that opened and saved it may have cut it."


def _count(file: Path, lines: bytes, separator: int, width: int, seen: int) -> int:
    """Check whole lines without quoted cells; give the number of lines seen so far."""
    cells = np.frombuffer(lines, dtype=np.uint8)
    ends = np.flatnonzero(cells == ord("\n"))
    if not ends.size:
        return seen
    starts = np.concatenate(([0], ends[:-1] + 1))
    found = np.add.reduceat((cells == separator).view(np.uint8), starts, dtype=np.int32) + 1
    wrong = np.flatnonzero(found != width)
    for line in wrong:
        if lines[starts[line] : ends[line]].strip(b"\r"):
            problem = f"the row has {found[line]} cells where the header has {width}"
            raise InputError(problem, file=file, row=int(seen + line + 1), advice=MALFORMED)
    return seen + int(ends.size)


def _start(file: Path) -> bytes:
    with file.open("rb") as handle:
        return handle.read(1 << 16)


def _is_utf8(file: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with file.open("rb") as handle:
            while block := handle.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(file: Path, encoding: str) -> bytes:
    try:
        text = file.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        problem = "the text is in none of UTF-8, UTF-16 and Windows-1252"
        raise InputError(problem, file=file, advice="Save it as CSV in UTF-8.") from error
    return text.encode("utf-8")
