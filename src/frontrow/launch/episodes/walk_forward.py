"""The walk through past launches: what is learned from them, and a model of its time for each stretch of days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from frontrow.launch.calibration.calibration import CalibrationSettings
from frontrow.launch.episodes.episodes import episode_rows
from frontrow.launch.episodes.past_scores import Fold
from frontrow.launch.episodes.scoring_set import Question, ask
from frontrow.launch.life_cycle import TOO_FEW_BUYERS, closed_launches, compute_life_cycles
from frontrow.launch.model.launch_model import FEWEST_LAUNCHES, LaunchModel, negative_rate, past_launches, training_rows
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import History

WALK_ROWS = 150_000
"""Most rows that a model of the walk learns from: there are half a dozen, and none is asked about a new product."""


@dataclass(frozen=True)
class Walk:
    """The launches of the last months as models of their time met them. It takes longer than the launch model's fit.

    Attributes:
        question: The launches, as they were asked about at their cutoffs.
        lessons: Rows to learn from, of all past launches (`model.training_rows`).
        small: Those of launches that found too few buyers, which nothing is learned from.
        fitted: Folds, and models fitted on launches whose window had closed before the fold.
    """

    question: Question
    lessons: pl.DataFrame
    small: pl.DataFrame
    fitted: list[tuple[Fold, LaunchModel]]

    @property
    def rows(self) -> pl.DataFrame:
        """Of every launch, flops included, for a shop does not know beforehand which one will be one."""
        return pl.concat([self.lessons, self.small])


def walk_through(
    history: History,
    settings: LaunchSettings,
    calibration: CalibrationSettings | None = None,
    *,
    seed: int = 0,
) -> Walk:
    """Walk through the launches of a calibration's lookback, with the model fitted anew every `refit_days`.

    Args:
        history: What is known; the window of every launch that a fold holds has closed.
        settings: The launch model's.
        calibration: How far back, and how often the model is fitted anew.
        seed: See `LaunchModel.fit`.

    Raises:
        LaunchError: The history has fewer than five launches to learn from.
    """
    calibration = calibration or CalibrationSettings()
    cycles = compute_life_cycles(history, settings)
    past = past_launches(cycles, history, settings)
    start = history.cutoff_day - calibration.lookback_days
    question, lessons, small = lessons_of(history, cycles, settings, since=start)
    folds = walk_folds(
        past, (start, history.cutoff_day), history.cutoff_day, settings.horizon_days, calibration.refit_days
    )
    models = fit_folds(history, lessons, folds, settings, seed=seed, most_rows=WALK_ROWS)
    return Walk(question, lessons, small, list(zip(folds, models, strict=True)))


def lessons_of(
    history: History, cycles: pl.DataFrame, settings: LaunchSettings, *, since: int
) -> tuple[Question, pl.DataFrame, pl.DataFrame]:
    """Rows to learn from, and those that only a calibration sees: launches since some day that found too few buyers.

    Left out of what is learned, they are launches all the same: a shop does not know beforehand which one will flop.
    """
    flops = cycles.filter((pl.col("verdict") == TOO_FEW_BUYERS) & (pl.col("launch_day") >= since))
    past = closed_launches(cycles)
    asked = pl.concat([past, flops]).with_columns(cutoff_day=pl.col("launch_day")).sort("launch_day", "product_id")
    question = ask(asked, cycles, settings.horizon_days)
    lessons = training_rows(history, question, settings, past)
    wanted = question.launches.join(flops.select("product_id"), on="product_id", how="semi", maintain_order="left")
    rate = negative_rate(history, settings, past)
    small = episode_rows(history, question, settings, launches=wanted, negative_rate=rate)
    return question, lessons, small.select(lessons.columns)


def walk_folds(
    past: pl.DataFrame, days: tuple[int, int], closed_day: int, horizon_days: int, refit_days: int
) -> list[Fold]:
    """Stretches of launch days between two fits, counted back from the end, oldest first.

    Args:
        past: The launches to learn from, with `launch_day`.
        days: From the first of these days to the one before the last.
        closed_day: Stretches in which no window has closed by then are left out.
        horizon_days: Length of a window.
        refit_days: Days of a stretch; the oldest may be shorter.

    Returns:
        First and last launch day of each stretch with enough launches before it to learn from.
    """
    start, end = days
    stretches = [(max(end - back, start), end - back + refit_days - 1) for back in _backwards(end - start, refit_days)]
    return [
        (first, last)
        for first, last in reversed(stretches)
        if first + horizon_days <= closed_day and _taught_by(past, first, horizon_days) >= FEWEST_LAUNCHES
    ]


def _backwards(days: int, step: int) -> range:
    return range(step, days + step, step)


def _taught_by(past: pl.DataFrame, day: int, horizon_days: int) -> int:
    return past.filter(pl.col("launch_day") + horizon_days <= day).height


def fit_folds(
    history: History,
    lessons: pl.DataFrame,
    folds: Sequence[Fold],
    settings: LaunchSettings,
    *,
    seed: int,
    most_rows: int | None = None,
    fitted: Callable[[int], None] | None = None,
) -> list[LaunchModel]:
    """A model for each fold, of the launches whose window had closed before it.

    Args:
        history: For the midnights of the shop's time zone.
        lessons: Rows of every launch to learn from.
        folds: First and last launch days.
        settings: The launch model's.
        seed: See `LaunchModel.fit`.
        most_rows: Those who did not buy are thinned to about so many rows in all, with the weight to match.
        fitted: Called with how many are done, after each.
    """
    models = []
    for number, (first, _) in enumerate(folds, 1):
        learned = lessons.filter(pl.col("cutoff_day") + settings.horizon_days <= first)
        if most_rows is not None:
            learned = thinned(learned, most_rows, seed=seed)
        models.append(LaunchModel.fit_rows(learned, settings, seed=seed, cutoff=history.midnight(first)))
        if fitted is not None:
            fitted(number)
    return models


def thinned(rows: pl.DataFrame, most_rows: int, *, seed: int) -> pl.DataFrame:
    """All buyers, and a share of the others that makes about `most_rows`; each of those stands for more customers.

    Example:
        >>> rows = pl.DataFrame({"bought": [1.0] + [0.0] * 999, "weight": [1.0] * 1000})
        >>> 150 < thinned(rows, 201, seed=0).height < 250
        True
    """
    bought = rows["bought"].to_numpy() == 1.0
    buyers = int(bought.sum())
    share = max((most_rows - buyers) / max(rows.height - buyers, 1), 0.05)
    if share >= 1.0:
        return rows
    chosen = bought | (np.random.default_rng(seed).random(rows.height) < share)
    weight = pl.when(pl.col("bought") == 1.0).then(pl.col("weight")).otherwise(pl.col("weight") / share)
    return rows.filter(pl.Series(chosen)).with_columns(weight=weight)
