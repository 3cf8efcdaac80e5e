"""What goes with a basket: for a customer of whom nothing else is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.recommenders.base import Scorer, Similar
from frontrow.models.recommenders.interactions import Queries
from frontrow.models.recommenders.popularity import places


@dataclass(frozen=True)
class Basket:
    """Scores by a basket.

    Attributes:
        fitted: Orders what has nothing in common with the basket.
        compares: Says how alike products are.
        columns: Of the products in the basket; shape (products in it,).
    """

    fitted: Scorer
    compares: Similar
    columns: NDArray[np.int64]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Likeness to each product of the basket, added up; below 0, what the model lists, in its order."""
        alike = np.maximum(self.compares.similar(self.columns), 0).sum(axis=0)
        rest = np.stack([places(row) for row in self.fitted.scores(queries)]) if len(queries) else 0.0
        return np.asarray(np.where(alike > 0, alike, rest - 1), dtype=np.float32).reshape(len(queries), len(alike))
