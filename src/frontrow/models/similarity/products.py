"""Similar products: the nearest of each, and their similarities to a customer's purchases, added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Queries
from frontrow.models.top_k import top_positive_cells, top_stored_cells
from frontrow.storage.artifact import ArrayModel

BLOCK_CELLS = 2_000_000
"""Similarities held at a time, about, whatever the size of the shop."""

SPARSE = 0.1
"""A similarity no fuller than this is sorted as it is stored."""

TABLE_PRODUCTS = 5_000
"""Up to so many products, a table of all their pairs is held: 100 MB."""

DENSE = 0.125
"""A likeness fuller than this is multiplied as a whole table, which is quicker though most of it is zero."""


@dataclass(frozen=True)
class ProductSums(ArrayModel):
    """What was counted.

    Attributes:
        history: Weight of each product in each customer's history, shape (customers, products).
        likeness: Of each product (row) to those kept beside it, shape (products, products).
        popular: Scores of a customer never seen, in [0, 1), shape (products,).
    """

    history: sparse.csr_matrix
    likeness: sparse.csr_matrix
    popular: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Likeness to what each customer bought, added up; where nothing is alike, what is popular, below the rest."""
        scores = np.tile(self.popular - 1, (len(queries), 1))
        seen = np.flatnonzero(queries.rows >= 0)
        bought = self.history[queries.rows[seen]]
        if self._table is not None:
            sums = bought @ self._table
            scores[seen] = np.where(sums > 0, sums, scores[seen])
            return scores
        found = sparse.csr_matrix(bought @ self.likeness)
        scores[np.repeat(seen, np.diff(found.indptr)), found.indices] = found.data
        return scores

    @cached_property
    def _table(self) -> NDArray[np.float32] | None:
        """The likeness with its zeros, where it is full enough: never so where few of many products are kept."""
        products = self.likeness.shape[0]
        full = self.likeness.nnz > DENSE * products * products
        return np.asarray(self.likeness.toarray()) if full else None

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """The likeness to every product; 0 of those not kept, and of a product that nobody known bought."""
        return np.asarray(self.likeness[products].toarray(), dtype=np.float32)


def cosine_similarity(vectors: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the cosine similarity of some vectors to all vectors, 0 for a vector of zeros; float32 (rows, vectors).

    Args:
        vectors: float32 of shape (vectors, width).
        rows: Which of them are compared.

    Example:
        >>> vectors = np.array([[3, 4], [0, 2], [0, 0]], dtype=np.float32)
        >>> cosine_similarity(vectors, np.array([1])).astype(float).round(2).tolist()
        [[0.8, 1.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return np.asarray(directions[rows] @ directions.T, dtype=np.float32)


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
        return top_positive_cells(alike, k)
    if alike.nnz > SPARSE * alike.shape[0] * alike.shape[1]:
        return top_positive_cells(alike.toarray(), k)
    alike.eliminate_zeros()
    alike.sort_indices()
    return top_stored_cells(alike, k)
