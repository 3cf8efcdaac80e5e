"""Customers who buy alike: the nearest of each by the cosine of what they bought."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.similarity.nearest import BLOCK_CELLS, nearest
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class Neighbours(ArrayModel):
    """Where neighbours are sought.

    Attributes:
        vectors: Of each customer, shape (customers, products).
        pool: Rows of the customers who may be neighbours, ascending, shape (pool,).
        count: Neighbours of each customer.
    """

    vectors: sparse.csr_matrix
    pool: NDArray[np.int64]
    count: int

    def of(self, rows: NDArray[np.int64]) -> sparse.csr_matrix:
        """The nearest of each customer, the customer apart, with their dot products; shape (rows, pool)."""
        alike = (self.vectors[rows] @ self._directions).toarray()
        place = np.searchsorted(self.pool, rows)
        inside = np.flatnonzero(np.isin(rows, self.pool))
        alike[inside, place[inside]] = 0
        # the length of the customer's own vector changes nothing in the order of a row
        return nearest(alike, self.count)

    @cached_property
    def block_rows(self) -> int:
        """Customers to ask about together."""
        return max(1, BLOCK_CELLS // max(len(self.pool), 1))

    @cached_property
    def _directions(self) -> sparse.csr_matrix:
        return sparse.csr_matrix(directions(self.vectors[self.pool]).T)


def latest_customers(interactions: Interactions, most: int) -> NDArray[np.int64]:
    """Rows of the customers who ordered last, ascending.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> interactions = build_interactions(hand_made_shop([(7, "pot", 0), (8, "pot", 1), (9, "pot", 2)]).as_of())
        >>> latest_customers(interactions, 2).tolist()
        [1, 2]
    """
    last = (
        interactions.lines.group_by("customer")
        .agg(pl.col("day").max())
        .sort("day", "customer", descending=[True, False])
    )
    return last["customer"].head(most).sort().cast(pl.Int64).to_numpy()


def directions(vectors: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows at length one; an empty row stays empty."""
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).reshape(-1))
    scale = sparse.diags_array(1 / np.maximum(length, np.finfo(np.float32).tiny), dtype=np.float32)
    return sparse.csr_matrix(scale @ vectors)
