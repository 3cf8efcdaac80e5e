"""Calibration: what earlier launches say a model's probabilities are worth, and how sure a number of buyers is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from frontrow.launch.calibration.gamma_poisson import remaining_buyers, share_sold, spread_of
from frontrow.launch.calibration.in_the_large import Level, Vector, left_out
from frontrow.launch.calibration.slope import best_slope, logistic, logits, with_sum

COVERAGE = 0.8
"""Share of launches whose buyers an interval is meant to hold."""


@dataclass(frozen=True)
class CalibrationSettings:
    """Which earlier launches a calibration learns from.

    Attributes:
        lookback_days: Launches of the last so many days.
        half_life_days: A launch counts half for each of these many days since its window closed.
        fewest_launches: With fewer of them there is no calibration, and there are no probabilities.
        refit_days: How often the model is fitted anew while its past predictions are made.
    """

    lookback_days: int = 200
    half_life_days: float = 180.0
    fewest_launches: int = 10
    refit_days: int = 30


@dataclass(frozen=True)
class TooFewLaunches:
    """Why there is no calibration.

    Attributes:
        found: Closed launches that a model of its time has scored.
        needed: How many it takes.
    """

    found: int
    needed: int

    @property
    def message(self) -> str:
        """What to tell the reader."""
        return (
            f"{self.found} past launches could be scored by a model that had not seen them; {self.needed} are needed "
            "to say how likely a purchase is. Ranks only, no probabilities."
        )

    def to_dict(self) -> dict[str, Any]:
        """What is kept of it, as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class OnSale:
    """What earlier launches say of a launch that has been on sale for some days.

    Attributes:
        share: Of a window's buyers, those who had bought by then.
        shape: How much a launch's size varies, as the shape of a Gamma distribution; small is much.
        low: log((buyers + 0.5) / (expected + 0.5)) of the buyers still to come, at the lower end of the interval.
        high: The same at its upper end.
    """

    share: float
    shape: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """Turns a model's raw probabilities into ones that hold across launches.

    Attributes:
        launches: Earlier launches it learned from.
        slope: What raw logits are multiplied with.
        level: How many buyers a launch finds.
        days: By days on sale (0 is the midnight before the launch), how much is known by then.
    """

    launches: int
    slope: float
    level: Level
    days: Mapping[int, OnSale]

    @classmethod
    def fit(
        cls,
        past: pl.DataFrame,
        day: int,
        horizon_days: int,
        settings: CalibrationSettings | None = None,
        *,
        days: Iterable[int] | None = None,
    ) -> Calibration | TooFewLaunches:
        """Learn from launches whose window had closed.

        Args:
            past: `past_scores.PAST_SCORE_SCHEMA`, one row a launch; later ones are left out.
            day: The day (midnight) as of which it is learned, as days since 1970-01-01.
            horizon_days: Length of the window.
            settings: Which launches.
            days: Days on sale to be ready for [default: each day of the window].
        """
        settings = settings or CalibrationSettings()
        known = recent_launches(past, day, horizon_days, settings)
        if known.height < max(settings.fewest_launches, 1):
            return TooFewLaunches(known.height, settings.fewest_launches)
        forecasts, buyers = known["forecast"].to_numpy(), known["buyers"].to_numpy()
        weights = 0.5 ** ((day - horizon_days - known["launch_day"].to_numpy()) / settings.half_life_days)
        expected = left_out(forecasts, buyers, weights, known["launch_day"].cast(pl.Int64).to_numpy() // 7)
        sold = np.stack(known["sold"].to_list())  # (launches, horizon_days + 1)
        return cls(
            launches=known.height,
            slope=best_slope(np.stack(known["profile"].to_list()), weights),
            level=Level.fit(forecasts, buyers, weights),
            days={
                one: _on_sale(expected, buyers, sold[:, one], weights, one / horizon_days)
                for one in (range(horizon_days) if days is None else {0, *days})
            },
        )

    def probabilities(self, raw: Vector) -> Vector:
        """Calibrated probabilities of everyone scored for one launch, in the order and ranks of the raw ones.

        Example:
            >>> calibration = Calibration(9, 1.2, Level(20.0, 0.5, 0.5), {})
            >>> calibrated = calibration.probabilities(np.array([0.1, 0.2, 0.4] * 100))
            >>> round(float(calibrated.sum()), 6) == round(calibration.level.buyers(70.0), 6)
            True
        """
        if len(raw) == 0:
            return np.zeros(0)
        told = with_sum(self.slope * logits(raw), np.ones(len(raw)), self.level.buyers(float(raw.sum())))
        return logistic(told)

    def to_come(self, expected: float, days: int, sold: float) -> float:
        """Buyers still to come within the window, of a launch that was expected to find `expected` in all."""
        known = self.days[days]
        return float(remaining_buyers(expected, sold, known.share, known.shape))

    def interval(self, to_come: float, days: int = 0) -> tuple[float, float]:
        """The 80 % interval of the buyers still to come, from how far off earlier launches were on that day."""
        known = self.days[days]
        low, high = (float(np.exp(ratio) * (to_come + 0.5) - 0.5) for ratio in (known.low, known.high))
        return max(low, 0.0), max(high, 0.0)

    def to_dict(self) -> dict[str, Any]:
        """What is kept of it, as JSON values."""
        return {**asdict(self), "days": {str(day): asdict(known) for day, known in self.days.items()}}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Calibration | TooFewLaunches:
        """Read `to_dict` of either kind back; raises KeyError, TypeError or ValueError where it is damaged."""
        if "needed" in told:
            return TooFewLaunches(int(told["found"]), int(told["needed"]))
        days = {int(day): OnSale(**known) for day, known in told["days"].items()}
        return cls(int(told["launches"]), float(told["slope"]), Level(**told["level"]), days)


def recent_launches(past: pl.DataFrame, day: int, horizon_days: int, settings: CalibrationSettings) -> pl.DataFrame:
    """The rows of `past_scores.PAST_SCORE_SCHEMA` that may be known on a day: of the lookback, their window closed."""
    closed = (pl.col("launch_day") + horizon_days <= day) & (pl.col("launch_day") >= day - settings.lookback_days)
    return past.filter(closed & (pl.col("forecast") > 0)).sort("launch_day", "product_id")


def _on_sale(expected: Vector, buyers: Vector, sold: Vector, weights: Vector, elapsed: float) -> OnSale:
    share = share_sold(sold, buyers, weights, elapsed)
    shape = spread_of(expected, buyers, sold, share, weights)
    to_come = remaining_buyers(expected, sold, share, shape)
    ratios = np.log((buyers - sold + 0.5) / (to_come + 0.5))
    low, high = weighted_quantiles(ratios, weights, ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2))
    return OnSale(share, shape, float(low), float(high))


def weighted_quantiles(values: Vector, weights: Vector, shares: tuple[float, ...]) -> Vector:
    """Quantiles of weighted values, between the middles of their weights.

    Example:
        >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0]), (0.25, 0.625)).tolist()
        [1.0, 2.0]
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    middles = (reached - 0.5 * weights[order]) / reached[-1]
    return np.interp(shares, middles, values[order])
