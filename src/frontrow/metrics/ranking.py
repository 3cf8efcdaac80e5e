"""Metrics of recommended lists: pure functions of hits and numbers of targets, with one value per customer.

Every metric takes `hits`, bool of shape (queries, k): whether the product at each rank of the list is a target; and
`target_counts`, int of shape (queries,): the number of targets, including those that no list can contain. Slice the
hits (`hits[:, :5]`) for a metric at a smaller k. A query without a target has the value NaN.

Binary relevance throughout; the definitions are those of Manning, Raghavan and Schütze, 2008, chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.metrics.bootstrap import ratio

Hits = NDArray[np.bool_]
TargetCounts = NDArray[np.int64]
PerQuery = NDArray[np.float64]


def find_hits(lists: NDArray[np.int64], targets: sparse.csr_matrix) -> Hits:
    """Where each list contains a target.

    Args:
        lists: Product columns, best first, -1 after the end of a list; shape (queries, k).
        targets: One stored entry per target, whatever its value; shape (queries, products).

    Returns:
        Bool of shape (queries, k).

    Example:
        >>> find_hits(np.array([[2, 0, -1]]), sparse.csr_matrix([[0, 1, 1]])).tolist()
        [[True, False, False]]
    """
    queries, products = targets.shape
    if lists.shape[0] != queries:
        raise ValueError(f"{lists.shape[0]} lists and targets of {queries} queries: give one list for each query")
    if targets.nnz == 0:
        return np.zeros(lists.shape, dtype=np.bool_)
    row = np.repeat(np.arange(queries, dtype=np.int64), np.diff(targets.indptr))
    target_cells = np.sort(row * products + targets.indices)
    listed_cells = np.arange(queries, dtype=np.int64)[:, None] * products + lists
    nearest = np.minimum(np.searchsorted(target_cells, listed_cells), len(target_cells) - 1)
    return np.asarray((target_cells[nearest] == listed_cells) & (lists >= 0))


def hit_rate(hits: Hits, target_counts: TargetCounts) -> PerQuery:
    """1 where the list contains a target, else 0.

    Args:
        hits: Shape (queries, k).
        target_counts: Shape (queries,).

    Example:
        >>> hit_rate(np.array([[False, True], [False, False]]), np.array([3, 1])).tolist()
        [1.0, 0.0]
    """
    return _where_targets(hits.max(axis=1, initial=False), target_counts)


def recall(hits: Hits, target_counts: TargetCounts) -> PerQuery:
    """Targets in the list over all targets.

    Args:
        hits: Shape (queries, k).
        target_counts: Shape (queries,).

    Example:
        >>> recall(np.array([[True, False, True]]), np.array([4])).tolist()
        [0.5]
    """
    return ratio(hits.sum(axis=1), target_counts)


def ndcg(hits: Hits, target_counts: TargetCounts) -> PerQuery:
    """Discounted gain, 1 / log2(1 + rank) a hit, over that of a list that starts with min(k, targets) hits.

    (Järvelin and Kekäläinen, 2002.)

    Args:
        hits: Shape (queries, k).
        target_counts: Shape (queries,).

    Example:
        >>> ndcg(np.array([[False, True]]), np.array([1])).round(4).tolist()
        [0.6309]
    """
    discount = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])
    return ratio(hits @ discount, ideal[np.minimum(target_counts, hits.shape[1])])


def mrr(hits: Hits, target_counts: TargetCounts) -> PerQuery:
    """1 over the rank of the first hit, 0 without one.

    Args:
        hits: Shape (queries, k).
        target_counts: Shape (queries,).

    Example:
        >>> mrr(np.array([[False, True, True]]), np.array([2])).tolist()
        [0.5]
    """
    return _where_targets(hits.any(axis=1) / (1.0 + hits.argmax(axis=1)), target_counts)


def average_precision(hits: Hits, target_counts: TargetCounts) -> PerQuery:
    """Precision at each hit, added up, over min(k, targets); its mean over customers is known as MAP.

    Args:
        hits: Shape (queries, k).
        target_counts: Shape (queries,).

    Example:
        >>> average_precision(np.array([[True, False, True]]), np.array([2])).round(4).tolist()
        [0.8333]
    """
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return ratio((precision * hits).sum(axis=1), np.minimum(target_counts, hits.shape[1]))


PER_QUERY: Final[dict[str, Callable[[Hits, TargetCounts], PerQuery]]] = {
    "ndcg": ndcg,
    "hit_rate": hit_rate,
    "recall": recall,
    "map": average_precision,
    "mrr": mrr,
}
"""Every metric above, by its name in tables."""


def catalogue_coverage(lists: NDArray[np.int64], candidates: NDArray[np.bool_]) -> float:
    """Share of the candidate products that are in at least one list; NaN without a candidate.

    Args:
        lists: Product columns, -1 after the end of a list; shape (queries, k).
        candidates: Whether each product could be listed, shape (products,).

    Example:
        >>> catalogue_coverage(np.array([[0, 1], [0, -1]]), np.array([True, True, True, True]))
        0.5
    """
    if not candidates.any():
        return float("nan")
    listed = np.zeros(len(candidates), dtype=np.bool_)
    listed[lists[lists >= 0]] = True
    return float(listed[candidates].mean())


def self_information(buyers: NDArray[np.float32], customers: int) -> NDArray[np.float64]:
    """How surprising it is that a customer bought each product: -log2 of the share of customers who did, in bits.

    A product without a buyer counts as bought by one customer.

    Args:
        buyers: Number of buyers of each product, shape (products,).
        customers: Number of customers.

    Example:
        >>> self_information(np.array([8.0, 1.0, 0.0], dtype=np.float32), 8).tolist()
        [0.0, 3.0, 3.0]
    """
    share = np.maximum(buyers.astype(np.float64), 1.0) / max(customers, 1)
    return np.asarray(np.log2(1 / np.minimum(share, 1.0)))


def novelty(lists: NDArray[np.int64], information: NDArray[np.float64]) -> tuple[PerQuery, PerQuery]:
    """Sum of the self-information of the listed products, and their number; the quotient is the novelty.

    (Mean self-information: Zhou et al., 2010.)

    Args:
        lists: Product columns, -1 after the end of a list; shape (queries, k).
        information: Self-information of each product in bits, shape (products,).

    Returns:
        Two arrays of shape (queries,).

    Example:
        >>> bits, listed = novelty(np.array([[0, 1], [1, -1]]), np.array([1.0, 3.0]))
        >>> bits.tolist(), listed.tolist()
        ([4.0, 3.0], [2.0, 1.0])
    """
    listed = lists >= 0
    bits = np.where(listed, information[np.maximum(lists, 0)], 0.0) if len(information) else np.zeros(lists.shape)
    return bits.sum(axis=1), listed.sum(axis=1).astype(np.float64)


def _where_targets(values: NDArray[np.bool_] | PerQuery, target_counts: TargetCounts) -> PerQuery:
    return np.where(target_counts > 0, values.astype(np.float64), np.nan)
