"""Values of a field to the rows of its embedding; row 0 is the unknown: never seen, seen too rarely, not given."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True)
class Vocabulary:
    """The values of one field, in the order of their rows; row 0 is the unknown.

    Example:
        >>> Vocabulary(("DE", "FR")).encode(pl.Series(["FR", "XX", None])).tolist()
        [2, 0, 0]
    """

    values: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows an embedding of this field needs."""
        return len(self.values) + 1

    def encode(self, column: pl.Series) -> NDArray[np.int64]:
        """Row of each value, int64."""
        place = self._place
        return np.fromiter((place.get(value, 0) for value in column.cast(pl.String)), np.int64, len(column))

    @cached_property
    def _place(self) -> dict[str, int]:
        return {value: row for row, value in enumerate(self.values, 1)}


@dataclass(frozen=True)
class Buckets:
    """A field whose values are hashed, so that none of them is kept; row 0 is the unknown.

    Example:
        >>> rows = Buckets(100).encode(pl.Series(["Green & Sons", "green & sons ", None]))
        >>> bool(rows[0] == rows[1] > 0), int(rows[2])
        (True, 0)
    """

    buckets: int

    @property
    def rows(self) -> int:
        """Rows an embedding of this field needs."""
        return self.buckets + 1

    def encode(self, column: pl.Series) -> NDArray[np.int64]:
        """Row of each value, int64; case and outer spaces do not count."""
        told = (None if value is None else str(value).strip().lower() for value in column)
        hashed = (0 if not value else 1 + zlib.crc32(value.encode()) % self.buckets for value in told)
        return np.fromiter(hashed, np.int64, len(column))
