"""What goes with a basket: for a customer of whom nothing else is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.popularity.popularity import scaled_ranks
from frontrow.models.recommender import Scorer, Similar
from frontrow.recommend.retrieve.sources import BASKET, sources_of


@dataclass(frozen=True)
class Basket:
    """Scores by a basket.

    Attributes:
        model: File name of the model.
        fitted: Orders what has nothing in common with the basket.
        compares: Says how alike products are.
        columns: Of the products in the basket; shape (products in it,).
    """

    model: str
    fitted: Scorer
    compares: Similar
    columns: NDArray[np.int64]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Likeness to each product of the basket, added up; below 0, what the model lists, in its order."""
        alike = self._likeness
        rest = np.stack([scaled_ranks(row) for row in self.fitted.scores(queries)]) if len(queries) else 0.0
        return np.asarray(np.where(alike > 0, alike, rest - 1), dtype=np.float32).reshape(len(queries), len(alike))

    def sources(self, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
        """`BASKET` for what is like it, else what the model says; see `sources.Sourced`."""
        rest = sources_of(self.model, self.fitted, queries, lists)
        return np.where((lists >= 0) & (self._likeness[np.maximum(lists, 0)] > 0), BASKET, rest)

    @cached_property
    def _likeness(self) -> NDArray[np.float32]:
        """To each product of the basket, added up; shape (products,)."""
        return np.asarray(np.maximum(self.compares.similar(self.columns), 0).sum(axis=0), dtype=np.float32)
