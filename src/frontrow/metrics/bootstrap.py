"""Bootstrap intervals (Efron, 1979): the draws, and the statistics that are computed from them.

Every function takes a seed, and the same seed draws the same resamples. All intervals are percentile intervals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

DRAWS_AT_ONCE = 20
"""Resamples of rows that are held in memory together."""

COUNTS_AT_ONCE = 4_000_000
"""Multinomial counts that are held in memory together: 32 MB."""


class Estimate(NamedTuple):
    """A statistic with its interval.

    Attributes:
        value: The statistic on the data itself.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float
    low: float
    high: float


def percentile_interval(statistics: Floats, level: float = 0.95) -> Floats:
    """The central interval of resampled statistics.

    Args:
        statistics: One row a resample, shape (draws,) or (draws, metrics).
        level: Coverage of the interval.

    Returns:
        Lower and upper end, shape (2,) or (2, metrics).

    Example:
        >>> percentile_interval(np.arange(101.0), level=0.9).round(6).tolist()
        [5.0, 95.0]
    """
    return np.asarray(np.quantile(statistics, [(1 - level) / 2, (1 + level) / 2], axis=0))


def bootstrap_mean(
    values: ArrayLike, groups: ArrayLike, *, seed: int, draws: int = 2_000, level: float = 0.95
) -> Estimate:
    """Mean of `values` with an interval from resampling `groups`; NaN values are left out.

    Launches come in ranges, so the launches of one week are not independent: resample weeks, not launches
    (the cluster bootstrap; Davison and Hinkley, 1997, section 3.8).

    Args:
        values: One number a launch.
        groups: The group of each value, such as its launch week.
        seed: Seed of the draws.
        draws: Number of resamples.
        level: Coverage of the interval.

    Example:
        >>> bootstrap_mean([1.0, 1.0, 1.0], [1, 2, 3], seed=0)
        Estimate(value=1.0, low=1.0, high=1.0)
    """
    x = np.asarray(values, dtype=np.float64)
    defined = ~np.isnan(x)
    x = x[defined]
    if len(x) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    _, group = np.unique(np.asarray(groups)[defined], return_inverse=True)
    sums, sizes = np.bincount(group, weights=x), np.bincount(group).astype(np.float64)
    means = [sums[rows].sum(axis=1) / sizes[rows].sum(axis=1) for rows in _resample(len(sums), seed, draws)]
    low, high = percentile_interval(np.concatenate(means), level)
    return Estimate(float(x.mean()), float(low), float(high))


def bootstrap_ratios(
    numerators: Floats, denominators: Floats, *, seed: int, draws: int = 1_000, level: float = 0.95
) -> Floats:
    """Ratio of two sums over customers, with an interval from resampling customers; one ratio a column.

    With denominators of 1, a ratio is a mean. All columns share the same resamples, so their intervals are paired.

    Args:
        numerators: Shape (customers, metrics).
        denominators: Of the same shape, or one that broadcasts to it.
        seed: Seed of the draws.
        draws: Number of resamples.
        level: Coverage of the intervals.

    Returns:
        Shape (3, metrics): ratio, lower and upper end; NaN without a customer, or where the denominators sum to 0.

    Example:
        >>> bootstrap_ratios(np.array([[1.0], [1.0]]), np.ones((2, 1)), seed=0).tolist()
        [[1.0], [1.0], [1.0]]
    """
    customers, metrics = numerators.shape
    if customers == 0:
        return np.full((3, metrics), np.nan)
    both = np.hstack([numerators, np.broadcast_to(denominators, numerators.shape)])
    sums = np.concatenate([_counts(rows) @ both for rows in _resample(customers, seed, draws)])
    interval = percentile_interval(ratio(sums[:, :metrics], sums[:, metrics:]), level)
    return np.stack([ratio(numerators.sum(axis=0), both[:, metrics:].sum(axis=0)), *interval])


def bootstrap_means(samples: Sequence[Floats], *, seed: int, draws: int) -> Floats:
    """Mean of each sample in each resample; every sample is drawn anew from itself, its size unchanged.

    Customers with equal values are exchangeable, so a resample is one multinomial draw of how often each distinct
    value comes up: exact, and quick, because most customers of a campaign bought nothing.

    Args:
        samples: One vector each, such as the outcomes of the contacted and of the held-out customers.
        seed: Seed of the draws.
        draws: Number of resamples.

    Returns:
        Shape (draws, samples).

    Example:
        >>> means = bootstrap_means([np.arange(50.0), np.arange(50.0, 100.0)], seed=0, draws=1_000)
        >>> means.shape, bool(abs(means[:, 1].mean() - 74.5) < 0.5)
        ((1000, 2), True)
    """
    rng = np.random.default_rng(seed)
    return np.column_stack([_means(values, draws, rng) for values in samples])


def poisson_weights(customers: int, *, seed: int, draws: int) -> Iterator[Floats]:
    """Weights of the customers in each resample, Poisson with mean 1: for a statistic of a ranked list.

    Args:
        customers: Number of customers.
        seed: Seed of the draws.
        draws: Number of resamples.

    Yields:
        One vector of shape (customers,) a resample.

    Example:
        >>> len(list(poisson_weights(3, seed=0, draws=5)))
        5
    """
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield rng.poisson(1.0, customers).astype(np.float64)


def ratio(numerators: NDArray[np.int64] | Floats, denominators: NDArray[np.int64] | Floats) -> Floats:
    """Quotients; NaN where the denominator is not positive.

    Args:
        numerators: Of any shape.
        denominators: Of the same shape.

    Example:
        >>> ratio(np.array([1, 2]), np.array([4, 0])).tolist()
        [0.25, nan]
    """
    defined = denominators > 0
    return np.where(defined, numerators / np.where(defined, denominators, 1), np.nan)


def _resample(rows: int, seed: int, draws: int) -> Iterator[NDArray[np.int32]]:
    """Rows drawn with replacement, a few resamples at a time, so that memory does not grow with the draws."""
    rng = np.random.default_rng(seed)
    for start in range(0, draws, DRAWS_AT_ONCE):
        yield rng.integers(0, rows, (min(DRAWS_AT_ONCE, draws - start), rows), dtype=np.int32)


def _counts(rows: NDArray[np.int32]) -> Floats:
    """How often each row was drawn, of the same shape as the draws."""
    return np.stack([np.bincount(drawn, minlength=rows.shape[1]) for drawn in rows]).astype(np.float64)


def _means(values: Floats, draws: int, rng: np.random.Generator) -> Floats:
    distinct, count = np.unique(values, return_counts=True)
    probabilities = count / count.sum()
    step = max(COUNTS_AT_ONCE // len(distinct), 1)
    sums = [
        rng.multinomial(len(values), probabilities, size=min(step, draws - start)) @ distinct
        for start in range(0, draws, step)
    ]
    return np.asarray(np.concatenate(sums) / len(values))
