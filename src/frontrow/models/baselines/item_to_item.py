"""Buyers of what is bought together with the products most similar in text to the new one (Linden et al., 2003)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.baseline import NewProduct, Scorer
from frontrow.models.top_k import top_positions

NEAREST = 20
"""Number of products that represent the new one, which has no buyers of its own."""


class Baseline:
    """Co-purchase cosine to the 20 products nearest in text, summed over what the customer bought."""

    name = "item-to-item"

    def scorer(self, product: NewProduct) -> Scorer:
        """Score by the sum of log(1 + lines) times cosine."""
        nearest = top_positions(product.similarity, NEAREST)
        weights = np.zeros_like(product.similarity)
        weights[nearest] = product.similarity[nearest]
        cosine = _co_purchase_cosine(product.purchases, weights)
        return lambda customers: np.asarray(_dampen(customers.purchases) @ cosine)


def _co_purchase_cosine(purchases: sparse.csr_matrix, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosine over buyers between each product and the weighted nearest ones, shape (products,)."""
    bought = sparse.csr_matrix(
        (np.ones(purchases.nnz), purchases.indices.copy(), purchases.indptr.copy()), purchases.shape
    )
    buyers = np.bincount(bought.indices, minlength=bought.shape[1])
    scale = 1 / np.sqrt(np.maximum(buyers, 1))
    return np.asarray(scale * (bought.T @ (bought @ (weights * scale))))


def _dampen(purchases: sparse.csr_matrix) -> sparse.csr_matrix:
    # Index arrays are copied: scipy may sort or merge them in place, and they are shared with the caller's matrix.
    return sparse.csr_matrix(
        (np.log1p(purchases.data), purchases.indices.copy(), purchases.indptr.copy()), purchases.shape
    )
