"""Customers who buy alike: the nearest of each by the cosine of what they bought."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.similarity.products import BLOCK_CELLS
from frontrow.models.top_k import top_positive_cells
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
        return top_positive_cells(alike, self.count)

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
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "pot", 0), (8, "pot", 1), (9, "pot", 2)])
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


def purchase_vectors(
    interactions: Interactions, *, groups: int, decay_within: float, decay_between: float
) -> sparse.csr_matrix:
    """Personal item frequency: a decayed mean over the orders of a group, then over the groups.

    The orders of a customer are cut from the latest back into at most `groups` groups of equal size, the earliest
    group being shorter where they do not divide. Order j of the k of a group weighs decay_within^(k-j) / k, group i
    of m weighs decay_between^(m-i) / m, and an order holds a product or does not.

    Args:
        interactions: Gives the orders.
        groups: Most groups a customer.
        decay_within: From one order of a group to the one before it, in (0, 1].
        decay_between: From one group to the one before it, in (0, 1].

    Returns:
        Shape (customers, products), float32.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "pot", 0), (7, "bulb", 1), (7, "bulb", 2)])
        >>> purchase_vectors(interactions, groups=2, decay_within=0.8, decay_between=0.5).toarray().round(3)
        array([[0.45, 0.25]], dtype=float32)
    """
    bought = interactions.purchases
    _, first, order = np.unique(bought.order, return_index=True, return_inverse=True)
    weights = _order_weights(bought.customer[first], groups, decay_within, decay_between)
    place = (bought.customer, bought.product)
    return sparse.csr_matrix((weights[order], place), shape=interactions.shape, dtype=np.float32)


def _order_weights(
    customer: NDArray[np.int64], groups: int, decay_within: float, decay_between: float
) -> NDArray[np.float64]:
    """The weight of each order, given its customer, by customer and time."""
    orders = np.bincount(customer)
    ends = np.cumsum(orders)
    size = -(-orders // groups)[customer]
    # orders since: 0 for the latest
    since = ends[customer] - 1 - np.arange(len(customer))
    group = since // np.maximum(size, 1)
    inside = np.minimum(size, orders[customer] - group * size)
    filled = -(-orders[customer] // np.maximum(size, 1))
    within = decay_within ** (since - group * size) / inside
    return np.asarray(within * decay_between**group / filled)
