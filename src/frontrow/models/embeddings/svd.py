"""Truncated singular value decomposition of purchases (latent semantic analysis; Deerwester et al., 1990)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.similarity.decomposition import decompose


@dataclass(frozen=True)
class SvdSettings:
    """Size of the decomposition.

    Attributes:
        dimensions: Number of singular vectors; fewer where the shop has fewer customers or products.
    """

    dimensions: int = 64


@dataclass(frozen=True)
class FittedSvd:
    """Left singular vectors times singular values.

    Attributes:
        customers: Shape (customers, dimensions), float32.
    """

    customers: NDArray[np.float32]

    def customer_embeddings(self, queries: Queries) -> NDArray[np.float32]:
        """See `FittedEmbedder.customer_embeddings`; a new customer has bought nothing and gets zeros."""
        is_known = (queries.rows >= 0)[:, None]
        return np.where(is_known, self.customers[np.maximum(queries.rows, 0)], np.float32(0.0))


@dataclass(frozen=True)
class Embedder:
    """Decomposes log(1 + order lines of each customer and product).

    Attributes:
        settings: Size of the decomposition.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> interactions = build_interactions(hand_made_shop([(1, "pot", 0), (2, "pot", 0), (3, "bulb", 0)]).as_of())
        >>> first, second, third = Embedder(SvdSettings(2)).fit(interactions, seed=0).customers
        >>> bool(np.allclose(first, second)), bool(np.allclose(first, third))
        (True, False)
    """

    settings: SvdSettings = SvdSettings()
    name = "singular vectors"

    def fit(self, interactions: Interactions, *, seed: int) -> FittedSvd:
        """See `Embedder.fit` in `models/embedding.py`; `seed` draws the start vector of the iteration."""
        counts = interactions.counts().astype(np.float64)
        counts.data = np.log1p(counts.data)
        left, values, _ = decompose(counts, self.settings.dimensions, seed)
        return FittedSvd((left * values).astype(np.float32))
