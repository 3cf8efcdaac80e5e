"""Lists of different lengths, end to end: the words of titles, and what customers had bought before an order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions


@dataclass(frozen=True)
class Bags:
    """Rows to be pooled, one list after the other.

    Each list is added up with `weights`, one over the square root of its length, so that long lists say more than
    short ones, but not in proportion.

    Attributes:
        rows: int64 of shape (all rows,).
        starts: Where each list begins, and the end of the last; int64 of shape (lists + 1,).
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def weights(self) -> NDArray[np.float32]:
        """float32 of shape (all rows,).

        Example:
            >>> Bags(np.array([5, 6, 7, 8, 9]), np.array([0, 4, 4, 5])).weights.tolist()
            [0.5, 0.5, 0.5, 0.5, 1.0]
        """
        lengths = np.diff(self.starts)
        return np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)

    def take(self, lists: NDArray[np.int64]) -> Bags:
        """Some of the lists, in the order given."""
        return cut(self.rows, self.starts[lists], self.starts[lists + 1])


def cut(values: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Bags:
    """The pieces `values[start:end]`, end to end.

    Example:
        >>> cut(np.array([4, 5, 6]), np.array([1, 0]), np.array([3, 1])).rows.tolist()
        [5, 6, 4]
    """
    places, offsets = spans(starts, ends)
    return Bags(values[places], offsets)


def spans(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every number of each half-open span, end to end, and where each span begins, with the end of all."""
    lengths = ends - starts
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    return np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1]), offsets


@dataclass(frozen=True)
class Histories:
    """What each customer bought, in the order of time.

    Attributes:
        products: Column + 1 of every line, by customer and time; 0 is a product of no known column; int64.
        starts: First line of each customer, and the end of all; int64 of shape (customers + 1,).
    """

    products: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, known: Interactions) -> Histories:
        """Read off the lines, which stand by customer and time."""
        customers = known.lines["customer"].to_numpy()
        starts = np.searchsorted(customers, np.arange(known.shape[0] + 1))
        return cls(known.lines["product"].to_numpy().astype(np.int64) + 1, starts.astype(np.int64))

    def last(self, rows: NDArray[np.int64], lines: int) -> Bags:
        """The last lines of some customers, at most `lines` of each; none of a row of -1.

        Example:
            >>> Histories(np.array([3, 4, 5, 9]), np.array([0, 3, 4])).last(np.array([0, -1, 1]), 2).rows.tolist()
            [4, 5, 9]
        """
        if len(self.starts) < 2:
            return Bags(np.zeros(0, np.int64), np.zeros(len(rows) + 1, np.int64))
        known = rows >= 0
        ends = np.where(known, self.starts[np.maximum(rows, 0) + 1], 0)
        starts = np.where(known, self.starts[np.maximum(rows, 0)], 0)
        return cut(self.products, np.maximum(starts, ends - lines), ends)
