"""What is bought by the customers who bought the same products (Linden, Smith and York, 2003)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.recommenders.base import Progress, silent
from frontrow.models.recommenders.interactions import Interactions, Queries
from frontrow.models.recommenders.popularity import recent_places, unseen
from frontrow.models.saved import Saved


@dataclass(frozen=True)
class ItemToItem(Saved):
    """What was counted.

    Attributes:
        history: log(1 + order lines) of each customer and product, shape (customers, products).
        cosine: Shared customers over the root of the product of both products' customers, (products, products).
        popular: Scores of a customer never seen, shape (products,).
    """

    history: sparse.csr_matrix
    cosine: sparse.csr_matrix
    popular: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Cosine to what each customer bought, added up; of a customer never seen, what is popular."""
        scores = np.tile(self.popular, (len(queries), 1))
        seen = ~unseen(queries)
        scores[seen] = (self.history[queries.rows[seen]] @ self.cosine).toarray()
        return scores

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """The cosine to every product; of one that nobody known bought, 0 throughout."""
        return np.asarray(self.cosine[products].toarray(), dtype=np.float32)


class Recommender:
    """Co-purchase cosine over customers, summed over the customer's history, which counts log(1 + order lines)."""

    name = "item-to-item"
    extra = None

    def fit(self, known: Interactions, *, seed: int, progress: Progress = silent) -> ItemToItem:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.recommenders.interactions import interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> known = interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 1), (8, "pot", 1)]).as_of())
            >>> Recommender().fit(known, seed=0).similar(np.array([0])).tolist()
            [[1.0, 0.7071067690849304]]
        """
        history = known.counts()
        bought = history.astype(bool).astype(np.float32)
        customers = np.bincount(bought.indices, minlength=known.shape[1])
        scale = sparse.diags_array(1 / np.sqrt(np.maximum(customers, 1)), dtype=np.float32)
        history.data = np.log1p(history.data)
        cosine = sparse.csr_matrix(scale @ (bought.T @ bought) @ scale, dtype=np.float32)
        return ItemToItem(history, cosine, recent_places(known))

    def load(self, folder: Path) -> ItemToItem:
        """See `base.Recommender.load`."""
        return ItemToItem.load(folder)
