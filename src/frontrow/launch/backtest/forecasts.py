"""Evaluated forecasts of past launches: probabilities and numbers of buyers, before and after days of sales."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.audience.early_sales_reader import OnSale, read_early_sales
from frontrow.launch.backtest.metrics import launch_weeks
from frontrow.launch.backtest.scores import ScoredLaunch
from frontrow.launch.calibration.calibration import COVERAGE, Calibration
from frontrow.launch.calibration.early_sales import EarlySales, update_forecast
from frontrow.launch.calibration.parameters import logits
from frontrow.metrics import calibration as calibration_metrics
from frontrow.metrics import classification as metrics
from frontrow.metrics.bootstrap import bootstrap_mean
from frontrow.shop.history import History

LAUNCH_COLUMNS: Final = {"product_id": pl.String(), "title": pl.String(), "launch_date": pl.Date()}

FORECAST_SCHEMA: Final = {
    **LAUNCH_COLUMNS,
    "customers": pl.Int64(),
    **dict.fromkeys(("raw_buyers", "predicted_buyers", "low", "high", "recent_low", "recent_high"), pl.Float64()),
    **dict.fromkeys(("actual_buyers", "log_loss", "constant_log_loss"), pl.Float64()),
}
"""One row a launch with a closed window, those with few buyers too: the sum of the model's raw probabilities, of the
calibrated ones with their 80 % interval, the 10 % and 90 % quantiles of recent launches, and the actual buyers. The
constant is the mean number of buyers of recent launches, spread evenly over everyone scored. What needs recent launches
is null where there is none."""

RELIABILITY_SCHEMA: Final = {
    "decile": pl.Int32(),
    "customers": pl.Int64(),
    "predicted": pl.Float64(),
    "actual": pl.Float64(),
}
"""Customers of all launches in ten groups of equal size, least likely first: mean probability and share that bought."""

SALES_SCHEMA: Final = {
    **LAUNCH_COLUMNS,
    "days": pl.Int32(),
    "customers": pl.Int64(),
    **dict.fromkeys(("buyers_so_far", "predicted_before", "predicted", "low", "high", "actual"), pl.Float64()),
    **dict.fromkeys(("average_precision_before", "average_precision"), pl.Float64()),
}
"""One row a launch and number of days on sale. Everything is about the rest of the window and those who had not bought
by then: how many were expected at the launch's midnight (`before`) and how many after the sales so far, with the 80 %
interval; the actual buyers; and how well each of the two scores ranked them (null where nobody bought, or where the
launch had fewer buyers than are ranked)."""

READ_TOGETHER: Final = 2_000_000
"""Customers of launches, about, whose first days of sales are read in one pass over the order lines."""


@dataclass(frozen=True)
class Forecasts:
    """How good probabilities and numbers of buyers were.

    Attributes:
        launches: `FORECAST_SCHEMA`.
        deciles: `RELIABILITY_SCHEMA`.
        too_few: Launches with too few earlier ones to calibrate on; they are in neither table.
    """

    launches: pl.DataFrame
    deciles: pl.DataFrame
    too_few: int

    @classmethod
    def evaluate(cls, scored_launches: Sequence[ScoredLaunch]) -> Forecasts:
        """Compare the forecast of each launch with what happened."""
        calibrated = [(scored, scored.calibration) for scored in scored_launches]
        rows = [_forecast(scored, fit) for scored, fit in calibrated if isinstance(fit, Calibration)]
        deciles = _deciles([scored for scored, fit in calibrated if isinstance(fit, Calibration)])
        return cls(
            pl.DataFrame(rows, schema=FORECAST_SCHEMA, orient="row"),
            pl.DataFrame(deciles, schema=RELIABILITY_SCHEMA, orient="row"),
            len(scored_launches) - len(rows),
        )

    def summary(self) -> dict[str, Any]:
        """All launches together: predicted and actual buyers, intervals, calibration error, log loss.

        `log_loss_difference` is the launch model's less the constant's, mean over launches, with a 95 % interval from
        resampling launch weeks. Empty where nothing could be calibrated.
        """
        table = self.launches
        if table.is_empty():
            return {"launches": 0, "too_few_earlier_launches": self.too_few}
        predicted, actual = float(table["predicted_buyers"].sum()), float(table["actual_buyers"].sum())
        interval = (table["low"], table["high"], table["actual_buyers"])
        return {
            "launches": table.height,
            "too_few_earlier_launches": self.too_few,
            "predicted_buyers": predicted,
            "actual_buyers": actual,
            "predicted_over_actual": predicted / actual if actual else None,
            "raw_over_actual": float(table["raw_buyers"].sum()) / actual if actual else None,
            "coverage": calibration_metrics.interval_coverage(*interval),
            "interval_score": calibration_metrics.interval_score(*interval, coverage=COVERAGE),
            "expected_calibration_error": _calibration_error(self.deciles),
            "log_loss": table["log_loss"].mean(),
            **_compare_with_recent_launches(table.drop_nulls("constant_log_loss")),
        }


def _compare_with_recent_launches(table: pl.DataFrame) -> dict[str, Any]:
    """The part of the summary about launches that had others before them; None each where there is none."""
    names = ("recent_coverage", "recent_interval_score", "constant_log_loss", "log_loss_difference")
    if table.is_empty():
        return dict.fromkeys(names)
    recent = (table["recent_low"], table["recent_high"], table["actual_buyers"])
    difference = (table["log_loss"] - table["constant_log_loss"]).to_numpy()
    mean, low, high = bootstrap_mean(difference, launch_weeks(table), seed=0)
    values = (
        calibration_metrics.interval_coverage(*recent),
        calibration_metrics.interval_score(*recent, coverage=COVERAGE),
        table["constant_log_loss"].mean(),
        {"mean": mean, "low": low, "high": high},
    )
    return dict(zip(names, values, strict=True))


def _calibration_error(deciles: pl.DataFrame) -> float:
    errors = np.abs((deciles["predicted"] - deciles["actual"]).to_numpy())
    return float(np.average(errors, weights=deciles["customers"].to_numpy()))


def _deciles(scored_launches: Sequence[ScoredLaunch]) -> list[tuple[int, int, float, float]]:
    def read_parts() -> Iterator[calibration_metrics.Part]:
        for scored in scored_launches:
            rows = scored.scan().select("bought", "probability").collect()
            yield rows["bought"].to_numpy(), rows["probability"].to_numpy()

    return [(number, *group) for number, group in enumerate(calibration_metrics.reliability_of_parts(read_parts), 1)]


def _forecast(scored: ScoredLaunch, calibration: Calibration) -> dict[str, Any]:
    launch_rows = scored.scan().select("bought", "raw", "probability").collect()
    labels, probability = launch_rows["bought"].to_numpy(), launch_rows["probability"].to_numpy()
    expected = float(probability.sum())
    low, high = calibration.interval(expected)
    return {
        "product_id": scored.launch["product_id"],
        "title": scored.launch["title"],
        "launch_date": scored.launch_date,
        "customers": len(labels),
        "raw_buyers": float(launch_rows["raw"].sum()),
        "predicted_buyers": expected,
        "low": low,
        "high": high,
        "actual_buyers": float(labels.sum()),
        "log_loss": metrics.log_loss(labels, probability),
        **_forecast_by_recent_launches(labels, scored.recent_buyers),
    }


def _forecast_by_recent_launches(labels: NDArray[np.float64], recent_buyers: NDArray[np.float64]) -> dict[str, Any]:
    """What recent launches alone would have said; nothing for the first launch of a shop."""
    if not len(recent_buyers):
        return {"recent_low": None, "recent_high": None, "constant_log_loss": None}
    low, high = np.quantile(recent_buyers, ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2))
    constant = np.full(len(labels), min(float(recent_buyers.mean()) / len(labels), 1.0))
    return {
        "recent_low": float(low),
        "recent_high": float(high),
        "constant_log_loss": metrics.log_loss(labels, constant),
    }


def forecast_after_sales(
    history: History, scored_launches: Sequence[ScoredLaunch], days: Sequence[int], *, min_buyers: int
) -> pl.DataFrame:
    """Forecast every launch again after its first days on sale.

    Args:
        history: What is known.
        scored_launches: Those with a calibration are forecast.
        days: Days on sale; 0 is the midnight of the launch.
        min_buyers: Launches with fewer in all are not ranked.

    Returns:
        `SALES_SCHEMA`.
    """
    calibrated = [scored for scored in scored_launches if isinstance(scored.calibration, Calibration)]
    if not calibrated or not days:
        return pl.DataFrame(schema=SALES_SCHEMA)
    rows = []
    for group in _group(calibrated):
        tables = [scored.scan().select("customer_id", "bought", "raw").collect() for scored in group]
        on_sale = [
            OnSale(
                scored.launch["product_id"],
                scored.launch["cutoff_day"],
                tuple(days),
                table["customer_id"].cast(pl.Int64).to_numpy(),
                table["raw"].to_numpy(),
            )
            for scored, table in zip(group, tables, strict=True)
        ]
        for scored, table, sales in zip(group, tables, read_early_sales(history, on_sale), strict=True):
            rows += [_forecast_after(scored, table, of_days, min_buyers) for of_days in sales]
    return pl.DataFrame(rows, schema=SALES_SCHEMA, orient="row")


def _group(scored_launches: Sequence[ScoredLaunch]) -> Iterator[list[ScoredLaunch]]:
    """Launches after each other whose customers are read together."""
    group: list[ScoredLaunch] = []
    customers = 0
    for scored in scored_launches:
        more = scored.scan().select(pl.len()).collect().item()
        if group and customers + more > READ_TOGETHER:
            yield group
            group, customers = [], 0
        group, customers = [*group, scored], customers + more
    yield group


def _forecast_after(scored: ScoredLaunch, rows: pl.DataFrame, sales: EarlySales, min_buyers: int) -> dict[str, Any]:
    launch, calibration, days = scored.launch, scored.calibration, sales.days_on_sale
    assert isinstance(calibration, Calibration)
    raw, labels = rows["raw"].to_numpy(), rows["bought"].to_numpy()
    forecast = update_forecast(raw, sales, calibration)
    low, high = calibration.interval(forecast.remaining_buyers, days)
    rest = labels[~sales.bought]
    before = calibration.in_the_large.buyers(float(raw.sum())) * (1.0 - calibration.progress[days].share)
    ranked = labels.sum() >= min_buyers and rest.sum() > 0
    return {
        "product_id": launch["product_id"],
        "title": launch["title"],
        "launch_date": scored.launch_date,
        "days": days,
        "customers": len(rest),
        "buyers_so_far": float(sales.bought.sum()),
        "predicted_before": before,
        "predicted": forecast.remaining_buyers,
        "low": low,
        "high": high,
        "actual": float(rest.sum()),
        "average_precision_before": metrics.average_precision(rest, logits(raw)[~sales.bought]) if ranked else None,
        "average_precision": metrics.average_precision(rest, forecast.scores) if ranked else None,
    }


def summarize_sales_days(values: pl.DataFrame) -> pl.DataFrame:
    """One row a number of days on sale.

    Args:
        values: `SALES_SCHEMA`.

    Returns:
        `days`, `launches`, `count_error_before` and `count_error` (means of `calibration_metrics.count_errors` of the
        remaining buyers), `count_error_fall` (1 less their ratio), `coverage` and `interval_score` of the 80 %
        intervals, `average_precision_before`, `average_precision`, and the difference `gain` with its 95 % interval
        (`gain_low`, `gain_high`, resampling launch weeks).
    """
    groups = values.sort("days").group_by("days", maintain_order=True)
    return pl.DataFrame([_summarize_days(group) for _, group in groups])


def _summarize_days(group: pl.DataFrame) -> dict[str, Any]:
    before, after = (
        float(calibration_metrics.count_errors(group[name], group["actual"]).mean())
        for name in ("predicted_before", "predicted")
    )
    ranked = group.drop_nulls("average_precision")
    gains = (ranked["average_precision"] - ranked["average_precision_before"]).to_numpy()
    gain, low, high = bootstrap_mean(gains, launch_weeks(ranked), seed=0)
    interval = (group["low"], group["high"], group["actual"])
    return {
        "days": group["days"][0],
        "launches": group.height,
        "count_error_before": before,
        "count_error": after,
        "count_error_fall": 1.0 - after / before if before else 0.0,
        "coverage": calibration_metrics.interval_coverage(*interval),
        "interval_score": calibration_metrics.interval_score(*interval, coverage=COVERAGE),
        "average_precision_before": ranked["average_precision_before"].mean(),
        "average_precision": ranked["average_precision"].mean(),
        "gain": gain,
        "gain_low": low,
        "gain_high": high,
    }
