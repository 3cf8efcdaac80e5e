"""Models beside one another over launches: means with intervals, and paired differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.metrics.bootstrap import bootstrap_mean


def summary(values: pl.DataFrame, *, first: str) -> pl.DataFrame:
    """Mean over launches of each model and metric, with a 95 % interval from resampling launch weeks.

    Args:
        values: Tidy: `product_id`, `launch_date`, `model`, `metric`, `value`.
        first: The model that stands first; the others follow by average precision.

    Returns:
        `model`, `metric`, `mean`, `low`, `high`.
    """
    rows = []
    for (model, metric), group in values.group_by("model", "metric", maintain_order=True):
        known = group.drop_nulls("value")
        mean, low, high = bootstrap_mean(known["value"].to_numpy(), launch_weeks(known), seed=0)
        rows.append((model, metric, mean, low, high))
    table = pl.DataFrame(rows, schema=["model", "metric", "mean", "low", "high"], orient="row")
    placed = table.join(_places(table, first), on="model", maintain_order="left")
    return placed.sort("place", maintain_order=True).drop("place")


def differences(values: pl.DataFrame, ours: str, theirs: str, measured: Sequence[str]) -> pl.DataFrame:
    """One model minus another, launch by launch, where both say something.

    Args:
        values: As for `summary`.
        ours: A model.
        theirs: Another.
        measured: Metrics to compare.

    Returns:
        `metric`, `ratio` of the means, `difference`, `low`, `high` (95 %, resampling launch weeks).
    """
    keys = ["product_id", "launch_date", "metric"]
    others = values.filter(pl.col("model") == theirs).select(*keys, other="value")
    paired = values.filter(pl.col("model") == ours).join(others, on=keys).filter(pl.col("metric").is_in(measured))
    rows = []
    known = paired.drop_nulls(["value", "other"]).drop_nans(["value", "other"])
    for (metric,), group in known.group_by("metric", maintain_order=True):
        difference = (group["value"] - group["other"]).to_numpy()
        mean, low, high = bootstrap_mean(difference, launch_weeks(group), seed=0)
        rows.append((metric, _ratio(group["value"].mean(), group["other"].mean()), mean, low, high))
    return pl.DataFrame(rows, schema=["metric", "ratio", "difference", "low", "high"], orient="row")


def launch_weeks(values: pl.DataFrame) -> NDArray[np.int32]:
    """The week of each row's launch, by number: launches come in ranges, so they are resampled by the week."""
    return values["launch_date"].dt.truncate("1w").cast(pl.Int32).to_numpy()


def _ratio(ours: object, theirs: object) -> float:
    """NaN where the other mean is nothing, and no ratio can be told."""
    assert isinstance(ours, float)
    assert isinstance(theirs, float)
    return ours / theirs if theirs else float("nan")


def _places(table: pl.DataFrame, first: str) -> pl.DataFrame:
    """Models in the order of the table people read, best first."""
    ranked = table.filter(pl.col("metric") == "average_precision")
    return ranked.select("model", place=pl.when(pl.col("model") == first).then(-1e9).otherwise(-pl.col("mean")))
