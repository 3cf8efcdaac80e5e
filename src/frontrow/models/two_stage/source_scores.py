"""What a source says of a block of customers: its highest scores, and those of the candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.recommender import Scorer
from frontrow.models.split_scores import SparseScores, SplitScorer, TableScores
from frontrow.models.top_k import cells_reaching, pad_runs, reach_of_runs

Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Position among the queries and column of the product of each candidate, by position, then column."""


@dataclass(frozen=True)
class Top:
    """The highest scores of each customer above zero, on sale or not: all down to the last candidate, in no order.

    Attributes:
        values: Scores, 0 where there are no more; shape (queries, most of a customer).
        columns: Their products.
    """

    values: NDArray[np.float32]
    columns: NDArray[np.int64]

    def highest(self) -> NDArray[np.float32]:
        """The highest score of each customer, 0 where none is above it; shape (queries,)."""
        return np.asarray(self.values.max(axis=1, initial=0))


class SourceScores(Protocol):
    """The scores of one source for a block of customers."""

    def top(self, on_sale: NDArray[np.bool_], depth: int) -> Top:
        """The highest scores; among them, for each customer, the `depth` highest of products on sale."""
        ...

    def of_candidates(self, cells: Cells, numbers: NDArray[np.int32]) -> NDArray[np.float32]:
        """Scores of the candidates.

        Args:
            cells: The candidates.
            numbers: From 1 for each of them, 0 for all others; shape (queries * products,).
        """
        ...

    def full(self) -> NDArray[np.float32]:
        """The score of every product; shape (queries, products)."""
        ...


@dataclass(frozen=True)
class _Dense:
    scores: NDArray[np.float32]

    def top(self, on_sale: NDArray[np.bool_], depth: int) -> Top:
        cells, counts = cells_reaching(self.scores, depth, on_sale)
        column = cells - np.repeat(np.arange(len(counts)), counts) * self.scores.shape[1]
        return Top(pad_runs(self.scores.reshape(-1)[cells], counts), pad_runs(column, counts))

    def of_candidates(self, cells: Cells, numbers: NDArray[np.int32]) -> NDArray[np.float32]:  # noqa: ARG002
        return self.scores[cells]

    def full(self) -> NDArray[np.float32]:
        return self.scores


@dataclass(frozen=True)
class _Table:
    """Where shared scores are not above zero, so that they are never the highest."""

    scores: TableScores

    def top(self, on_sale: NDArray[np.bool_], depth: int) -> Top:
        return _Dense(self.scores.own).top(on_sale, depth)

    def of_candidates(self, cells: Cells, numbers: NDArray[np.int32]) -> NDArray[np.float32]:  # noqa: ARG002
        return self.scores.of_cells(*cells)

    def full(self) -> NDArray[np.float32]:
        return self.scores.full()


@dataclass(frozen=True)
class _Sparse:
    scores: SparseScores

    def top(self, on_sale: NDArray[np.bool_], depth: int) -> Top:
        own, shared = self.scores.own, self.scores.shared
        counts = np.diff(own.indptr)
        values, columns = own.data, own.indices.astype(np.int64)
        if not (shared > 0).any():
            reached = reach_of_runs(np.where(on_sale.take(columns), values, np.float32(0)), values, counts, depth)
            return _pad(values, columns, counts, reached)
        kinds, kind = np.unique(self.scores.kinds, return_inverse=True)
        # so many that there are enough without those for which customers have a score of their own
        usual = _Dense(shared[kinds]).top(on_sale, depth + int(counts.max(initial=0)))
        least = np.where(usual.values > 0, usual.values, np.float32(np.inf)).min(axis=1, initial=np.inf)
        usual_values, usual_columns = usual.values[kind], usual.columns[kind]
        if own.nnz == 0:
            return Top(usual_values, usual_columns)
        row = np.repeat(np.arange(len(counts)), counts)
        is_own = np.zeros(own.shape, dtype=np.bool_)
        is_own[row, columns] = True
        usual_values[is_own[np.arange(len(counts))[:, None], usual_columns]] = 0
        bound = np.where(np.isfinite(least), least, np.finfo(np.float32).tiny)[kind]
        top = _pad(values, columns, counts, values >= bound[row])
        return Top(np.hstack([top.values, usual_values]), np.hstack([top.columns, usual_columns]))

    def of_candidates(self, cells: Cells, numbers: NDArray[np.int32]) -> NDArray[np.float32]:
        position, column = cells
        own, products = self.scores.own, self.scores.shared.shape[1]
        scores = self.scores.shared[self.scores.kinds[position], column]
        if own.nnz:
            starts = np.repeat(np.arange(own.shape[0]) * products, np.diff(own.indptr))
            number = numbers.take(starts + own.indices)
            candidates = np.flatnonzero(number)
            scores[number[candidates] - 1] = own.data[candidates]
        return scores

    def full(self) -> NDArray[np.float32]:
        return self.scores.full()


def score_source(source: Scorer, queries: Queries) -> SourceScores:
    """Score a block of customers by one source.

    Args:
        source: The fitted source.
        queries: The customers.
    """
    if not isinstance(source, SplitScorer):
        return _Dense(source.scores(queries))
    scores = source.split_scores(queries)
    if isinstance(scores, SparseScores):
        return _Sparse(scores)
    return _Dense(scores.full()) if (scores.shared > 0).any() else _Table(scores)


def _pad(
    values: NDArray[np.float32], columns: NDArray[np.int64], counts: NDArray[np.int64], reached: NDArray[np.bool_]
) -> Top:
    """The values that were reached, a row for each run."""
    places = np.flatnonzero(reached)
    reached_counts = np.diff(np.searchsorted(places, np.cumsum(counts)), prepend=0)
    return Top(pad_runs(values[places], reached_counts), pad_runs(columns[places], reached_counts))
