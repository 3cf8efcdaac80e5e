"""What customers bought who bought the same products (Linden, Smith and York, 2003)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.blocks import InteractionBlocks
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.blocks import nearest_of_blocks
from frontrow.models.similarity.products import ProductSums, SharedPurchases, nearest_products
from frontrow.models.split_scores import SplitScores
from frontrow.models.top_k import top_stored_cells
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class ItemToItemSettings:
    """Settings of item-to-item.

    Attributes:
        neighbours: Number of neighbours added up per product of a history, itself among them; few, because many weak
            similarities would outweigh the few strong ones.
        stored: Number of neighbours stored per product, for `frontrow similar`.
        half_life_days: Age in days at which an order line counts half.
    """

    neighbours: int = 10
    stored: int = 50
    half_life_days: float = 180.0


@dataclass(frozen=True)
class ItemToItem(ArrayModel):
    """Fitted similarities.

    Attributes:
        sums: Decayed order lines of each customer, and the nearest neighbours of each product.
        cosine: Shared customers divided by the root of the product of both products' customers, for the stored
            neighbours; shape (products, products).
    """

    sums: ProductSums
    cosine: sparse.csr_matrix

    shapes: ClassVar = {"cosine": ("products", "products")}

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """See `ProductSums.scores`."""
        return self.sums.scores(queries)

    def split_scores(self, queries: Queries) -> SplitScores:
        """See `SplitScorer`."""
        return self.sums.split_scores(queries)

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine to every product; 0 for those not stored, and for a product that no known customer bought."""
        return np.asarray(self.cosine[products].toarray(), dtype=np.float32)


@dataclass(frozen=True)
class CountTogether:
    """Which products the customers of a block bought: dot products of two columns are numbers of customers."""

    def __call__(self, interactions: Interactions) -> sparse.csr_matrix:
        """A cell of 1 for each customer and product; shape (customers, products), int32."""
        return mark_bought(interactions.counts())


def mark_bought(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """A cell of 1, int32, for each stored cell."""
    ones = np.ones(counts.nnz, dtype=np.int32)
    return sparse.csr_matrix((ones, counts.indices, counts.indptr), shape=counts.shape)


class Recommender:
    """Co-purchase cosine over customers, summed over the customer's history of decayed order lines."""

    name = "item-to-item"
    extra = None
    compares_products = True

    def __init__(self, settings: ItemToItemSettings | None = None) -> None:
        self.settings = settings or ItemToItemSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> ItemToItem:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "bulb", 0), (7, "pot", 1), (8, "pot", 1)]
            >>> interactions = hand_made_interactions(lines)
            >>> Recommender().fit(interactions, seed=0).similar(np.array([0])).tolist()
            [[1.0, 0.7071067690849304]]
        """
        history = self._history(interactions)
        bought = mark_bought(history)
        customers = np.bincount(bought.indices, minlength=interactions.shape[1])
        shared = SharedPurchases(bought, bought, lengths=np.sqrt(customers))
        cosine = nearest_products(shared, self._depth)
        return self._build(history, cosine, recent_popularity(interactions))

    def learn(
        self,
        blocks: InteractionBlocks,
        *,
        seed: int,  # noqa: ARG002
        progress: Progress = no_progress,  # noqa: ARG002
    ) -> tuple[ItemToItem, Interactions]:
        """See `LearnsFromBlocks`; no customer is needed."""
        lengths = np.sqrt(blocks.counts.buyers.astype(np.int64))
        cosine = nearest_of_blocks(blocks, CountTogether(), self._depth, lengths=lengths, dtype=np.int32)
        nobody = blocks.read(pl.Series([], dtype=pl.Int64))
        return self._build(self._history(nobody), cosine, blocks.counts.popularity), nobody

    def with_customers(
        self,
        fitted: ItemToItem,
        interactions: Interactions,
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> ItemToItem:
        """See `TakesCustomers`."""
        return replace(fitted, sums=replace(fitted.sums, history=self._history(interactions)))

    @property
    def _depth(self) -> int:
        return max(self.settings.stored, self.settings.neighbours)

    def _history(self, interactions: Interactions) -> sparse.csr_matrix:
        return interactions.counts(half_life_days=self.settings.half_life_days)

    def _build(self, history: sparse.csr_matrix, cosine: sparse.csr_matrix, popular: NDArray[np.float32]) -> ItemToItem:
        nearest = top_stored_cells(cosine, self.settings.neighbours)
        return ItemToItem(ProductSums(history, nearest, popular), cosine)

    def load(self, folder: Path) -> ItemToItem:
        """See `Recommender.load`."""
        return ItemToItem.load(folder)
