"""Lists from long rankings: a limited number of products of a kind, and products that differ from one another.

Rank by rank, the most relevant product that no limit excludes is taken (for the similarity: maximal marginal
relevance, Carbonell and Goldstein, 1998), for a block of customers at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.features.text import words
from frontrow.models.recommender import Scorer, Similar

Columns = NDArray[np.int64]
"""Rows of the candidate items, which are the columns of a matrix of scores; -1 for none."""

Similarity = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""Takes rows of the candidate items, gives their similarity to all items: in [0, 1], shape (rows, items)."""


@dataclass(frozen=True)
class Limit:
    """Largest number of products of one kind in a list.

    Attributes:
        name: Name of the rule.
        kind: Code of each product's kind, -1 for a product without one, which is not limited; shape (products,).
        maximum: Largest number of products with one code.
    """

    name: str
    kind: NDArray[np.int64]
    maximum: int

    def is_reached(self, column: Columns, listed: Columns) -> NDArray[np.bool_]:
        """Whether each row's list holds the maximum of the kind of the row's product.

        Args:
            column: A product for each row, shape (rows,).
            listed: The products of its list, shape (rows, ranks).
        """
        return np.asarray(self.is_same_kind(column, listed).sum(axis=1) >= self.maximum)

    def is_same_kind(self, column: Columns, others: Columns) -> NDArray[np.bool_]:
        """Which of the others are of the kind of their row's product.

        Args:
            column: A product for each row, shape (rows,).
            others: Shape (rows, m), which the result has too.
        """
        kind = self._kind(column)[:, None]
        return np.asarray((self._kind(others) == kind) & (kind >= 0))

    def _kind(self, columns: Columns) -> NDArray[np.int64]:
        return np.where(columns < 0, -1, self.kind[columns])


@dataclass(frozen=True)
class Diversity:
    """How much it counts that a product differs from those already in the list.

    Attributes:
        weight: From 0 to 1.
        similarity: Of products.
        depth: The relevance of a product falls from 1 to 0 over so many ranks of the model.
    """

    weight: float
    similarity: Similarity
    depth: int


def select_products(
    pool: Columns, k: int, *, held: Columns, limits: Sequence[Limit] = (), diversity: Diversity | None = None
) -> Columns:
    """Select k products from each row's ranking.

    Args:
        pool: Product columns, best first, -1 after the last; shape (rows, m).
        k: Number of products to select.
        held: Products that the list already holds, -1 for none; shape (rows, pins). They count for limits and
            similarity, and are not selected again.
        limits: Largest numbers of products of a kind.
        diversity: None for the order of the pool.

    Returns:
        Shape (rows, k), -1 after the last; a row is shorter only where the limits allow nothing more of its pool.

    Example:
        >>> vendors = Limit("at most 1 a vendor", np.array([0, 0, 1]), 1)
        >>> select_products(np.array([[0, 1, 2]]), 2, held=np.zeros((1, 0), dtype=np.int64), limits=[vendors]).tolist()
        [[0, 2]]
    """
    start = held.shape[1]
    is_free = (pool >= 0) & ~(pool[:, :, None] == held[:, None, :]).any(axis=2)
    taken = np.full((len(pool), start + k), -1, dtype=np.int64)
    highest_similarity = np.zeros(pool.shape, dtype=np.float32)
    for position in range(start + k):
        chosen = held[:, position] if position < start else _best(is_free, pool, highest_similarity, diversity)
        taken[:, position] = chosen
        if position >= start:
            is_free &= pool != chosen[:, None]
        for limit in limits:
            is_full = limit.is_reached(chosen, taken[:, : position + 1])
            is_free[is_full] &= ~limit.is_same_kind(chosen[is_full], pool[is_full])
        if diversity is not None:
            np.maximum(highest_similarity, _similarity(chosen, pool, diversity.similarity), out=highest_similarity)
    return taken[:, start:]


def build_similarity(fitted: Scorer, titles: Sequence[str | None], sold: int) -> Similarity:
    """Take the model's own similarity where it compares products, else that of the titles.

    Args:
        fitted: A model of the first `sold` candidate items.
        titles: Of all candidate items.
        sold: Number of items the model has learned from; the similarity of the others is 0.
    """
    if not isinstance(fitted, Similar):
        return build_title_similarity(titles)
    model = fitted

    def similarity(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        values = np.zeros((len(rows), len(titles)), dtype=np.float32)
        is_sold = rows < sold
        values[is_sold, :sold] = np.clip(model.similar(rows[is_sold]), 0, 1)
        return values

    return similarity


def build_title_similarity(titles: Sequence[str | None]) -> Similarity:
    """Cosine of TF-IDF over words and pairs of words, with the frequencies of these titles.

    Unlike `features.text.TextIndex` there is no cutoff, and whole rows are compared in single precision.

    Example:
        >>> similarity = build_title_similarity(["red pot", "blue pot", "rake", None])
        >>> similarity(np.array([0])).round(2).tolist()
        [[1.0, 0.23999999463558197, 0.0, 0.0]]
    """
    counts = [Counter(words(title or "")) for title in titles]
    vocabulary = {term: index for index, term in enumerate(sorted({term for terms in counts for term in terms}))}
    starts = np.cumsum([0, *(len(terms) for terms in counts)])
    columns = np.array([vocabulary[term] for terms in counts for term in terms], dtype=np.int64)
    weights = np.array([count for terms in counts for count in terms.values()], dtype=np.float64)
    titles_with_term = np.bincount(columns, minlength=len(vocabulary))
    weights *= np.log((1 + len(titles)) / (1 + titles_with_term[columns])) + 1
    shape = (len(titles), max(len(vocabulary), 1))
    vectors = sparse.csr_matrix((weights, columns, starts), shape=shape, dtype=np.float32)
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    scale = sparse.diags_array(1 / np.where(length > 0, length, 1), dtype=np.float32)
    unit = sparse.csr_matrix(scale @ vectors)
    transposed = unit.T.tocsr()
    return lambda rows: np.asarray((unit[rows] @ transposed).toarray(), dtype=np.float32)


def _best(
    is_free: NDArray[np.bool_], pool: Columns, highest_similarity: NDArray[np.float32], diversity: Diversity | None
) -> Columns:
    """The product selected next in each row, -1 where none is free; equal ones by their position in the pool."""
    if pool.shape[1] == 0:
        return np.full(len(pool), -1, dtype=np.int64)
    if diversity is None:
        position = is_free.argmax(axis=1)
    else:
        relevance = 1 - np.arange(pool.shape[1], dtype=np.float32) / diversity.depth
        value = (1 - diversity.weight) * relevance - diversity.weight * highest_similarity
        position = np.where(is_free, value, -np.inf).argmax(axis=1)
    row = np.arange(len(pool))
    return np.where(is_free[row, position], pool[row, position], -1)


def _similarity(chosen: Columns, pool: Columns, similarity: Similarity) -> NDArray[np.float32]:
    """Similarity of each row's product to its pool; 0 where the row has none."""
    columns, position = np.unique(np.maximum(chosen, 0), return_inverse=True)
    values = similarity(columns)[position.reshape(-1)[:, None], np.maximum(pool, 0)]
    return np.where((chosen[:, None] >= 0) & (pool >= 0), values, np.float32(0))
