"""Truncated singular value decomposition of who bought what (latent semantic analysis; Deerwester et al., 1990)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from frontrow.models.interactions.interactions import Interactions, Queries


@dataclass(frozen=True)
class SvdSettings:
    """What is kept of the purchases.

    Attributes:
        dimensions: Singular vectors; fewer where the shop has fewer customers or products.
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
        """A customer never seen has bought nothing: zeros."""
        known = (queries.rows >= 0)[:, None]
        return np.where(known, self.customers[np.maximum(queries.rows, 0)], np.float32(0.0))


@dataclass(frozen=True)
class Embedder:
    """Log of one plus the order lines of each customer and product, decomposed.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> known = build_interactions(hand_made_shop([(1, "pot", 0), (2, "pot", 0), (3, "bulb", 0)]).as_of())
        >>> alike, same, other = Embedder(SvdSettings(2)).fit(known, seed=0).customers
        >>> bool(np.allclose(alike, same)), bool(np.allclose(alike, other))
        (True, False)
    """

    settings: SvdSettings = SvdSettings()
    name = "singular vectors"

    def fit(self, interactions: Interactions, *, seed: int) -> FittedSvd:
        """Decompose; `seed` draws the vector that the iteration starts from."""
        counts = interactions.counts().astype(np.float64)
        counts.data = np.log1p(counts.data)
        return FittedSvd(_scaled_left(counts, self.settings.dimensions, seed).astype(np.float32))


def _scaled_left(counts: sparse.csr_matrix, dimensions: int, seed: int) -> NDArray[np.float64]:
    smaller = min(counts.shape)
    if dimensions < smaller:
        start = np.random.default_rng(seed).normal(size=smaller)
        left, sizes, _ = svds(counts, k=dimensions, v0=start)
        order = np.argsort(-sizes, kind="stable")
        return np.asarray(left[:, order] * sizes[order])
    left, sizes, _ = np.linalg.svd(counts.toarray(), full_matrices=False)
    return np.asarray(left * sizes)
