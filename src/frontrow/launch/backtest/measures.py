"""What is measured of each tested launch: its probabilities, and how well every model ranked its customers."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.backtest.forecasts import Tested
from frontrow.launch.backtest.scores import KEYS, LAUNCH_MODEL
from frontrow.launch.calibration.calibration import Calibration, CalibrationSettings, TooFewLaunches, recent_launches
from frontrow.launch.episodes.scoring_set import Question
from frontrow.metrics import classification as metrics


def tested_launches(
    scored: pl.DataFrame,
    question: Question,
    scores: pl.DataFrame,
    horizon_days: int,
    calibration: CalibrationSettings,
    sales_days: tuple[int, ...],
) -> list[Tested]:
    """Each launch with its probabilities, calibrated on the launches that had closed before it.

    Args:
        scored: What `backtest_scores.scored_launches` returns.
        question: The launches.
        scores: `past_scores.PAST_SCORE_SCHEMA`, tested launches among them.
        horizon_days: Length of the window.
        calibration: Which earlier launches a calibration learns from.
        sales_days: Days on sale to be ready for.
    """

    @cache
    def known(day: int) -> tuple[Calibration | TooFewLaunches, NDArray[np.float64]]:
        recent = recent_launches(scores, day, horizon_days, calibration)["buyers"].to_numpy()
        return Calibration.fit(scores, day, horizon_days, calibration, days=sales_days), recent

    found = []
    for rows in scored.partition_by("launch", maintain_order=True):
        launch = question.launches.row(rows["launch"][0], named=True)
        learned, recent = known(launch["cutoff_day"])
        told = rows.rename({LAUNCH_MODEL: "raw"}).with_columns(_probability(rows[LAUNCH_MODEL], learned))
        found.append(Tested(launch, told, learned, recent))
    return found


def _probability(raw: pl.Series, calibration: Calibration | TooFewLaunches) -> pl.Series:
    told = calibration.probabilities(raw.to_numpy()) if isinstance(calibration, Calibration) else [None] * len(raw)
    return pl.Series("probability", told, dtype=pl.Float64)


def measured(one: Tested) -> pl.DataFrame:
    """All metrics of all models on one launch."""
    labels = one.rows["bought"].to_numpy()
    models = {
        LAUNCH_MODEL: "raw",
        **{name: name for name in one.rows.columns if name not in (*KEYS, "raw", "probability")},
    }
    found = [
        (model, metric, value)
        for model, column in models.items()
        for metric, value in _ranking(labels, one.rows[column].to_numpy()).items()
    ]
    found += [(LAUNCH_MODEL, metric, value) for metric, value in _counted(one, labels).items()]
    return pl.DataFrame(found, schema=["model", "metric", "value"], orient="row").select(
        pl.lit(one.launch["product_id"]).alias("product_id"),
        pl.lit(one.launch["title"]).alias("title"),
        pl.lit(one.launch_date).alias("launch_date"),
        "model",
        "metric",
        "value",
    )


def _counted(one: Tested, labels: NDArray[np.float64]) -> dict[str, float]:
    told = {"actual_buyers": float(labels.sum()), "customers": float(len(labels))}
    if not isinstance(one.calibration, Calibration):
        return told
    probability = one.rows["probability"].to_numpy()
    expected = float(probability.sum())
    low, high = one.calibration.interval(expected)
    said = {"predicted_buyers": expected, "predicted_low": low, "predicted_high": high}
    return {"log_loss": metrics.log_loss(labels, probability), **said, **told}


def _ranking(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> dict[str, float]:
    return {
        "auc": metrics.auc(labels, scores),
        "average_precision": metrics.average_precision(labels, scores),
        "lift_1": metrics.lift(labels, scores, 0.01),
        "lift_5": metrics.lift(labels, scores, 0.05),
        "lift_10": metrics.lift(labels, scores, 0.10),
    }
