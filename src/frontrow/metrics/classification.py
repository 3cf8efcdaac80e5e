"""Measures of a ranking and of probabilities: pure functions of labels and scores.

`labels` are 0 or 1, shape (n,); `scores` are floats, shape (n,), higher meaning more likely. Ties are shared fairly
where the measure allows it (`auc`, `average_precision`, `lift`), so that a constant score earns the base rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve: the chance that a buyer is scored above another customer, ties counting half.

    NaN when there are only buyers, or none.

    Example:
        >>> auc([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
        0.75
    """
    from scipy.stats import rankdata

    y, s = _pair(labels, scores)
    positives = y.sum()
    negatives = len(y) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    ranks = rankdata(s)
    return float((ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Mean of the precision at each distinct score, weighted by the buyers found there.

    NaN when there is no buyer.

    Example:
        >>> round(average_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]), 4)
        0.8333
    """
    y, s = _pair(labels, scores)
    if y.sum() == 0:
        return float("nan")
    found, chosen = _cumulative(y, s)
    gained = np.diff(found, prepend=0.0)
    return float((gained * found / chosen).sum() / y.sum())


def lift(labels: ArrayLike, scores: ArrayLike, share: float) -> float:
    """Buyers among the best-scored `share` of customers, over what a random list of that length holds.

    The list has `ceil(share * n)` customers; those tied at its end enter in proportion. NaN when there is no buyer.

    Example:
        >>> lift([1, 0, 0, 0], [0.9, 0.8, 0.7, 0.1], share=0.25)
        4.0
    """
    y, s = _pair(labels, scores)
    if y.sum() == 0:
        return float("nan")
    length = int(np.ceil(share * len(y) - 1e-9))
    return float(buyers_at(y, s, length) / length / y.mean())


def buyers_at(labels: ArrayLike, scores: ArrayLike, length: int) -> float:
    """Buyers expected among the best-scored `length` customers, ties at the end entering in proportion.

    Example:
        >>> buyers_at([1, 0, 1], [0.5, 0.5, 0.1], length=1)
        0.5
    """
    y, s = _pair(labels, scores)
    found, chosen = _cumulative(y, s)
    return float(np.interp(length, np.concatenate([[0.0], chosen]), np.concatenate([[0.0], found])))


def log_loss(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean negative log likelihood, in nats a customer; probabilities are kept 1e-15 away from 0 and 1.

    Example:
        >>> round(log_loss([1, 0], [0.5, 0.5]), 4)
        0.6931
    """
    y, p = _pair(labels, probabilities)
    if len(y) == 0:
        return float("nan")
    p = np.clip(p, 1e-15, 1 - 1e-15)
    return float(-(y * np.log(p) + (1 - y) * np.log1p(-p)).mean())


def resampled_mean(
    values: ArrayLike, groups: ArrayLike, *, seed: int, draws: int = 2_000, level: float = 0.95
) -> tuple[float, float, float]:
    """Mean of `values` with a percentile interval from resampling whole `groups`; NaN values are left out.

    Launches come in ranges, so launches of one week are not independent: resample weeks, not launches
    (the cluster bootstrap; Davison and Hinkley, 1997, section 3.8).

    Args:
        values: One number a launch.
        groups: The group of each value, such as its launch week.
        seed: The draws repeat exactly.
        draws: How many resamples.
        level: Coverage of the interval.

    Returns:
        Mean, lower and upper end.

    Example:
        >>> resampled_mean([1.0, 1.0, 1.0], [1, 2, 3], seed=0)
        (1.0, 1.0, 1.0)
    """
    x = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(x)
    x = x[known]
    if len(x) == 0:
        return float("nan"), float("nan"), float("nan")
    _, group = np.unique(np.asarray(groups)[known], return_inverse=True)
    sums = np.bincount(group, weights=x)
    sizes = np.bincount(group).astype(np.float64)
    picked = np.random.default_rng(seed).integers(0, len(sums), size=(draws, len(sums)))
    means = sums[picked].sum(axis=1) / sizes[picked].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(x.mean()), float(low), float(high)


def _pair(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, s = np.asarray(labels, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if y.shape != s.shape or y.ndim != 1:
        raise ValueError(f"labels and scores must be two vectors of one length, not {y.shape} and {s.shape}")
    return y, s


def _cumulative(y: NDArray[np.float64], s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Buyers found and customers chosen down to each distinct score, best first."""
    order = np.argsort(-s, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(s[order])), len(s) - 1) if len(s) else np.array([], dtype=np.int64)
    return np.cumsum(y[order])[ends], (ends + 1).astype(np.float64)
