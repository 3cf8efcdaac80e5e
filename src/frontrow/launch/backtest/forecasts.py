"""Probabilities and numbers of buyers at tested launches, judged beside what recent launches alone would have said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.backtest import comparison
from frontrow.launch.calibration.calibration import COVERAGE, Calibration, TooFewLaunches
from frontrow.metrics import calibration as calibration_metrics
from frontrow.metrics import classification as metrics
from frontrow.metrics.bootstrap import bootstrap_mean
from frontrow.shop.shop import EPOCH

FORECAST_SCHEMA: Final = {
    "product_id": pl.String(),
    "title": pl.String(),
    "launch_date": pl.Date(),
    "customers": pl.Int64(),
    "raw_buyers": pl.Float64(),
    "predicted_buyers": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "recent_low": pl.Float64(),
    "recent_high": pl.Float64(),
    "actual_buyers": pl.Float64(),
    "log_loss": pl.Float64(),
    "constant_log_loss": pl.Float64(),
}
"""One row a launch with a closed window, those with few buyers too: what the model's raw probabilities added up to, the
calibrated ones with their 80 % interval, the 10 % and 90 % quantiles of recent launches, and what came. The constant is
the buyers of recent launches on average, spread evenly over everyone scored."""

RELIABILITY_SCHEMA: Final = {
    "decile": pl.Int32(),
    "customers": pl.Int64(),
    "predicted": pl.Float64(),
    "actual": pl.Float64(),
}
"""Customers of all launches in ten groups of equal size, least likely first: mean probability and share that bought."""


@dataclass(frozen=True)
class Tested:
    """A launch as it was tested.

    Attributes:
        launch: Its row of `Question.launches`.
        rows: Everyone scored at its midnight: `customer_id`, `bought`, `raw` and the calibrated `probability` (null
            where there was nothing to calibrate on).
        calibration: Learned from the launches that had closed before it.
        recent: Buyers of those launches, one each.
    """

    launch: dict[str, Any]
    rows: pl.DataFrame
    calibration: Calibration | TooFewLaunches
    recent: NDArray[np.float64]

    @property
    def launch_date(self) -> dt.date:
        """The day of the launch."""
        return EPOCH + dt.timedelta(days=self.launch["cutoff_day"])


@dataclass(frozen=True)
class Forecasts:
    """What probabilities and numbers of buyers were worth.

    Attributes:
        launches: `FORECAST_SCHEMA`.
        deciles: `RELIABILITY_SCHEMA`.
        too_few: Tested launches with too few earlier ones to calibrate on; they are in neither table.
    """

    launches: pl.DataFrame
    deciles: pl.DataFrame
    too_few: int

    def summary(self) -> dict[str, Any]:
        """All launches together: what was predicted and what came, intervals, calibration error, log loss.

        `log_loss_difference` is the launch model's less the constant's, mean over launches, with a 95 % interval from
        resampling launch weeks. Empty where nothing could be calibrated.
        """
        told = self.launches
        if told.is_empty():
            return {"launches": 0, "too_few_earlier_launches": self.too_few}
        predicted, actual = float(told["predicted_buyers"].sum()), float(told["actual_buyers"].sum())
        difference = (told["log_loss"] - told["constant_log_loss"]).to_numpy()
        mean, low, high = bootstrap_mean(difference, comparison.launch_weeks(told), seed=0)
        return {
            "launches": told.height,
            "too_few_earlier_launches": self.too_few,
            "predicted_buyers": predicted,
            "actual_buyers": actual,
            "predicted_over_actual": predicted / actual if actual else None,
            "raw_over_actual": float(told["raw_buyers"].sum()) / actual if actual else None,
            "coverage": calibration_metrics.interval_coverage(told["low"], told["high"], told["actual_buyers"]),
            "interval_score": _score(told, "low", "high"),
            "recent_coverage": calibration_metrics.interval_coverage(
                told["recent_low"], told["recent_high"], told["actual_buyers"]
            ),
            "recent_interval_score": _score(told, "recent_low", "recent_high"),
            "expected_calibration_error": _calibration_error(self.deciles),
            "log_loss": told["log_loss"].mean(),
            "constant_log_loss": told["constant_log_loss"].mean(),
            "log_loss_difference": {"mean": mean, "low": low, "high": high},
        }


def _score(told: pl.DataFrame, low: str, high: str) -> float:
    return calibration_metrics.interval_score(told[low], told[high], told["actual_buyers"], coverage=COVERAGE)


def _calibration_error(deciles: pl.DataFrame) -> float:
    off = np.abs((deciles["predicted"] - deciles["actual"]).to_numpy())
    return float(np.average(off, weights=deciles["customers"].to_numpy()))


def forecasts(launches: Sequence[Tested]) -> Forecasts:
    """Judge every launch tested."""
    known = [(one, one.calibration) for one in launches]
    told = [_forecast(one, known) for one, known in known if isinstance(known, Calibration)]
    rows = [one.rows for one, known in known if isinstance(known, Calibration)]
    deciles = _deciles(pl.concat(one.select("bought", "probability") for one in rows)) if rows else []
    return Forecasts(
        pl.DataFrame(told, schema=FORECAST_SCHEMA, orient="row"),
        pl.DataFrame(deciles, schema=RELIABILITY_SCHEMA, orient="row"),
        len(launches) - len(told),
    )


def _deciles(rows: pl.DataFrame) -> list[tuple[int, int, float, float]]:
    groups = calibration_metrics.reliability(rows["bought"], rows["probability"])
    return [(number, *group) for number, group in enumerate(groups, 1)]


def _forecast(tested: Tested, calibration: Calibration) -> dict[str, Any]:
    labels, probability = tested.rows["bought"].to_numpy(), tested.rows["probability"].to_numpy()
    expected = float(probability.sum())
    low, high = calibration.interval(expected)
    constant = np.full(len(labels), min(float(tested.recent.mean()) / len(labels), 1.0))
    return {
        "product_id": tested.launch["product_id"],
        "title": tested.launch["title"],
        "launch_date": tested.launch_date,
        "customers": len(labels),
        "raw_buyers": float(tested.rows["raw"].sum()),
        "predicted_buyers": expected,
        "low": low,
        "high": high,
        "recent_low": float(np.quantile(tested.recent, (1 - COVERAGE) / 2)),
        "recent_high": float(np.quantile(tested.recent, (1 + COVERAGE) / 2)),
        "actual_buyers": float(labels.sum()),
        "log_loss": metrics.log_loss(labels, probability),
        "constant_log_loss": metrics.log_loss(labels, constant),
    }
