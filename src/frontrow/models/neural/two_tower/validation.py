"""The window before the cutoff that is held back: when to stop, and how far to trust the towers beside popularity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.metrics.ranking import find_hits, ndcg
from frontrow.models.interactions.contexts import first_contexts
from frontrow.models.interactions.interactions import Interactions, Queries

CUT = 10
"""Length of the lists that are judged."""

MOST_CUSTOMERS = 4_000
"""Of more, so many are drawn."""


@dataclass(frozen=True)
class Asked:
    """Customers with what they bought in the window.

    Attributes:
        queries: As they stood at the window's first midnight; of customers never seen, the first order's context.
        targets: Products bought in the window; a stored cell each, shape (queries, products).
        bought: Products bought before; a stored cell each, shape (queries, products).
    """

    queries: Queries
    targets: sparse.csr_matrix
    bought: sparse.csr_matrix

    def ndcg(self, scores: NDArray[np.float32], *, never_bought: bool = False) -> NDArray[np.float64]:
        """NDCG@10 of each query; NaN where there is no target.

        Args:
            scores: Shape (queries, products).
            never_bought: Leave out what the customer bought before.
        """
        targets = self.targets
        if never_bought:
            scores = scores.copy()
            scores[self.bought.nonzero()] = -np.inf
            targets = targets - targets.multiply(self.bought)
            targets.eliminate_zeros()
        k = min(CUT, scores.shape[1])
        best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        lists = np.take_along_axis(best, order, axis=1).astype(np.int64)
        return ndcg(find_hits(lists, targets.tocsr()), np.diff(targets.tocsr().indptr).astype(np.int64))


@dataclass(frozen=True)
class Window:
    """What was known before the window, and who bought in it: customers seen before, and customers never seen."""

    before: Interactions
    returning: Asked
    new: Asked


def window(known: Interactions, days: int, *, seed: int) -> Window:
    """Hold back the last `days` days.

    Args:
        known: The interactions up to the cutoff.
        days: Length of the window.
        seed: For the draw where there are too many customers.
    """
    before = known.before(known.cutoff_day - days)
    inside = known.lines.filter(pl.col("day") >= before.cutoff_day)
    seen = before.lines["customer"].unique()
    returning = inside.filter(pl.col("customer").is_in(seen.implode()))
    new = inside.filter(~pl.col("customer").is_in(seen.implode()))
    rows, strangers = _drawn(returning, seed), _drawn(new, seed)
    return Window(
        before,
        _asked(known, before, returning, rows, before.queries(rows)),
        _asked(known, before, new, strangers, _strangers(new, strangers)),
    )


def _drawn(inside: pl.DataFrame, seed: int) -> NDArray[np.int64]:
    customers = inside["customer"].unique().sort().to_numpy().astype(np.int64)
    if len(customers) > MOST_CUSTOMERS:
        customers = np.sort(np.random.default_rng(seed).choice(customers, MOST_CUSTOMERS, replace=False))
    return customers


def _strangers(inside: pl.DataFrame, rows: NDArray[np.int64]) -> Queries:
    """Customers never seen before, by the context of their first order."""
    unknown = np.full(len(rows), -1, dtype=np.int64)
    return Queries(unknown, first_contexts(inside, pl.Series("customer", rows.astype(np.int32))))


def _asked(
    known: Interactions, before: Interactions, inside: pl.DataFrame, rows: NDArray[np.int64], queries: Queries
) -> Asked:
    return Asked(queries, _cells(inside, known.shape)[rows], _cells(before.lines, known.shape)[rows])


def _cells(lines: pl.DataFrame, shape: tuple[int, int]) -> sparse.csr_matrix:
    pairs = lines.select("customer", "product").unique().sort("customer", "product")
    place = (pairs["customer"].to_numpy(), pairs["product"].to_numpy())
    return sparse.csr_matrix((np.ones(pairs.height, dtype=np.float32), place), shape=shape)
