"""What is bought by the customers who bought the same, weighed by BM25 (Robertson and Zaragoza, 2009)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from frontrow.models.recommenders.base import Progress, silent
from frontrow.models.recommenders.interactions import Interactions
from frontrow.models.recommenders.nearest import nearest_products
from frontrow.models.recommenders.popularity import recent_places
from frontrow.models.recommenders.product_sums import ProductSums


@dataclass(frozen=True)
class Bm25Settings:
    """Of the weights and of the neighbours.

    Attributes:
        neighbours: Most alike products kept of each, itself among them.
        saturation: How slowly more order lines stop to count (k1).
        length_share: How far a product's sales count against it, from 0 (not at all) to 1 (b).
        half_life_days: An order line so old counts half of one made now.
    """

    neighbours: int = 1_000
    saturation: float = 1.2
    length_share: float = 0.5
    half_life_days: float = 120.0


class Recommender:
    """Products as documents, their customers as terms: dot products of BM25 weights, the nearest kept."""

    name = "BM25 item-to-item"
    extra = None
    compares_products = True

    def __init__(self, settings: Bm25Settings | None = None) -> None:
        self.settings = settings or Bm25Settings()

    def fit(self, known: Interactions, *, seed: int, progress: Progress = silent) -> ProductSums:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.recommenders.interactions import interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> lines = [(7, "bulb", 0), (7, "pot", 0), (8, "pot", 0), (9, "saucer", 0), (9, "soil", 0)]
            >>> fitted = Recommender().fit(interactions(hand_made_shop(lines).as_of()), seed=0)
            >>> fitted.similar(np.array([0])).round(2)
            array([[0.09, 0.07, 0.  , 0.  ]], dtype=float32)
        """
        settings = self.settings
        history = known.counts(half_life_days=settings.half_life_days)
        weights = bm25_weights(history, settings.saturation, settings.length_share)
        return ProductSums(history, nearest_products(weights, settings.neighbours), recent_places(known))

    def load(self, folder: Path) -> ProductSums:
        """See `base.Recommender.load`."""
        return ProductSums.load(folder)


def bm25_weights(counts: sparse.csr_matrix, saturation: float, length_share: float) -> sparse.csr_matrix:
    """BM25 of products (documents) over customers (terms).

    A cell c of a product with S in all becomes c (k1 + 1) / (k1 (1 - b + b S / mean S) + c), times
    log(products / (1 + the customer's products)), which is 0 at least: whoever buys everything tells nothing.

    Args:
        counts: Shape (customers, products), float32.
        saturation: k1.
        length_share: b.

    Returns:
        The same shape and cells.

    Example:
        >>> counts = sparse.csr_matrix(np.array([[1, 0, 0], [0, 1, 1]], dtype=np.float32))
        >>> bm25_weights(counts, 1.2, 0.75).toarray().round(3)
        array([[0.405, 0.   , 0.   ],
               [0.   , 0.   , 0.   ]], dtype=float32)
    """
    bought = np.diff(counts.indptr)
    rarity = np.log(max(counts.shape[1], 1)) - np.log1p(bought)
    sold = np.asarray(counts.sum(axis=0), dtype=np.float64).reshape(-1)
    length = 1 - length_share + length_share * sold / max(sold.mean() if len(sold) else 0.0, 1e-30)
    weighed = counts.copy()
    saturated = counts.data * (saturation + 1) / (saturation * length[counts.indices] + counts.data)
    weighed.data = (saturated * np.maximum(np.repeat(rarity, bought), 0)).astype(np.float32)
    return weighed
