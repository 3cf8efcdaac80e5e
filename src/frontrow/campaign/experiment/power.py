"""How many customers to hold out to see a lift, and the smallest lift that a hold-out can see.

Two proportions, compared by the normal approximation, two-sided (Fleiss, Levin and Paik, "Statistical Methods for
Rates and Proportions", 3rd ed., 2003, section 4.4; R's `power.prop.test` for groups of one size):

    power = Phi((|p1 - p0| - z sqrt(p (1 - p) (1/n1 + 1/n0))) / sqrt(p1 (1 - p1) / n1 + p0 (1 - p0) / n0))

where `p0` is the rate of the held-out, `p1` that of the contacted, `p` that of both together. With fewer than about
five buyers expected among the held-out the approximation promises too much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from frontrow.errors import CampaignError


@dataclass(frozen=True)
class Certainty:
    """How sure one wants to be.

    Attributes:
        significance: Chance of seeing an effect where there is none, two-sided.
        power: Chance of seeing an effect that is there.
    """

    significance: float = 0.05
    power: float = 0.8

    def __post_init__(self) -> None:
        if not 0 < self.significance < self.power < 1:
            raise CampaignError(
                f"Significance {self.significance:g} and power {self.power:g} do not fit together. "
                "Give a significance such as 0.05 and a power such as 0.8."
            )

    @property
    def standard_errors(self) -> float:
        """The smallest effect seen, in standard errors of the difference: 2.8 by default.

        Example:
            >>> round(Certainty().standard_errors, 4)
            2.8016
        """
        from scipy.stats import norm

        return float(norm.ppf(1 - self.significance / 2) + norm.ppf(self.power))


USUAL: Final = Certainty()


def power(base_rate: float, lift: float, held_out: int, contacted: int, certainty: Certainty = USUAL) -> float:
    """Chance of seeing a lift.

    Args:
        base_rate: Share of the held-out who buy, above 0 and below 1.
        lift: Relative: .2 means that the contacted buy 1.2 times as often.
        held_out: Customers held out.
        contacted: Customers contacted.
        certainty: Its significance counts.

    Raises:
        CampaignError: The rates are no probabilities, or a group is empty.

    Example:
        >>> round(power(0.5, 0.5, held_out=50, contacted=50), 3)
        0.74
    """
    from scipy.stats import norm

    rate = base_rate * (1 + lift)
    _check(base_rate, rate, held_out, contacted)
    pooled = (held_out * base_rate + contacted * rate) / (held_out + contacted)
    under_none = math.sqrt(pooled * (1 - pooled) * (1 / held_out + 1 / contacted))
    apart = math.sqrt(base_rate * (1 - base_rate) / held_out + rate * (1 - rate) / contacted)
    needed = norm.ppf(1 - certainty.significance / 2) * under_none
    return float(norm.cdf((abs(rate - base_rate) - needed) / apart))


def holdout_needed(base_rate: float, lift: float, customers: int, certainty: Certainty = USUAL) -> int | None:
    """The fewest customers to hold out to see a lift, the others being contacted.

    Args:
        base_rate: Share of the held-out who buy.
        lift: Relative, not 0.
        customers: All on the list; at most half of them are held out.
        certainty: How sure one wants to be.

    Returns:
        Customers, or None where not even half of the list would do.

    Raises:
        CampaignError: The rates are no probabilities.

    Example:
        >>> holdout_needed(0.02, 0.5, customers=20_000)
        2277
        >>> holdout_needed(0.02, 0.5, customers=2_000) is None
        True
    """
    low, high = 0, customers // 2
    if high < 1 or power(base_rate, lift, high, customers - high, certainty) < certainty.power:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if power(base_rate, lift, middle, customers - middle, certainty) < certainty.power:
            low = middle
        else:
            high = middle
    return high


def smallest_lift(base_rate: float, held_out: int, contacted: int, certainty: Certainty = USUAL) -> float | None:
    """The smallest relative lift above 0 that groups of these sizes see.

    Returns:
        .2 for "a fifth more buyers"; None where not even everyone buying would be seen.

    Raises:
        CampaignError: The rate is no probability, or a group is empty.

    Example:
        >>> round(smallest_lift(0.02, held_out=2_277, contacted=17_723), 2)
        0.5
    """
    from scipy.optimize import brentq

    def short(lift: float) -> float:
        return power(base_rate, lift, held_out, contacted, certainty) - certainty.power

    _check(base_rate, base_rate, held_out, contacted)
    most = (1 - base_rate) / base_rate * (1 - 1e-9)
    return float(brentq(short, 0.0, most)) if short(most) >= 0 else None


def _check(base_rate: float, rate: float, held_out: int, contacted: int) -> None:
    if not 0 < base_rate < 1 or not 0 <= rate <= 1:
        raise CampaignError(
            f"{base_rate:.4g} of the held-out and {rate:.4g} of the contacted would buy. "
            "Give a base rate and a lift that leave both between 0 and 1."
        )
    if min(held_out, contacted) < 1:
        raise CampaignError(f"{held_out} held out and {contacted} contacted cannot be compared. Neither may be empty.")
