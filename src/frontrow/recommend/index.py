"""The exact index: the best products of each customer, with every score looked at.

Below a million products a blocked matrix product and a partial sort are as quick as any approximate index, and miss
nothing. Filters are applied before a list is cut, so a list is short only where there is nothing more to show.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Queries
from frontrow.models.recommender import Scorer
from frontrow.models.top_k import top_columns

BLOCK_CELLS: Final = 4_000_000
"""Approximate number of scores computed at a time, which bounds the memory whatever the size of the shop."""

SLICE_CELLS: Final = 500_000
"""Approximate number of scores that one thread looks through at a time: few enough to stay in its cache."""


def top_k(
    fitted: Scorer,
    queries: Queries,
    *,
    k: int,
    candidates: NDArray[np.bool_],
    hidden: sparse.csr_matrix | None = None,
    block: int | None = None,
) -> NDArray[np.int64]:
    """Find the k products with the highest scores of each customer.

    Args:
        fitted: Gives the scores; it is only called from the calling thread.
        queries: The customers.
        k: Length of the lists.
        candidates: Which products may be shown to anyone, shape (products,).
        hidden: One stored cell for each product not to be shown to a customer, shape (queries, products).
        block: Customers scored at a time; None for as many as `BLOCK_CELLS` allows.

    Returns:
        Product columns, shape (queries, k), int64: by falling score, equal scores by column, each product once;
        -1 where a customer has no candidate left.

    Raises:
        ValueError: A score is NaN.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.models.recommender import recommenders
        >>> from frontrow.testing.shops import hand_made_shop
        >>> shop = hand_made_shop([(7, "bulb", 0), (8, "pot", 1), (9, "pot", 2)])
        >>> interactions = build_interactions(shop.as_of())
        >>> fitted = recommenders()["popular"].fit(interactions, seed=0)
        >>> top_k(fitted, interactions.queries().block(0, 1), k=3, candidates=np.array([True, True])).tolist()
        [[1, 0, -1]]
    """
    columns = np.flatnonzero(candidates)
    lists = np.full((len(queries), k), -1, dtype=np.int64)
    if len(columns) == 0 or k == 0:
        return lists
    rows = block or max(1, BLOCK_CELLS // len(candidates))
    slice_rows = max(1, SLICE_CELLS // len(candidates))

    def fill_lists(start: int, scores: NDArray[np.float32]) -> None:
        best = top_columns(_candidate_scores(scores, columns, hidden, start), k)
        lists[start : start + len(best), : best.shape[1]] = np.where(best < 0, -1, columns[best])

    # the next block is scored while the last one is looked through, and no further ahead than that
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        pending: list[Future[None]] = []
        for start in range(0, len(queries), rows):
            scores = fitted.scores(queries.block(start, start + rows))
            _wait(pending)
            slices = range(0, len(scores), slice_rows)
            pending = [pool.submit(fill_lists, start + first, scores[first : first + slice_rows]) for first in slices]
        _wait(pending)
    return lists


def _candidate_scores(
    scores: NDArray[np.float32], columns: NDArray[np.int64], hidden: sparse.csr_matrix | None, start: int
) -> NDArray[np.float32]:
    """The candidates' scores, hidden ones -inf; what the recommender gave is not written to."""
    if hidden is not None:
        end = start + len(scores)
        row = np.repeat(np.arange(len(scores)), np.diff(hidden.indptr[start : end + 1]))
        scores = scores.copy()
        scores[row, hidden.indices[hidden.indptr[start] : hidden.indptr[end]]] = -np.inf
    return scores if len(columns) == scores.shape[1] else scores[:, columns]


def _wait(futures: list[Future[None]]) -> None:
    for future in futures:
        future.result()
