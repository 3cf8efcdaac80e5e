"""Lists from long rankings: at most so many of a kind, and not all alike.

The most relevant product that no limit forbids is taken, place by place (for the likeness: maximal marginal relevance,
Carbonell and Goldstein, 1998), for a block of customers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.recommend.rerank.similarity import Likeness

Columns = NDArray[np.int64]


@dataclass(frozen=True)
class Limit:
    """How many products of one kind a list may hold.

    Attributes:
        name: Of the rule.
        kind: Code of each product's kind, -1 for a product without one, which is never too many; shape (products,).
        most: How many of one code.
    """

    name: str
    kind: NDArray[np.int64]
    most: int

    def reached(self, column: Columns, listed: Columns) -> NDArray[np.bool_]:
        """Whether the kind of each row's product is full in its list; shapes (rows,), (rows, places)."""
        kind = self._kind(column)
        held = (self._kind(listed) == kind[:, None]) & (kind[:, None] >= 0)
        return np.asarray(held.sum(axis=1) >= self.most)

    def same(self, column: Columns, others: Columns) -> NDArray[np.bool_]:
        """Which of the others are of the kind of their row's product; of the shape of `others`."""
        kind = self._kind(column)[:, None]
        return np.asarray((self._kind(others) == kind) & (kind >= 0))

    def _kind(self, columns: Columns) -> NDArray[np.int64]:
        return np.where(columns < 0, -1, self.kind[columns])


@dataclass(frozen=True)
class Diversity:
    """How much being unlike counts.

    Attributes:
        weight: From 0 to 1.
        likeness: Of products.
        places: A product falls from 1 to 0 in relevance over so many places of the model's ranking.
    """

    weight: float
    likeness: Likeness
    places: int


def pick(
    pool: Columns, k: int, *, held: Columns, limits: Sequence[Limit] = (), diversity: Diversity | None = None
) -> Columns:
    """Take k products from each row's ranking.

    Args:
        pool: Product columns, best first, -1 after the last; shape (rows, m).
        k: How many.
        held: Products that the list holds already, -1 for none; shape (rows, places). They count for limits and
            likeness, and are not taken again.
        limits: Of kinds.
        diversity: None for the order of the pool.

    Returns:
        Shape (rows, k), -1 after the last; a row is shorter only where the limits allow nothing more of its pool.

    Example:
        >>> vendors = Limit("at most 1 a vendor", np.array([0, 0, 1]), 1)
        >>> pick(np.array([[0, 1, 2]]), 2, held=np.zeros((1, 0), dtype=np.int64), limits=[vendors]).tolist()
        [[0, 2]]
    """
    rows = len(pool)
    free = (pool >= 0) & ~(pool[:, :, None] == held[:, None, :]).any(axis=2)
    taken = np.full((rows, held.shape[1] + k), -1, dtype=np.int64)
    closest = np.zeros(pool.shape, dtype=np.float32)
    start = held.shape[1]
    for place in range(start + k):
        chosen = held[:, place] if place < start else _best(free, pool, closest, diversity)
        taken[:, place] = chosen
        if place >= start:
            free &= pool != chosen[:, None]
        for limit in limits:
            full = limit.reached(chosen, taken[:, : place + 1])
            free[full] &= ~limit.same(chosen[full], pool[full])
        if diversity is not None:
            np.maximum(closest, _likeness(chosen, pool, diversity.likeness), out=closest)
    return taken[:, start:]


def _best(free: NDArray[np.bool_], pool: Columns, closest: NDArray[np.float32], diversity: Diversity | None) -> Columns:
    """The product taken next in each row, -1 where none is free; equal ones by their place."""
    if pool.shape[1] == 0:
        return np.full(len(pool), -1, dtype=np.int64)
    if diversity is None:
        place = free.argmax(axis=1)
    else:
        relevance = 1 - np.arange(pool.shape[1], dtype=np.float32) / diversity.places
        value = (1 - diversity.weight) * relevance - diversity.weight * closest
        place = np.where(free, value, -np.inf).argmax(axis=1)
    row = np.arange(len(pool))
    return np.where(free[row, place], pool[row, place], -1)


def _likeness(chosen: Columns, pool: Columns, of: Likeness) -> NDArray[np.float32]:
    """How alike each row's product and its pool are; 0 where it has none."""
    given, place = np.unique(np.maximum(chosen, 0), return_inverse=True)
    found = of(given)[place.reshape(-1)[:, None], np.maximum(pool, 0)]
    return np.where((chosen[:, None] >= 0) & (pool >= 0), found, np.float32(0))
