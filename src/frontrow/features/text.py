"""Similarity of product texts, weighted by the vocabulary as of a cutoff.

TF-IDF with smooth inverse document frequencies and cosine similarity (Salton and Buckley, 1988), over words and
pairs of words, or over the 3- to 5-character pieces of words, which also match plurals and misspellings. The
frequencies are those of the products sold before the cutoff, so a product launched later changes no
earlier similarity. scikit-learn computes the same figures for one fixed set of documents (the tests compare); it is
not used because it would count every document anew for each launch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Analyzer = Callable[[str], list[str]]

_WORD = re.compile(r"\w\w+")


def words(text: str) -> list[str]:
    """Words of two characters or more, and pairs of neighbouring ones, in lower case.

    Example:
        >>> words("Glazed Terracotta Planter")
        ['glazed', 'terracotta', 'planter', 'glazed terracotta', 'terracotta planter']
    """
    single = _WORD.findall(text.lower())
    return single + [f"{left} {right}" for left, right in pairwise(single)]


def characters(text: str) -> list[str]:
    """The 3- to 5-character pieces of each word, its edges marked by spaces.

    Example:
        >>> characters("Pot")
        [' po', 'pot', 'ot ', ' pot', 'pot ', ' pot ']
    """
    pieces = []
    for word in text.lower().split():
        padded = f" {word} "
        for size in (3, 4, 5):
            pieces += [padded[i : i + size] for i in range(max(len(padded) - size, 0) + 1)]
            if size >= len(padded):
                break
    return pieces


class TextIndex:
    """Term counts of texts, and the similarity of one text to those before it.

    Args:
        texts: One text a product.
        first_days: The day from which each product counts as known, shape (products,).
        analyzer: `words` or `characters`.
        sublinear: Count a term that occurs n times as 1 + log(n).

    Example:
        >>> index = TextIndex(["red pot", "blue pot", "red cup"], np.array([1, 1, 5]), words)
        >>> index.similarity(2, cutoff_day=5).round(2).tolist()
        [0.63, 0.0, 0.0]
    """

    def __init__(
        self, texts: Sequence[str], first_days: NDArray[np.int64], analyzer: Analyzer, *, sublinear: bool = False
    ) -> None:
        self._first_days = np.asarray(first_days, dtype=np.int64)
        self._counts = _term_counts(texts, analyzer, sublinear)
        self._squares = self._counts.multiply(self._counts).tocsr()
        self._products_of_terms = (self._counts > 0).astype(np.float64).tocsr().T

    def similarity(self, product: int, cutoff_day: int) -> NDArray[np.float64]:
        """Cosine of one product's text to every product known before `cutoff_day`; 0.0 for itself and the others.

        Args:
            product: Position of the product among the texts.
            cutoff_day: Only products with `first_days < cutoff_day` are compared and counted.

        Returns:
            Shape (products,), in [0, 1].
        """
        earlier = (self._first_days < cutoff_day).astype(np.float64)
        earlier[product] = 0.0
        documents = self._products_of_terms @ earlier
        weight = np.where(documents > 0, np.log((1 + earlier.sum()) / (1 + documents)) + 1, 0.0) ** 2
        # the product's own row, which scipy would check and copy
        own = slice(*self._counts.indptr[product : product + 2])
        terms, counts = self._counts.indices[own], self._counts.data[own]
        weighted = np.zeros(len(weight))
        weighted[terms] = counts * weight[terms]
        dots = self._counts @ weighted
        norms = np.sqrt((self._squares @ weight) * (counts**2 @ weight[terms]))
        return np.asarray(earlier * np.divide(dots, norms, out=np.zeros_like(dots), where=norms > 0))


def _term_counts(texts: Sequence[str], analyzer: Analyzer, sublinear: bool) -> sparse.csr_matrix:
    """Term counts, shape (texts, terms), float64; terms in their own order, so that no sum depends on other texts."""
    documents = [analyzer(text) for text in texts]
    vocabulary = {term: column for column, term in enumerate(sorted({term for terms in documents for term in terms}))}
    starts = np.cumsum([0, *(len(terms) for terms in documents)])
    indices = np.array([vocabulary[term] for terms in documents for term in terms], dtype=np.int64)
    counts = sparse.csr_matrix((np.ones(len(indices)), indices, starts), shape=(len(texts), max(len(vocabulary), 1)))
    counts.sum_duplicates()
    if sublinear:
        counts.data = 1 + np.log(counts.data)
    return counts
