"""Similar customers: the nearest of each by the cosine of their purchases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.similarity.products import BLOCK_CELLS
from frontrow.models.sparse_products import multiply
from frontrow.models.top_k import top_positive_cells
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class Neighbours(ArrayModel):
    """Finds the nearest customers.

    Attributes:
        vectors: Vector of each customer, shape (customers, products).
        pool: Rows of the customers who may be neighbours, ascending, shape (pool,).
        count: Number of neighbours per customer.
    """

    vectors: sparse.csr_matrix
    pool: NDArray[np.int64]
    count: int

    shapes: ClassVar = {"vectors": ("customers", "products"), "pool": ("pool",)}
    indices: ClassVar = {"pool": "customers"}

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        if self.count < 1 or (np.diff(self.pool) <= 0).any():
            raise ValueError("the pool of neighbours is out of order")

    def of(self, rows: NDArray[np.int64]) -> sparse.csr_matrix:
        """Nearest neighbours of some customers, without the customer, with their dot products; shape (rows, pool)."""
        similarity = multiply(self.vectors[rows], self._directions)
        inside, column = self._find_in_pool(rows)
        similarity[inside, column] = 0
        # the length of the customer's own vector changes nothing in the order of a row
        return top_positive_cells(similarity, self.count)

    def split(self, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Blocks of customers, one at least, so small that the search for their neighbours needs little memory.

        Args:
            rows: The customers.
        """
        step = max(1, BLOCK_CELLS // max(len(self.pool), 1))
        return [rows[start : start + step] for start in range(0, max(len(rows), 1), step)]

    @cached_property
    def pool_vectors(self) -> sparse.csr_matrix:
        """The vectors of the pool; shape (pool, products)."""
        return self.vectors[self.pool]

    def with_customers(self, vectors: sparse.csr_matrix, rows: NDArray[np.int64]) -> Neighbours:
        """The same pool for other customers.

        Args:
            vectors: Of the other customers; shape (others, products).
            rows: Of each customer here, the row among the others; -1 for those who are not among them.

        Example:
            >>> vectors = sparse.csr_matrix(np.array([[1, 0], [1, 1], [0, 1]], dtype=np.float32))
            >>> neighbours = Neighbours(vectors, np.array([1, 2]), count=1)
            >>> others = neighbours.with_customers(vectors[[0, 2]], np.array([0, -1, 1]))
            >>> (others.of(np.array([0, 1])) != neighbours.of(np.array([0, 2]))).nnz
            0
        """
        places = rows[self.pool]
        if (places >= 0).all():
            return Neighbours(vectors, places, self.count)
        return NeighboursElsewhere(vectors, places, self.count, self.pool_vectors)

    def _find_in_pool(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which positions are customers of the pool, and where in the pool they are."""
        return _find_in_ascending(self.pool, rows)

    @cached_property
    def _directions(self) -> sparse.csr_matrix:
        return sparse.csr_matrix(directions(self.pool_vectors).T)


@dataclass(frozen=True)
class NeighboursElsewhere(Neighbours):
    """Neighbours whose pool is not, or not all, among the customers; `pool` is -1 for those. It is not saved.

    Attributes:
        elsewhere: The vectors of the pool; shape (pool, products).
    """

    elsewhere: sparse.csr_matrix

    @cached_property
    def pool_vectors(self) -> sparse.csr_matrix:
        """The vectors of the pool; shape (pool, products)."""
        return self.elsewhere

    def _find_in_pool(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        here = np.flatnonzero(self.pool >= 0)
        inside, place = _find_in_ascending(self.pool[here], rows)
        return inside, here[place]


def _find_in_ascending(pool: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the rows that are in an ascending pool, and their places in it."""
    if len(pool) == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    place = np.searchsorted(pool, rows)
    inside = np.flatnonzero(pool[np.minimum(place, len(pool) - 1)] == rows)
    return inside, place[inside]


def latest_customers(interactions: Interactions, count: int) -> NDArray[np.int64]:
    """Rows of the customers who ordered last, ascending.

    Args:
        interactions: Their lines.
        count: Number of customers.

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
    return last["customer"].head(count).sort().cast(pl.Int64).to_numpy()


def directions(vectors: sparse.csr_matrix) -> sparse.csr_matrix:
    """Scale each row to length one; an empty row stays empty."""
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).reshape(-1))
    scale = sparse.diags_array(1 / np.maximum(length, np.finfo(np.float32).tiny), dtype=np.float32)
    return sparse.csr_matrix(scale @ vectors)


def purchase_vectors(
    interactions: Interactions, *, groups: int, decay_within: float, decay_between: float
) -> sparse.csr_matrix:
    """How often, and how lately, each customer bought each product: the vectors of TIFU-KNN (Hu et al., 2020).

    They are a decayed mean over the orders of a group, then over the groups. The orders of a customer are split, from
    the latest back, into at most `groups` groups of equal size; the earliest may be smaller. Order j of k in a group
    has weight decay_within^(k-j) / k, group i of m has weight decay_between^(m-i) / m. How often an order holds a
    product does not matter.

    Args:
        interactions: Their orders are counted.
        groups: Largest number of groups per customer.
        decay_within: Weight of an order, relative to the next one of its group, in (0, 1].
        decay_between: Weight of a group, relative to the next one, in (0, 1].

    Returns:
        Shape (customers, products), float32.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "pot", 0), (7, "bulb", 1), (7, "bulb", 2)])
        >>> purchase_vectors(interactions, groups=2, decay_within=0.8, decay_between=0.5).toarray().round(3)
        array([[0.45, 0.25]], dtype=float32)
    """
    purchases = interactions.purchases
    customers, order = purchases.number_orders()
    weights = _order_weights(customers, groups, decay_within, decay_between)
    cells = (purchases.customer, purchases.product)
    return sparse.csr_matrix((weights[order], cells), shape=interactions.shape, dtype=np.float32)


def _order_weights(
    customer: NDArray[np.int64], groups: int, decay_within: float, decay_between: float
) -> NDArray[np.float64]:
    """The weight of each order, given its customer, by customer and time."""
    orders = np.bincount(customer)
    ends = np.cumsum(orders)
    size = -(-orders // groups)[customer]
    # number of later orders: 0 for the latest
    since = ends[customer] - 1 - np.arange(len(customer))
    group = since // np.maximum(size, 1)
    inside = np.minimum(size, orders[customer] - group * size)
    filled = -(-orders[customer] // np.maximum(size, 1))
    within = decay_within ** (since - group * size) / inside
    return np.asarray(within * decay_between**group / filled)
