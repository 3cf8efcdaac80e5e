"""What customers who buy alike bought lately, the customer's own repeats apart (Resnick et al., 1994)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.customers import Neighbours, directions, latest_customers, purchase_vectors
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class SimilarCustomersSettings:
    """Of the neighbours.

    Attributes:
        neighbours: Customers whose purchases are added up.
        decay: How much less each earlier order counts in what makes customers alike.
        half_life_days: A neighbour's order line so old counts half of one made now.
        pool: Neighbours are sought among so many customers, those who ordered last.
    """

    neighbours: int = 300
    decay: float = 0.8
    half_life_days: float = 45.0
    pool: int = 20_000


@dataclass(frozen=True)
class SimilarCustomers(ArrayModel):
    """What was counted.

    Attributes:
        neighbours: Directions of what each customer bought.
        recent: Order lines of each customer and product, decayed by age, shape (customers, products).
        popular: Scores of a customer never seen, shape (products,).
    """

    neighbours: Neighbours
    recent: sparse.csr_matrix
    popular: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Neighbours' lines, each neighbour's by its cosine; where there are none, what is popular, below the rest."""
        scores = np.tile(self.popular - 1, (len(queries), 1))
        step = self.neighbours.block_rows
        for start in range(0, len(queries), step):
            seen = start + np.flatnonzero(queries.rows[start : start + step] >= 0)
            found = (self.neighbours.of(queries.rows[seen]) @ self._pool_recent).tocoo()
            scores[seen[found.row], found.col] = found.data
        return scores

    @cached_property
    def _pool_recent(self) -> sparse.csr_matrix:
        return self.recent[self.neighbours.pool]


class Recommender:
    """Recent purchases of the customers who buy most alike, without the customer's own."""

    name = "similar customers"
    extra = None
    compares_products = False

    def __init__(self, settings: SimilarCustomersSettings | None = None) -> None:
        self.settings = settings or SimilarCustomersSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> SimilarCustomers:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "pot", 0), (8, "pot", 0), (8, "bulb", 0)]
            >>> interactions = hand_made_interactions(lines)
            >>> Recommender().fit(interactions, seed=0).scores(interactions.queries())[0].round(2)
            array([0.62, 0.62], dtype=float32)
        """
        settings = self.settings
        vectors = purchase_vectors(interactions, groups=1_000, decay_within=1.0, decay_between=settings.decay)
        return SimilarCustomers(
            Neighbours(directions(vectors), latest_customers(interactions, settings.pool), settings.neighbours),
            interactions.counts(half_life_days=settings.half_life_days),
            recent_popularity(interactions),
        )

    def load(self, folder: Path) -> SimilarCustomers:
        """See `base.Recommender.load`."""
        return SimilarCustomers.load(folder)
