"""What is bought in the same orders as the customer's last purchases (Linden, Smith and York, 2003, over orders)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.customers import purchase_vectors
from frontrow.models.similarity.products import ProductSums, SharedPurchases, nearest_products
from frontrow.models.similarity.whole_numbers import UNITS
from frontrow.progress import Progress, no_progress


@dataclass(frozen=True)
class BoughtTogetherSettings:
    """Settings of bought together.

    Attributes:
        neighbours: Number of neighbours per product.
        half_life_days: Age in days at which an order counts half.
        decay: Weight of an order of the customer, relative to the next one.
    """

    neighbours: int = 200
    half_life_days: float = 180.0
    decay: float = 0.6


class Recommender:
    """Cosine of products over orders, with less weight for large ones, summed over the customer's last orders."""

    name = "bought together"
    extra = None
    compares_products = True

    def __init__(self, settings: BoughtTogetherSettings | None = None) -> None:
        self.settings = settings or BoughtTogetherSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> ProductSums:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "pot", 0), (7, "bulb", 0)])
            >>> Recommender().fit(interactions, seed=0).similar(np.array([0])).tolist()
            [[0.0, 0.0]]
        """
        settings = self.settings
        similarity = nearest_products(_shared_orders(interactions, settings.half_life_days), settings.neighbours + 1)
        similarity.setdiag(0)
        similarity.eliminate_zeros()
        return ProductSums(self._history(interactions), similarity, recent_popularity(interactions))

    def with_customers(
        self,
        fitted: ProductSums,
        interactions: Interactions,
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> ProductSums:
        """See `TakesCustomers`."""
        return replace(fitted, history=self._history(interactions))

    def _history(self, interactions: Interactions) -> sparse.csr_matrix:
        decay = self.settings.decay
        return purchase_vectors(interactions, groups=1_000, decay_within=1.0, decay_between=decay)

    def load(self, folder: Path) -> ProductSums:
        """See `Recommender.load`."""
        return ProductSums.load(folder)


def _shared_orders(interactions: Interactions, half_life_days: float) -> SharedPurchases:
    """Products by the orders that hold both, so that similarities are cosines of weighted orders."""
    purchases = interactions.purchases
    customers, order = purchases.number_orders()
    size = np.bincount(order)
    weight = 0.5 ** ((interactions.cutoff_day - purchases.day) / half_life_days) / np.log1p(size)[order]
    units = np.maximum(np.floor(weight * UNITS + 0.5), 1)
    shape, cells = (len(customers), interactions.shape[1]), (order, purchases.product)
    orders = sparse.csr_matrix((np.ones(len(order), dtype=np.int64), cells), shape=shape)
    weights = sparse.csr_matrix((units.astype(np.int64), cells), shape=shape)
    # sums of whole numbers below 2**53, so they are exact in floats
    squares = np.bincount(purchases.product, units, minlength=shape[1]).astype(np.float64)
    return SharedPurchases(orders, weights, lengths=np.sqrt(np.maximum(squares, 1)))
