"""Categories as rows of embedding tables, and which pairs of them are common enough to be remembered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.storage.artifact import ArrayModel

PRODUCT, COUNTRY = 0, 3
"""Which of the categories of `Candidates`."""

CROSSED = ((0, COUNTRY), (1, COUNTRY), (2, COUNTRY))
"""Product, product type and vendor, each with the country: what the product is with where the customer is."""


@dataclass(frozen=True)
class Categories(ArrayModel):
    """The row of each code, numbered anew from 1 by category; 0 is for all that are unknown or rare.

    Attributes:
        rows: Of the codes of one category after the other; int32 (codes,).
        starts: Where each category's codes begin, and the end; int64 (categories + 1,).
        keys: Of the pairs remembered, ascending; int64 (pairs,), empty where none are asked for.
    """

    rows: NDArray[np.int32]
    starts: NDArray[np.int64]
    keys: NDArray[np.int64]

    @classmethod
    def of(cls, codes: NDArray[np.int32], least_rows: int, *, crossed: bool) -> Categories:
        """Number the codes that stand in so many rows at least; codes of shape (rows, categories), -1 for unknown.

        Example:
            >>> codes = np.array([[0, 0, -1, 1], [2, 0, -1, 1], [2, 0, -1, 1]], dtype=np.int32)
            >>> found = Categories.of(codes, least_rows=2, crossed=True)
            >>> found.found(np.array([[2, 5, 0, 1], [0, 0, -1, 0]], dtype=np.int32)).tolist()
            [[1, 0, 0, 1], [0, 1, 0, 0]]
            >>> found.sizes
            (2, 2, 1, 2)
        """
        counts = [np.bincount(column[column >= 0]) for column in codes.T]
        numbered = [np.where(count >= least_rows, np.cumsum(count >= least_rows), 0) for count in counts]
        starts = np.cumsum([0, *(len(count) for count in counts)])
        alone = cls(np.concatenate(numbered).astype(np.int32), starts, np.zeros(0, dtype=np.int64))
        if not crossed:
            return alone
        keys, found = np.unique(alone._keys(alone.found(codes)), return_counts=True)
        return cls(alone.rows, alone.starts, keys[(found >= least_rows) & (keys >= 0)])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of each table, that of the unknown among them."""
        return tuple(int(part.max(initial=0)) + 1 for part in self._parts())

    def found(self, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        """The row of each code; int32 (rows, categories)."""
        columns = [_rows_of(part, column) for part, column in zip(self._parts(), codes.T, strict=True)]
        return np.column_stack(columns).astype(np.int32)

    def products(self, columns: NDArray[np.int32]) -> NDArray[np.int32]:
        """The row of some products, of any shape, -1 for none."""
        return _rows_of(self._parts()[PRODUCT], columns)

    def crosses(self, found: NDArray[np.int32]) -> NDArray[np.int32]:
        """The number of each pair of `CROSSED` from 1, 0 for one not remembered; int32 (rows, pairs).

        Args:
            found: What `found` gave.
        """
        if len(self.keys) == 0:
            return np.zeros((len(found), len(CROSSED)), dtype=np.int32)
        keys = self._keys(found)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, place + 1, 0).astype(np.int32)

    def _keys(self, found: NDArray[np.int32]) -> NDArray[np.int64]:
        """One number a pair, -1 where one of the two is unknown."""
        most = max(self.sizes)
        pairs = []
        for number, (one, other) in enumerate(CROSSED):
            key = (np.int64(number) * most + found[:, one]) * most + found[:, other]
            pairs.append(np.where((found[:, one] > 0) & (found[:, other] > 0), key, -1))
        return np.column_stack(pairs)

    def _parts(self) -> list[NDArray[np.int32]]:
        return [self.rows[start:end] for start, end in zip(self.starts[:-1], self.starts[1:], strict=True)]


def _rows_of(rows: NDArray[np.int32], codes: NDArray[np.int32]) -> NDArray[np.int32]:
    padded = np.append(rows, np.int32(0))
    inside = (codes >= 0) & (codes < len(rows))
    return np.asarray(padded[np.where(inside, codes, len(rows))])
