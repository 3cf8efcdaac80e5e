"""The customer tower of the two-tower network (`models.neural.two_tower`)."""

from __future__ import annotations

from frontrow.models.embedding import Fitted
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.recommenders import two_tower


class Embedder:
    """Who a customer is, where the last order went, and what was bought before, in 64 numbers."""

    name = two_tower.Recommender.name

    def fit(self, interactions: Interactions, *, seed: int) -> Fitted:
        """See `base.Embedder.fit`."""
        return two_tower.Recommender().fit(interactions, seed=seed)
