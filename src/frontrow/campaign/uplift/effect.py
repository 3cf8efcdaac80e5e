"""One measured effect, its intervals, and the table of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import polars as pl

from frontrow.campaign.experiment.power_analysis import Certainty
from frontrow.campaign.uplift.intervals import Interval


@dataclass(frozen=True)
class LiftSettings:
    """How an effect is measured.

    Attributes:
        level: Coverage of every interval.
        draws: Resamples of the bootstrap.
        certainty: What "large enough to see" means.
    """

    level: float = 0.95
    draws: int = 2_000
    certainty: Certainty = field(default_factory=Certainty)


USUAL: Final = LiftSettings()


@dataclass(frozen=True)
class Adjusted:
    """The effect after CUPED.

    Attributes:
        difference: Contacted less held-out, adjusted.
        interval: Welch's.
        variance_ratio: Its variance over the plain difference's: .9 is worth a ninth more customers in both groups.
    """

    difference: float
    interval: Interval
    variance_ratio: float


@dataclass(frozen=True)
class Effect:
    """The effect of being contacted on one outcome, a customer contacted.

    Attributes:
        outcome: Its name.
        contacted: Customers.
        held_out: Customers.
        contacted_mean: Of the outcome, a customer.
        held_out_mean: The same, strata weighed as in the contacted.
        difference: Contacted less held-out.
        standard_error: Of the difference.
        welch: Interval of the difference.
        bootstrap: Interval of the difference.
        score: Interval of the difference, for outcomes that are 0 or 1.
        relative: `difference / held_out_mean`; infinite where that is 0, NaN where both are.
        relative_interval: Its interval, which holds 0 exactly when `interval` does, whole customers aside.
        incremental_share: `difference / contacted_mean`, for outcomes that are 0 or 1 with buyers among the contacted:
            the share of the buyers contacted who would not have bought otherwise. Not clipped: below 0 where the
            held-out bought more.
        incremental_interval: Its interval, not clipped.
        smallest_seen: The smallest difference seen with the power asked for, had the campaign no effect.
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
    smallest_seen: float
    adjusted: Adjusted | None

    @property
    def interval(self) -> Interval:
        """The interval that decides: the score interval where there is one, else Welch's."""
        return self.score or self.welch

    @property
    def seen(self) -> bool:
        """Whether the interval that decides leaves out zero."""
        return not self.interval.contains(0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is infinite or no number is None."""
        told = {**asdict(self), "seen": self.seen, "interval": asdict(self.interval)}
        return {name: finite(value) for name, value in told.items()}


def effect_table(found: Sequence[Effect]) -> pl.DataFrame:
    """One row an outcome and method: `outcome`, `method` (welch, bootstrap, score, cuped), `difference`, `low`, `high`.

    Example:
        >>> from frontrow.campaign.uplift.uplift import effect
        >>> effect_table([effect([1.0, 2.0, 3.0, 5.0], [False, False, True, True])])["method"].to_list()
        ['welch', 'bootstrap']
    """
    rows = []
    for one in found:
        plain = {"welch": one.welch, "bootstrap": one.bootstrap, "score": one.score}
        told = [(name, one.difference, interval) for name, interval in plain.items() if interval is not None]
        if one.adjusted is not None:
            told.append(("cuped", one.adjusted.difference, one.adjusted.interval))
        rows += [(one.outcome, name, value, interval.low, interval.high) for name, value, interval in told]
    return pl.DataFrame(rows, schema=["outcome", "method", "difference", "low", "high"], orient="row")


def finite(value: Any) -> Any:
    """The value, in records too, with None for what is infinite or no number: JSON has neither.

    Example:
        >>> finite({"low": -math.inf, "high": 1.0})
        {'low': None, 'high': 1.0}
    """
    if isinstance(value, dict):
        return {name: finite(one) for name, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
