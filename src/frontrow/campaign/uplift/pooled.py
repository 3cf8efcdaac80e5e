"""Several campaigns together: a plain meta-analysis of their uplifts, with fixed and with random effects.

Two questions have two answers, and each has its interval:

* **What did these campaigns cause?** The *fixed effects* estimate: the mean of their effects, weighted by inverse
  variance. Whether the campaigns differ or not, its interval covers the same weighted mean of their true effects (Rice,
  Higgins and Lumley, 2018).
* **What may be expected of another campaign like these?** The *random effects* estimate: the mean of the effects that
  such campaigns have. How much they differ, tau squared, is Paule and Mandel's estimate (1982); the interval is Hartung
  and Knapp's (2001), with t of one degree of freedom less than there are campaigns: with few campaigns it is wide,
  because few campaigns cannot say how much the next one will differ.

Q and I squared say whether the campaigns differ by more than chance (Cochran, 1954; Higgins and Thompson, 2002).

The same customers are in several campaigns. Where each campaign drew its own hold-out, their effects are independent
all the same: what was drawn is. Where the same customers are held out each time, as the global control group is, they
are not, and `covariances` takes that into account.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontrow.campaign.uplift.intervals import Interval, normal_quantile
from frontrow.errors import CampaignError

FEWEST_CAMPAIGNS = 2


@dataclass(frozen=True)
class PooledEstimate:
    """A mean of the effects of several campaigns.

    Attributes:
        value: The mean.
        standard_error: Its standard error.
        interval: Its interval.
        weights: Share of each campaign in it, shape (campaigns,).
    """

    value: float
    standard_error: float
    interval: Interval
    weights: tuple[float, ...]

    @property
    def significant(self) -> bool:
        """Whether the interval excludes zero."""
        return not self.interval.contains(0.0)


@dataclass(frozen=True)
class PooledEffect:
    """What several campaigns caused.

    Attributes:
        fixed: The mean of the effects of these campaigns.
        random: The mean of the effects of campaigns like these.
        q: Cochran's Q: how much the effects differ, in units of what chance makes of it.
        p_value: Probability of such a Q or a larger one where all effects are the same.
        i_squared: Share of the differences that is not chance, 0 to 1.
        tau_squared: Variance of the effects of campaigns like these, Paule and Mandel's estimate.
    """

    fixed: PooledEstimate
    random: PooledEstimate
    q: float
    p_value: float
    i_squared: float
    tau_squared: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "fixed": _describe(self.fixed), "random": _describe(self.random)}


def pool_effects(
    effects: ArrayLike, variances: ArrayLike, *, covariances: ArrayLike | None = None, level: float = 0.95
) -> PooledEffect:
    """Pool the effects of several campaigns.

    Args:
        effects: One a campaign, shape (campaigns,).
        variances: The variance of each, above zero, same shape.
        covariances: Of each two effects, shape (campaigns, campaigns), its diagonal unused; None where the effects are
            independent.
        level: Coverage of the intervals.

    Raises:
        CampaignError: There are fewer than two campaigns, or a variance is not above zero.

    Example:
        >>> pooled = pool_effects([0.02, 0.04], [0.0001, 0.0001])
        >>> round(pooled.fixed.value, 4), round(pooled.q, 4), round(pooled.tau_squared, 6)
        (0.03, 2.0, 0.0001)
    """
    y, v = np.asarray(effects, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if len(y) < FEWEST_CAMPAIGNS or not (v > 0).all() or not np.isfinite(v).all():
        raise CampaignError("Two campaigns or more are pooled, each with an effect that varies.")
    shared = np.zeros((len(y), len(y))) if covariances is None else np.asarray(covariances, dtype=np.float64)
    shared = shared - np.diag(np.diag(shared))
    q, degrees = _q(y, v, 0.0), len(y) - 1
    tau_squared = estimate_tau_squared(y, v)
    return PooledEffect(
        _pool_fixed(y, v, shared, level),
        _pool_random(y, v + tau_squared, shared, level),
        q,
        _chi2_tail(q, degrees),
        max(0.0, 1 - degrees / q) if q > 0 else 0.0,
        tau_squared,
    )


def estimate_tau_squared(effects: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """Paule and Mandel's estimate of the variance of the true effects: with it, Q is what chance makes of it.

    Args:
        effects: Shape (campaigns,).
        variances: Same shape.

    Example:
        >>> estimate_tau_squared(np.array([0.0, 2.0]), np.array([1.0, 1.0]))
        1.0
        >>> estimate_tau_squared(np.array([1.0, 1.0]), np.array([1.0, 1.0]))
        0.0
    """
    degrees = len(effects) - 1

    def excess(tau_squared: float) -> float:
        return _q(effects, variances, tau_squared) - degrees

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.var(effects, ddof=1)) + float(variances.max())
    return _find_root(excess, high)


def _find_root(excess: Callable[[float], float], high: float) -> float:
    from scipy.optimize import brentq

    while excess(high) > 0:
        high *= 2
    return float(brentq(excess, 0.0, high, xtol=1e-15, rtol=1e-12))


def _q(effects: NDArray[np.float64], variances: NDArray[np.float64], tau_squared: float) -> float:
    weights = 1 / (variances + tau_squared)
    mean = float(weights @ effects / weights.sum())
    return float(weights @ (effects - mean) ** 2)


def _pool_fixed(
    effects: NDArray[np.float64], variances: NDArray[np.float64], shared: NDArray[np.float64], level: float
) -> PooledEstimate:
    weights = _shares(variances)
    error = math.sqrt(max(float(weights**2 @ variances + weights @ shared @ weights), 0.0))
    return _estimate(effects, weights, error, normal_quantile(level))


def _pool_random(
    effects: NDArray[np.float64], variances: NDArray[np.float64], shared: NDArray[np.float64], level: float
) -> PooledEstimate:
    """Hartung and Knapp's interval: the spread of the effects themselves says how sure their mean is.

    Effects that are correlated spread less than they should by the covariance that they share, so it is added.
    """
    from scipy.stats import t

    weights, degrees = _shares(variances), len(effects) - 1
    spread = float(weights @ (effects - weights @ effects) ** 2) / degrees
    pairs = float(weights.sum() ** 2 - weights @ weights)
    common = float(weights @ shared @ weights) / pairs
    error = math.sqrt(max(spread + max(common, 0.0), 0.0))
    return _estimate(effects, weights, error, float(t.ppf((1 + level) / 2, degrees)))


def _shares(variances: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((1 / variances) / (1 / variances).sum())


def _estimate(
    effects: NDArray[np.float64], weights: NDArray[np.float64], error: float, quantile: float
) -> PooledEstimate:
    value = float(weights @ effects)
    return PooledEstimate(
        value, error, Interval(value - quantile * error, value + quantile * error), tuple(map(float, weights))
    )


def _chi2_tail(q: float, degrees: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(q, degrees))


def _describe(estimate: PooledEstimate) -> dict[str, Any]:
    return {**asdict(estimate), "weights": list(estimate.weights), "significant": estimate.significant}
