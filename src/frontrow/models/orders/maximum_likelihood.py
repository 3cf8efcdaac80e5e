"""How the few parameters of an order process are found: the logarithms that make what was seen the likeliest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

FIT_CUSTOMERS: Final = 10_000
"""A few numbers need no more customers than these: a fit reads at most so many, evenly spaced."""

BOUND: Final = 8.0
"""Logarithms of the parameters stay within so much of zero."""

PENALTY: Final = 1e-4
"""Weight of the squared logarithms in the mean log likelihood: a parameter that a shop says nothing of stays near 1."""

TOLERANCE: Final = 1e-4
"""The search ends where the slope of the mean log likelihood is smaller than this."""


def choose_rows(count: int) -> NDArray[np.int64]:
    """Numbers of the rows that a fit reads: all of them, or `FIT_CUSTOMERS` evenly spaced ones."""
    return np.unique(np.linspace(0, count - 1, min(count, FIT_CUSTOMERS)).astype(np.int64))


def find_logarithms(log_likelihood: Callable[[Vector], Vector], start: Vector) -> Vector:
    """The logarithms of the parameters with the highest penalised mean log likelihood.

    Args:
        log_likelihood: Of each customer, given the logarithms.
        start: Where the search starts, shape (parameters,).

    Example:
        The rate of waiting times of 4 on average:

        >>> waits = np.array([1.0, 7.0])
        >>> logarithms = find_logarithms(lambda rate: rate[0] - np.exp(rate[0]) * waits, np.zeros(1))
        >>> np.exp(logarithms).round(2).tolist()
        [0.25]
    """
    from scipy.optimize import minimize

    def loss(logarithms: Vector) -> float:
        likelihood = log_likelihood(np.clip(logarithms, -BOUND, BOUND))
        return float(PENALTY * np.square(logarithms).sum() - likelihood.mean())

    best = minimize(loss, np.clip(start, -BOUND, BOUND), method="BFGS", options={"gtol": TOLERANCE})
    return np.clip(np.asarray(best.x, dtype=np.float64), -BOUND, BOUND)
