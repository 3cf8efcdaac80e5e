"""The model's ranking of a block of customers, with and without what is forbidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.recommend.rerank.diversify import Columns
from frontrow.recommend.rerank.predicates import Mask
from frontrow.recommend.retrieve.best_columns import best_columns

MARGIN = 3
"""So many times as many places are looked at first as are wanted: most lists lose fewer to what is forbidden."""


@dataclass(frozen=True)
class Ranking:
    """A block's scores, and what may not be listed.

    Attributes:
        scores: Shape (rows, products).
        forbidden: Of the same shape.
    """

    scores: NDArray[np.float32]
    forbidden: Mask

    def of(self, rows: NDArray[np.int64], places: int) -> tuple[Columns, Columns]:
        """The ranking of some rows, whole and allowed.

        Args:
            rows: Of the block.
            places: How far down the allowed ranking is wanted.

        Returns:
            Product columns, best first, equal scores by column, -1 after the last: of all products, at least `places`
            of them where there are so many, and of those allowed, shape (rows, at most `places`).

        Example:
            >>> forbidden = np.array([[True, False, False]])
            >>> ranking = Ranking(np.array([[3, 2, 1]], dtype=np.float32), forbidden)
            >>> [part.tolist() for part in ranking.of(np.array([0]), 2)]
            [[[0, 1, 2]], [[1, 2]]]
        """
        scores, no = (self.scores, self.forbidden) if self._whole(rows) else (self.scores[rows], self.forbidden[rows])
        products = scores.shape[1]
        if products == 0 or len(rows) == 0:
            nothing = np.full((len(rows), 0), -1, dtype=np.int64)
            return nothing, nothing
        ranked = best_columns(scores, MARGIN * places)
        gone = np.take_along_axis(no, np.maximum(ranked, 0), axis=1) | (ranked < 0)
        allowed = _together(np.where(gone, -1, ranked), gone)[:, :places]
        lacking = np.flatnonzero((allowed[:, -1] < 0) if ranked.shape[1] < products else np.zeros(len(rows), bool))
        if len(lacking):
            allowed[lacking] = best_columns(np.where(no[lacking], -np.inf, scores[lacking]), places)
        return ranked, allowed

    def _whole(self, rows: NDArray[np.int64]) -> bool:
        return len(rows) == len(self.scores)


def _together(columns: Columns, gone: Mask) -> Columns:
    """What is not gone moved to the front, in its order."""
    return np.take_along_axis(columns, np.argsort(gone, axis=1, kind="stable"), axis=1)
