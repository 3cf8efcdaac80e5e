"""Purchases as few singular vectors give them again (PureSVD; Cremonesi, Koren and Turrin, RecSys 2010)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.blas_threads import one_blas_thread
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.decomposition import decompose_products
from frontrow.models.similarity.products import cosine_similarity
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel

STEPS = 2**18
"""Steps to which the largest cell of a table of vectors is rounded. The last digits of a decomposition depend on the
order in which a processor adds up; the dot product of whole numbers of this size does not."""

TOLERANCE = 1e-4
"""Where the decomposition ends: scores then lie within a part in a billion of those without it, for half the time, and
vectors are rounded to `STEPS` in any case."""

BLOCK_VECTORS = 50_000
"""Customers whose vectors are computed at a time."""

BLOCK_ROWS = 64
"""Customers scored at a time, so that the scores stay in the cache until they are rounded."""


@dataclass(frozen=True)
class PureSvdSettings:
    """Settings of the decomposition.

    Attributes:
        dimensions: Number of singular vectors; fewer where the shop has fewer customers or products.
        half_life_days: Age in days at which an order line counts half; a cell is the root of their sum.
    """

    dimensions: int = 64
    half_life_days: float = 180.0


@dataclass(frozen=True)
class SingularVectors(ArrayModel):
    """Fitted vectors, rounded to `STEPS`.

    Attributes:
        customers: Left singular vectors, shape (customers, dimensions).
        products: Right singular vectors times singular values, shape (products, dimensions).
        scale: Factor of the dot products.
        popular: Scores in [0, 1) of new customers, shape (products,).
    """

    customers: NDArray[np.float32]
    products: NDArray[np.float32]
    scale: float
    popular: NDArray[np.float32]

    shapes: ClassVar = {
        "customers": ("customers", "dimensions"),
        "products": ("products", "dimensions"),
        "popular": ("products",),
    }

    @one_blas_thread()
    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Dot products, about the root of the order lines; recent popularity for new customers."""
        scores = np.empty((len(queries), len(self.products)), dtype=np.float32)
        for start in range(0, len(queries), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            products = self.customers[queries.rows[rows]].astype(np.float64) @ self._products
            products *= self.scale
            scores[rows] = products
        scores[queries.is_new] = self.popular
        return scores

    @cached_property
    def _products(self) -> NDArray[np.float64]:
        """The vectors of products; whole numbers in float64, whose dot products are exact."""
        return np.ascontiguousarray(self.products.T, dtype=np.float64)

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the vectors; 0 for a product that no known customer bought."""
        return cosine_similarity(self.products, products)


class Recommender:
    """What a customer would have bought if the few strongest patterns of all customers were all there is."""

    name = "PureSVD"
    extra = None
    compares_products = True

    def __init__(self, settings: PureSvdSettings | None = None) -> None:
        self.settings = settings or PureSvdSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> SingularVectors:  # noqa: ARG002
        """See `Recommender.fit`; `seed` draws the start vector of the iteration.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "bulb", 9), (7, "pot", 9), (8, "soil", 9)])
            >>> Recommender().fit(interactions, seed=0).scores(interactions.queries()).round(2).tolist()
            [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        """
        history = self._history(interactions)
        values, right = decompose_products(history, self.settings.dimensions, seed, tolerance=TOLERANCE)
        vectors = (values[:, None] * right).T
        products = np.round(vectors / _find_step(vectors)).astype(np.float32)
        scale = max((_find_step(part) for part in _project(history, products)), default=1.0)
        customers = _project_and_round(history, products, scale)
        return SingularVectors(customers, products, scale, recent_popularity(interactions))

    def with_customers(
        self,
        fitted: SingularVectors,
        interactions: Interactions,
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> SingularVectors:
        """See `TakesCustomers`: a customer's vector follows from those of the products."""
        customers = _project_and_round(self._history(interactions), fitted.products, fitted.scale)
        return replace(fitted, customers=customers)

    def _history(self, interactions: Interactions) -> sparse.csr_matrix:
        history = interactions.counts(half_life_days=self.settings.half_life_days).astype(np.float64)
        history.data = np.sqrt(history.data)
        return history

    def load(self, folder: Path) -> SingularVectors:
        """See `Recommender.load`."""
        return SingularVectors.load(folder)


def _project(history: sparse.csr_matrix, products: NDArray[np.float32]) -> Iterator[NDArray[np.float64]]:
    """The left singular vectors in units of the products' vectors, `BLOCK_VECTORS` customers at a time."""
    directions = products.astype(np.float64)
    lengths = (directions**2).sum(axis=0)
    # one of length 0 is all zeros
    directions /= np.maximum(lengths, 1)
    for start in range(0, history.shape[0], BLOCK_VECTORS):
        yield np.asarray(history[start : start + BLOCK_VECTORS] @ directions)


def _project_and_round(history: sparse.csr_matrix, products: NDArray[np.float32], step: float) -> NDArray[np.float32]:
    """The left singular vectors in whole numbers of steps; shape (customers, dimensions)."""
    rounded = np.empty((history.shape[0], products.shape[1]), dtype=np.float32)
    for number, part in enumerate(_project(history, products)):
        start = number * BLOCK_VECTORS
        rounded[start : start + len(part)] = np.round(part / step)
    return rounded


def _find_step(vectors: NDArray[np.float64]) -> float:
    """A power of two of which the largest cell is `STEPS` at most, so that its last digit does not move the others."""
    largest = max(vectors.max(initial=np.finfo(np.float32).tiny), -vectors.min(initial=0.0))
    return float(2.0 ** np.ceil(np.log2(largest)) / STEPS)
