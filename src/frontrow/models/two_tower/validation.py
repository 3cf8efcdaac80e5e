"""The window before the cutoff that is held back: when to stop, and how far to trust the towers beside popularity."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.recommenders.interactions import CONTEXT, CONTEXT_SCHEMA, Interactions, Queries
from frontrow.ranking_metrics import hits_of, ndcg

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
        return ndcg(hits_of(lists, targets.tocsr()), np.diff(targets.tocsr().indptr).astype(np.int64))


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
    before = known.before(known.day - days)
    inside = known.lines.filter(pl.col("day") >= before.day)
    seen = before.lines["customer"].unique()
    returning = inside.filter(pl.col("customer").is_in(seen.implode()))
    new = inside.filter(~pl.col("customer").is_in(seen.implode()))
    last = before.lines.group_by("customer").agg(pl.col(CONTEXT).last())
    first = new.group_by("customer").agg(pl.col(CONTEXT).first())
    month = pl.lit(_month(before.day)).cast(pl.Int8)
    return Window(
        before,
        _asked(known, before, returning, last.with_columns(month=month), seed),
        _unseen(_asked(known, before, new, first, seed)),
    )


def _asked(known: Interactions, before: Interactions, inside: pl.DataFrame, contexts: pl.DataFrame, seed: int) -> Asked:
    customers = inside["customer"].unique().sort().to_numpy()
    if len(customers) > MOST_CUSTOMERS:
        customers = np.sort(np.random.default_rng(seed).choice(customers, MOST_CUSTOMERS, replace=False))
    told = pl.DataFrame({"customer": customers}, schema={"customer": pl.Int32}).join(
        contexts, on="customer", how="left", maintain_order="left"
    )
    context = told.select(pl.col(name).cast(dtype) for name, dtype in CONTEXT_SCHEMA.items())
    rows = customers.astype(np.int64)
    return Asked(Queries(rows, context), _cells(inside, known.shape)[rows], _cells(before.lines, known.shape)[rows])


def _unseen(asked: Asked) -> Asked:
    return replace(asked, queries=Queries(np.full(len(asked.queries), -1, np.int64), asked.queries.context))


def _cells(lines: pl.DataFrame, shape: tuple[int, int]) -> sparse.csr_matrix:
    pairs = lines.select("customer", "product").unique().sort("customer", "product")
    place = (pairs["customer"].to_numpy(), pairs["product"].to_numpy())
    return sparse.csr_matrix((np.ones(pairs.height, dtype=np.float32), place), shape=shape)


def _month(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype(int) % 12 + 1)
