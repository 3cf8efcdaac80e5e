"""What similar customers bought lately, without the customer's own purchases (Resnick et al., 1994)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.blocks import LATEST
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.customers import Neighbours, directions, latest_customers, purchase_vectors
from frontrow.models.sparse_products import is_table_quicker, multiply, stack
from frontrow.models.split_scores import SparseScores, SplitScores, TableScores
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class SimilarCustomersSettings:
    """Settings of similar customers.

    Attributes:
        neighbours: Number of customers whose purchases are added up.
        decay: Weight of an order in the similarity of customers, relative to the next one.
        half_life_days: Age in days at which a neighbour's order line counts half.
        pool: Number of customers among whom neighbours are searched, those who ordered last.
    """

    neighbours: int = 300
    decay: float = 0.8
    half_life_days: float = 45.0
    pool: int = LATEST


@dataclass(frozen=True)
class SimilarCustomers(ArrayModel):
    """Fitted vectors.

    Attributes:
        neighbours: Direction of each customer's purchases.
        recent: Decayed order lines of each customer and product, shape (customers, products).
        popular: Scores of new customers, shape (products,).
    """

    neighbours: Neighbours
    recent: sparse.csr_matrix
    popular: NDArray[np.float32]

    shapes: ClassVar = {"recent": ("customers", "products"), "popular": ("products",)}

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Lines of the neighbours, weighted by cosine; where there are none, popularity, below everything else."""
        return self.split_scores(queries).full()

    def split_scores(self, queries: Queries) -> SplitScores:
        """See `SplitScorer`."""
        pool, products = self.pool_recent.shape
        returning = np.flatnonzero(~queries.is_new)
        blocks = self.neighbours.split(queries.rows[returning])
        # the neighbours of a customer have about as many lines as others of the pool
        if is_table_quicker(self.neighbours.count * self.pool_recent.nnz, pool * products):
            sums = np.concatenate([multiply(self.neighbours.of(rows), self.pool_recent) for rows in blocks])
            return TableScores.build(sums, returning, len(queries), self.popular - 1)
        sparse_sums = [sparse.csr_matrix(self.neighbours.of(rows) @ self.pool_recent) for rows in blocks]
        return SparseScores.build(stack(sparse_sums, products), returning, len(queries), self.popular - 1)

    @cached_property
    def pool_recent(self) -> sparse.csr_matrix:
        """`recent` of the pool; shape (pool, products)."""
        return self.recent[self.neighbours.pool]


@dataclass(frozen=True)
class SimilarCustomersElsewhere(SimilarCustomers):
    """The same where the pool is not, or not all, among the customers. It is not saved.

    Attributes:
        elsewhere: `recent` of the pool; shape (pool, products).
    """

    elsewhere: sparse.csr_matrix

    @cached_property
    def pool_recent(self) -> sparse.csr_matrix:
        """`recent` of the pool; shape (pool, products)."""
        return self.elsewhere


class Recommender:
    """Recent purchases of the most similar customers, without the customer's own."""

    name = "similar customers"
    extra = None
    compares_products = False

    def __init__(self, settings: SimilarCustomersSettings | None = None) -> None:
        self.settings = settings or SimilarCustomersSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> SimilarCustomers:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "pot", 0), (8, "pot", 0), (8, "bulb", 0)]
            >>> interactions = hand_made_interactions(lines)
            >>> Recommender().fit(interactions, seed=0).scores(interactions.queries())[0].round(2)
            array([0.62, 0.62], dtype=float32)
        """
        settings = self.settings
        return SimilarCustomers(
            Neighbours(self._vectors(interactions), latest_customers(interactions, settings.pool), settings.neighbours),
            interactions.counts(half_life_days=settings.half_life_days),
            recent_popularity(interactions),
        )

    def with_customers(
        self, fitted: SimilarCustomers, interactions: Interactions, rows: NDArray[np.int64]
    ) -> SimilarCustomers:
        """See `TakesCustomers`."""
        neighbours = fitted.neighbours.with_customers(self._vectors(interactions), rows)
        recent = interactions.counts(half_life_days=self.settings.half_life_days)
        if type(neighbours) is Neighbours:
            return SimilarCustomers(neighbours, recent, fitted.popular)
        return SimilarCustomersElsewhere(neighbours, recent, fitted.popular, fitted.pool_recent)

    def _vectors(self, interactions: Interactions) -> sparse.csr_matrix:
        decay = self.settings.decay
        return directions(purchase_vectors(interactions, groups=1_000, decay_within=1.0, decay_between=decay))

    def load(self, folder: Path) -> SimilarCustomers:
        """See `Recommender.load`."""
        return SimilarCustomers.load(folder)
