"""What the customer bought before, most often and latest first; then what is popular."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel

HALF_LIFE_DAYS = 180.0
"""A purchase so old counts half of one made now."""


@dataclass(frozen=True)
class OwnRepeats(ArrayModel):
    """Attributes: `own`, above 1 where the customer bought, (customers, products); `popular` in [0, 1), (products,)."""

    own: sparse.csr_matrix
    popular: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Own purchases above everything else."""
        scores = np.tile(self.popular, (len(queries), 1))
        seen = np.flatnonzero(~queries.is_new)
        own = self.own[queries.rows[seen]].tocoo()
        scores[seen[own.row], own.col] = own.data
        return scores


class Recommender:
    """The customer's own products by orders that decay with age, then what is popular in the last 30 days."""

    name = "own repeats, then popular"
    extra = None
    compares_products = False

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> OwnRepeats:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "pot", 0), (8, "bulb", 90)])
            >>> Recommender().fit(interactions, seed=0).own.toarray().round(2)
            array([[0. , 1.7],
                   [2. , 0. ]], dtype=float32)
        """
        bought = interactions.purchases
        weights = 1 + bought.summed(0.5 ** ((interactions.cutoff_day - bought.day) / HALF_LIFE_DAYS))
        place = (bought.customer[bought.starts], bought.product[bought.starts])
        own = sparse.csr_matrix((weights.astype(np.float32), place), shape=interactions.shape)
        return OwnRepeats(own, recent_popularity(interactions))

    def load(self, folder: Path) -> OwnRepeats:
        """See `base.Recommender.load`."""
        return OwnRepeats.load(folder)
