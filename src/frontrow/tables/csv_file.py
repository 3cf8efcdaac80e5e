"""What a CSV file is before any cell is read: its encoding, its separator, and whether every row is whole.

Polars skips surplus cells without a word where only some columns are asked for, and fills missing ones with nulls.
So each row's cells are counted here first, in blocks, at a small part of the cost of reading them.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from frontrow.errors import InputError

BLOCK: Final = 1 << 20
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
        """The text in blocks.

        Raises:
            UnicodeDecodeError: It is not UTF-8.
        """
        decoder = codecs.getincrementaldecoder("utf-8")()
        with self.file.open("rb") if self.text is None else io.BytesIO(self.text) as handle:
            while block := handle.read(BLOCK):
                # plain ASCII needs no decoding, unless the block before ended within a character
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
                yield block
        decoder.decode(b"", final=True)


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
    """A CSV file as UTF-8, unless its first bytes say that it is UTF-16 or ends its lines in an old way.

    Raises:
        InputError: It is UTF-16 and damaged.
    """
    start = _start(file)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return CsvText(file, _decoded(file, "utf-16"), ("the file is in UTF-16",))
    if b"\r" in start and b"\n" not in start:
        return CsvText(file, file.read_bytes().replace(b"\r", b"\n"))
    return CsvText(file, None)


def in_windows_encoding(file: Path) -> CsvText:
    """A CSV file that turned out not to be UTF-8, in the encoding that spreadsheets still write.

    Raises:
        InputError: It is not in that one either.
    """
    note = "the file is not UTF-8 and was read as Windows-1252; check names with accents"
    return CsvText(file, _decoded(file, "cp1252").replace(b"\r\n", b"\n").replace(b"\r", b"\n"), (note,))


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
    bare, quoted, seen = b"", b"", 0
    for block in text.blocks():
        # every second part between quotation marks is quoted: its separators and line breaks are no structure
        parts = (quoted + block).split(b'"')
        is_open = len(parts) % 2 == 0
        quoted = b'"' + parts.pop() if is_open else b""
        bare += b"".join(parts[::2])
        cut = bare.rfind(b"\n") + 1
        seen = _count(text.file, bare[:cut], separator, width, seen)
        bare = bare[cut:]
    if quoted:
        raise InputError("a quotation mark opens and never closes", file=text.file, row=seen + 1, advice=MALFORMED)
    if bare.strip(b"\r"):
        seen = _count(text.file, bare + b"\n", separator, width, seen)
    return seen - (shape.first_row - 1)


MALFORMED: Final = "Export the file again; a program that opened and saved it may have cut it."


def _count(file: Path, lines: bytes, separator: int, width: int, seen: int) -> int:
    """Check whole lines without quoted cells; give the number of lines seen so far."""
    cells = np.frombuffer(lines, dtype=np.uint8)
    ends = np.flatnonzero(cells == ord("\n"))
    if not ends.size:
        return seen
    starts = np.concatenate(([0], ends[:-1] + 1))
    # counted in bytes for speed, which is right up to multiples of 256; the sum over all lines catches those
    separators = (cells == separator).view(np.uint8)
    wrong = np.add.reduceat(separators, starts, dtype=np.uint8) != (width - 1) % 256
    if wrong.any() or np.count_nonzero(separators) != ends.size * (width - 1):
        for line, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True), 1):
            found = lines.count(separator, start, end) + 1
            if found != width and lines[start:end].strip(b"\r"):
                problem = f"the row has {found} cells where the header has {width}"
                raise InputError(problem, file=file, row=seen + line, advice=MALFORMED)
    return seen + int(ends.size)


def _start(file: Path) -> bytes:
    with file.open("rb") as handle:
        return handle.read(1 << 16)


def _decoded(file: Path, encoding: str) -> bytes:
    try:
        text = file.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        problem = "the text is in none of UTF-8, UTF-16 and Windows-1252"
        raise InputError(problem, file=file, advice="Save it as CSV in UTF-8.") from error
    return text.encode("utf-8")
