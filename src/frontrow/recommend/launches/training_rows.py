"""Past launches as lists would have met them: what models of their time said of those who then ordered, and who bought.

A list is for a customer who comes. Whoever did not order within a launch's window is left out here, which nobody knows
on the day; that is right for what a place of a list is worth, and wrong for an audience.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from frontrow.launch.calibration.calibration import CalibrationSettings
from frontrow.launch.classify.cohort import ordered_in_window
from frontrow.launch.episodes.past_scores import Fold
from frontrow.launch.episodes.walk_forward import Walk
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.recommend.launches.order_propensity import order_chance
from frontrow.shop.shop import History

LESSON_SCHEMA: Final = {
    "launch": pl.Int32(),
    "customer_id": pl.Int64(),
    "cutoff_day": pl.Int32(),
    # the raw probability of a model that knew only what came before the launch, and its mean over all it scored
    "raw": pl.Float64(),
    "mean_raw": pl.Float64(),
    # `order_chance` on the launch's day
    "ordering": pl.Float64(),
    "bought": pl.Float64(),
    # customers that the row stands for, an old launch counting less
    "weight": pl.Float64(),
}


def launch_lessons(history: History, walk: Walk, calibration: CalibrationSettings | None = None) -> pl.DataFrame:
    """What the models of a walk said of its launches, those that found next to no buyers included.

    Args:
        history: What is known; the window of every launch told of has closed.
        walk: Through the past launches of the history.
        calibration: How fast a launch loses weight.

    Returns:
        `LESSON_SCHEMA`, by launch and customer: a sample of those who ordered within `horizon_days` of a launch.
    """
    calibration = calibration or CalibrationSettings()
    if not walk.fitted:
        return pl.DataFrame(schema=LESSON_SCHEMA)
    settings = walk.fitted[0][1].settings
    told = _scored(walk.rows, walk.fitted)
    age = history.cutoff_day - settings.horizon_days - pl.col("cutoff_day")
    ordered = ordered_in_window(told, history, settings.horizon_days)
    weighed = ordered.with_columns(weight=pl.col("weight") * 0.5 ** (age / calibration.half_life_days))
    return _with_ordering(weighed, history, settings.horizon_days).select(list(LESSON_SCHEMA))


def _scored(rows: pl.DataFrame, walked: Sequence[tuple[Fold, LaunchModel]]) -> pl.DataFrame:
    """`LESSON_SCHEMA` but for `ordering`, each fold's launches scored by its own model."""
    kept = [name for name in LESSON_SCHEMA if name not in ("raw", "mean_raw", "ordering")]
    parts = [pl.DataFrame(schema={name: kind for name, kind in LESSON_SCHEMA.items() if name != "ordering"})]
    for (first, last), model in walked:
        own = rows.filter(pl.col("cutoff_day").is_between(first, last))
        told = own.select(*kept, model.probability(own).alias("raw"))
        mean = (pl.col("raw") * pl.col("weight")).sum() / pl.col("weight").sum()
        parts.append(told.with_columns(mean_raw=mean.over("launch")).select(parts[0].columns))
    return pl.concat([part.cast(parts[0].schema) for part in parts])


def _with_ordering(rows: pl.DataFrame, history: History, days: int) -> pl.DataFrame:
    parts = [rows.with_columns(ordering=pl.lit(None, pl.Float64)).clear()]
    for (day,), asked in rows.group_by("cutoff_day"):
        then = history.as_of(int(str(day)))
        chance = order_chance(then, asked["customer_id"].to_numpy(), days=days)
        parts.append(asked.with_columns(ordering=pl.Series(chance)))
    return pl.concat(parts).sort("launch", "customer_id")
