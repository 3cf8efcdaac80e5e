"""Latent factors by alternating least squares (Hu, Koren and Volinsky, 2008), through the package `implicit`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
    """Of the factorisation.

    Attributes:
        factors: Length of each customer's and product's vector.
        regularization: Weight of the squared length of the vectors in the loss.
        alpha: Weight of an order line of today, beside 1 for a product not bought.
        half_life_days: An order line so old weighs half of one made now.
        iterations: Sweeps over customers and products.
    """

    factors: int = 256
    regularization: float = 10.0
    alpha: float = 1.0
    half_life_days: float = 180.0
    iterations: int = 10


@dataclass(frozen=True)
class Factors(ArrayModel):
    """Vectors of customers and products, (customers, factors) and (products, factors), and `popular`, (products,)."""

    customers: NDArray[np.float32]
    products: NDArray[np.float32]
    popular: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Dot products; of a customer never seen, what is popular."""
        scores = self.customers[queries.rows] @ self.products.T
        scores[queries.is_new] = self.popular
        return scores

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the vectors; of a product that nobody known bought, 0 throughout."""
        return cosine_similarity(self.products, products)


class Recommender:
    """Weighted factorisation of decayed order lines, one thread, so that it repeats exactly."""

    name = "ALS"
    extra = "als"
    compares_products = True

    def __init__(self, settings: AlsSettings | None = None) -> None:
        self.settings = settings or AlsSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> Factors:
        """Factorise.

        Raises:
            MissingExtraError: `implicit` is not installed.

        Example:
            >>> Recommender(AlsSettings(factors=8)).extra
            'als'
        """
        require("implicit", extra="als")
        from implicit.cpu.als import AlternatingLeastSquares  # type: ignore[import-untyped,unused-ignore]
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

        weights = interactions.counts(half_life_days=self.settings.half_life_days)
        steps = self.settings.iterations
        # implicit warns of every other thread pool: its own and that of the linear algebra wait for one another
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
        """See `base.Recommender.load`."""
        return Factors.load(folder)
