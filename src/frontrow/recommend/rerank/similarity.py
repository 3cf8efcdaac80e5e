"""How alike products are, for lists that shall not show the same thing five times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.features.text import words
from frontrow.models.recommender import Scorer, Similar

Likeness = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""Given rows of the shelf, how alike each and every product of it are: in [0, 1], shape (given, products)."""


def likeness(fitted: Scorer, titles: Sequence[str | None], sold: int) -> Likeness:
    """The model's own similarity where it compares products, else that of the titles.

    Args:
        fitted: A model of the first products of the shelf.
        titles: Of the whole shelf.
        sold: How many of them the model knows; like the others it finds nothing, which is 0.
    """
    if not isinstance(fitted, Similar):
        return title_likeness(titles)
    model = fitted

    def of(given: NDArray[np.int64]) -> NDArray[np.float32]:
        found = np.zeros((len(given), len(titles)), dtype=np.float32)
        inside = given < sold
        found[inside, :sold] = np.clip(model.similar(given[inside]), 0, 1)
        return found

    return of


def title_likeness(titles: Sequence[str | None]) -> Likeness:
    """Cosine of TF-IDF over words and pairs of words, the frequencies being those of these titles.

    Example:
        >>> of = title_likeness(["red pot", "blue pot", "rake", None])
        >>> of(np.array([0])).round(2).tolist()
        [[1.0, 0.23999999463558197, 0.0, 0.0]]
    """
    counts = [Counter(words(title or "")) for title in titles]
    place = {word: number for number, word in enumerate(sorted({word for one in counts for word in one}))}
    starts = np.cumsum([0, *(len(one) for one in counts)])
    columns = np.array([place[word] for one in counts for word in one], dtype=np.int64)
    cells = np.array([number for one in counts for number in one.values()], dtype=np.float64)
    titles_with = np.bincount(columns, minlength=len(place))
    cells *= np.log((1 + len(titles)) / (1 + titles_with[columns])) + 1
    vectors = sparse.csr_matrix((cells, columns, starts), shape=(len(titles), max(len(place), 1)), dtype=np.float32)
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    scale = sparse.diags_array(1 / np.where(length > 0, length, 1), dtype=np.float32)
    unit = sparse.csr_matrix(scale @ vectors)
    turned = unit.T.tocsr()
    return lambda given: np.asarray((unit[given] @ turned).toarray(), dtype=np.float32)
