"""How many customers to hold out to detect an uplift, and the smallest uplift that a hold-out can detect.

Two proportions, compared by the normal approximation, two-sided (Fleiss, Levin and Paik, "Statistical Methods for
Rates and Proportions", 3rd ed., 2003, section 4.4; R's `power.prop.test` for groups of one size):

    power = Phi((|p1 - p0| - z sqrt(p (1 - p) (1/n1 + 1/n0))) / sqrt(p1 (1 - p1) / n1 + p0 (1 - p0) / n0))

where `p0` is the rate of the held-out, `p1` that of the contacted, `p` that of both together. With fewer than about
five buyers expected among the held-out the approximation overstates the power.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.campaign.economics.economics import IncrementalShare
from frontrow.campaign.experiment.holdout import CONTACTED
from frontrow.errors import CampaignError

SIGNIFICANCE: Final = 0.05
"""Probability of detecting an effect where there is none, two-sided."""
POWER: Final = 0.8
"""Probability of detecting an effect that exists; the sentences of reports say "four times in five"."""

MOST_LAUNCHES: Final = 12
"""A year of launches, one a month: nobody plans more of them together."""


@dataclass(frozen=True)
class PowerCase:
    """What holds if a share of the buyers would not have bought without the contact.

    Attributes:
        share: That incremental share.
        uplift: How many more buyers it means, relative: .43 for a share of .3.
        power: Probability that this hold-out detects it.
        holdout_needed: Customers to hold out to detect it four times in five; None where not even half of the list
            would be enough.
    """

    share: float
    uplift: float
    power: float
    holdout_needed: int | None


@dataclass(frozen=True)
class PoolPower:
    """What several launches like the planned one detect, measured together.

    Attributes:
        launches: Their number.
        minimum_detectable_effect: The smallest relative uplift that they detect four times in five; None where none is.
        power: Probability that they detect the expected uplift; None where no uplift is expected.
    """

    launches: int
    minimum_detectable_effect: float | None
    power: float | None


@dataclass(frozen=True)
class PowerAnalysis:
    """What the hold-out of a planned campaign will be able to detect, known before the launch.

    Attributes:
        base_rate: Share of the list expected to buy.
        minimum_detectable_effect: The smallest relative uplift that is detected four times in five; None where none is.
        cases: One for each end of the incremental share and its expected value, as far as they mean more buyers.
        pool: The fewest launches like this one that detect the expected uplift four times in five, at most
            `MOST_LAUNCHES`; None where one is enough.
    """

    base_rate: float
    minimum_detectable_effect: float | None
    cases: tuple[PowerCase, ...]
    pool: PoolPower | None = None

    @classmethod
    def of(cls, assignment: pl.DataFrame, share: IncrementalShare) -> PowerAnalysis | None:
        """What a campaign's hold-out detects; None where a group is empty, or the expected buyers are unknown.

        Args:
            assignment: `group` and `probability` of everyone on the list.
            share: Share of the buyers who would not have bought without the contact.
        """
        mean = assignment["probability"].mean()
        contacted = int((assignment["group"] == CONTACTED).sum())
        held_out = assignment.height - contacted
        if not isinstance(mean, float) or not 0 < mean < 1 or min(contacted, held_out) < 1:
            return None
        ends = [end for end in sorted({share.low, share.expected, share.high}) if 0 < end < 1]
        cases = [
            PowerCase(
                end, uplift, power(mean, uplift, held_out, contacted), holdout_needed(mean, uplift, assignment.height)
            )
            for end, uplift in ((end, end / (1 - end)) for end in ends)
            if mean * (1 + uplift) < 1
        ]
        expected = share.expected / (1 - share.expected) if 0 < share.expected < 1 else None
        if expected is not None and mean * (1 + expected) >= 1:
            expected = None
        pool = plan_pool(mean, expected, held_out, contacted)
        return cls(mean, minimum_detectable_effect(mean, held_out, contacted), tuple(cases), pool)

    @property
    def expected(self) -> PowerCase | None:
        """The middle case, of the expected incremental share; None where it means no more buyers."""
        return self.cases[len(self.cases) // 2] if self.cases else None


def plan_pool(base_rate: float, uplift: float | None, held_out: int, contacted: int) -> PoolPower | None:
    """How many launches like one that is planned detect an uplift, measured together.

    Args:
        base_rate: Share of the held-out who buy.
        uplift: Relative; None where none is expected.
        held_out: Customers held out of each.
        contacted: Customers contacted by each.

    Returns:
        The fewest launches that detect it four times in five, or `MOST_LAUNCHES`; None where one is enough.

    Raises:
        CampaignError: The rates are not probabilities, or a group is empty.

    Example:
        >>> pool = plan_pool(0.02, 0.5, held_out=600, contacted=5_400)
        >>> pool.launches, round(pool.minimum_detectable_effect, 2), round(pool.power, 2)
        (4, 0.48, 0.83)
    """

    def power_of(launches: int) -> float | None:
        return None if uplift is None else power(base_rate, uplift, launches * held_out, launches * contacted)

    powers = ((launches, power_of(launches)) for launches in range(1, MOST_LAUNCHES + 1))
    launches = next((number for number, value in powers if value is not None and value >= POWER), MOST_LAUNCHES)
    if launches == 1:
        return None
    effect = minimum_detectable_effect(base_rate, launches * held_out, launches * contacted)
    return PoolPower(launches, effect, power_of(launches))


def power(base_rate: float, uplift: float, held_out: int, contacted: int) -> float:
    """Probability of detecting an uplift.

    Args:
        base_rate: Share of the held-out who buy, above 0 and below 1.
        uplift: Relative: .2 means that the contacted buy 1.2 times as often.
        held_out: Customers held out.
        contacted: Customers contacted.

    Raises:
        CampaignError: The rates are not probabilities, or a group is empty.

    Example:
        >>> round(power(0.5, 0.5, held_out=50, contacted=50), 3)
        0.74
    """
    # the normal distribution itself: `scipy.stats.norm` gives the same numbers ten times slower
    from scipy.special import ndtr, ndtri

    rate = base_rate * (1 + uplift)
    _check(base_rate, rate, held_out, contacted)
    pooled = (held_out * base_rate + contacted * rate) / (held_out + contacted)
    null_error = math.sqrt(pooled * (1 - pooled) * (1 / held_out + 1 / contacted))
    error = math.sqrt(base_rate * (1 - base_rate) / held_out + rate * (1 - rate) / contacted)
    critical = ndtri(1 - SIGNIFICANCE / 2) * null_error
    return float(ndtr((abs(rate - base_rate) - critical) / error))


def holdout_needed(base_rate: float, uplift: float, customers: int) -> int | None:
    """The fewest customers to hold out to detect an uplift, the others being contacted.

    Args:
        base_rate: Share of the held-out who buy.
        uplift: Relative, not 0.
        customers: All on the list; at most half of them are held out.

    Returns:
        Customers, or None where not even half of the list would be enough.

    Raises:
        CampaignError: The rates are not probabilities.

    Example:
        >>> holdout_needed(0.02, 0.5, customers=20_000)
        2277
        >>> holdout_needed(0.02, 0.5, customers=2_000) is None
        True
    """
    low, high = 0, customers // 2
    if high < 1 or power(base_rate, uplift, high, customers - high) < POWER:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if power(base_rate, uplift, middle, customers - middle) < POWER:
            low = middle
        else:
            high = middle
    return high


def minimum_detectable_effect(base_rate: float, held_out: int, contacted: int) -> float | None:
    """The smallest relative uplift above 0 that groups of these sizes detect.

    Args:
        base_rate: Share of the held-out who buy.
        held_out: Customers held out.
        contacted: Customers contacted.

    Returns:
        .2 for "a fifth more buyers"; None where not even everyone buying would be detected.

    Raises:
        CampaignError: The rate is not a probability, or a group is empty.

    Example:
        >>> round(minimum_detectable_effect(0.02, held_out=2_277, contacted=17_723), 2)
        0.5
    """
    from scipy.optimize import brentq

    def missing_power(uplift: float) -> float:
        return power(base_rate, uplift, held_out, contacted) - POWER

    _check(base_rate, base_rate, held_out, contacted)
    largest = (1 - base_rate) / base_rate * (1 - 1e-9)
    return float(brentq(missing_power, 0.0, largest)) if missing_power(largest) >= 0 else None


def detectable_standard_errors() -> float:
    """The minimum detectable effect in standard errors of a difference.

    Example:
        >>> round(detectable_standard_errors(), 4)
        2.8016
    """
    from scipy.special import ndtri

    return float(ndtri(1 - SIGNIFICANCE / 2) + ndtri(POWER))


def _check(base_rate: float, rate: float, held_out: int, contacted: int) -> None:
    if not 0 < base_rate < 1 or not 0 <= rate <= 1:
        raise CampaignError(
            f"{base_rate:.4g} of the held-out and {rate:.4g} of the contacted would buy. "
            "Give a base rate and an uplift that leave both between 0 and 1."
        )
    if min(held_out, contacted) < 1:
        raise CampaignError(f"{held_out} held out and {contacted} contacted cannot be compared. Neither may be empty.")
