"""Which source a listed product came from: the one in whose own list it ranks highest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from frontrow.models.two_stage.candidates import Scored
from frontrow.models.two_stage.source_scores import Top

SourceFinder: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.str_]]
"""Takes the lists of the customers who were scored, shape (queries, length), and names the source of each product."""


def find_best_sources(scored: Scored, lists: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the source that ranks each listed product highest; of equal ranks, the first source.

    Args:
        scored: What the sources say of the customers.
        lists: Columns of the listed products, -1 for none; shape (queries, length).
    """
    ranks = np.empty((len(scored.scores), *lists.shape), dtype=np.int64)
    is_exact = np.empty(ranks.shape, dtype=np.bool_)
    for source, top in enumerate(scored.tops):
        ranks[source], is_exact[source] = _rank_in_top(top, lists)
    best = ranks.argmin(axis=0)
    # below the top of a source, a rank is only known to be at least so high
    unsure = (~is_exact & (ranks <= np.take_along_axis(ranks, best[None], axis=0))).any(axis=0) & (lists >= 0)
    rows = np.flatnonzero(unsure.any(axis=1))
    if len(rows):
        exact = np.stack([_exact_ranks(scores.full()[rows], lists[rows]) for scores in scored.scores])
        best[rows] = exact.argmin(axis=0)
    return np.asarray(best)


def _rank_in_top(top: Top, lists: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How many of the top are above each product, all of them where it is none, and whether it is one."""
    ranks = np.broadcast_to((top.values > 0).sum(axis=1)[:, None], lists.shape).copy()
    is_listed = np.zeros(lists.shape, dtype=np.bool_)
    for position in range(lists.shape[1]):
        is_product = (top.columns == lists[:, position, None]) & (top.values > 0)
        query, place = np.nonzero(is_product)
        is_listed[query, position] = True
        ranks[query, position] = (top.values[query] > top.values[query, place][:, None]).sum(axis=1)
    return ranks, is_listed


def _exact_ranks(scores: NDArray[np.float32], lists: NDArray[np.int64]) -> NDArray[np.int64]:
    listed = np.take_along_axis(scores, lists, axis=1)
    ranks = [(scores > listed[:, position, None]).sum(axis=1) for position in range(lists.shape[1])]
    return np.stack(ranks, axis=1)
