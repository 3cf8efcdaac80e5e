"""What a CSV file is before any cell is read: its encoding, its separator, and whether every row is complete.

Polars ignores surplus cells silently where only some columns are read, and fills missing ones with nulls. So the
cells of each row are counted here first, in blocks, at a small part of the cost of reading them.
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
UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAVE_AGAIN: Final = 'Save it as CSV in UTF-8, which Excel calls "CSV UTF-8 (Comma delimited)".'
MALFORMED: Final = "Export the file again; a program that opened and saved it may have cut it."


def decode(file: Path) -> tuple[str, tuple[str, ...]]:
    """Return the whole text of a file, with a warning if it is not UTF-8.

    UTF-16 is recognised by its first two bytes. What is not UTF-8 either is read as Windows-1252, which spreadsheets
    still write.

    Raises:
        InputError: It is in none of the three.
    """
    content = file.read_bytes()
    try:
        if content.startswith(UTF_16):
            return content.decode("utf-16"), ("the file is in UTF-16",)
        try:
            return content.decode("utf-8"), ()
        except UnicodeDecodeError:
            warning = "the file is not UTF-8 and was read as Windows-1252; check names with accents"
            return content.decode("cp1252"), (warning,)
    except UnicodeDecodeError as error:
        problem = "the text is in none of UTF-8, UTF-16 and Windows-1252"
        raise InputError(problem, file=file, advice=SAVE_AGAIN) from error


def find_separator(text: str) -> str:
    """Return the separator that cuts the first row into most cells.

    Example:
        >>> find_separator('title;"price, in GBP";stock')
        ';'
    """
    return max(SEPARATORS, key=lambda mark: len(next(csv.reader(io.StringIO(text, newline=""), delimiter=mark), [])))


@dataclass(frozen=True)
class CsvText:
    """A CSV file's text: read from disk in blocks where it is UTF-8 already, else in memory as UTF-8.

    Attributes:
        file: Its path.
        text: The whole text as UTF-8, or None when the file itself can be read as it is.
        warnings: For the data report, when the file was not UTF-8.
    """

    file: Path
    text: bytes | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def open(cls, file: Path) -> CsvText:
        """Open a file as UTF-8, unless its first bytes show UTF-16 or carriage returns as the ends of lines."""
        with file.open("rb") as handle:
            start = handle.read(1 << 16)
        if start.startswith(UTF_16):
            text, warnings = decode(file)
            return cls(file, text.encode(), warnings)
        if b"\r" in start and b"\n" not in start:
            return cls(file, file.read_bytes().replace(b"\r", b"\n"))
        return cls(file)

    @classmethod
    def decoded(cls, file: Path) -> CsvText:
        """Decode a file whose blocks turned out not to be UTF-8."""
        text, warnings = decode(file)
        return cls(file, text.replace("\r\n", "\n").replace("\r", "\n").encode(), warnings)

    def source(self) -> Path | io.BytesIO:
        """Return what a reader opens."""
        return self.file if self.text is None else io.BytesIO(self.text)

    def blocks(self) -> Iterator[bytes]:
        """Give the text in blocks.

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
    """The header, and what it says about the rows below.

    Attributes:
        header: Column names, as in the file.
        separator: The character between two cells.
        first_row: The number of the first row below the header, counting records from 1.
    """

    header: tuple[str, ...]
    separator: str
    first_row: int


@dataclass(frozen=True)
class CsvPlace:
    """Where a record begins.

    Attributes:
        row: Its number.
        offset: Number of bytes before it.
    """

    row: int
    offset: int


def read_shape(text: CsvText) -> CsvShape:
    """Read the header.

    Raises:
        InputError: There is no header.
    """
    start = next(text.blocks(), b"").removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    body = start.lstrip("\r\n")
    if not body.strip():
        raise InputError("the file is empty", file=text.file, advice="Export it again.")
    try:
        separator = find_separator(body)
        header = next(csv.reader(io.StringIO(body, newline=""), delimiter=separator))
    except (csv.Error, StopIteration) as error:
        raise InputError("the header cannot be read", file=text.file, row=1, advice="Export it again.") from error
    blank_lines = start[: len(start) - len(body)].count("\n")
    return CsvShape(tuple(header), separator, blank_lines + 2)


def find_places(text: CsvText, shape: CsvShape) -> list[CsvPlace]:
    """Return where records begin: the first one below the header, one in each block of the text, and the end.

    Makes sure that each record has as many cells as the header. Blank lines count as records. A quoted line break is
    part of its cell. Of the first record only the number is right; the header is before it.

    Args:
        text: The file's text.
        shape: What `read_shape` returned for it.

    Raises:
        InputError: A record has more or fewer cells than the header, or a quotation mark never closes.
    """
    separator, width = ord(shape.separator), len(shape.header)
    bare, quoted, lines, size = b"", b"", 0, 0
    places = [CsvPlace(shape.first_row, 0)]
    for block in text.blocks():
        # every second part between quotation marks is quoted: its separators and line breaks are no structure
        parts = (quoted + block).split(b'"')
        is_open = len(parts) % 2 == 0
        quoted = b'"' + parts.pop() if is_open else b""
        bare += b"".join(parts[::2])
        end = bare.rfind(b"\n") + 1
        lines += _count_lines(text.file, bare[:end], separator, width, lines)
        bare = bare[end:]
        begin = block.rfind(b"\n") + 1
        # a blank line is no place to begin: a reader would leave it out
        if not is_open and begin > block.rfind(b'"') + 1 and block[begin : begin + 1] not in (b"", b"\r"):
            places.append(CsvPlace(lines + 1, size + begin))
        size += len(block)
    if quoted:
        raise InputError("a quotation mark opens and never closes", file=text.file, row=lines + 1, advice=MALFORMED)
    if bare.strip(b"\r"):
        lines += _count_lines(text.file, bare + b"\n", separator, width, lines)
    inside = [place for place in places[1:] if place.row > shape.first_row]
    return [places[0], *inside, CsvPlace(lines + 1, size)]


def _count_lines(file: Path, text: bytes, separator: int, width: int, before: int) -> int:
    """Count complete lines without quoted cells, and check their cells; `before` is the number of lines before them."""
    characters = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(characters == ord("\n"))
    if not ends.size:
        return 0
    starts = np.concatenate(([0], ends[:-1] + 1))
    # counted in bytes for speed, which is right up to multiples of 256; the sum over all lines catches those
    separators = (characters == separator).view(np.uint8)
    wrong = np.add.reduceat(separators, starts, dtype=np.uint8) != (width - 1) % 256
    if wrong.any() or np.count_nonzero(separators) != ends.size * (width - 1):
        for line, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True), 1):
            cells = text.count(separator, start, end) + 1
            if cells != width and text[start:end].strip(b"\r"):
                problem = f"the row has {cells} cells where the header has {width}"
                raise InputError(problem, file=file, row=before + line, advice=MALFORMED)
    return int(ends.size)
