"""The metrics of scored launches, and models compared over launches: means with intervals, paired differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.backtest.scores import KEYS, LAUNCH_MODEL, ScoredLaunch
from frontrow.launch.calibration.calibration import Calibration
from frontrow.metrics import classification as metrics
from frontrow.metrics.bootstrap import bootstrap_mean


def measure_launch(scored: ScoredLaunch) -> pl.DataFrame:
    """All metrics of all models on one launch: `product_id`, `title`, `launch_date`, `model`, `metric`, `value`."""
    rows = scored.rows
    labels = rows["bought"].to_numpy()
    baselines = [name for name in rows.columns if name not in (*KEYS, "raw", "probability")]
    columns = {LAUNCH_MODEL: "raw", **{name: name for name in baselines}}
    values = [
        (model, metric, value)
        for model, column in columns.items()
        for metric, value in _ranking_metrics(labels, rows[column].to_numpy()).items()
    ]
    values += [(LAUNCH_MODEL, metric, value) for metric, value in _forecast_metrics(scored, rows).items()]
    return pl.DataFrame(values, schema=["model", "metric", "value"], orient="row").select(
        pl.lit(scored.launch["product_id"]).alias("product_id"),
        pl.lit(scored.launch["title"]).alias("title"),
        pl.lit(scored.launch_date).alias("launch_date"),
        "model",
        "metric",
        "value",
    )


def _forecast_metrics(scored: ScoredLaunch, rows: pl.DataFrame) -> dict[str, float]:
    labels = rows["bought"].to_numpy()
    counts = {"actual_buyers": float(labels.sum()), "customers": float(len(labels))}
    if not isinstance(scored.calibration, Calibration):
        return counts
    probability = rows["probability"].to_numpy()
    expected = float(probability.sum())
    low, high = scored.calibration.interval(expected)
    forecast = {"predicted_buyers": expected, "predicted_low": low, "predicted_high": high}
    return {"log_loss": metrics.log_loss(labels, probability), **forecast, **counts}


def _ranking_metrics(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> dict[str, float]:
    return {
        "auc": metrics.auc(labels, scores),
        "average_precision": metrics.average_precision(labels, scores),
        "lift_1": metrics.lift(labels, scores, 0.01),
        "lift_5": metrics.lift(labels, scores, 0.05),
        "lift_10": metrics.lift(labels, scores, 0.10),
    }


def summarize_metrics(values: pl.DataFrame, *, first: str) -> pl.DataFrame:
    """Mean over launches of each model and metric, with a 95 % interval from resampling launch weeks.

    Args:
        values: Tidy: `product_id`, `launch_date`, `model`, `metric`, `value`.
        first: The model listed first; the others follow by average precision.

    Returns:
        `model`, `metric`, `mean`, `low`, `high`.
    """
    rows = []
    for (model, metric), group in values.group_by("model", "metric", maintain_order=True):
        measured = group.drop_nulls("value")
        mean, low, high = bootstrap_mean(measured["value"].to_numpy(), launch_weeks(measured), seed=0)
        rows.append((model, metric, mean, low, high))
    table = pl.DataFrame(rows, schema=["model", "metric", "mean", "low", "high"], orient="row")
    ranked = table.filter(pl.col("metric") == "average_precision")
    order = ranked.select("model", order=pl.when(pl.col("model") == first).then(-1e9).otherwise(-pl.col("mean")))
    return table.join(order, on="model", maintain_order="left").sort("order", maintain_order=True).drop("order")


def compare_models(values: pl.DataFrame, model: str, other: str, metric_names: Sequence[str]) -> pl.DataFrame:
    """One model minus another, launch by launch, where both have a value.

    Args:
        values: As for `summarize_metrics`.
        model: A model.
        other: The model subtracted.
        metric_names: Metrics to compare.

    Returns:
        `metric`, `ratio` of the means, `difference`, `low`, `high` (95 %, resampling launch weeks).
    """
    keys = ["product_id", "launch_date", "metric"]
    others = values.filter(pl.col("model") == other).select(*keys, other="value")
    paired = values.filter(pl.col("model") == model).join(others, on=keys).filter(pl.col("metric").is_in(metric_names))
    rows = []
    finite = paired.drop_nulls(["value", "other"]).drop_nans(["value", "other"])
    for (metric,), group in finite.group_by("metric", maintain_order=True):
        difference = (group["value"] - group["other"]).to_numpy()
        mean, low, high = bootstrap_mean(difference, launch_weeks(group), seed=0)
        rows.append((metric, _ratio(group["value"].mean(), group["other"].mean()), mean, low, high))
    return pl.DataFrame(rows, schema=["metric", "ratio", "difference", "low", "high"], orient="row")


def launch_weeks(values: pl.DataFrame) -> NDArray[np.int32]:
    """The week of each row's launch, by number: launches come in ranges, so they are resampled by the week."""
    return values["launch_date"].dt.truncate("1w").cast(pl.Int32).to_numpy()


def _ratio(mean: object, other: object) -> float:
    """NaN where the other mean is zero."""
    assert isinstance(mean, float)
    assert isinstance(other, float)
    return mean / other if other else float("nan")
