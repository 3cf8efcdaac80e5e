"""The uplift that a campaign caused: the contacted against the held-out, by intention to treat.

Everyone assigned to be contacted counts as contacted, whether the message arrived or not: who opens a message is not
random. Each difference of means has four intervals:

* **Welch's** t with unequal variances (Welch, 1947), for every outcome; for money with few buyers it is too short;
* Newcombe's hybrid **score** interval (1998, method 10), for outcomes that are 0 or 1. With many buyers it equals
  Welch's; with few, or none among the held-out, Welch's is too short and this one is not;
* the percentile **bootstrap** (Efron, 1979), for every outcome;
* Welch's after **CUPED**, with the predicted probability as the covariate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from frontrow.campaign.experiment.holdout import CONTACTED
from frontrow.campaign.experiment.power_analysis import detectable_standard_errors
from frontrow.campaign.uplift.groups import GroupMean, Groups, adjusted_outcome, group_means, resampled_means
from frontrow.campaign.uplift.intervals import Interval, difference_interval, ratio_interval, wilson
from frontrow.errors import CampaignError
from frontrow.metrics.bootstrap import percentile_interval
from frontrow.storage.json_file import replace_nan_by_null


@dataclass(frozen=True)
class UpliftSettings:
    """How an uplift is measured.

    Attributes:
        level: Coverage of every interval.
        draws: Resamples of the bootstrap.
    """

    level: float = 0.95
    draws: int = 2_000


USUAL: Final = UpliftSettings()


@dataclass(frozen=True)
class AdjustedUplift:
    """The uplift after CUPED.

    Attributes:
        difference: Contacted less held-out, adjusted.
        interval: Welch's interval.
        variance_ratio: Its variance over that of the plain difference: .9 is worth a ninth more customers in both
            groups.
    """

    difference: float
    interval: Interval
    variance_ratio: float


@dataclass(frozen=True)
class Uplift:
    """The effect of being contacted on one outcome, per customer contacted.

    Attributes:
        outcome: Name of the outcome.
        contacted: Number of customers contacted.
        held_out: Number of customers held out.
        contacted_mean: Mean of the outcome per contacted customer.
        held_out_mean: Mean per held-out customer, strata weighted as in the contacted.
        difference: Contacted less held-out.
        standard_error: Standard error of the difference.
        welch: Interval of the difference.
        bootstrap: Interval of the difference.
        score: Interval of the difference, for outcomes that are 0 or 1.
        relative: `difference / held_out_mean`; infinite where that is 0, NaN where both are.
        relative_interval: Its interval, which holds 0 exactly when `interval` does.
        incremental_share: `difference / contacted_mean`, for outcomes that are 0 or 1 with buyers among the contacted:
            the share of the buyers contacted who would not have bought otherwise. Not clipped: below 0 where the
            held-out bought more.
        incremental_interval: Its interval, not clipped.
        minimum_detectable_effect: The smallest difference that is detected four times in five.
        adjusted: After CUPED; None where there was no covariate.
    """

    outcome: str
    contacted: int
    held_out: int
    contacted_mean: float
    held_out_mean: float
    difference: float
    standard_error: float
    welch: Interval
    bootstrap: Interval
    score: Interval | None
    relative: float
    relative_interval: Interval
    incremental_share: float | None
    incremental_interval: Interval | None
    minimum_detectable_effect: float
    adjusted: AdjustedUplift | None

    @property
    def interval(self) -> Interval:
        """The interval that decides: the score interval where there is one, else Welch's."""
        return self.score or self.welch

    @property
    def significant(self) -> bool:
        """Whether the interval that decides excludes zero."""
        return not self.interval.contains(0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; infinite values and NaN become None."""
        record = {**asdict(self), "significant": self.significant, "interval": asdict(self.interval)}
        return {name: replace_nan_by_null(value) for name, value in record.items()}


def estimate_uplift(
    outcome: ArrayLike,
    contacted: ArrayLike,
    *,
    name: str = "outcome",
    covariate: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    binary: bool | None = None,
    seed: int = 0,
    settings: UpliftSettings = USUAL,
) -> Uplift:
    """Estimate the effect of being contacted on one outcome.

    Args:
        outcome: One number a customer, shape (customers,).
        contacted: Whether each was assigned to be contacted; the others were held out.
        name: Name of the outcome.
        covariate: Known before the campaign, such as the predicted probability; for CUPED.
        strata: Any value a customer within which the groups were drawn, such as the product.
        binary: Whether the outcome can only be 0 or 1 [default: whether every value is].
        seed: Seed of the bootstrap.
        settings: Level and draws.

    Raises:
        CampaignError: A value is missing, or no stratum has two customers of each group.

    Example:
        >>> bought = [0.0] * 97 + [1.0] * 3 + [0.0] * 88 + [1.0] * 12
        >>> uplift = estimate_uplift(bought, [False] * 100 + [True] * 100)
        >>> round(uplift.difference, 3), round(uplift.incremental_share, 3), uplift.significant
        (0.09, 0.75, True)
    """
    y = _numbers(outcome, name)
    groups = Groups.of(contacted, strata)
    held_out, reached = group_means(y, groups)
    binary = bool(np.isin(y, (0.0, 1.0)).all()) if binary is None else binary
    bounds = [_mean_interval(group, settings.level, binary=binary) for group in (reached, held_out)]
    ratio = ratio_interval(reached.mean, bounds[0], held_out.mean, bounds[1])
    inverse = ratio_interval(held_out.mean, bounds[1], reached.mean, bounds[0])
    has_share = binary and reached.mean > 0
    return Uplift(
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
        relative=_relative(reached.mean - held_out.mean, held_out.mean),
        relative_interval=Interval(ratio.low - 1, ratio.high - 1),
        incremental_share=1 - held_out.mean / reached.mean if has_share else None,
        incremental_interval=Interval(1 - inverse.high, 1 - inverse.low) if has_share else None,
        minimum_detectable_effect=detectable_standard_errors() * _null_standard_error(y, groups),
        adjusted=None if covariate is None else _adjust(y, _numbers(covariate, "covariate"), groups, settings.level),
    )


def estimate_uplifts(
    customers: pl.DataFrame,
    outcomes: Sequence[str],
    *,
    strata: str | None = None,
    seed: int = 0,
    settings: UpliftSettings = USUAL,
) -> list[Uplift]:
    """Estimate the uplift of several outcomes of the same customers; `conversion` can only be 0 or 1.

    Args:
        customers: `group` (`holdout.CONTACTED` or `HELD_OUT`), `probability`, the outcomes and the column `strata`.
            `probability` is the covariate for CUPED; where a value is missing, no outcome is adjusted.
        outcomes: Columns of numbers.
        strata: Column within whose values the groups were drawn.
        seed: Seed of the bootstrap.
        settings: Level and draws.
    """
    return [
        estimate_uplift(
            customers[name],
            customers["group"] == CONTACTED,
            name=name,
            covariate=None if customers["probability"].null_count() else customers["probability"],
            strata=None if strata is None else customers[strata],
            binary=name == "conversion",
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


def _mean_interval(group: GroupMean, level: float, *, binary: bool) -> Interval:
    if binary:
        return wilson(min(group.mean, 1.0), group.effective_customers, level)
    half = _t(level, _degrees_of_freedom(group)) * math.sqrt(group.variance)
    return Interval(group.mean - half, group.mean + half)


def _welch(reached: GroupMean, held_out: GroupMean, level: float) -> Interval:
    half = _t(level, _degrees_of_freedom(reached, held_out)) * math.sqrt(reached.variance + held_out.variance)
    difference = reached.mean - held_out.mean
    return Interval(difference - half, difference + half)


def _degrees_of_freedom(*groups: GroupMean) -> float:
    """Satterthwaite's degrees of freedom; infinite where nothing varies."""
    spread = sum(group.spread for group in groups)
    return sum(group.variance for group in groups) ** 2 / spread if spread > 0 else math.inf


def _t(level: float, degrees: float) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, degrees))


def _bootstrap(y: NDArray[np.float64], groups: Groups, seed: int, settings: UpliftSettings) -> Interval:
    held_out, reached = resampled_means(y, groups, seed=seed, draws=settings.draws)
    low, high = percentile_interval(reached - held_out, settings.level)
    return Interval(float(low), float(high))


def _null_standard_error(y: NDArray[np.float64], groups: Groups) -> float:
    """Standard error of the difference if the campaign had no effect; valid also where one group bought nothing."""
    stratum = groups.cell // 2
    sizes = groups.sizes.sum(axis=1)
    used = y[groups.rows]
    means = np.bincount(stratum, used) / sizes
    variances = np.bincount(stratum, (used - means[stratum]) ** 2) / (sizes - 1)
    return float(np.sqrt((groups.weights**2 * variances * (1 / groups.sizes).sum(axis=1)).sum()))


def _adjust(y: NDArray[np.float64], x: NDArray[np.float64], groups: Groups, level: float) -> AdjustedUplift:
    plain = sum(group.variance for group in group_means(y, groups))
    held_out, reached = group_means(adjusted_outcome(y, x, groups), groups)
    ratio = (held_out.variance + reached.variance) / plain if plain > 0 else 1.0
    return AdjustedUplift(reached.mean - held_out.mean, _welch(reached, held_out, level), ratio)


def _relative(difference: float, mean: float) -> float:
    return difference / mean if mean else math.nan if difference == 0 else math.copysign(math.inf, difference)
