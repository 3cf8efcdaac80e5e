"""Truncated singular value decomposition of what customers bought."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds


def decompose(
    counts: sparse.csr_matrix, dimensions: int, seed: int, *, tolerance: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The largest singular values of a matrix, with their vectors.

    Args:
        counts: Shape (customers, products), float64.
        dimensions: Number of singular values; fewer where the matrix has fewer rows or columns.
        seed: Draws the start vector of the iteration.
        tolerance: Relative error of a singular value at which the iteration ends; 0 for what numbers can hold.

    Returns:
        Vectors of customers, shape (customers, dimensions); singular values, highest first; vectors of products, shape
        (dimensions, products). Multiplied, they come as close to the matrix as so few dimensions can.

    Example:
        >>> left, values, right = decompose(sparse.csr_matrix(np.diag([2.0, 3.0, 1.0])), 2, seed=0)
        >>> (left * values @ right).round(6).diagonal().tolist()
        [2.0, 3.0, 0.0]
    """
    max_rank = min(counts.shape)
    if dimensions < max_rank and counts.count_nonzero():
        start = np.random.default_rng(seed).normal(size=max_rank)
        left, values, right = svds(counts, k=dimensions, v0=start, tol=tolerance)
        order = np.argsort(-values, kind="stable")
        return np.asarray(left[:, order]), np.asarray(values[order]), np.asarray(right[order])
    left, values, right = np.linalg.svd(counts.toarray(), full_matrices=False)
    return np.asarray(left), np.asarray(values), np.asarray(right)
