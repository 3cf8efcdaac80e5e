"""Measures of probabilities as probabilities and of intervals as intervals: pure functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

DECILES = 10


def reliability(labels: ArrayLike, probabilities: ArrayLike, bins: int = DECILES) -> list[tuple[int, float, float]]:
    """Customers in order of their probability, cut into `bins` groups of equal size, lowest first.

    Ties stay in the order given, so that groups differ by one customer at most.

    Args:
        labels: 0 or 1, shape (n,).
        probabilities: In [0, 1], shape (n,).
        bins: Most groups; with fewer customers, one each.

    Returns:
        For each group that holds someone: customers, their mean probability, the share that bought.

    Example:
        >>> reliability([0, 0, 0, 1], [0.1, 0.3, 0.4, 0.8], bins=2)
        [(2, 0.2, 0.0), (2, 0.6000000000000001, 0.5)]
    """
    y, p = _pair(labels, probabilities)
    order = np.argsort(p, kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    return [(len(group), float(p[group].mean()), float(y[group].mean())) for group in groups]


def expected_calibration_error(labels: ArrayLike, probabilities: ArrayLike, bins: int = DECILES) -> float:
    """Mean distance between what was said and what came, over groups of equal size (`reliability`).

    The groups' absolute differences, weighted by their customers (Naeini, Cooper and Hauskrecht, 2015, with groups
    of equal size in place of equal width: where nearly everyone is below 5 %, equal widths put all into one group).
    NaN of nobody.

    Example:
        >>> round(expected_calibration_error([0, 0, 0, 1], [0.1, 0.3, 0.4, 0.8], bins=2), 3)
        0.15
    """
    groups = reliability(labels, probabilities, bins)
    customers = sum(count for count, _, _ in groups)
    if customers == 0:
        return float("nan")
    return sum(count * abs(said - came) for count, said, came in groups) / customers


def interval_score(low: ArrayLike, high: ArrayLike, actual: ArrayLike, *, coverage: float) -> float:
    """Mean width of intervals, with a penalty for each miss of 2 / (1 - coverage) times the distance; lower is better.

    Gneiting and Raftery, "Strictly Proper Scoring Rules", 2007, section 6.2.

    Args:
        low: Lower ends, shape (n,).
        high: Upper ends, shape (n,).
        actual: What came, shape (n,).
        coverage: What share the intervals are meant to hold, such as 0.8.

    Example:
        >>> round(interval_score([2.0, 2.0], [6.0, 6.0], [5.0, 7.0], coverage=0.8), 6)
        9.0
    """
    lower, upper, y = (np.asarray(values, dtype=np.float64) for values in (low, high, actual))
    missed = np.maximum(lower - y, 0.0) + np.maximum(y - upper, 0.0)
    return float((upper - lower + 2.0 / (1.0 - coverage) * missed).mean()) if len(y) else float("nan")


def covered(low: ArrayLike, high: ArrayLike, actual: ArrayLike) -> float:
    """Share of what came that lies within its interval, ends included; NaN of nothing.

    Example:
        >>> covered([2.0, 2.0], [6.0, 6.0], [6.0, 7.0])
        0.5
    """
    lower, upper, y = (np.asarray(values, dtype=np.float64) for values in (low, high, actual))
    return float(((lower <= y) & (y <= upper)).mean()) if len(y) else float("nan")


def count_errors(predicted: ArrayLike, actual: ArrayLike) -> NDArray[np.float64]:
    """|log((predicted + 0.5) / (actual + 0.5))| of each count; 0.69 is a factor of two.

    Example:
        >>> count_errors([3.5], [1.5]).round(3).tolist()
        [0.693]
    """
    x, y = np.asarray(predicted, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    return np.asarray(np.abs(np.log((x + 0.5) / (y + 0.5))), dtype=np.float64)


def _pair(labels: ArrayLike, probabilities: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, p = np.asarray(labels, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1:
        raise ValueError(f"labels and probabilities must be two vectors of one length, not {y.shape} and {p.shape}")
    return y, p
