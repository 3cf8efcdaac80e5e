"""Truncated singular value decomposition of what customers bought."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh, svds

from frontrow.models.blas_threads import one_blas_thread


@one_blas_thread()
def decompose(
    counts: sparse.csr_matrix, dimensions: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The largest singular values of a matrix, with their vectors.

    Args:
        counts: Shape (customers, products), float64.
        dimensions: Number of singular values; fewer where the matrix has fewer rows or columns.
        seed: Draws the start vector of the iteration.

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
        left, values, right = svds(counts, k=dimensions, v0=start)
        order = np.argsort(-values, kind="stable")
        return np.asarray(left[:, order]), np.asarray(values[order]), np.asarray(right[order])
    left, values, right = np.linalg.svd(counts.toarray(), full_matrices=False)
    return np.asarray(left), np.asarray(values), np.asarray(right)


@one_blas_thread()
def decompose_products(
    counts: sparse.csr_matrix, dimensions: int, seed: int, *, tolerance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same without the vectors of customers, of whom there may be a million: nothing is as large as they are.

    They are eigenvectors of the products' dot products, whose eigenvalues are squares of the singular values; the
    smallest singular values are therefore less exact than those of `decompose`.

    Args:
        counts: Shape (customers, products), float64.
        dimensions: Number of singular values; fewer where the matrix has fewer rows or columns.
        seed: Draws the start vector of the iteration.
        tolerance: Relative error of a singular value at which the iteration ends.

    Returns:
        Singular values, highest first, shape (dimensions,); vectors of products, shape (dimensions, products).

    Example:
        >>> values, right = decompose_products(sparse.csr_matrix(np.diag([2.0, 3.0, 1.0])), 2, seed=0, tolerance=1e-4)
        >>> values.round(6).tolist(), np.abs(right).round(6).tolist()
        ([3.0, 2.0], [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    """
    products = counts.shape[1]
    if dimensions >= min(counts.shape) or not counts.count_nonzero():
        return decompose(counts, dimensions, seed)[1:]
    transposed = counts.T
    dot_products = LinearOperator(
        (products, products), matvec=lambda vector: transposed @ (counts @ vector), dtype=np.float64
    )
    start = np.random.default_rng(seed).normal(size=products)
    squares, vectors = eigsh(dot_products, k=dimensions, v0=start, tol=tolerance**2)
    order = np.argsort(-squares, kind="stable")
    return np.sqrt(np.maximum(squares[order], 0)), np.ascontiguousarray(vectors[:, order].T)
