"""Latent factors by alternating least squares (Hu, Koren and Volinsky, 2008), through the package `implicit`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.products import cosine_similarity
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class AlsSettings:
    """Settings of the factorisation.

    Attributes:
        factors: Length of the vector of each customer and product.
        regularization: Weight of the squared length of the vectors in the loss.
        alpha: Weight of an order line at the cutoff; a product not bought has weight 1.
        half_life_days: Age in days at which an order line counts half.
        iterations: Number of passes over customers and products.
    """

    factors: int = 256
    regularization: float = 10.0
    alpha: float = 1.0
    half_life_days: float = 180.0
    iterations: int = 10


@dataclass(frozen=True)
class Factors(ArrayModel):
    """Fitted vectors.

    Attributes:
        customers: Vectors of customers, shape (customers, factors).
        products: Vectors of products, shape (products, factors).
        popular: Scores of new customers, shape (products,).
    """

    customers: NDArray[np.float32]
    products: NDArray[np.float32]
    popular: NDArray[np.float32]

    shapes: ClassVar = {
        "customers": ("customers", "factors"),
        "products": ("products", "factors"),
        "popular": ("products",),
    }

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Dot products; recent popularity for new customers."""
        scores = self.customers[queries.rows] @ self.products.T
        scores[queries.is_new] = self.popular
        return scores

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the vectors; 0 for a product that no known customer bought."""
        return cosine_similarity(self.products, products)


class Recommender:
    """Weighted factorisation of decayed order lines; on one thread, so that it repeats exactly."""

    name = "ALS"
    extra = "als"
    compares_products = True

    def __init__(self, settings: AlsSettings | None = None) -> None:
        self.settings = settings or AlsSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> Factors:
        """See `Recommender.fit`.

        Example:
            >>> Recommender(AlsSettings(factors=8)).extra
            'als'
        """
        require("implicit", extra="als")
        from implicit.cpu.als import AlternatingLeastSquares  # type: ignore[import-untyped,unused-ignore]
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

        weights = interactions.counts(half_life_days=self.settings.half_life_days)
        steps = self.settings.iterations
        # implicit warns of other thread pools: its own and that of the linear algebra would wait for one another
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=self.settings.factors,
                regularization=self.settings.regularization,
                alpha=self.settings.alpha,
                iterations=steps,
                num_threads=1,
                random_state=seed,
            )
            model.fit(weights, show_progress=False, callback=lambda step, *_: progress(step + 1, steps))
        factors = (np.asarray(model.user_factors), np.asarray(model.item_factors))
        return Factors(*factors, popular=recent_popularity(interactions))

    def load(self, folder: Path) -> Factors:
        """See `Recommender.load`."""
        return Factors.load(folder)
