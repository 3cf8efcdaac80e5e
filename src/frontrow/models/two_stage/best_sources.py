"""Which source a listed product came from: the one in whose own list it ranks highest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from frontrow.models.two_stage.candidates import Scored, Top

SourceFinder: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.str_]]
"""Takes the lists of the customers who were scored, shape (queries, length), and names the source of each product."""


def find_best_sources(scored: Scored, lists: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the source that ranks each listed product highest; of equal ranks, the first source.

    Args:
        scored: What the sources say of the customers.
        lists: Columns of the listed products, -1 for none; shape (queries, length).
    """
    rows = np.arange(len(lists))[:, None]
    ranks = np.empty((len(scored.scores), *lists.shape), dtype=np.int64)
    is_exact = np.empty(ranks.shape, dtype=np.bool_)
    for source, (scores, top) in enumerate(zip(scored.scores, scored.tops, strict=True)):
        listed = scores[rows, lists]
        ranks[source], is_exact[source] = _rank_in_top(top, listed)
    best = ranks.argmin(axis=0)
    # below the top of a source, a rank is only known to be at least so high
    unsure = (~is_exact & (ranks <= np.take_along_axis(ranks, best[None], axis=0))).any(axis=0)
    query, position = np.nonzero(unsure & (lists >= 0))
    if len(query):
        column = lists[query, position]
        exact = [
            np.array([(scores[row] > scores[row, col]).sum() for row, col in zip(query, column, strict=True)])
            for scores in scored.scores
        ]
        best[query, position] = np.stack(exact).argmin(axis=0)
    return best


def _rank_in_top(top: Top, listed: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How many of the top are above each score, and whether the score is in the top itself."""
    counts = np.diff(top.starts)
    padded = np.zeros((len(counts), int(counts.max(initial=0))), dtype=np.float32)
    is_cell = np.arange(padded.shape[1]) < counts[:, None]
    padded[is_cell] = top.values
    least = np.where(is_cell, padded, np.inf).min(axis=1, initial=np.inf)
    ranks = np.empty(listed.shape, dtype=np.int64)
    for position in range(listed.shape[1]):
        ranks[:, position] = (padded > listed[:, position, None]).sum(axis=1)
    return ranks, listed >= least[:, None]
