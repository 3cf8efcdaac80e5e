"""What customers bought who bought the same products (Linden, Smith and York, 2003)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.similarity.products import ProductSums, SharedPurchases, nearest_products
from frontrow.models.sparse_scores import SparseScores
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

    def sparse_scores(self, queries: Queries) -> SparseScores | None:
        """See `SparseScorer`."""
        return self.sums.sparse_scores(queries)

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine to every product; 0 for those not stored, and for a product that no known customer bought."""
        return np.asarray(self.cosine[products].toarray(), dtype=np.float32)


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
        settings = self.settings
        history = interactions.counts(half_life_days=settings.half_life_days)
        customers = np.bincount(history.indices, minlength=interactions.shape[1])
        bought = sparse.csr_matrix(
            (np.ones(history.nnz, dtype=np.int32), history.indices, history.indptr), shape=history.shape
        )
        shared = SharedPurchases(bought, bought, lengths=np.sqrt(customers))
        cosine = nearest_products(shared, max(settings.stored, settings.neighbours))
        return ItemToItem(
            ProductSums(history, top_stored_cells(cosine, settings.neighbours), recent_popularity(interactions)), cosine
        )

    def load(self, folder: Path) -> ItemToItem:
        """See `Recommender.load`."""
        return ItemToItem.load(folder)
