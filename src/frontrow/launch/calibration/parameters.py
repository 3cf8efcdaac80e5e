"""The parameters that a calibration learns: calibration in the large, calibration slope, and how sales come in.

Calibration in the large says how many buyers a launch finds, given the model's forecast. The slope says how far apart
the probabilities of one launch lie. The Gamma-Poisson model says how many buyers are still to come, given those so far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]

PRIOR_EXPONENT = 0.5
"""Exponent of a forecast's distance from the mean one, before launches have shown otherwise."""

PRIOR_EXPONENT_STRENGTH = 50.0
"""How much evidence moves it: number of launches times the variance of their log forecasts."""

PRIOR_FACTOR_STRENGTH = 3.0
"""How much evidence moves the factor away from 1: number of launches, about."""

BORROWED_FACTOR = 0.71
"""Actual buyers for each one expected, in shops with few launches: a model fitted on few promises too much, because
launches with few buyers are not among what it learned from, and a product on sale is better known than a new one."""

BORROWED_CENTER = -0.34
"""Mean of log(actual / expected) of the launches of such shops, the factor taken off: most launches find fewer buyers
than the mean one, and a few find many more."""

BORROWED_SPREAD = 0.93
"""Standard deviation of the same."""

BORROWED_LAUNCHES = 5.0
"""How many launches the borrowed spread counts as, beside the shop's own."""

BORROWED_SHAPE = 1.5
"""The shape of the Gamma distribution of a launch's size that has about this spread."""

SIZE_VARIANCE = 0.6
"""Variance of a launch's size about its forecast, relative to its square; the higher, the less large launches weigh."""

SLOPES = np.round(np.arange(0.5, 2.01, 0.05), 2)
"""The slopes tried."""

PRIOR_SLOPE_SD = 0.3
"""Standard deviation of slopes about 1, before launches have shown otherwise."""

BIN = 0.1
"""Logits closer than this count as equal when slopes are compared."""

MAX_LOGIT = 30.0
"""Logits are clipped to this distance from 0: probabilities of 0 and 1 have no finite one."""

SHAPES = np.geomspace(0.2, 20.0, 25)
"""The shapes of the Gamma distribution tried."""


@dataclass(frozen=True)
class CalibrationInTheLarge:
    """Expected buyers = factor * mean_forecast^(1 - exponent) * forecast^exponent.

    Attributes:
        mean_forecast: Geometric mean of the model's forecasts for earlier launches, in buyers.
        exponent: Between 0 (every launch is like the others) and 1 (launches differ as much as their forecasts).
        factor: Actual buyers for each one expected.
    """

    mean_forecast: float
    exponent: float
    factor: float

    @classmethod
    def fit(cls, forecasts: Vector, buyers: Vector, weights: Vector, *, borrows: bool = False) -> CalibrationInTheLarge:
        """Learn from earlier launches.

        The exponent is a ridge regression of log buyers on log forecasts, drawn towards `PRIOR_EXPONENT`. The factor
        is a ratio of sums in which a launch weighs as in a Gamma-Poisson regression of variance
        m + `SIZE_VARIANCE` m^2.

        Args:
            forecasts: Sum of the model's raw probabilities, one a launch, positive.
            buyers: How many bought, one a launch.
            weights: How much each launch counts.
            borrows: The factor is drawn towards that of other shops; there may then be no launch at all.

        Example:
            >>> in_the_large = CalibrationInTheLarge.fit(
            ...     np.array([10.0, 20.0, 40.0]), np.array([5.0, 10.0, 20.0]), np.ones(3)
            ... )
            >>> round(in_the_large.exponent, 2), bool(in_the_large.buyers(20.0) < 20.0)
            (0.51, True)
        """
        prior_factor = BORROWED_FACTOR if borrows else 1.0
        if borrows and len(forecasts) == 0:
            return cls(mean_forecast=1.0, exponent=1.0, factor=prior_factor)
        log_forecasts = np.log(forecasts)
        center = float(np.average(log_forecasts, weights=weights))
        deviations = log_forecasts - center
        log_buyers = np.log(buyers + 0.5)
        covariance = float((weights * deviations * (log_buyers - np.average(log_buyers, weights=weights))).sum())
        variance = float((weights * deviations**2).sum())
        strength = PRIOR_EXPONENT_STRENGTH
        exponent = min(max((strength * PRIOR_EXPONENT + covariance) / (strength + variance), 0.0), 1.0)
        expected = np.exp(center + exponent * deviations)
        shares = weights / (1.0 + SIZE_VARIANCE * expected)
        strength = PRIOR_FACTOR_STRENGTH
        factor = (strength * prior_factor + (shares * buyers).sum()) / (strength + (shares * expected).sum())
        return cls(float(np.exp(center)), exponent, float(factor))

    def buyers(self, forecast: float) -> float:
        """Buyers expected of a launch for which the model's raw probabilities add up to `forecast`.

        Example:
            >>> round(CalibrationInTheLarge(mean_forecast=20.0, exponent=0.5, factor=0.5).buyers(80.0), 9)
            20.0
        """
        return float(self.factor * self.mean_forecast ** (1.0 - self.exponent) * max(forecast, 1e-12) ** self.exponent)


def borrowed_log_ratios(elapsed: float) -> Vector:
    """Ten typical values of log(actual / expected) of the remaining buyers, from other shops.

    Args:
        elapsed: Share of the window that has passed; at its end half of the spread is left.

    Example:
        >>> borrowed_log_ratios(0.0).round(1).tolist()
        [-1.9, -1.3, -1.0, -0.7, -0.5, -0.2, 0.0, 0.3, 0.6, 1.2]
    """
    from scipy.special import ndtri

    typical = BORROWED_CENTER + BORROWED_SPREAD * ndtri(np.arange(0.05, 1.0, 0.1))
    return np.asarray((1.0 - 0.5 * elapsed) * typical)


def leave_week_out_buyers(
    forecasts: Vector, buyers: Vector, weights: Vector, weeks: NDArray[np.int64], *, borrows: bool = False
) -> Vector:
    """Buyers expected of each earlier launch by a calibration in the large fitted on the launches of other weeks.

    Launches come in ranges, and those of one week have common luck: a calibration that has seen the week would look
    more certain than it is. Where all launches are of one week, it is fitted on that one.

    Args:
        forecasts: Sum of the model's raw probabilities, shape (launches,).
        buyers: How many bought, shape (launches,).
        weights: How much each launch counts, shape (launches,).
        weeks: The week of each launch, shape (launches,).
        borrows: See `CalibrationInTheLarge.fit`.

    Returns:
        Shape (launches,).
    """
    expected = np.zeros(len(forecasts))
    for week in np.unique(weeks):
        inside = weeks == week
        train = ~inside if (~inside).any() else inside
        in_the_large = CalibrationInTheLarge.fit(forecasts[train], buyers[train], weights[train], borrows=borrows)
        expected[inside] = [in_the_large.buyers(forecast) for forecast in forecasts[inside]]
    return expected


def logits(probabilities: Vector) -> Vector:
    """log(p / (1 - p)), clipped to +-`MAX_LOGIT`.

    Example:
        >>> logits(np.array([0.5, 0.0])).tolist()
        [0.0, -30.0]
    """
    with np.errstate(divide="ignore"):
        values = np.log(probabilities) - np.log1p(-probabilities)
    return np.asarray(np.clip(values, -MAX_LOGIT, MAX_LOGIT))


def logistic(values: Vector) -> Vector:
    """1 / (1 + exp(-x)): the probability of a logit."""
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


def shift_to_sum(values: Vector, weights: Vector, total: float) -> Vector:
    """Logits shifted by one number along the last axis, so that their probabilities add up to `total`.

    Args:
        values: Logits, shape (..., n).
        weights: Customers that each represents, shape (n,).
        total: Buyers; clipped to between nobody and nearly everyone.

    Returns:
        Logits, shape (..., n), each row in the order it had.

    Example:
        >>> shifted = shift_to_sum(np.array([-3.0, -1.0]), np.ones(2), 1.0)
        >>> round(float(logistic(shifted).sum()), 9)
        1.0
    """
    target = float(np.clip(total, 1e-9, 0.999 * weights.sum()))
    shifted = np.asarray(values, dtype=np.float64)
    for _ in range(100):
        probabilities = logistic(shifted)
        error = (weights * probabilities).sum(axis=-1, keepdims=True) - target
        gradient = (weights * probabilities * (1.0 - probabilities)).sum(axis=-1, keepdims=True)
        step = error / np.maximum(gradient, 1e-12)
        shifted = shifted - np.clip(step, -1.0, 1.0)
        if np.abs(error).max() < 1e-10 * max(target, 1.0):
            break
    return shifted


def slope_log_likelihoods(values: Vector, bought: Vector, weights: Vector) -> Vector:
    """Log likelihood of one past launch at each of `SLOPES`, given its number of buyers; 0 at a slope of 1.

    Args:
        values: Raw logits of its customers, shape (n,).
        bought: 1.0 where the customer bought, shape (n,).
        weights: Customers that each row represents, shape (n,).

    Returns:
        Shape (slopes,).
    """
    if bought.sum() == 0:
        return np.zeros(len(SLOPES))
    bins, index = np.unique(np.floor(values / BIN).astype(np.int64), return_inverse=True)
    customers = np.bincount(index, weights, len(bins)).astype(np.float64)
    means = np.bincount(index, weights * values, len(bins)) / customers
    buyers = np.bincount(index, weights * bought, len(bins))
    shifted = shift_to_sum(SLOPES[:, None] * means, customers, float(buyers.sum()))  # (slopes, bins)
    likelihood = (buyers * shifted - customers * np.logaddexp(0.0, shifted)).sum(axis=1)
    return np.asarray(likelihood - likelihood[np.argmin(np.abs(SLOPES - 1.0))])


def fit_slope(log_likelihoods: NDArray[np.float64], weights: Vector) -> float:
    """The slope that makes past launches most likely.

    A slope instead of any monotone curve (Platt, 1999): it is one number to learn, and keeps every rank.

    Args:
        log_likelihoods: One `slope_log_likelihoods` a launch, shape (launches, slopes).
        weights: How much each launch counts, shape (launches,).
    """
    prior = -((SLOPES - 1.0) ** 2) / (2.0 * PRIOR_SLOPE_SD**2)
    return float(SLOPES[np.argmax(weights @ log_likelihoods + prior)])


def fit_share_sold(sold: Vector, buyers: Vector, weights: Vector, elapsed: float) -> float:
    """Of the buyers of earlier launches, the share who had bought by some day.

    Args:
        sold: Buyers by then, one a launch.
        buyers: Buyers in the whole window.
        weights: How much each launch counts.
        elapsed: Share of the window that had passed: the prior, which counts as one more buyer.
    """
    return float(((weights * sold).sum() + elapsed) / ((weights * buyers).sum() + 1.0))


def remaining_buyers(expected: ArrayLike, sold: ArrayLike, share: float, shape: float) -> NDArray[np.float64]:
    """Buyers still to come: the mean of the Gamma distribution given `sold`, times the share still open.

    A launch's size is Gamma with mean `expected` and shape `shape`, sales by then are Poisson with mean `share` times
    the size (Gelman et al., "Bayesian Data Analysis", section 2.6).

    Args:
        expected: Buyers expected of the whole window before the launch, shape (launches,) or a number.
        sold: Buyers so far, of the same shape.
        share: What `fit_share_sold` returns.
        shape: What `fit_shape` returns.

    Example:
        >>> float(remaining_buyers(20.0, 10.0, share=0.25, shape=5.0))
        22.5
    """
    mean, so_far = np.asarray(expected, dtype=np.float64), np.asarray(sold, dtype=np.float64)
    return mean * (shape + so_far) / (shape + mean * share) * (1.0 - share)


def fit_shape(expected: Vector, buyers: Vector, sold: Vector, share: float, weights: Vector) -> float:
    """The shape among `SHAPES` that makes the remaining buyers of earlier launches most likely.

    Args:
        expected: Buyers expected of the whole window, one a launch.
        buyers: Buyers in the whole window.
        sold: Buyers so far.
        share: What `fit_share_sold` returns.
        weights: How much each launch counts.
    """
    from scipy.special import gammaln

    remaining = buyers - sold
    log_likelihoods = []
    for shape in SHAPES:
        count = shape + sold
        mean = np.maximum(remaining_buyers(expected, sold, share, shape), 1e-12)
        # negative binomial, without the terms that no shape changes
        terms = gammaln(remaining + count) - gammaln(count)
        terms = terms + count * np.log(count / (count + mean)) + remaining * np.log(mean / (count + mean))
        log_likelihoods.append(float((weights * terms).sum()))
    return float(SHAPES[int(np.argmax(log_likelihoods))])
