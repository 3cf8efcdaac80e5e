"""Repeats and neighbours: temporal item frequency with nearest customers (TIFU-KNN, Hu et al., SIGIR 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.customers import Neighbours, latest_customers, purchase_vectors
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class TifuKnnSettings:
    """Of the vectors and of their neighbours.

    Attributes:
        groups: A customer's orders are cut into at most so many groups.
        decay_within: From one order of a group to the one before it.
        decay_between: From one group to the one before it.
        neighbours: Customers whose mean vector stands beside the customer's own.
        own_share: Weight of the customer's own vector; the rest is the neighbours'.
        pool: Neighbours are sought among so many customers, those who ordered last: time grows with their number
            times that of the customers asked about.
    """

    groups: int = 20
    decay_within: float = 0.9
    decay_between: float = 0.9
    neighbours: int = 100
    own_share: float = 0.7
    pool: int = 20_000


@dataclass(frozen=True)
class TifuKnn(ArrayModel):
    """What was counted.

    Attributes:
        neighbours: `purchase_vectors`, and where neighbours are sought.
        popular: Scores of a customer never seen, shape (products,).
        own_share: Weight of the customer's own vector.
    """

    neighbours: Neighbours
    popular: NDArray[np.float32]
    own_share: float

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Own vector and mean of the neighbours'; where both are empty, what is popular, below everything else."""
        scores = np.tile(self.popular - 1, (len(queries), 1))
        step = self.neighbours.block_rows
        for start in range(0, len(queries), step):
            seen = start + np.flatnonzero(queries.rows[start : start + step] >= 0)
            found = self._blend(queries.rows[seen]).tocoo()
            scores[seen[found.row], found.col] = found.data
        return scores

    def _blend(self, rows: NDArray[np.int64]) -> sparse.csr_matrix:
        """Of known customers; shape (rows, products)."""
        near = self.neighbours.of(rows)
        near.data[:] = (1 - self.own_share) / np.repeat(np.diff(near.indptr), np.diff(near.indptr))
        own = self.neighbours.vectors[rows]
        return sparse.csr_matrix(own * self.own_share + near @ self._pool_vectors)

    @cached_property
    def _pool_vectors(self) -> sparse.csr_matrix:
        return self.neighbours.vectors[self.neighbours.pool]


class Recommender:
    """A customer's own decayed purchases, and those of the customers who buy most alike."""

    name = "TIFU-KNN"
    extra = None
    compares_products = False

    def __init__(self, settings: TifuKnnSettings | None = None) -> None:
        self.settings = settings or TifuKnnSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> TifuKnn:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "pot", 0), (8, "pot", 1), (8, "bulb", 2)]
            >>> interactions = hand_made_interactions(lines)
            >>> Recommender().fit(interactions, seed=0).scores(interactions.queries()).round(3)
            array([[0.15 , 0.835],
                   [0.35 , 0.615]], dtype=float32)
        """
        settings = self.settings
        vectors = purchase_vectors(
            interactions,
            groups=settings.groups,
            decay_within=settings.decay_within,
            decay_between=settings.decay_between,
        )
        neighbours = Neighbours(vectors, latest_customers(interactions, settings.pool), settings.neighbours)
        return TifuKnn(neighbours, recent_popularity(interactions), settings.own_share)

    def load(self, folder: Path) -> TifuKnn:
        """See `base.Recommender.load`."""
        return TifuKnn.load(folder)
