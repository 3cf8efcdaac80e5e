"""The customer tower of the two-tower network (`models.two_tower`)."""

from __future__ import annotations

from frontrow.models.embeddings.base import Fitted
from frontrow.models.recommenders import two_tower
from frontrow.models.recommenders.interactions import Interactions


class Embedder:
    """Who a customer is, where the last order went, and what was bought before, in 64 numbers."""

    name = two_tower.Recommender.name

    def fit(self, known: Interactions, *, seed: int) -> Fitted:
        """See `base.Embedder.fit`."""
        return two_tower.Recommender().fit(known, seed=seed)
