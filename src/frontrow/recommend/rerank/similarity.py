"""How similar products are, for lists that should not show nearly the same product several times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.features.text import words
from frontrow.models.recommender import Scorer, Similar

Similarity = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""Takes rows of the candidate items, gives their similarity to all items: in [0, 1], shape (rows, items)."""


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
