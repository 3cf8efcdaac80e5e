"""Measures of recommended lists: pure functions of hits and of how much there was to hit, one value a customer.

Every measure takes `hits`, bool of shape (queries, k): whether the product at each place of the list is a target; and
`wanted`, int of shape (queries,): how many targets there are, those that no list can hold included. Cut the hits
(`hits[:, :5]`) for a measure at a smaller k. A query without a target has no measure: NaN.

Binary relevance throughout; the definitions are those of Manning, Raghavan and Schütze, 2008, chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Hits = NDArray[np.bool_]
Wanted = NDArray[np.int64]
PerQuery = NDArray[np.float64]

DRAWS_AT_ONCE = 20
"""Resamples held in memory together."""


def hits_of(lists: NDArray[np.int64], targets: sparse.csr_matrix) -> Hits:
    """Where each list holds a target.

    Args:
        lists: Product columns, best first, -1 where a list has ended; shape (queries, k).
        targets: A stored cell a target, whatever its value; shape (queries, products).

    Returns:
        Bool of shape (queries, k).

    Example:
        >>> hits_of(np.array([[2, 0, -1]]), sparse.csr_matrix([[0, 1, 1]])).tolist()
        [[True, False, False]]
    """
    queries, products = targets.shape
    if lists.shape[0] != queries:
        raise ValueError(f"{lists.shape[0]} lists and targets of {queries} queries; give one list a query")
    if targets.nnz == 0:
        return np.zeros(lists.shape, dtype=np.bool_)
    row = np.repeat(np.arange(queries, dtype=np.int64), np.diff(targets.indptr))
    cells = np.sort(row * products + targets.indices)
    asked = np.arange(queries, dtype=np.int64)[:, None] * products + lists
    found = cells[np.minimum(np.searchsorted(cells, asked), len(cells) - 1)] == asked
    return np.asarray(found & (lists >= 0))


def hit_rate(hits: Hits, wanted: Wanted) -> PerQuery:
    """1 where the list holds any target, else 0.

    Example:
        >>> hit_rate(np.array([[False, True], [False, False]]), np.array([3, 1])).tolist()
        [1.0, 0.0]
    """
    return _where_wanted(hits.max(axis=1, initial=False), wanted)


def recall(hits: Hits, wanted: Wanted) -> PerQuery:
    """Targets in the list, over all targets.

    Example:
        >>> recall(np.array([[True, False, True]]), np.array([4])).tolist()
        [0.5]
    """
    return _over(hits.sum(axis=1), wanted)


def ndcg(hits: Hits, wanted: Wanted) -> PerQuery:
    """Discounted gain, 1 / log2(1 + place) a hit, over that of a list that starts with min(k, targets) hits.

    (Järvelin and Kekäläinen, 2002.)

    Example:
        >>> ndcg(np.array([[False, True]]), np.array([1])).round(4).tolist()
        [0.6309]
    """
    discount = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])
    return _over(hits @ discount, ideal[np.minimum(wanted, hits.shape[1])])


def mrr(hits: Hits, wanted: Wanted) -> PerQuery:
    """1 over the place of the first hit, 0 without one.

    Example:
        >>> mrr(np.array([[False, True, True]]), np.array([2])).tolist()
        [0.5]
    """
    return _where_wanted(hits.any(axis=1) / (1.0 + hits.argmax(axis=1)), wanted)


def average_precision(hits: Hits, wanted: Wanted) -> PerQuery:
    """Precision at each hit, added up, over min(k, targets); its mean over customers is known as MAP.

    Example:
        >>> average_precision(np.array([[True, False, True]]), np.array([2])).round(4).tolist()
        [0.8333]
    """
    places = np.arange(1, hits.shape[1] + 1)
    precision = np.cumsum(hits, axis=1) / places
    return _over((precision * hits).sum(axis=1), np.minimum(wanted, hits.shape[1]))


PER_QUERY: Final[dict[str, Callable[[Hits, Wanted], PerQuery]]] = {
    "ndcg": ndcg,
    "hit_rate": hit_rate,
    "recall": recall,
    "map": average_precision,
    "mrr": mrr,
}
"""Every measure above, by the name it has in tables."""


def coverage(lists: NDArray[np.int64], candidates: NDArray[np.bool_]) -> float:
    """Share of the candidates that stand in at least one list; NaN without a candidate.

    Example:
        >>> coverage(np.array([[0, 1], [0, -1]]), np.array([True, True, True, True]))
        0.5
    """
    if not candidates.any():
        return float("nan")
    shown = np.zeros(len(candidates), dtype=np.bool_)
    shown[lists[lists >= 0]] = True
    return float(shown[candidates].mean())


def self_information(buyers: NDArray[np.float32], customers: int) -> NDArray[np.float64]:
    """How surprising it is that a customer bought each product: -log2 of the share who did, in bits.

    A product that nobody bought counts as bought by one.

    Example:
        >>> self_information(np.array([8.0, 1.0, 0.0], dtype=np.float32), 8).tolist()
        [0.0, 3.0, 3.0]
    """
    share = np.maximum(buyers.astype(np.float64), 1.0) / max(customers, 1)
    return np.asarray(np.log2(1 / np.minimum(share, 1.0)))


def novelty(lists: NDArray[np.int64], information: NDArray[np.float64]) -> tuple[PerQuery, PerQuery]:
    """The self-information of what is listed: added up, and of how many products; their quotient is the novelty.

    (Mean self-information: Zhou et al., 2010.)

    Args:
        lists: Product columns, -1 where a list has ended; shape (queries, k).
        information: Of each product, shape (products,).

    Returns:
        Two arrays of shape (queries,).

    Example:
        >>> bits, listed = novelty(np.array([[0, 1], [1, -1]]), np.array([1.0, 3.0]))
        >>> bits.tolist(), listed.tolist()
        ([4.0, 3.0], [2.0, 1.0])
    """
    there = lists >= 0
    bits = np.where(there, information[np.maximum(lists, 0)], 0.0) if len(information) else np.zeros(lists.shape)
    return bits.sum(axis=1), there.sum(axis=1).astype(np.float64)


def resampled_ratios(
    parts: NDArray[np.float64], wholes: NDArray[np.float64], *, seed: int, draws: int = 1_000, level: float = 0.95
) -> NDArray[np.float64]:
    """Sum of `parts` over sum of `wholes`, with a percentile interval from resampling customers (rows).

    With wholes of one, that is a mean. All columns are taken from the same resamples, a few at a time, so
    memory does not grow with the draws.

    Args:
        parts: One row a customer, one column a figure; shape (customers, figures).
        wholes: Of the same shape, or one that broadcasts to it.
        seed: The draws repeat exactly.
        draws: How many resamples.
        level: Coverage of the interval.

    Returns:
        Shape (3, figures): ratio, lower and upper end; NaN without a customer, or where the wholes add up to nothing.

    Example:
        >>> resampled_ratios(np.array([[1.0], [1.0]]), np.ones((2, 1)), seed=0).tolist()
        [[1.0], [1.0], [1.0]]
    """
    customers, figures = parts.shape
    if customers == 0:
        return np.full((3, figures), np.nan)
    both = np.hstack([parts, np.broadcast_to(wholes, parts.shape)])
    rng = np.random.default_rng(seed)
    sums = [
        _times_drawn(rng, customers, min(DRAWS_AT_ONCE, draws - done)) @ both for done in range(0, draws, DRAWS_AT_ONCE)
    ]
    drawn = np.concatenate(sums)
    ratios = _over(drawn[:, :figures], drawn[:, figures:])
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return np.stack([_over(parts.sum(axis=0), both[:, figures:].sum(axis=0)), low, high])


def _times_drawn(rng: np.random.Generator, customers: int, draws: int) -> NDArray[np.float64]:
    """How often each customer is drawn, shape (draws, customers)."""
    picked = rng.integers(0, customers, (draws, customers), dtype=np.int32)
    return np.stack([np.bincount(one, minlength=customers) for one in picked]).astype(np.float64)


def _where_wanted(values: NDArray[np.bool_] | PerQuery, wanted: Wanted) -> PerQuery:
    return np.where(wanted > 0, values.astype(np.float64), np.nan)


def _over(values: NDArray[np.int64] | PerQuery, by: NDArray[np.int64] | PerQuery) -> PerQuery:
    """Quotient, NaN where there is nothing to divide by."""
    known = by > 0
    return np.where(known, values / np.where(known, by, 1), np.nan)
