"""Parts of a large file that can be read without those before them, here or on another machine."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import polars as pl

from frontrow.tables.csv_text import CsvPlace

PART = 500_000
"""Rows of a Parquet file that are read before others are."""

PART_BYTES = 64_000_000
"""Bytes of a CSV file, about, that are read before others are."""


class RowRange(Protocol):
    """Some rows of a file, one below the other."""

    @property
    def height(self) -> int:
        """Number of rows."""

    def scan(self) -> pl.LazyFrame:
        """The rows with their number, as in `Table.rows`."""


@dataclass(frozen=True)
class ParquetRange:
    """Some rows of a Parquet file.

    Attributes:
        file: All rows, as in the file.
        types: What makes plain types of its columns.
        names: Their clean names, that of the row's number first.
        start: Number of rows before these.
        height: Number of rows.
    """

    file: pl.LazyFrame
    types: Sequence[pl.Expr]
    names: Mapping[str, str]
    start: int
    height: int

    def scan(self) -> pl.LazyFrame:
        """See `RowRange.scan`."""
        rows = self.file.slice(self.start, self.height).with_columns(self.types)
        return rows.with_row_index(next(iter(self.names)), offset=2 + self.start).rename(dict(self.names))


@dataclass(frozen=True)
class CsvRange:
    """Some records of a CSV file in UTF-8.

    Attributes:
        file: Its path.
        separator: The character between two cells.
        names: Clean names, that of the row's number first.
        begin: Where the first record begins.
        end: Where the next range does, None for the end of the file.
        has_header: Whether the header is in it.
    """

    file: Path
    separator: str
    names: Sequence[str]
    begin: CsvPlace
    end: CsvPlace
    has_header: bool

    @property
    def height(self) -> int:
        """See `RowRange.height`."""
        return self.end.row - self.begin.row

    def scan(self) -> pl.LazyFrame:
        """See `RowRange.scan`."""
        start = 0 if self.has_header else self.begin.offset
        with self.file.open("rb") as file:
            file.seek(start)
            text = file.read(self.end.offset - start)
        rows = pl.scan_csv(
            io.BytesIO(text),
            separator=self.separator,
            infer_schema=False,
            has_header=self.has_header,
            row_index_name=self.names[0] + "_" * (1 + max(map(len, self.names))),
            row_index_offset=self.begin.row,
            glob=False,
        )
        return rows.rename(dict(zip(rows.collect_schema().names(), self.names, strict=True)))


def cut_csv(file: Path, separator: str, names: Sequence[str], places: Sequence[CsvPlace]) -> tuple[CsvRange, ...]:
    """Cut a CSV file into ranges of about `PART_BYTES`.

    Args:
        file: Its path.
        separator: The character between two cells.
        names: Clean names, that of the row's number first.
        places: Where records begin, in their order: the first one, and some others; then the end of the file.
    """
    chosen = [places[0]]
    for place in places[1:-1]:
        if place.offset - chosen[-1].offset >= PART_BYTES:
            chosen.append(place)
    chosen.append(places[-1])
    return tuple(
        CsvRange(file, separator, tuple(names), begin, end, has_header=not number)
        for number, (begin, end) in enumerate(pairwise(chosen))
    )


def cut_parquet(
    file: pl.LazyFrame, types: Sequence[pl.Expr], names: Mapping[str, str], height: int
) -> tuple[ParquetRange, ...]:
    """Cut a Parquet file into ranges of `PART` rows.

    Args:
        file: See `ParquetRange`.
        types: See `ParquetRange`.
        names: See `ParquetRange`.
        height: Number of rows.
    """
    return tuple(
        ParquetRange(file, tuple(types), dict(names), start, min(PART, height - start))
        for start in range(0, height, PART)
    )
