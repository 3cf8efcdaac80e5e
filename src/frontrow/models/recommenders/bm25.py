"""What customers bought who bought the same products, weighted by BM25 (Robertson and Zaragoza, 2009)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.blocks import InteractionBlocks
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.blocks import nearest_of_blocks
from frontrow.models.similarity.products import ProductSums, SharedPurchases, nearest_products
from frontrow.models.similarity.whole_numbers import UNITS, choose_units, count_units, round_weights
from frontrow.progress import Progress, no_progress

OLDEST = 40.0
"""Largest age in half lives, so that the product of two weights is still above zero in float32."""

LARGEST = 64.0
"""No weight is larger: the logarithm of the products times at most k1 + 1."""


@dataclass(frozen=True)
class Bm25Settings:
    """Settings of BM25.

    What is bought together with a product changes with the season; what a customer likes hardly does. So the two have
    separate half lives: on six cutoffs of Online Retail II before 2011-05, NDCG@10 was .348, and .104 on products never
    bought; with one half life of 120 days it was .338 and .087, and without any .327 and .086.

    Attributes:
        neighbours: Number of neighbours per product, itself among them.
        saturation: How much more a recent purchase counts (k1); at 0, all count the same.
        length_share: How far a product's sales count against it (b), from 0 (not at all) to 1.
        half_life_days: Age in days at which a purchase counts half in the similarity of products.
        history_half_life_days: Age in days at which an order line counts half in a customer's history.
    """

    neighbours: int = 1_000
    saturation: float = 1.2
    length_share: float = 0.25
    half_life_days: float = 30.0
    history_half_life_days: float = 180.0


@dataclass(frozen=True)
class CountSold:
    """A step on interactions: `sold`, `count_sold` of the last purchases of a block, one row a product.

    Attributes:
        half_life_days: See `last_purchases`.
    """

    half_life_days: float

    def __call__(self, interactions: Interactions) -> pl.DataFrame:
        """Add up."""
        return pl.DataFrame({"sold": count_sold(last_purchases(interactions, self.half_life_days))})


@dataclass(frozen=True)
class Bm25Weights:
    """The weights of a block of customers, as whole numbers.

    Attributes:
        settings: The settings.
        sold: `count_sold` of all customers.
        customers: Number of all customers.
    """

    settings: Bm25Settings
    sold: NDArray[np.int64]
    customers: int

    def __call__(self, interactions: Interactions) -> sparse.csr_matrix:
        """Weigh the last purchase of each customer and product; shape (customers, products), int64."""
        settings = self.settings
        last = last_purchases(interactions, settings.half_life_days)
        weights = bm25_weights(last, settings.saturation, settings.length_share, sold=self.sold)
        return count_units(weights, LARGEST, rows=self.customers)


class Recommender:
    """Dot products of BM25 weights, with products as documents and their customers as terms."""

    name = "BM25 item-to-item"
    extra = None
    compares_products = True

    def __init__(self, settings: Bm25Settings | None = None) -> None:
        self.settings = settings or Bm25Settings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> ProductSums:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "bulb", 0), (7, "pot", 0), (8, "pot", 0), (9, "saucer", 0), (9, "soil", 0)]
            >>> fitted = Recommender().fit(hand_made_interactions(lines), seed=0)
            >>> fitted.similar(np.array([0])).round(2)
            array([[0.09, 0.08, 0.  , 0.  ]], dtype=float32)
        """
        settings = self.settings
        sold = count_sold(last_purchases(interactions, settings.half_life_days))
        whole = Bm25Weights(settings, sold, interactions.shape[0])(interactions)
        units = choose_units(interactions.shape[0], LARGEST)
        similarity = nearest_products(SharedPurchases(whole, whole, units=units**2), settings.neighbours)
        return ProductSums(self._history(interactions), similarity, recent_popularity(interactions))

    def learn(
        self,
        blocks: InteractionBlocks,
        *,
        seed: int,  # noqa: ARG002
        progress: Progress = no_progress,  # noqa: ARG002
    ) -> tuple[ProductSums, Interactions]:
        """See `LearnsFromBlocks`; no customer is needed."""
        settings, customers = self.settings, blocks.counts.customers
        sold = np.zeros(blocks.products.height, dtype=np.int64)
        for part in blocks.map(CountSold(settings.half_life_days)):
            sold += part["sold"].to_numpy()
        weigh = Bm25Weights(settings, sold, customers)
        units = choose_units(customers, LARGEST)
        similarity = nearest_of_blocks(blocks, weigh, settings.neighbours, units=units**2)
        nobody = blocks.read(pl.Series([], dtype=pl.Int64))
        return ProductSums(self._history(nobody), similarity, blocks.counts.popularity), nobody

    def with_customers(
        self,
        fitted: ProductSums,
        interactions: Interactions,
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> ProductSums:
        """See `TakesCustomers`."""
        return replace(fitted, history=self._history(interactions))

    def _history(self, interactions: Interactions) -> sparse.csr_matrix:
        return interactions.counts(self.settings.history_half_life_days)

    def load(self, folder: Path) -> ProductSums:
        """See `Recommender.load`."""
        return ProductSums.load(folder)


def last_purchases(interactions: Interactions, half_life_days: float) -> sparse.csr_matrix:
    """Weight of each customer's last purchase of each product: 1 at the cutoff, 0.5 one half life before.

    Args:
        interactions: Their purchases are weighted.
        half_life_days: Age in days at which a purchase counts half.

    Returns:
        Shape (customers, products), float32.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "pot", 0), (7, "pot", 8), (7, "soil", 9)])
        >>> last_purchases(interactions, half_life_days=1).toarray().tolist()
        [[0.25, 0.5]]
    """
    purchases = interactions.purchases
    last = purchases.lasts
    age = (interactions.cutoff_day - purchases.day[last]) / half_life_days
    cells = (purchases.customer[last], purchases.product[last])
    return sparse.csr_matrix((0.5 ** np.minimum(age, OLDEST), cells), shape=interactions.shape, dtype=np.float32)


def count_sold(counts: sparse.csr_matrix) -> NDArray[np.int64]:
    """The sum of each column in `whole_numbers.UNITS`, exact for any order of the rows.

    Args:
        counts: Shape (customers, products), float32, none below zero.
    """
    cells = round_weights(counts.data.astype(np.float64)) * UNITS
    return np.bincount(counts.indices, cells, minlength=counts.shape[1]).astype(np.int64)


def bm25_weights(
    counts: sparse.csr_matrix, saturation: float, length_share: float, *, sold: NDArray[np.int64] | None = None
) -> sparse.csr_matrix:
    """BM25 of products (documents) over customers (terms).

    A cell c of a product with the sum S becomes c (k1 + 1) / (k1 (1 - b + b S / mean S) + c), times
    log(products / (1 + the customer's products)), which is at least 0: a customer who buys everything carries no
    information.

    Args:
        counts: Shape (customers, products), float32, none below zero.
        saturation: k1.
        length_share: b.
        sold: `count_sold` of all customers; None where these are all.

    Returns:
        The same shape and cells.

    Example:
        >>> counts = sparse.csr_matrix(np.array([[1, 0, 0], [0, 1, 1]], dtype=np.float32))
        >>> bm25_weights(counts, 1.2, 0.75).toarray().round(3)
        array([[0.405, 0.   , 0.   ],
               [0.   , 0.   , 0.   ]], dtype=float32)
    """
    products = np.diff(counts.indptr)
    rarity = np.log(max(counts.shape[1], 1)) - np.log1p(products)
    size = (count_sold(counts) if sold is None else sold).astype(np.float64) / UNITS
    length = 1 - length_share + length_share * size / max(size.mean() if len(size) else 0.0, 1e-30)
    weighted = counts.copy()
    saturated = counts.data * (saturation + 1) / (saturation * length[counts.indices] + counts.data)
    weighted.data = (saturated * np.maximum(np.repeat(rarity, products), 0)).astype(np.float32)
    return weighted
