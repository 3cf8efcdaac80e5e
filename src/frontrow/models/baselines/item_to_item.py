"""Buyers of what is bought together with the products most similar in text to the new one (Linden et al., 2003)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.baseline import NewProduct, Scorer


class Baseline:
    """Co-purchase cosine to the products nearest in text, summed over what the customer bought."""

    name = "item-to-item"

    def scorer(self, product: NewProduct) -> Scorer:
        """Score by the sum of log(1 + lines) times cosine."""
        cosine = _co_purchase_cosine(product)
        return lambda customers: np.asarray(_dampen(customers.purchases) @ cosine)


def _co_purchase_cosine(product: NewProduct) -> NDArray[np.float64]:
    """Cosine over buyers between each product and the nearest ones, weighted by similarity, shape (products,)."""
    scale = 1 / np.sqrt(np.maximum(product.buyers, 1))
    weights = product.similarity[product.nearest] * scale[product.nearest]
    cosine = np.zeros(len(scale))
    # one nearest product after the other, so that the last bits are the same on every machine
    for weight, buyers_of_both in zip(weights, product.bought_together, strict=True):
        cosine += weight * buyers_of_both
    return np.asarray(scale * cosine)


def _dampen(purchases: sparse.csr_matrix) -> sparse.csr_matrix:
    # Index arrays are copied: scipy may sort or merge them in place, and they are shared with the caller's matrix.
    return sparse.csr_matrix(
        (np.log1p(purchases.data), purchases.indices.copy(), purchases.indptr.copy()), purchases.shape
    )
