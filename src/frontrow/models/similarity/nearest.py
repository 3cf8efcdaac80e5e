"""The few highest cells of each row of a similarity: nearest customers, nearest products."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

BLOCK_CELLS = 2_000_000
"""Similarities held at a time, about, whatever the size of the shop."""

SPARSE = 0.1
"""A likeness no fuller than this is sorted as it is stored."""

TABLE_PRODUCTS = 5_000
"""Up to so many products, a table of all their pairs is held: 100 MB."""

GROUPS_A_PLACE = 4
"""A row is folded into so many groups for each place in its list before the list is sought."""


def nearest(similarity: NDArray[np.float32], k: int) -> sparse.csr_matrix:
    """The k highest cells of each row that are above zero, or as many as there are; of equals, the first columns.

    Args:
        similarity: Shape (rows, columns).
        k: How many.

    Returns:
        Shape (rows, columns), float32, columns ascending.

    Example:
        >>> nearest(np.array([[0.5, 0.0, 2.0, 0.5]], dtype=np.float32), 2).toarray().tolist()
        [[0.5, 0.0, 2.0, 0.0]]
    """
    reaching = similarity >= _floor(similarity, k)[:, None]
    row, column = np.divmod(np.flatnonzero(reaching), similarity.shape[1])
    ends = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(similarity)))])
    cells = sparse.csr_matrix((similarity[reaching], column.astype(np.int32), ends), shape=similarity.shape)
    return strongest(cells, k)


def strongest(cells: sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    """The k highest stored cells of each row; of equals, the first columns.

    Example:
        >>> strongest(sparse.csr_matrix(np.array([[3.0, 1.0, 2.0]])), 2).toarray().tolist()
        [[3.0, 0.0, 2.0]]
    """
    counts = np.diff(cells.indptr)
    if counts.max(initial=0) <= k:
        return cells
    row = np.repeat(np.arange(len(counts)), counts)
    # stable, and cells stand by column: of equals the first are kept
    order = np.lexsort((-cells.data, row))
    place = np.arange(len(row)) - np.repeat(cells.indptr[:-1], counts)
    kept = np.sort(order[place < k])
    ends = np.concatenate([[0], np.cumsum(np.minimum(counts, k))])
    return sparse.csr_matrix((cells.data[kept], cells.indices[kept], ends), shape=cells.shape)


def nearest_products(weights: sparse.csr_matrix, k: int, *, block: int | None = None) -> sparse.csr_matrix:
    """The k products most like each one, by the dot product of their columns, itself among them.

    Args:
        weights: Shape (customers, products), float32, none below zero.
        k: How many.
        block: Products compared at a time; None for as many as `BLOCK_CELLS` allows.

    Returns:
        Shape (products, products), float32: row by row, so that it is not symmetric.

    Example:
        >>> weights = sparse.csr_matrix(np.array([[1, 1, 0], [0, 1, 1], [0, 1, 1]], dtype=np.float32))
        >>> nearest_products(weights, 2).toarray().tolist()
        [[1.0, 1.0, 0.0], [0.0, 3.0, 2.0], [0.0, 2.0, 2.0]]
    """
    products = weights.shape[1]
    step = block or max(1, BLOCK_CELLS // max(products, 1))
    alike = _by_halves if products <= TABLE_PRODUCTS else _by_blocks
    parts = [_nearest_of(part, k) for part in alike(weights, step)]
    return sparse.csr_matrix(sparse.vstack([*parts, sparse.csr_matrix((0, products))]), dtype=np.float32)


def _by_blocks(weights: sparse.csr_matrix, step: int) -> Iterator[sparse.csr_matrix]:
    """Dot products of columns, so many rows at a time."""
    turned = sparse.csr_matrix(weights.T)
    for start in range(0, weights.shape[1], step):
        yield sparse.csr_matrix(turned[start : start + step] @ weights)


def _by_halves(weights: sparse.csr_matrix, step: int) -> Iterator[NDArray[np.float32]]:
    """The same, each pair counted once in a table of all: half the work."""
    turned = sparse.csr_matrix(weights.T)
    table = np.empty((weights.shape[1], weights.shape[1]), dtype=np.float32)
    for start in range(0, len(table), step):
        rows = slice(start, start + step)
        later = (turned[rows] @ weights[:, start:]).toarray()
        table[rows, start:] = later
        table[start:, rows] = later.T
        yield table[rows]


def _nearest_of(alike: sparse.csr_matrix | NDArray[np.float32], k: int) -> sparse.csr_matrix:
    """Where nearly all products have nothing in common, a table of them would be zeros to look through."""
    if not isinstance(alike, sparse.csr_matrix):
        return nearest(alike, k)
    if alike.nnz > SPARSE * alike.shape[0] * alike.shape[1]:
        return nearest(alike.toarray(), k)
    alike.eliminate_zeros()
    alike.sort_indices()
    return strongest(alike, k)


def _floor(similarity: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    """A value above zero that the k highest cells of each row reach, and few others, shape (rows,)."""
    rows, columns = similarity.shape
    groups = GROUPS_A_PLACE * k
    if columns > 8 * groups:
        # the k-th highest of the maxima of groups of columns is at most the k-th highest cell
        whole = columns // groups * groups
        similarity = similarity[:, :whole].reshape(rows, whole // groups, groups).max(axis=1)
    least = np.full(rows, np.finfo(np.float32).tiny, dtype=np.float32)
    place = similarity.shape[1] - k
    return np.maximum(least, np.partition(similarity, place, axis=1)[:, place]) if place > 0 else least
