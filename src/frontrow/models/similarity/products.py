"""Likeness to what a customer bought, added up: the fitted form of every recommender from product to product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Queries
from frontrow.storage.artifact import ArrayModel

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
