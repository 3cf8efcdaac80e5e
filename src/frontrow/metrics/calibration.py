"""Metrics of predicted probabilities and of prediction intervals: pure functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontrow.metrics.classification import as_vectors

DECILES = 10


def reliability(labels: ArrayLike, probabilities: ArrayLike, bins: int = DECILES) -> list[tuple[int, float, float]]:
    """Customers in order of their probability, cut into `bins` groups of equal size, lowest first.

    Ties keep their order in the input, so group sizes differ by one customer at most.

    Args:
        labels: 0 or 1, shape (n,).
        probabilities: In [0, 1], shape (n,).
        bins: Number of groups; with fewer customers, one group each.

    Returns:
        For each group: number of customers, their mean probability, the share that bought.

    Example:
        >>> reliability([0, 0, 0, 1], [0.1, 0.3, 0.4, 0.8], bins=2)
        [(2, 0.2, 0.0), (2, 0.6000000000000001, 0.5)]
    """
    y, p = as_vectors(labels, probabilities)
    order = np.argsort(p, kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    return [(len(group), float(p[group].mean()), float(y[group].mean())) for group in groups]


def expected_calibration_error(labels: ArrayLike, probabilities: ArrayLike, bins: int = DECILES) -> float:
    """Mean absolute difference between the predicted and the actual share of buyers, over groups of equal size.

    The groups are those of `reliability`, weighted by their customers (Naeini, Cooper and Hauskrecht, 2015, with
    groups of equal size in place of equal width: where nearly everyone is below 5 %, equal widths put all into one).

    Args:
        labels: 0 or 1, shape (n,).
        probabilities: In [0, 1], shape (n,).
        bins: Number of groups.

    Returns:
        In [0, 1]; NaN without a customer.

    Example:
        >>> round(expected_calibration_error([0, 0, 0, 1], [0.1, 0.3, 0.4, 0.8], bins=2), 3)
        0.15
    """
    groups = reliability(labels, probabilities, bins)
    customers = sum(count for count, _, _ in groups)
    if customers == 0:
        return float("nan")
    return sum(count * abs(predicted - actual) for count, predicted, actual in groups) / customers


def interval_score(low: ArrayLike, high: ArrayLike, actual: ArrayLike, *, coverage: float) -> float:
    """Mean width of intervals, with a penalty for each miss of 2 / (1 - coverage) times the distance; lower is better.

    Gneiting and Raftery, "Strictly Proper Scoring Rules", 2007, section 6.2.

    Args:
        low: Lower ends, shape (n,).
        high: Upper ends, shape (n,).
        actual: The values predicted, shape (n,).
        coverage: Nominal coverage of the intervals, such as 0.8.

    Example:
        >>> round(interval_score([2.0, 2.0], [6.0, 6.0], [5.0, 7.0], coverage=0.8), 6)
        9.0
    """
    lower, upper, y = (np.asarray(values, dtype=np.float64) for values in (low, high, actual))
    missed = np.maximum(lower - y, 0.0) + np.maximum(y - upper, 0.0)
    return float((upper - lower + 2.0 / (1.0 - coverage) * missed).mean()) if len(y) else float("nan")


def interval_coverage(low: ArrayLike, high: ArrayLike, actual: ArrayLike) -> float:
    """Share of the actual values that lie within their intervals, ends included.

    Args:
        low: Lower ends, shape (n,).
        high: Upper ends, shape (n,).
        actual: The values predicted, shape (n,).

    Returns:
        In [0, 1]; NaN without a value.

    Example:
        >>> interval_coverage([2.0, 2.0], [6.0, 6.0], [6.0, 7.0])
        0.5
    """
    lower, upper, y = (np.asarray(values, dtype=np.float64) for values in (low, high, actual))
    return float(((lower <= y) & (y <= upper)).mean()) if len(y) else float("nan")


def count_errors(predicted: ArrayLike, actual: ArrayLike) -> NDArray[np.float64]:
    """|log((predicted + 0.5) / (actual + 0.5))| of each count; 0.69 is a factor of two.

    Args:
        predicted: Shape (n,).
        actual: Shape (n,).

    Example:
        >>> count_errors([3.5], [1.5]).round(3).tolist()
        [0.693]
    """
    x, y = np.asarray(predicted, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    return np.asarray(np.abs(np.log((x + 0.5) / (y + 0.5))), dtype=np.float64)
