"""What is bought by the customers who bought the same, weighed by BM25 (Robertson and Zaragoza, 2009)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.products import ProductSums, nearest_products
from frontrow.progress import Progress, no_progress

OLDEST = 40.0
"""Half lives after which a purchase gets no older: products of two such weights are still numbers of float32."""


@dataclass(frozen=True)
class Bm25Settings:
    """Of the weights, the neighbours and the history.

    What is bought beside a product changes with the season; what a customer likes hardly does. So the two have half
    lives of their own: on six cutoffs of Online Retail II before 2011-05 that gave .348 of NDCG@10, .104 on products
    never bought, where order lines of one half life, 120 days, gave .338 and .087, and none at all .327 and .086.

    Attributes:
        neighbours: Most alike products kept of each, itself among them.
        saturation: How much more a purchase counts for being recent; at 0, all count alike (k1).
        length_share: How far a product's sales count against it, from 0 (not at all) to 1 (b).
        half_life_days: A customer who last bought a product so long ago says half as much of what it is bought with.
        history_half_life_days: An order line of the customer asked about so old counts half of one made now.
    """

    neighbours: int = 1_000
    saturation: float = 1.2
    length_share: float = 0.25
    half_life_days: float = 30.0
    history_half_life_days: float = 180.0


class Recommender:
    """Products as documents, their customers as terms: dot products of BM25 weights, the nearest kept."""

    name = "BM25 item-to-item"
    extra = None
    compares_products = True

    def __init__(self, settings: Bm25Settings | None = None) -> None:
        self.settings = settings or Bm25Settings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> ProductSums:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "bulb", 0), (7, "pot", 0), (8, "pot", 0), (9, "saucer", 0), (9, "soil", 0)]
            >>> fitted = Recommender().fit(hand_made_interactions(lines), seed=0)
            >>> fitted.similar(np.array([0])).round(2)
            array([[0.09, 0.08, 0.  , 0.  ]], dtype=float32)
        """
        settings = self.settings
        last = last_purchases(interactions, settings.half_life_days)
        alike = nearest_products(bm25_weights(last, settings.saturation, settings.length_share), settings.neighbours)
        return ProductSums(interactions.counts(settings.history_half_life_days), alike, recent_popularity(interactions))

    def load(self, folder: Path) -> ProductSums:
        """See `base.Recommender.load`."""
        return ProductSums.load(folder)


def last_purchases(interactions: Interactions, half_life_days: float) -> sparse.csr_matrix:
    """How lately each customer bought each product last: 1 now, 0.5 a half life ago; however often.

    Args:
        interactions: Gives the purchases.
        half_life_days: Of one purchase.

    Returns:
        Shape (customers, products), float32.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "pot", 0), (7, "pot", 8), (7, "soil", 9)])
        >>> last_purchases(interactions, half_life_days=1).toarray().tolist()
        [[0.25, 0.5]]
    """
    bought = interactions.purchases
    last = bought.lasts
    age = (interactions.cutoff_day - bought.day[last]) / half_life_days
    place = (bought.customer[last], bought.product[last])
    return sparse.csr_matrix((0.5 ** np.minimum(age, OLDEST), place), shape=interactions.shape, dtype=np.float32)


def bm25_weights(counts: sparse.csr_matrix, saturation: float, length_share: float) -> sparse.csr_matrix:
    """BM25 of products (documents) over customers (terms).

    A cell c of a product with S in all becomes c (k1 + 1) / (k1 (1 - b + b S / mean S) + c), times
    log(products / (1 + the customer's products)), which is 0 at least: whoever buys everything tells nothing.

    Args:
        counts: Shape (customers, products), float32, none below zero.
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
