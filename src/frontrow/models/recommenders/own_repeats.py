"""What the customer bought before, the most often and latest bought first; then what is popular."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.split_scores import SparseScores
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel

HALF_LIFE_DAYS = 180.0
"""Age in days at which a purchase counts half."""


@dataclass(frozen=True)
class OwnRepeats(ArrayModel):
    """Fitted scores.

    Attributes:
        repeats: Scores above 1 of what each customer bought, shape (customers, products).
        popular: Scores in [0, 1) of everything else, shape (products,).
    """

    repeats: sparse.csr_matrix
    popular: NDArray[np.float32]

    shapes: ClassVar = {"repeats": ("customers", "products"), "popular": ("products",)}

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The customer's own purchases above everything else."""
        return self.split_scores(queries).full()

    def split_scores(self, queries: Queries) -> SparseScores:
        """See `SplitScorer`."""
        returning = np.flatnonzero(~queries.is_new)
        return SparseScores.build(self.repeats[queries.rows[returning]], returning, len(queries), self.popular)


class Recommender:
    """The customer's own products by orders that decay with age, then what is popular in the last 30 days."""

    name = "own repeats, then popular"
    extra = None
    compares_products = False

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> OwnRepeats:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "pot", 0), (8, "bulb", 90)])
            >>> Recommender().fit(interactions, seed=0).repeats.toarray().round(2)
            array([[0. , 1.7],
                   [2. , 0. ]], dtype=float32)
        """
        return OwnRepeats(_find_repeats(interactions), recent_popularity(interactions))

    def with_customers(
        self,
        fitted: OwnRepeats,
        interactions: Interactions,
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> OwnRepeats:
        """See `TakesCustomers`."""
        return OwnRepeats(_find_repeats(interactions), fitted.popular)

    def load(self, folder: Path) -> OwnRepeats:
        """See `Recommender.load`."""
        return OwnRepeats.load(folder)


def _find_repeats(interactions: Interactions) -> sparse.csr_matrix:
    """`OwnRepeats.repeats`."""
    purchases = interactions.purchases
    weights = 1 + purchases.summed(0.5 ** ((interactions.cutoff_day - purchases.day) / HALF_LIFE_DAYS))
    cells = (purchases.customer[purchases.starts], purchases.product[purchases.starts])
    return sparse.csr_matrix((weights.astype(np.float32), cells), shape=interactions.shape)
