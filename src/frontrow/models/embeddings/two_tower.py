"""Customer embeddings of the two-tower network (`models.neural.two_tower`)."""

from __future__ import annotations

from frontrow.models.embedding import FittedEmbedder
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.recommenders import two_tower


class Embedder:
    """64 numbers from the customer's id, the context of the last order, and the products bought before."""

    name = two_tower.Recommender.name

    def fit(self, interactions: Interactions, *, seed: int) -> FittedEmbedder:
        """See `Embedder.fit` in `models/embedding.py`."""
        return two_tower.Recommender().fit(interactions, seed=seed)
