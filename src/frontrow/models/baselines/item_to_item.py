"""Buyers of what is bought together with the products that read most like the new one (Linden et al., 2003)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.baseline import Asked, Scorer
from frontrow.models.top_k import top_positions

NEAREST = 20
"""Products that stand in for the new one, which has no buyers of its own."""


class Baseline:
    """Co-purchase cosine to the 20 products nearest in text, summed over what the customer bought."""

    name = "item-to-item"

    def scorer(self, asked: Asked) -> Scorer:
        """Cosine times log(1 + lines), added up."""
        nearest = top_positions(asked.similarity, NEAREST)
        stand_in = np.zeros_like(asked.similarity)
        stand_in[nearest] = asked.similarity[nearest]
        together = _together(asked.everyone, stand_in)
        return lambda customers: np.asarray(_dampened(customers.purchases) @ together)


def _together(everyone: sparse.csr_matrix, stand_in: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosine over buyers between each product and the weighted stand-ins, shape (products,)."""
    bought = sparse.csr_matrix((np.ones(everyone.nnz), everyone.indices.copy(), everyone.indptr.copy()), everyone.shape)
    buyers = np.bincount(bought.indices, minlength=bought.shape[1])
    scale = 1 / np.sqrt(np.maximum(buyers, 1))
    return np.asarray(scale * (bought.T @ (bought @ (stand_in * scale))))


def _dampened(purchases: sparse.csr_matrix) -> sparse.csr_matrix:
    # Index arrays are copied: scipy may sort or merge them in place, and they are shared with the caller's matrix.
    return sparse.csr_matrix(
        (np.log1p(purchases.data), purchases.indices.copy(), purchases.indptr.copy()), purchases.shape
    )
