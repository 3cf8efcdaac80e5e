"""What a campaign caused: the contacted against the held-out, by intention to treat.

Everyone assigned to be contacted counts as contacted, whether the mail arrived or not: who opens a mail is no random
choice. Four intervals stand beside each difference of means:

* **Welch's** t with unequal variances (Welch, 1947), for every outcome; for money with few buyers it is too short;
* Newcombe's hybrid **score** interval (1998, method 10), for outcomes that are 0 or 1. With many buyers it is Welch's;
  with few, or none among the held-out, Welch's is too short and this one is not;
* the percentile **bootstrap** (Efron, 1979), for every outcome;
* Welch's after **CUPED**, with the predicted probability as the covariate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from frontrow.campaign.experiment.holdout import CONTACTED
from frontrow.campaign.uplift.cuped import adjusted_outcome
from frontrow.campaign.uplift.effect import USUAL, Adjusted, Effect, LiftSettings
from frontrow.campaign.uplift.groups import GroupMean, Groups, group_means
from frontrow.campaign.uplift.intervals import Interval, difference_interval, ratio_interval, wilson
from frontrow.campaign.uplift.resampling import resampled_means
from frontrow.errors import CampaignError


def effect(
    outcome: ArrayLike,
    contacted: ArrayLike,
    *,
    name: str = "outcome",
    covariate: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    binary: bool | None = None,
    seed: int = 0,
    settings: LiftSettings = USUAL,
) -> Effect:
    """Measure the effect of being contacted on one outcome.

    Args:
        outcome: One number a customer, shape (customers,).
        contacted: Whether each was assigned to be contacted; the others were held out.
        name: Of the outcome.
        covariate: Known before the campaign, such as the predicted probability; for CUPED.
        strata: Any value a customer within which the lot was drawn, such as the product.
        binary: Whether the outcome can be but 0 or 1 [default: whether every value is].
        seed: Of the bootstrap.
        settings: Level and draws.

    Raises:
        CampaignError: A value is missing, or no stratum has two customers of each group.

    Example:
        >>> bought = [0.0] * 97 + [1.0] * 3 + [0.0] * 88 + [1.0] * 12
        >>> found = effect(bought, [False] * 100 + [True] * 100)
        >>> round(found.difference, 3), round(found.incremental_share, 3), found.seen
        (0.09, 0.75, True)
    """
    y = _numbers(outcome, name)
    groups = Groups.of(contacted, strata)
    held_out, reached = group_means(y, groups)
    binary = bool(np.isin(y, (0.0, 1.0)).all()) if binary is None else binary
    bounds = [_bounds(one, settings.level, binary=binary) for one in (reached, held_out)]
    ratio = ratio_interval(reached.mean, bounds[0], held_out.mean, bounds[1])
    inverse = ratio_interval(held_out.mean, bounds[1], reached.mean, bounds[0])
    shared = binary and reached.mean > 0
    return Effect(
        outcome=name,
        contacted=reached.customers,
        held_out=held_out.customers,
        contacted_mean=reached.mean,
        held_out_mean=held_out.mean,
        difference=reached.mean - held_out.mean,
        standard_error=math.sqrt(reached.variance + held_out.variance),
        welch=_welch(reached, held_out, settings.level),
        bootstrap=_bootstrap(y, groups, seed, settings),
        score=difference_interval(reached.mean, bounds[0], held_out.mean, bounds[1]) if binary else None,
        relative=_over(reached.mean - held_out.mean, held_out.mean),
        relative_interval=Interval(ratio.low - 1, ratio.high - 1),
        incremental_share=1 - held_out.mean / reached.mean if shared else None,
        incremental_interval=Interval(1 - inverse.high, 1 - inverse.low) if shared else None,
        smallest_seen=settings.certainty.standard_errors * _error_under_none(y, groups),
        adjusted=None if covariate is None else _adjusted(y, _numbers(covariate, "covariate"), groups, settings.level),
    )


def effects(
    customers: pl.DataFrame,
    outcomes: Sequence[str],
    *,
    covariate: str | None = "probability",
    strata: str | None = None,
    binary: Sequence[str] = ("conversion",),
    seed: int = 0,
    settings: LiftSettings = USUAL,
) -> list[Effect]:
    """Measure several outcomes of the same customers.

    Args:
        customers: `group` (`holdout.CONTACTED` or `HELD_OUT`), the outcomes, and the covariate and strata named.
        outcomes: Columns of numbers.
        covariate: Column for CUPED; where a value is missing, no outcome is adjusted.
        strata: Column within whose values the lot was drawn.
        binary: Outcomes that can be but 0 or 1.
        seed: Of the bootstrap.
        settings: Level and draws.
    """
    known = covariate is not None and customers[covariate].null_count() == 0
    return [
        effect(
            customers[name],
            customers["group"] == CONTACTED,
            name=name,
            covariate=customers[covariate] if known and covariate is not None else None,
            strata=None if strata is None else customers[strata],
            binary=name in binary,
            seed=seed,
            settings=settings,
        )
        for name in outcomes
    ]


def _numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64)
    missing = int((~np.isfinite(numbers)).sum())
    if missing:
        raise CampaignError(f"{missing:,} customers have no {name}. Give a number for everyone assigned, 0 included.")
    return numbers


def _bounds(one: GroupMean, level: float, *, binary: bool) -> Interval:
    """Interval of one group's mean."""
    if binary:
        return wilson(min(one.mean, 1.0), one.effective_customers, level)
    half = _t(level, _degrees(one)) * math.sqrt(one.variance)
    return Interval(one.mean - half, one.mean + half)


def _welch(reached: GroupMean, held_out: GroupMean, level: float) -> Interval:
    half = _t(level, _degrees(reached, held_out)) * math.sqrt(reached.variance + held_out.variance)
    difference = reached.mean - held_out.mean
    return Interval(difference - half, difference + half)


def _degrees(*groups: GroupMean) -> float:
    """Satterthwaite's degrees of freedom; infinite where nothing varies."""
    spread = sum(one.spread for one in groups)
    return sum(one.variance for one in groups) ** 2 / spread if spread > 0 else math.inf


def _t(level: float, degrees: float) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, degrees))


def _bootstrap(y: NDArray[np.float64], groups: Groups, seed: int, settings: LiftSettings) -> Interval:
    held_out, reached = resampled_means(y, groups, seed=seed, draws=settings.draws)
    ends = [(1 - settings.level) / 2, (1 + settings.level) / 2]
    low, high = np.quantile(reached - held_out, ends)
    return Interval(float(low), float(high))


def _error_under_none(y: NDArray[np.float64], groups: Groups) -> float:
    """Standard error of the difference if both groups were of one kind: sound where one of them bought nothing."""
    stratum = groups.cell // 2
    sizes = groups.sizes.sum(axis=1)
    kept = y[groups.kept]
    means = np.bincount(stratum, kept) / sizes
    variances = np.bincount(stratum, (kept - means[stratum]) ** 2) / (sizes - 1)
    return float(np.sqrt((groups.weights**2 * variances * (1 / groups.sizes).sum(axis=1)).sum()))


def _adjusted(y: NDArray[np.float64], x: NDArray[np.float64], groups: Groups, level: float) -> Adjusted:
    plain = sum(one.variance for one in group_means(y, groups))
    held_out, reached = group_means(adjusted_outcome(y, x, groups), groups)
    ratio = (held_out.variance + reached.variance) / plain if plain > 0 else 1.0
    return Adjusted(reached.mean - held_out.mean, _welch(reached, held_out, level), ratio)


def _over(difference: float, mean: float) -> float:
    return difference / mean if mean else math.nan if difference == 0 else math.copysign(math.inf, difference)
