"""The walk forward through past launches: a model of its time for each stretch of days, and its scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.calibration.calibration import PAST_SCORE_SCHEMA, CalibrationSettings
from frontrow.launch.calibration.parameters import logits, slope_log_likelihoods
from frontrow.launch.life_cycle import TOO_FEW_BUYERS, closed_launches, compute_life_cycles
from frontrow.launch.model.episodes import build_episodes
from frontrow.launch.model.launch_model import (
    LaunchModel,
    sampling_rate,
    select_past_launches,
)
from frontrow.launch.model.pseudo_launches import sample_pseudo_launches, select_known
from frontrow.launch.model.scoring_set import ScoringSet, build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.history import History

MAX_ROWS: Final = 75_000
"""Most rows that a model of the walk forward is fitted on: there are half a dozen, and none scores a new product."""

SEEDS_OF_CALIBRATION: Final = 1
"""Seeds of such a model: a calibration needs the sum and the spread of its scores, which one seed gives, not the last
gain in ranks."""

Fold = tuple[int, int]
"""First and last launch day of a stretch whose launches one model scores."""


@dataclass(frozen=True)
class WalkForward:
    """The launches of the last months and models of their time. It takes longer than fitting the launch model.

    Attributes:
        scoring_set: The launches, each at its cutoff.
        training_rows: Of all past launches to learn from (`launch_model.sample_training_rows`).
        small_launch_rows: Of launches that had too few buyers, which no model learns from.
        pseudo_rows: Of pseudo-launches, which models learn from while launches are few; None where there are enough.
        fitted: Folds, and models fitted on launches whose window had closed before the fold.
    """

    scoring_set: ScoringSet
    training_rows: pl.DataFrame
    small_launch_rows: pl.DataFrame
    pseudo_rows: pl.DataFrame | None
    fitted: list[tuple[Fold, LaunchModel]]

    @property
    def rows(self) -> pl.DataFrame:
        """Of every launch, small ones included: a shop does not know beforehand which launch will be small."""
        return pl.concat([self.training_rows, self.small_launch_rows])


def run_walk_forward(
    history: History, settings: LaunchSettings, calibration: CalibrationSettings | None = None, *, seed: int = 0
) -> WalkForward:
    """Walk through the launches of a calibration's lookback, with the model fitted anew every `refit_days`.

    Args:
        history: What is known; the window of every launch that a fold holds has closed.
        settings: The launch model's.
        calibration: How far back, and how often the model is fitted anew.
        seed: See `LaunchModel.fit`.
    """
    calibration = calibration or CalibrationSettings()
    cycles = compute_life_cycles(history, settings)
    launches = select_past_launches(cycles)
    end, horizon_days = history.cutoff_day, settings.horizon_days
    start = end - calibration.lookback_days
    scoring_set, training_rows, small_launch_rows = build_training_rows(history, cycles, settings, since=start)
    early = closed_before(launches, start, horizon_days).height
    pseudo_rows = sample_pseudo_launches(history, settings, early, earlier_days=end - start, seed=seed)
    training_since = first_training_day(launches, pseudo_rows, horizon_days)
    folds = build_calibration_folds((start, end), end, horizon_days, calibration.refit_days, training_since)
    # a model of the last days has no launch to score where the window of none of theirs has closed
    launch_days = scoring_set.launches["cutoff_day"]
    folds = [fold for fold in folds if launch_days.is_between(*fold).any()]
    models = fit_folds(history, training_rows, folds, settings, seed=seed, pseudo_rows=pseudo_rows, max_rows=MAX_ROWS)
    fitted = list(zip(folds, models, strict=True))
    return WalkForward(scoring_set, training_rows, small_launch_rows, pseudo_rows, fitted)


def build_training_rows(
    history: History, cycles: pl.DataFrame, settings: LaunchSettings, *, since: int
) -> tuple[ScoringSet, pl.DataFrame, pl.DataFrame]:
    """Rows to learn from, and rows of recent launches with too few buyers, which only a calibration uses.

    The latter are launches all the same: a shop does not know beforehand which launch will be small.

    Args:
        history: What is known.
        cycles: What `life_cycle.compute_life_cycles` returns for the history.
        settings: The launch model's.
        since: Launches with too few buyers are taken from this day on (days since 1970-01-01).

    Returns:
        The scoring set of all these launches, the training rows, and the rows of the small launches.
    """
    small = cycles.filter((pl.col("verdict") == TOO_FEW_BUYERS) & (pl.col("launch_day") >= since))
    launches = closed_launches(cycles)
    dated = pl.concat([launches, small]).with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(
        dated.sort("launch_day", "product_id"), cycles, settings.horizon_days, history.vectors
    )
    rate = sampling_rate(history, settings, launches)
    rows = build_episodes(history, scoring_set, settings, launches=scoring_set.launches, negative_rate=rate)
    small_launches = scoring_set.launches.join(small.select("product_id"), on="product_id", how="semi")["launch"]
    is_small = pl.col("launch").is_in(small_launches.implode())
    return scoring_set, rows.filter(~is_small), rows.filter(is_small)


def first_training_day(launches: pl.DataFrame, pseudo_rows: pl.DataFrame | None, horizon_days: int) -> int | None:
    """The first midnight at which a model has something to learn from; None where there is no such day.

    Args:
        launches: The launches to learn from, with `launch_day`.
        pseudo_rows: What `pseudo_launches.sample_pseudo_launches` returned.
        horizon_days: Length of a window.
    """
    first_days = [launches["launch_day"].min(), None if pseudo_rows is None else pseudo_rows["cutoff_day"].min()]
    return min((int(day) + horizon_days for day in first_days if day is not None), default=None)  # type: ignore[arg-type]


def build_calibration_folds(
    days: tuple[int, int], closed_day: int, horizon_days: int, refit_days: int, training_since: int | None
) -> list[Fold]:
    """Stretches of launch days between two fits, counted back from the end, oldest first.

    Args:
        days: From the first of these days to the one before the last.
        closed_day: Stretches in which no window has closed by then are left out.
        horizon_days: Length of a window.
        refit_days: Days of a stretch; the oldest may be shorter.
        training_since: What `first_training_day` returned.

    Returns:
        First and last launch day of each stretch with something before it to learn from.
    """
    if training_since is None:
        return []
    start, end = days
    ages = range(refit_days, end - start + refit_days, refit_days)
    stretches = [(max(end - age, start), end - age + refit_days - 1) for age in ages]
    return [
        (first, last)
        for first, last in reversed(stretches)
        if first + horizon_days <= closed_day and first >= training_since
    ]


def closed_before(launches: pl.DataFrame, day: int, horizon_days: int) -> pl.DataFrame:
    """The launches whose window had closed by the midnight of a day.

    Args:
        launches: With `launch_day`.
        day: Days since 1970-01-01.
        horizon_days: Length of a window.
    """
    return launches.filter(pl.col("launch_day") + horizon_days <= day)


def fit_folds(
    history: History,
    training_rows: pl.DataFrame,
    folds: Sequence[Fold],
    settings: LaunchSettings,
    *,
    seed: int,
    pseudo_rows: pl.DataFrame | None = None,
    max_rows: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[LaunchModel]:
    """A model for each fold, fitted on the launches whose window had closed before it.

    Args:
        history: For the midnights of the shop's time zone.
        training_rows: Rows of every launch to learn from.
        folds: First and last launch days.
        settings: The launch model's.
        seed: See `LaunchModel.fit`.
        pseudo_rows: What `pseudo_launches.sample_pseudo_launches` returned.
        max_rows: Given for models that only a calibration needs, which have `SEEDS_OF_CALIBRATION`: customers who did
            not buy are sampled down to about this many rows in all, and weighted to match.
        progress: Called with the number of models fitted, after each.
    """
    models = []
    for number, (first, _) in enumerate(folds, 1):
        rows = training_rows.filter(pl.col("cutoff_day") + settings.horizon_days <= first)
        fold_settings = settings
        if max_rows is not None:
            rows = downsample(rows, max_rows, seed=seed)
            fold_settings = replace(settings, boosting=replace(settings.boosting, seeds=SEEDS_OF_CALIBRATION))
        pseudo = select_known(pseudo_rows, first, settings.horizon_days)
        cutoff = history.midnight(first)
        models.append(LaunchModel.fit_rows(rows, fold_settings, seed=seed, cutoff=cutoff, pseudo_rows=pseudo))
        if progress is not None:
            progress(number)
    return models


def downsample(rows: pl.DataFrame, max_rows: int, *, seed: int) -> pl.DataFrame:
    """All buyers, and a sample of the others that makes about `max_rows`; each of those represents more customers.

    Args:
        rows: What `episodes.build_episodes` returns.
        max_rows: Rows to keep, about.
        seed: Of the sample.

    Example:
        >>> rows = pl.DataFrame({"bought": [1.0] + [0.0] * 999, "weight": [1.0] * 1000})
        >>> 150 < downsample(rows, 201, seed=0).height < 250
        True
    """
    bought = rows["bought"].to_numpy() == 1.0
    buyers = int(bought.sum())
    share = max((max_rows - buyers) / max(rows.height - buyers, 1), 0.05)
    if share >= 1.0:
        return rows
    chosen = bought | (np.random.default_rng(seed).random(rows.height) < share)
    weight = pl.when(pl.col("bought") == 1.0).then(pl.col("weight")).otherwise(pl.col("weight") / share)
    return rows.filter(pl.Series(chosen)).with_columns(weight=weight)


def score_past_launches(
    scoring_set: ScoringSet, rows: pl.DataFrame, fitted: Sequence[tuple[Fold, LaunchModel]]
) -> pl.DataFrame:
    """Score the launches of each fold with its own model, on the sample of customers that the rows hold.

    Args:
        scoring_set: The launches, each at its cutoff.
        rows: What `episodes.build_episodes` returned for them; their windows have closed.
        fitted: Folds, and models fitted on launches whose window had closed before the fold.

    Returns:
        `PAST_SCORE_SCHEMA`, sorted by day and product.
    """
    scores = []
    for (first, last), model in fitted:
        fold_rows = rows.filter(pl.col("cutoff_day").is_between(first, last))
        scored = fold_rows.select("launch", "bought", "weight", model.probability(fold_rows).alias("raw"))
        scores += [_launch_score(launch) for launch in scored.partition_by("launch", maintain_order=True)]
    columns = ("forecast", "buyers", "slope_log_likelihoods")
    schema = {"launch": pl.Int32(), **{name: PAST_SCORE_SCHEMA[name] for name in columns}}
    launches = scoring_set.launches.select("launch", "product_id", launch_day="cutoff_day")
    return (
        pl.DataFrame(scores, schema=schema, orient="row")
        .join(launches, on="launch")
        .join(_buyers_by_day(rows, launches, fitted), on="launch")
        .select(pl.col(name).cast(dtype) for name, dtype in PAST_SCORE_SCHEMA.items())
        .sort("launch_day", "product_id")
    )


def _launch_score(rows: pl.DataFrame) -> tuple[int, float, float, list[float]]:
    raw, bought, weight = (rows[name].to_numpy() for name in ("raw", "bought", "weight"))
    log_likelihoods = slope_log_likelihoods(logits(raw), bought, weight)
    return rows["launch"][0], float((raw * weight).sum()), float(bought.sum()), log_likelihoods.tolist()


def _buyers_by_day(
    rows: pl.DataFrame, launches: pl.DataFrame, fitted: Sequence[tuple[Fold, LaunchModel]]
) -> pl.DataFrame:
    """`launch` and `buyers_by_day`: its buyers so far, after each day of the window."""
    horizon_days = fitted[0][1].settings.horizon_days if fitted else 0
    after = rows.filter(pl.col("bought") == 1.0).select("launch", "bought_after")
    counts = {
        launch: _cumulative_counts(group["bought_after"].to_numpy(), horizon_days)
        for (launch,), group in after.group_by("launch")
    }
    none = [0.0] * (horizon_days + 1)
    by_day = [counts.get(launch, none) for launch in launches["launch"]]
    return launches.select("launch", buyers_by_day=pl.Series(by_day, dtype=pl.List(pl.Float64)))


def _cumulative_counts(after: NDArray[np.int32], horizon_days: int) -> list[float]:
    counts = np.bincount(after, minlength=horizon_days)[:horizon_days]
    return [0.0, *np.cumsum(counts).astype(float).tolist()]
