"""Metrics of one list of customers: pure functions of labels and scores.

`labels` are 0 or 1, shape (n,); `scores` are floats, shape (n,), higher meaning more likely. Ties are shared fairly
where the metric allows it (`auc`, `average_precision`, `lift`), so that a constant score earns the base rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve: the probability that a buyer is scored above another customer, ties counting half.

    Args:
        labels: 0 or 1, shape (n,).
        scores: Shape (n,).

    Returns:
        In [0, 1]; NaN when there are only buyers, or none.

    Example:
        >>> auc([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
        0.75
    """
    y, s = as_vectors(labels, scores)
    positives = y.sum()
    negatives = len(y) - positives
    if positives == 0 or negatives == 0 or np.isnan(s).any():
        return float("nan")
    # as `scipy.stats.rankdata` gives them, which takes half a second to import
    _, value_of_row, counts = np.unique(s, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[value_of_row]
    return float((ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Mean of the precision at each distinct score, weighted by the buyers with that score.

    Args:
        labels: 0 or 1, shape (n,).
        scores: Shape (n,).

    Returns:
        In [0, 1]; NaN when there is no buyer.

    Example:
        >>> round(average_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]), 4)
        0.8333
    """
    y, s = as_vectors(labels, scores)
    if y.sum() == 0:
        return float("nan")
    buyers, customers = _cumulative(y, s)
    return float((np.diff(buyers, prepend=0.0) * buyers / customers).sum() / y.sum())


def lift(labels: ArrayLike, scores: ArrayLike, share: float) -> float:
    """Buyers among the best-scored `share` of customers, over those of a random list of that length.

    The list has `ceil(share * n)` customers; those tied at its end count in proportion.

    Args:
        labels: 0 or 1, shape (n,).
        scores: Shape (n,).
        share: Length of the list as a share of the customers, in (0, 1].

    Returns:
        1 for a random order; NaN when there is no buyer.

    Example:
        >>> lift([1, 0, 0, 0], [0.9, 0.8, 0.7, 0.1], share=0.25)
        4.0
    """
    y, s = as_vectors(labels, scores)
    if y.sum() == 0:
        return float("nan")
    length = int(np.ceil(share * len(y) - 1e-9))
    return float(buyers_at(y, s, length) / length / y.mean())


def buyers_at(labels: ArrayLike, scores: ArrayLike, length: int) -> float:
    """Buyers expected among the best-scored `length` customers; ties at the end count in proportion.

    Args:
        labels: 0 or 1, shape (n,).
        scores: Shape (n,).
        length: Number of customers on the list.

    Example:
        >>> buyers_at([1, 0, 1], [0.5, 0.5, 0.1], length=1)
        0.5
    """
    y, s = as_vectors(labels, scores)
    buyers, customers = _cumulative(y, s)
    return float(np.interp(length, np.concatenate([[0.0], customers]), np.concatenate([[0.0], buyers])))


def log_loss(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean negative log likelihood in nats per customer; probabilities are clipped to [1e-15, 1 - 1e-15].

    Args:
        labels: 0 or 1, shape (n,).
        probabilities: In [0, 1], shape (n,).

    Returns:
        Lower is better; NaN without a customer.

    Example:
        >>> round(log_loss([1, 0], [0.5, 0.5]), 4)
        0.6931
    """
    y, p = as_vectors(labels, probabilities)
    if len(y) == 0:
        return float("nan")
    p = np.clip(p, 1e-15, 1 - 1e-15)
    return float(-(y * np.log(p) + (1 - y) * np.log1p(-p)).mean())


def as_vectors(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Labels and scores as float64 vectors.

    Args:
        labels: Shape (n,).
        scores: Shape (n,).

    Raises:
        ValueError: They are not two vectors of one length.
    """
    y, s = np.asarray(labels, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if y.shape != s.shape or y.ndim != 1:
        raise ValueError(
            f"labels and scores must be two vectors of one length; their shapes are {y.shape} and {s.shape}"
        )
    return y, s


def _cumulative(y: NDArray[np.float64], s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Number of buyers and of customers with at least each distinct score, highest score first."""
    order = np.argsort(-s, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(s[order])), len(s) - 1) if len(s) else np.array([], dtype=np.int64)
    return np.cumsum(y[order])[ends], (ends + 1).astype(np.float64)
