"""The exact index: the best products of each customer, or the best customers of one product, every score looked at.

Below a million products a blocked matrix product and a partial sort are as quick as any approximate index, and miss
nothing. Filters are applied before a list is cut, so a list is short only where there is nothing more to show.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Queries
from frontrow.models.recommender import Scorer
from frontrow.recommend.retrieve.best_columns import best_columns

BLOCK_CELLS = 8_000_000
"""Scores asked of a recommender at a time, about: what is held in memory, whatever the size of the shop."""

SLICE_CELLS = 500_000
"""Scores that one thread looks through at a time, about: few enough to stay in its cache."""

ScoreVector = Callable[[Queries], NDArray[np.float32]]
"""One score a customer for one product, shape (queries,)."""


def top_k(
    fitted: Scorer,
    queries: Queries,
    *,
    k: int,
    candidates: NDArray[np.bool_],
    hidden: sparse.csr_matrix | None = None,
    block: int | None = None,
) -> NDArray[np.int64]:
    """The k products with the highest scores of each customer.

    Args:
        fitted: Gives the scores; it is only ever called from the calling thread.
        queries: The customers.
        k: Length of the lists.
        candidates: Which products may be shown to anyone, shape (products,).
        hidden: A stored cell a product not to be shown to a customer, shape (queries, products).
        block: Customers scored at a time; None for as many as `BLOCK_CELLS` allows.

    Returns:
        Product columns, shape (queries, k), int64: by falling score, equal scores by column, each product once;
        -1 where a customer has no candidate left.

    Raises:
        ValueError: A score is NaN.

    Example:
        >>> from frontrow.models.recommenders.popular import Recommender
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.recommenders import customers_of
        >>> from frontrow.testing.shops import hand_made_shop
        >>> known = build_interactions(hand_made_shop([(7, "bulb", 0), (8, "pot", 1), (9, "pot", 2)]).as_of())
        >>> fitted = Recommender().fit(known, seed=0)
        >>> top_k(fitted, customers_of(known, [0]), k=3, candidates=np.array([True, True])).tolist()
        [[1, 0, -1]]
    """
    columns = np.flatnonzero(candidates)
    lists = np.full((len(queries), k), -1, dtype=np.int64)
    if len(columns) == 0 or k == 0:
        return lists
    rows = block or max(1, BLOCK_CELLS // len(candidates))
    slice_rows = max(1, SLICE_CELLS // len(candidates))

    def cut(start: int, scores: NDArray[np.float32]) -> None:
        best = best_columns(_shown(scores, columns, hidden, start), k)
        lists[start : start + len(best), : best.shape[1]] = np.where(best < 0, -1, columns[best])

    # the next block is scored while the last one is looked through, and no further ahead than that
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        waiting: list[Future[None]] = []
        for start, part in _blocks(queries, rows):
            scores = fitted.scores(part)
            _wait(waiting)
            slices = range(0, len(scores), slice_rows)
            waiting = [pool.submit(cut, start + one, scores[one : one + slice_rows]) for one in slices]
        _wait(waiting)
    return lists


def top_customers(
    score: ScoreVector,
    queries: Queries,
    *,
    k: int,
    hidden: NDArray[np.bool_] | None = None,
    block: int = 10_000,
) -> NDArray[np.int64]:
    """The k customers with the highest scores for one product.

    Only meaningful where `score` can be compared across customers, as a dot product of embeddings of one length can;
    the rows of `Scorer.scores` of most recommenders cannot (`Scorer.scores` promises order within a row only).

    Args:
        score: The scores of a block of customers; `score_of_product` makes one of a recommender.
        queries: The customers.
        k: How many.
        hidden: Customers not to be listed, such as those who own the product; shape (queries,).
        block: Customers scored at a time.

    Returns:
        Positions in `queries`, by falling score, equal scores by position; shape (at most k,), int64.

    Example:
        >>> from frontrow.testing.recommenders import customers_of
        >>> everyone = customers_of(None, [0, 1, 2])
        >>> top_customers(lambda part: part.rows.astype(np.float32), everyone, k=2).tolist()
        [2, 1]
    """
    scores = np.empty(len(queries), dtype=np.float32)
    for start, part in _blocks(queries, block):
        scores[start : start + len(part)] = score(part)
    if hidden is not None:
        scores[hidden] = -np.inf
    best = best_columns(scores[None, :], k)[0]
    return np.asarray(best[best >= 0])


def score_of_product(fitted: Scorer, column: int) -> ScoreVector:
    """One column of a recommender's scores; see `top_customers` for when that can be compared."""
    return lambda queries: fitted.scores(queries)[:, column]


def _blocks(queries: Queries, rows: int) -> Iterator[tuple[int, Queries]]:
    for start in range(0, len(queries), rows):
        yield start, queries.block(start, start + rows)


def _shown(
    scores: NDArray[np.float32], columns: NDArray[np.int64], hidden: sparse.csr_matrix | None, start: int
) -> NDArray[np.float32]:
    """The candidates' scores, hidden ones -inf; what the recommender gave is not written to."""
    all_shown = len(columns) == scores.shape[1]
    if hidden is None:
        return scores if all_shown else scores[:, columns]
    end = start + len(scores)
    cells = slice(hidden.indptr[start], hidden.indptr[end])
    row = np.repeat(np.arange(len(scores)), np.diff(hidden.indptr[start : end + 1]))
    kept = scores.copy()
    kept[row, hidden.indices[cells]] = -np.inf
    return kept if all_shown else kept[:, columns]


def _wait(futures: list[Future[None]]) -> None:
    for one in futures:
        one.result()
