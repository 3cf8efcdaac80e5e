"""Metrics of predicted probabilities and of prediction intervals: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
    return reliability_of_parts(lambda: [(y, p)], bins)


Part = tuple[NDArray[np.float64], NDArray[np.float64]]


def reliability_of_parts(
    read_parts: Callable[[], Iterable[Part]], bins: int = DECILES
) -> list[tuple[int, float, float]]:
    """`reliability` of customers who do not fit into memory together.

    Args:
        read_parts: Gives labels and probabilities of some customers after the other; called several times.
        bins: Number of groups.
    """
    count = sum(len(p) for _, p in read_parts())
    sizes = [len(group) for group in np.array_split(np.arange(count), bins) if len(group)] if count else []
    ranks = np.cumsum(sizes)[:-1].astype(np.int64)
    values, equal_before = find_order_statistics(lambda: (p for _, p in read_parts()), ranks)
    sums = np.zeros((2, len(sizes)))
    for y, p in read_parts():
        group = np.searchsorted(values, p, side="left")
        for value in np.unique(values):
            # those equal to a bound come in the order of the input, before and after it
            equal = np.flatnonzero(p == value)
            places = equal_before[values == value]
            first = int(np.searchsorted(values, value))
            group[equal] = first + np.searchsorted(places, np.arange(len(equal)), side="right")
            equal_before[values == value] = places - len(equal)
        sums += [np.bincount(group, weights, len(sizes)) for weights in (p, y)]
    return [
        (size, float(predicted), float(actual))
        for size, predicted, actual in zip(sizes, *(sums / np.array(sizes)), strict=True)
    ]


DIGIT_BITS = 16


def find_order_statistics(
    read_parts: Callable[[], Iterable[NDArray[np.float64]]], ranks: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The numbers at some places of an order that is never made, from counts of their digits.

    Args:
        read_parts: Gives numbers, none below zero, a part after the other; called once for each 16 bits of a number.
        ranks: Places, counted from 0 at the lowest, shape (places,).

    Returns:
        The numbers there, and how many equal to each come before the place, shape (places,) each.

    Example:
        >>> find_order_statistics(lambda: [np.array([0.5, 0.1]), np.array([0.5])], np.array([0, 2]))
        (array([0.1, 0.5]), array([0, 1]))
    """
    prefixes, remaining = np.zeros(len(ranks), np.uint64), ranks.copy()
    for shift in range(64 - DIGIT_BITS, -1, -DIGIT_BITS) if len(ranks) else ():
        distinct, places = np.unique(prefixes, return_inverse=True)
        counts = np.zeros((len(distinct), 2**DIGIT_BITS), np.int64)
        for part in read_parts():
            # bits of floats that are not below zero are in the order of the numbers
            digits = part.view(np.uint64) >> np.uint64(shift)
            for row, prefix in enumerate(distinct):
                own = digits[digits >> np.uint64(DIGIT_BITS) == prefix]
                counts[row] += np.bincount(
                    (own & np.uint64(2**DIGIT_BITS - 1)).astype(np.int64), minlength=2**DIGIT_BITS
                )
        below = np.cumsum(counts, axis=1)[places]
        digit = np.array([np.searchsorted(row, rank, side="right") for row, rank in zip(below, remaining, strict=True)])
        remaining -= np.where(digit > 0, below[np.arange(len(digit)), digit - 1], 0)
        prefixes = (prefixes << np.uint64(DIGIT_BITS)) + digit.astype(np.uint64)
    return prefixes.view(np.float64), remaining


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
