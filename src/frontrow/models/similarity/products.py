"""Similar products: the nearest of each, and their similarities to a customer's purchases, added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Queries
from frontrow.models.sparse_products import count_multiplications, is_table_quicker, multiply, multiply_sparse, stack
from frontrow.models.split_scores import SparseScores, SplitScores, TableScores
from frontrow.models.top_k import top_positive_cells, top_stored_cells
from frontrow.storage.artifact import ArrayModel

BLOCK_CELLS = 2_000_000
"""Similarities held in memory at a time, approximately, whatever the size of the shop."""

SPARSE = 0.1
"""Largest share of cells above zero of a similarity that is sorted as a sparse matrix."""

TABLE_PRODUCTS = 5_000
"""Largest number of products for which a table of all pairs is held in memory: 100 MB."""

DENSE = 0.125
"""Share of cells above zero from which a similarity is multiplied as a table, which is then quicker."""


@dataclass(frozen=True)
class ProductSums(ArrayModel):
    """The fitted form of recommenders that add up the similarity to what a customer bought.

    Attributes:
        history: Weight of each product in each customer's history, shape (customers, products).
        similarity: Similarity of each product (row) to its neighbours, shape (products, products).
        popular: Scores in [0, 1) of new customers, shape (products,).
    """

    history: sparse.csr_matrix
    similarity: sparse.csr_matrix
    popular: NDArray[np.float32]

    shapes: ClassVar = {
        "history": ("customers", "products"),
        "similarity": ("products", "products"),
        "popular": ("products",),
    }

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Sum of the similarities to what each customer bought; where it is 0, popularity, below everything else."""
        return self.split_scores(queries).full()

    def split_scores(self, queries: Queries) -> SplitScores:
        """See `SplitScorer`."""
        returning = np.flatnonzero(~queries.is_new)
        history = self.history[queries.rows[returning]]
        if self._table is not None:
            sums = history @ self._table
        elif is_table_quicker(count_multiplications(history, self.similarity), len(returning) * len(self.popular)):
            sums = multiply(history, self.similarity)
        else:
            sparse_sums = sparse.csr_matrix(history @ self.similarity)
            return SparseScores.build(sparse_sums, returning, len(queries), self.popular - 1)
        return TableScores.build(sums, returning, len(queries), self.popular - 1)

    @cached_property
    def _table(self) -> NDArray[np.float32] | None:
        """The similarity with its zeros, where it has few of them."""
        products = self.similarity.shape[0]
        is_dense = self.similarity.nnz > DENSE * products * products
        return np.asarray(self.similarity.toarray()) if is_dense else None

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Similarity to every product; 0 for those that are no neighbours."""
        return np.asarray(self.similarity[products].toarray(), dtype=np.float32)


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


@dataclass(frozen=True)
class SharedPurchases:
    """What products have in common, as sums over customers or orders, which are the rows of two matrices.

    A similarity is the dot product of a column of the one and a column of the other, divided by the lengths of both.
    Whole numbers are added up exactly, so that neither the order of the rows nor their partition changes a bit.

    Attributes:
        rows: Shape (rows, products), none below zero.
        weights: The same cells, with the weight that a row has for a product.
        lengths: Of each product, float64; None where nothing is divided.
        units: How many units of the dot products make 1.0.
    """

    rows: sparse.csr_matrix
    weights: sparse.csr_matrix
    lengths: NDArray[np.float64] | None = None
    units: float = 1.0

    @classmethod
    def of_counts(cls, counts: sparse.csr_matrix) -> SharedPurchases:
        """Dot products of the columns of one matrix, as they are."""
        return cls(counts, counts)

    def compare(self, start: int, end: int, column: int) -> sparse.csr_matrix:
        """Similarities of some products to all products from a column on, float32.

        Args:
            start: First of the products.
            end: Product after the last one.
            column: First product that they are compared with.
        """
        weights = self.weights if column == 0 else self.weights[:, column:]
        sums = multiply_sparse(self._transposed[start:end], weights)
        values = sums.data / self.units
        if self.lengths is not None:
            own = np.repeat(self.lengths[start:end], np.diff(sums.indptr)[: end - start])
            values /= own * self.lengths[column:][sums.indices]
        return sparse.csr_matrix((values.astype(np.float32), sums.indices, sums.indptr), shape=sums.shape)

    @cached_property
    def _transposed(self) -> sparse.csr_matrix:
        return sparse.csr_matrix(self.rows.T)


def nearest_products(shared: SharedPurchases, k: int, *, block: int | None = None) -> sparse.csr_matrix:
    """Find the k nearest products of each one, itself among them.

    Args:
        shared: What the products have in common.
        k: Number of neighbours per product.
        block: Number of products to compare at a time; None for as many as `BLOCK_CELLS` allows.

    Returns:
        Shape (products, products), float32; not symmetric, because neighbours are chosen row by row.

    Example:
        >>> weights = sparse.csr_matrix(np.array([[1, 1, 0], [0, 1, 1], [0, 1, 1]], dtype=np.float32))
        >>> nearest_products(SharedPurchases.of_counts(weights), 2).toarray().tolist()
        [[1.0, 1.0, 0.0], [0.0, 3.0, 2.0], [0.0, 2.0, 2.0]]
    """
    products = shared.rows.shape[1]
    step = block or max(1, BLOCK_CELLS // max(products, 1))
    compare = _by_halves if products <= TABLE_PRODUCTS else _by_blocks
    parts = [_nearest_of(part, k) for part in compare(shared, step)]
    return stack(parts, products)


def _by_blocks(shared: SharedPurchases, step: int) -> Iterator[sparse.csr_matrix]:
    """Similarities of `step` products at a time."""
    products = shared.rows.shape[1]
    for start in range(0, products, step):
        yield shared.compare(start, min(start + step, products), 0)


def _by_halves(shared: SharedPurchases, step: int) -> Iterator[NDArray[np.float32]]:
    """Same as `_by_blocks`, but each pair is computed once in a table of all pairs: half the work."""
    products = shared.rows.shape[1]
    table = np.empty((products, products), dtype=np.float32)
    for start in range(0, products, step):
        rows = slice(start, min(start + step, products))
        later = shared.compare(rows.start, rows.stop, start).toarray()
        table[rows, start:] = later
        table[start:, rows] = later.T
        yield table[rows]


def _nearest_of(similarity: sparse.csr_matrix | NDArray[np.float32], k: int) -> sparse.csr_matrix:
    """Keep a sparse matrix sparse where nearly all products have nothing in common."""
    if not isinstance(similarity, sparse.csr_matrix):
        return top_positive_cells(similarity, k)
    if similarity.nnz > SPARSE * similarity.shape[0] * similarity.shape[1]:
        return top_positive_cells(similarity.toarray(), k)
    similarity.eliminate_zeros()
    similarity.sort_indices()
    return top_stored_cells(similarity, k)
