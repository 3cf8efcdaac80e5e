"""What each day of sales is worth: tested launches forecast again after their first days on sale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from frontrow.launch.audience.sales_so_far import SalesSoFar
from frontrow.launch.backtest import comparison
from frontrow.launch.backtest.forecasts import Tested
from frontrow.launch.calibration.calibration import COVERAGE, Calibration
from frontrow.launch.calibration.early_sales import updated
from frontrow.launch.calibration.slope import logits
from frontrow.metrics import calibration as calibration_metrics
from frontrow.metrics import classification as metrics
from frontrow.metrics.bootstrap import bootstrap_mean
from frontrow.shop.shop import History

SALES_SCHEMA: Final = {
    "product_id": pl.String(),
    "title": pl.String(),
    "launch_date": pl.Date(),
    "days": pl.Int32(),
    "customers": pl.Int64(),
    "buyers_so_far": pl.Float64(),
    "predicted_before": pl.Float64(),
    "predicted": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "actual": pl.Float64(),
    "average_precision_before": pl.Float64(),
    "average_precision": pl.Float64(),
}
"""One row a launch and number of days on sale. Everything is about the rest of the window and those who had not bought
by then: how many were expected at the launch's midnight (`before`) and how many after the sales so far, with the 80 %
interval; how many came; and how well each of the two scores ranked them (null where nobody came, or where the launch
had fewer buyers than are ranked)."""


def sales_days(history: History, launches: Sequence[Tested], days: Sequence[int], *, min_buyers: int) -> pl.DataFrame:
    """Forecast every tested launch again.

    Args:
        history: What is known now.
        launches: Those with a calibration are forecast.
        days: Days on sale; 0 is the midnight of the launch.
        min_buyers: Launches with fewer in all are not ranked.

    Returns:
        `SALES_SCHEMA`.
    """
    known = [one for one in launches if isinstance(one.calibration, Calibration)]
    if not known or not days:
        return pl.DataFrame(schema=SALES_SCHEMA)
    sales = SalesSoFar(history, pl.Series([one.launch["product_id"] for one in known], dtype=pl.String))
    rows = [_after(one, day, sales, min_buyers) for one in known for day in days]
    return pl.DataFrame(rows, schema=SALES_SCHEMA, orient="row")


def _after(tested: Tested, days: int, sales: SalesSoFar, min_buyers: int) -> dict[str, Any]:
    launch, rows, calibration = tested.launch, tested.rows, tested.calibration
    assert isinstance(calibration, Calibration)
    first = sales.of(launch["product_id"], launch["cutoff_day"], rows["customer_id"].to_numpy(), days)
    raw, labels = rows["raw"].to_numpy(), rows["bought"].to_numpy()
    found = updated(raw, first, calibration)
    low, high = calibration.interval(found.to_come, days)
    rest = labels[~first.bought]
    ranked = labels.sum() >= min_buyers and rest.sum() > 0
    before = calibration.level.buyers(float(raw.sum())) * (1.0 - calibration.days[days].share)
    return {
        "product_id": launch["product_id"],
        "title": launch["title"],
        "launch_date": tested.launch_date,
        "days": days,
        "customers": len(rest),
        "buyers_so_far": float(first.bought.sum()),
        "predicted_before": before,
        "predicted": found.to_come,
        "low": low,
        "high": high,
        "actual": float(rest.sum()),
        "average_precision_before": metrics.average_precision(rest, logits(raw)[~first.bought]) if ranked else None,
        "average_precision": metrics.average_precision(rest, found.scores) if ranked else None,
    }


def sales_summary(values: pl.DataFrame) -> pl.DataFrame:
    """One row a number of days on sale.

    Args:
        values: `SALES_SCHEMA`.

    Returns:
        `days`, `launches`, `count_error_before` and `count_error` (means of `calibration_metrics.count_errors` of the
        buyers still to come), `count_error_fall` (1 less their ratio), `coverage` and `interval_score` of the 80 %
        intervals, `average_precision_before`, `average_precision`, and the difference `gain` with its 95 % interval
        (`gain_low`, `gain_high`, resampling launch weeks).
    """
    return pl.DataFrame([_of_days(group) for _, group in values.sort("days").group_by("days", maintain_order=True)])


def _of_days(group: pl.DataFrame) -> dict[str, Any]:
    before, after = (
        float(calibration_metrics.count_errors(group[name], group["actual"]).mean())
        for name in ("predicted_before", "predicted")
    )
    ranked = group.drop_nulls("average_precision")
    gains = (ranked["average_precision"] - ranked["average_precision_before"]).to_numpy()
    gain, low, high = bootstrap_mean(gains, comparison.launch_weeks(ranked), seed=0)
    ends = (group["low"], group["high"], group["actual"])
    return {
        "days": group["days"][0],
        "launches": group.height,
        "count_error_before": before,
        "count_error": after,
        "count_error_fall": 1.0 - after / before if before else 0.0,
        "coverage": calibration_metrics.interval_coverage(*ends),
        "interval_score": calibration_metrics.interval_score(*ends, coverage=COVERAGE),
        "average_precision_before": ranked["average_precision_before"].mean(),
        "average_precision": ranked["average_precision"].mean(),
        "gain": gain,
        "gain_low": low,
        "gain_high": high,
    }
