"""Scores of a block of customers, split into those of single customers and those that products have for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Queries


@dataclass(frozen=True)
class SparseScores:
    """Scores of some customers.

    Attributes:
        own: Scores of single customers and products; shape (queries, products), float32.
        shared: Scores of every other product, by kind of customer; shape (kinds, products), float32.
        kinds: Row of `shared` of each customer; shape (queries,), int64.
    """

    own: sparse.csr_matrix
    shared: NDArray[np.float32]
    kinds: NDArray[np.int64]

    @classmethod
    def build(
        cls, own: sparse.csr_matrix, positions: NDArray[np.int64], queries: int, shared: NDArray[np.float32]
    ) -> SparseScores:
        """Scores of customers of one kind, some of whom have no score of their own.

        Args:
            own: Scores of single customers; shape (positions, products). Stored zeros are no scores of their own, and
                removed from it.
            positions: Whose they are, ascending.
            queries: Number of customers.
            shared: Scores of every other product; shape (products,).
        """
        own.eliminate_zeros()
        counts = np.zeros(queries, dtype=own.indptr.dtype)
        counts[positions] = np.diff(own.indptr)
        ends = np.concatenate([np.zeros(1, dtype=own.indptr.dtype), np.cumsum(counts, dtype=own.indptr.dtype)])
        spread = sparse.csr_matrix((own.data, own.indices, ends), shape=(queries, own.shape[1]))
        return cls(spread, shared[None], np.zeros(queries, dtype=np.int64))

    def full(self) -> NDArray[np.float32]:
        """The score of every product; shape (queries, products).

        Example:
            >>> own = sparse.csr_matrix(np.array([[0, 2]], dtype=np.float32))
            >>> SparseScores.build(own, np.array([1]), 2, np.array([0.5, 0.2], dtype=np.float32)).full().tolist()
            [[0.5, 0.20000000298023224], [0.5, 2.0]]
        """
        scores = self.shared[self.kinds]
        starts = np.arange(len(scores), dtype=np.int64) * scores.shape[1]
        scores.reshape(-1)[np.repeat(starts, np.diff(self.own.indptr)) + self.own.indices] = self.own.data
        return scores


@dataclass(frozen=True)
class TableScores:
    """The same where customers have scores of their own for many products.

    Attributes:
        own: Scores of single customers, not below zero; 0 where there is none. Shape (queries, products).
        shared: Scores of every other product; shape (products,).
    """

    own: NDArray[np.float32]
    shared: NDArray[np.float32]

    @classmethod
    def build(
        cls, own: NDArray[np.float32], positions: NDArray[np.int64], queries: int, shared: NDArray[np.float32]
    ) -> TableScores:
        """See `SparseScores.build`.

        Args:
            own: Scores of single customers; shape (positions, products).
            positions: Whose they are, ascending.
            queries: Number of customers.
            shared: Scores of every other product; shape (products,).
        """
        if len(positions) == queries:
            return cls(own, shared)
        spread = np.zeros((queries, own.shape[1]), dtype=np.float32)
        spread[positions] = own
        return cls(spread, shared)

    def full(self) -> NDArray[np.float32]:
        """The score of every product; shape (queries, products).

        Example:
            >>> own = np.array([[0, 2]], dtype=np.float32)
            >>> TableScores.build(own, np.array([1]), 2, np.array([0.5, 0.2], dtype=np.float32)).full().tolist()
            [[0.5, 0.20000000298023224], [0.5, 2.0]]
        """
        # the same as a choice between the two, for a fifth of its time: one of them is 0
        scores: NDArray[np.float32] = (self.own == 0) * self.shared
        scores += self.own
        return scores

    def of_cells(self, position: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.float32]:
        """The scores of some cells.

        Args:
            position: Position of the customer of each.
            column: Column of the product of each.

        Example:
            >>> scores = TableScores(np.array([[0, 2]], dtype=np.float32), np.array([-0.5, -0.25], dtype=np.float32))
            >>> scores.of_cells(np.array([0, 0]), np.array([0, 1])).tolist()
            [-0.5, 2.0]
        """
        own = self.own[position, column]
        return np.asarray(np.where(own == 0, self.shared[column], own))


SplitScores: TypeAlias = SparseScores | TableScores


@runtime_checkable
class SplitScorer(Protocol):
    """A fitted recommender most of whose scores are shared."""

    def split_scores(self, queries: Queries) -> SplitScores:
        """What `scores` gives: `SparseScores`, or `TableScores` where those are quicker."""
        ...
