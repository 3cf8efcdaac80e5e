"""Repeats and neighbours: temporal item frequency with nearest customers (TIFU-KNN, Hu et al., SIGIR 2020)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.blocks import LATEST, InteractionBlocks
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.customers import Neighbours, latest_customers, purchase_vectors
from frontrow.models.sparse_products import stack
from frontrow.models.split_scores import SparseScores
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class TifuKnnSettings:
    """Settings of TIFU-KNN.

    Attributes:
        groups: Largest number of groups into which a customer's orders are split.
        decay_within: Weight of an order, relative to the next one of its group.
        decay_between: Weight of a group, relative to the next one.
        neighbours: Number of customers whose mean vector is added to the customer's own.
        own_share: Weight of the customer's own vector; the neighbours have the rest.
        pool: Number of customers among whom neighbours are searched, those who ordered last. Time grows with this
            number times the number of customers scored.
    """

    groups: int = 20
    decay_within: float = 0.9
    decay_between: float = 0.9
    neighbours: int = 100
    own_share: float = 0.7
    pool: int = LATEST


@dataclass(frozen=True)
class TifuKnn(ArrayModel):
    """Fitted vectors.

    Attributes:
        neighbours: `purchase_vectors`, and the pool of neighbours.
        popular: Scores of new customers, shape (products,).
        own_share: Weight of the customer's own vector.
    """

    neighbours: Neighbours
    popular: NDArray[np.float32]
    own_share: float

    shapes: ClassVar = {"popular": ("products",)}

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Own vector and mean of the neighbours; where both are empty, popularity, below everything else."""
        return self.split_scores(queries).full()

    def split_scores(self, queries: Queries) -> SparseScores:
        """See `SplitScorer`."""
        returning = np.flatnonzero(~queries.is_new)
        blended = stack(
            [self._blend(rows) for rows in self.neighbours.split(queries.rows[returning])], len(self.popular)
        )
        return SparseScores.build(blended, returning, len(queries), self.popular - 1)

    def _blend(self, rows: NDArray[np.int64]) -> sparse.csr_matrix:
        """Vectors of known customers, blended with their neighbours'; shape (rows, products)."""
        weights = self.neighbours.of(rows)
        weights.data[:] = (1 - self.own_share) / np.repeat(np.diff(weights.indptr), np.diff(weights.indptr))
        return sparse.csr_matrix(
            self.neighbours.vectors[rows] * self.own_share + weights @ self.neighbours.pool_vectors
        )


class Recommender:
    """A customer's own decayed purchases, and those of the most similar customers."""

    name = "TIFU-KNN"
    extra = None
    compares_products = False

    def __init__(self, settings: TifuKnnSettings | None = None) -> None:
        self.settings = settings or TifuKnnSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> TifuKnn:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "pot", 0), (8, "pot", 1), (8, "bulb", 2)]
            >>> interactions = hand_made_interactions(lines)
            >>> Recommender().fit(interactions, seed=0).scores(interactions.queries()).round(3)
            array([[0.15 , 0.835],
                   [0.35 , 0.615]], dtype=float32)
        """
        pool = latest_customers(interactions, self.settings.pool)
        return self._build(interactions, pool, recent_popularity(interactions))

    def learn(
        self,
        blocks: InteractionBlocks,
        *,
        seed: int,  # noqa: ARG002
        progress: Progress = no_progress,  # noqa: ARG002
    ) -> tuple[TifuKnn, Interactions]:
        """See `LearnsFromBlocks`; the customers are the pool.

        Raises:
            ValueError: The pool is larger than what is counted of a block, so that `fit` would give other lists.
        """
        if self.settings.pool > LATEST:
            raise ValueError(f"a pool of {self.settings.pool} customers; at most {LATEST} are counted in blocks")
        pool = blocks.read(blocks.counts.latest.head(self.settings.pool))
        return self._build(pool, np.arange(pool.shape[0]), blocks.counts.popularity), pool

    def with_customers(self, fitted: TifuKnn, interactions: Interactions, rows: NDArray[np.int64]) -> TifuKnn:
        """See `TakesCustomers`."""
        return replace(fitted, neighbours=fitted.neighbours.with_customers(self._vectors(interactions), rows))

    def _build(self, interactions: Interactions, pool: NDArray[np.int64], popular: NDArray[np.float32]) -> TifuKnn:
        neighbours = Neighbours(self._vectors(interactions), pool, self.settings.neighbours)
        return TifuKnn(neighbours, popular, self.settings.own_share)

    def _vectors(self, interactions: Interactions) -> sparse.csr_matrix:
        settings = self.settings
        return purchase_vectors(
            interactions,
            groups=settings.groups,
            decay_within=settings.decay_within,
            decay_between=settings.decay_between,
        )

    def load(self, folder: Path) -> TifuKnn:
        """See `Recommender.load`."""
        return TifuKnn.load(folder)
