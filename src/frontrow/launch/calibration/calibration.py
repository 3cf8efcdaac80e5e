"""Calibration: probabilities that hold across launches, and the interval of a launch's number of buyers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl

from frontrow.launch.calibration.parameters import (
    BORROWED_LAUNCHES,
    BORROWED_SHAPE,
    SLOPES,
    CalibrationInTheLarge,
    Vector,
    borrowed_log_ratios,
    fit_shape,
    fit_share_sold,
    fit_slope,
    leave_week_out_buyers,
    logistic,
    logits,
    remaining_buyers,
    shift_to_sum,
)
from frontrow.launch.calibration.season import OrderShares
from frontrow.storage.json_types import require_types

CERTAIN_LAUNCHES: Final = 20
"""With fewer launches, what is usual in other shops stands in for those that are missing."""

COVERAGE: Final = 0.8
"""Share of launches whose buyers an interval is meant to hold."""

PAST_SCORE_SCHEMA: Final = {
    "product_id": pl.String(),
    "launch_day": pl.Int32(),
    "forecast": pl.Float64(),
    "buyers": pl.Float64(),
    "buyers_by_day": pl.List(pl.Float64()),
    "slope_log_likelihoods": pl.List(pl.Float64()),
}
"""Past launches as scored by models of their time, one row a launch: `forecast` is the sum of the raw probabilities of
everyone scored, `buyers` those of them who bought within the window, `buyers_by_day` how many had bought after 0, 1,
... days, `slope_log_likelihoods` see `parameters.slope_log_likelihoods`."""


@dataclass(frozen=True)
class CalibrationSettings:
    """Which earlier launches a calibration learns from.

    Attributes:
        lookback_days: Launches of this many days before are used.
        half_life_days: A launch counts half for each of these many days since its window closed.
        fewest_launches: With fewer launches there are no probabilities; 0 for probabilities from the first on, which
            lean on launches of other shops until there are `CERTAIN_LAUNCHES`.
        refit_days: Days between two fits of the models that score past launches.
    """

    lookback_days: int = 200
    half_life_days: float = 180.0
    fewest_launches: int = 0
    refit_days: int = 30


@dataclass(frozen=True)
class TooFewLaunches:
    """Why there is no calibration.

    Attributes:
        launches: Closed launches that a model of their time has scored.
        needed: Fewest launches that a calibration is fitted on.
    """

    launches: int
    needed: int

    @property
    def message(self) -> str:
        """A sentence for the reader."""
        return (
            f"{self.launches} past launches could be scored by a model that had not seen them; {self.needed} are "
            "needed to say how likely a purchase is. Ranks only, no probabilities."
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON values, for a saved model."""
        return asdict(self)


@dataclass(frozen=True)
class SimpleRule:
    """Why there is no calibration: customers are ranked by a baseline.

    Attributes:
        name: The baseline's, as tables show it.
    """

    name: str

    @property
    def message(self) -> str:
        """A sentence for the reader."""
        return f"Ranked by a simple rule: {self.name}. Ranks only, no probabilities."


@dataclass(frozen=True)
class SalesProgress:
    """What earlier launches say of a launch that has been on sale for some days.

    Attributes:
        share: Of a window's buyers, the share who had bought by then.
        shape: How much a launch's size varies, as the shape of a Gamma distribution; small is much.
        low: log((buyers + 0.5) / (expected + 0.5)) of the remaining buyers, at the lower end of the interval.
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
        launches: Number of earlier launches it was fitted on.
        slope: Calibration slope: what raw logits are multiplied by.
        in_the_large: How many buyers a launch finds; its factor holds the season factor.
        progress: By days on sale (0 is the midnight before the launch), how sales come in.
    """

    launches: int
    slope: float
    in_the_large: CalibrationInTheLarge
    progress: Mapping[int, SalesProgress]

    @classmethod
    def fit(
        cls,
        past_scores: pl.DataFrame,
        day: int,
        horizon_days: int,
        settings: CalibrationSettings | None = None,
        *,
        days_on_sale: Iterable[int] | None = None,
        order_shares: OrderShares | None = None,
    ) -> Calibration | TooFewLaunches:
        """Fit a calibration on launches whose window had closed.

        Args:
            past_scores: `PAST_SCORE_SCHEMA`, one row a launch; later ones are left out.
            day: The day (midnight) as of which it is fitted, as days since 1970-01-01.
            horizon_days: Length of the window.
            settings: Which launches.
            days_on_sale: Days on sale to be ready for [default: each day of the window].
            order_shares: Of the shop, for the season factor [default: none].
        """
        settings = settings or CalibrationSettings()
        recent = recent_launches(past_scores, day, horizon_days, settings)
        if recent.height < settings.fewest_launches:
            return TooFewLaunches(recent.height, settings.fewest_launches)
        borrows = recent.height < CERTAIN_LAUNCHES
        forecasts, buyers = recent["forecast"].to_numpy(), recent["buyers"].to_numpy()
        weights = 0.5 ** ((day - horizon_days - recent["launch_day"].to_numpy()) / settings.half_life_days)
        launch_days = recent["launch_day"].cast(pl.Int64).to_numpy()
        weeks = launch_days // 7
        expected = leave_week_out_buyers(forecasts, buyers, weights, weeks, borrows=borrows)
        # (launches, horizon_days + 1) and (launches, slopes); neither has a row without a launch
        by_day = np.array(recent["buyers_by_day"].to_list()).reshape(recent.height, horizon_days + 1)
        likelihoods = np.array(recent["slope_log_likelihoods"].to_list()).reshape(recent.height, len(SLOPES))
        in_the_large = CalibrationInTheLarge.fit(forecasts, buyers, weights, borrows=borrows)
        season = 1.0 if order_shares is None else order_shares.season_factor(day, launch_days, weights)
        return cls(
            launches=recent.height,
            slope=fit_slope(likelihoods, weights),
            in_the_large=replace(in_the_large, factor=in_the_large.factor * season),
            progress={
                days: _fit_progress(expected, buyers, by_day[:, days], weights, days / horizon_days, borrows=borrows)
                for days in (range(horizon_days) if days_on_sale is None else {0, *days_on_sale})
            },
        )

    def probabilities(self, raw: Vector) -> Vector:
        """Calibrated probabilities of everyone scored for one launch, in the order and ranks of the raw ones.

        Example:
            >>> calibration = Calibration(9, 1.2, CalibrationInTheLarge(20.0, 0.5, 0.5), {})
            >>> calibrated = calibration.probabilities(np.array([0.1, 0.2, 0.4] * 100))
            >>> round(float(calibrated.sum()), 6) == round(calibration.in_the_large.buyers(70.0), 6)
            True
        """
        if len(raw) == 0:
            return np.zeros(0)
        total = self.in_the_large.buyers(float(raw.sum()))
        return logistic(shift_to_sum(self.slope * logits(raw), np.ones(len(raw)), total))

    @property
    def message(self) -> str | None:
        """A sentence for the reader where the expected number leans on other shops; None where it does not."""
        if self.launches >= CERTAIN_LAUNCHES:
            return None
        launches = "1 past launch" if self.launches == 1 else f"{self.launches} past launches"
        return (
            f"{launches} could be compared with what a model of the time said. Until there are {CERTAIN_LAUNCHES}, the "
            "expected number and its interval lean on what launches of other shops are like."
        )

    def remaining_buyers(self, expected: float, days_on_sale: int, sold: float) -> float:
        """Buyers still to come within the window.

        Args:
            expected: Buyers of the whole window, as expected before the launch.
            days_on_sale: Whole days since the launch.
            sold: Buyers so far.
        """
        progress = self.progress[days_on_sale]
        return float(remaining_buyers(expected, sold, progress.share, progress.shape))

    def interval(self, remaining: float, days_on_sale: int = 0) -> tuple[float, float]:
        """The 80 % interval of the remaining buyers, from how far off earlier launches were on that day.

        Args:
            remaining: Buyers expected to come.
            days_on_sale: Whole days since the launch; 0 before it.
        """
        progress = self.progress[days_on_sale]
        low, high = (float(np.exp(ratio) * (remaining + 0.5) - 0.5) for ratio in (progress.low, progress.high))
        return max(low, 0.0), max(high, 0.0)

    def to_dict(self) -> dict[str, Any]:
        """JSON values, for a saved model."""
        return {**asdict(self), "progress": {str(days): asdict(value) for days, value in self.progress.items()}}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration | TooFewLaunches:
        """Read `to_dict` of either kind back; raises KeyError, TypeError or ValueError where it is damaged."""
        if "needed" in values:
            return TooFewLaunches(int(values["launches"]), int(values["needed"]))
        for value in values["progress"].values():
            require_types(SalesProgress, value)
        require_types(CalibrationInTheLarge, values["in_the_large"])
        progress = {int(days): SalesProgress(**value) for days, value in values["progress"].items()}
        in_the_large = CalibrationInTheLarge(**values["in_the_large"])
        return cls(int(values["launches"]), float(values["slope"]), in_the_large, progress)


def recent_launches(
    past_scores: pl.DataFrame, day: int, horizon_days: int, settings: CalibrationSettings
) -> pl.DataFrame:
    """The past launches whose outcome is known on a day, of the lookback.

    Args:
        past_scores: `PAST_SCORE_SCHEMA`.
        day: Days since 1970-01-01.
        horizon_days: Length of the window.
        settings: The lookback.

    Returns:
        `PAST_SCORE_SCHEMA`, sorted by day and product.
    """
    closed = (pl.col("launch_day") + horizon_days <= day) & (pl.col("launch_day") >= day - settings.lookback_days)
    return past_scores.filter(closed & (pl.col("forecast") > 0)).sort("launch_day", "product_id")


def _fit_progress(
    expected: Vector, buyers: Vector, sold: Vector, weights: Vector, elapsed: float, *, borrows: bool
) -> SalesProgress:
    share = fit_share_sold(sold, buyers, weights, elapsed)
    shape = BORROWED_SHAPE if borrows else fit_shape(expected, buyers, sold, share, weights)
    ratios = np.log((buyers - sold + 0.5) / (remaining_buyers(expected, sold, share, shape) + 0.5))
    if borrows:
        borrowed = borrowed_log_ratios(elapsed)
        ratios = np.concatenate([ratios, borrowed])
        weights = np.concatenate([weights, np.full(len(borrowed), BORROWED_LAUNCHES / len(borrowed))])
    low, high = weighted_quantiles(ratios, weights, ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2))
    return SalesProgress(share, shape, float(low), float(high))


def weighted_quantiles(values: Vector, weights: Vector, shares: tuple[float, ...]) -> Vector:
    """Quantiles of weighted values, interpolated between the middles of their weights.

    Args:
        values: Shape (n,).
        weights: Shape (n,).
        shares: The quantiles, between 0 and 1.

    Example:
        >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0]), (0.25, 0.625)).tolist()
        [1.0, 2.0]
    """
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    middles = (cumulative - 0.5 * weights[order]) / cumulative[-1]
    return np.interp(shares, middles, values[order])
