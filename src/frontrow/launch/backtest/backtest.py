"""The back-test: fit on past launches that had closed, test on later ones, beside the baselines."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.backtest.forecasts import (
    FORECAST_SCHEMA,
    RELIABILITY_SCHEMA,
    SALES_SCHEMA,
    Forecasts,
    forecast_after_sales,
    summarize_sales_days,
)
from frontrow.launch.backtest.metrics import compare_models, measure_launch, summarize_metrics
from frontrow.launch.backtest.scores import LAUNCH_MODEL, ScoredLaunch, calibrate_launches, score_launches
from frontrow.launch.calibration.calibration import CalibrationSettings
from frontrow.launch.calibration.season import OrderShares
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.pseudo_launches import sample_pseudo_launches
from frontrow.launch.model.scoring_set import ScoringSet
from frontrow.launch.model.walk_forward import (
    MAX_ROWS,
    Fold,
    build_calibration_folds,
    build_training_rows,
    closed_before,
    first_training_day,
    fit_folds,
    score_past_launches,
)
from frontrow.launch.settings import LaunchSettings
from frontrow.progress import Progress, no_progress
from frontrow.shop.history import History
from frontrow.storage.folder import check_output_file, replace_file
from frontrow.tables.private_folder import private_folder

METRICS: Final = ("auc", "average_precision", "lift_1", "lift_5", "lift_10", "log_loss")
"""Measured for every launch; lifts are in the top 1, 5 and 10 % of the customers scored."""


@dataclass(frozen=True)
class BacktestSettings:
    """Which launches are tested, and how.

    Attributes:
        test_days: Launches of this many last days of the history are tested.
        refit_days: Days between two fits of the model.
        min_buyers: Launches with fewer buyers among the scored customers are not ranked: there is nothing to rank.
            Their number of buyers is forecast all the same.
        sales_days: Numbers of days on sale after which launches are forecast again.
        calibration: Which earlier launches a calibration learns from.
    """

    test_days: int = 150
    refit_days: int = 30
    min_buyers: int = 5
    sales_days: tuple[int, ...] = ()
    calibration: CalibrationSettings = field(default_factory=CalibrationSettings)


def _no_forecasts() -> Forecasts:
    return Forecasts(pl.DataFrame(schema=FORECAST_SCHEMA), pl.DataFrame(schema=RELIABILITY_SCHEMA), 0)


@dataclass(frozen=True)
class Backtest:
    """The result of a back-test.

    Attributes:
        values: Of the launches with enough buyers to rank, tidy: `product_id`, `title`, `launch_date`, `model`,
            `metric`, `value`. Besides `METRICS` there are `customers` (scored), `predicted_buyers` with the ends of
            its 80 % interval, `predicted_low` and `predicted_high`, and `actual_buyers`; what a model cannot say is
            absent.
        settings: The launch model's.
        backtest_settings: Which launches were tested, and how.
        forecasts: Probabilities and numbers of buyers of all launches with a closed window, small ones too.
        sales: `forecasts.SALES_SCHEMA`: the same launches after their first days on sale.
    """

    values: pl.DataFrame
    settings: LaunchSettings
    backtest_settings: BacktestSettings
    forecasts: Forecasts = field(default_factory=_no_forecasts)
    sales: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SALES_SCHEMA))

    @property
    def launches(self) -> int:
        """How many launches were tested."""
        return self.values["product_id"].n_unique()

    def summary(self) -> pl.DataFrame:
        """Mean over launches of each model and metric, with a 95 % interval from resampling launch weeks.

        Columns: `model`, `metric`, `mean`, `low`, `high`; the launch model first, then by average precision.
        """
        return summarize_metrics(self.values, first=LAUNCH_MODEL)

    def buyers(self) -> tuple[float, float]:
        """Buyers predicted and actual, over all launches with a closed window that could be forecast."""
        launches = self.forecasts.launches
        return float(launches["predicted_buyers"].sum()), float(launches["actual_buyers"].sum())

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints: settings, summary, the comparison with the best baseline, and every launch."""
        best = self.best_baseline()
        return {
            "launches": self.launches,
            "settings": asdict(self.settings),
            "backtest_settings": asdict(self.backtest_settings),
            "summary": self.summary().to_dicts(),
            "best_baseline": best,
            "against_best_baseline": self.against(best).to_dicts(),
            "calibration": self.forecasts.summary(),
            "reliability": self.forecasts.deciles.to_dicts(),
            "forecasts": self.forecasts.launches.to_dicts(),
            "sales_days": summarize_sales_days(self.sales).to_dicts(),
            "values": self.values.to_dicts(),
        }

    def write(self, file: str | Path) -> None:
        """Write `values` to a Parquet file, in one step.

        Raises:
            InputError: The suffix is another, or the file is a folder.
        """
        with replace_file(check_output_file(file, ".parquet")) as staged:
            self.values.write_parquet(staged)

    def best_baseline(self) -> str:
        """The baseline with the highest mean average precision."""
        ranked = self.summary().filter((pl.col("metric") == "average_precision") & (pl.col("model") != LAUNCH_MODEL))
        return str(ranked.sort("mean", descending=True)["model"][0])

    def against(self, baseline: str) -> pl.DataFrame:
        """The launch model minus a baseline, launch by launch.

        Columns: `metric`, `ratio` of the means, `difference`, `low`, `high` (95 %, resampling launch weeks).
        """
        return compare_models(self.values, LAUNCH_MODEL, baseline, METRICS)


def backtest(
    history: History,
    settings: LaunchSettings | None = None,
    backtest_settings: BacktestSettings | None = None,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Backtest:
    """Test the launch model and every baseline on the past launches of a history.

    Every launch is scored by a model fitted on launches whose window had closed before it, and its probabilities are
    calibrated on how models of their time scored such launches; features, vocabulary and the choice of who is scored
    are frozen at the midnight of its launch day.

    Args:
        history: What is known; launches whose window is still open are not tested.
        settings: The launch model's.
        backtest_settings: Which launches, how often the model is fitted anew.
        seed: The same seed on the same history gives the same figures.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: There is no launch to test, or none before it to learn from.
    """
    settings, backtest_settings = settings or LaunchSettings(), backtest_settings or BacktestSettings()
    days = (0, *backtest_settings.sales_days) if backtest_settings.sales_days else ()
    min_buyers = backtest_settings.min_buyers
    # everyone at every launch is more than memory holds
    with private_folder(history.folder_for_results) as folder:
        launches = _score_and_calibrate(history, settings, backtest_settings, days, seed, progress, folder)
        values = [measure_launch(launch) for launch in launches if launch.buyers >= min_buyers]
        if not values:
            raise LaunchError(f"No launch has {min_buyers} buyers or more among the customers scored. Lower the bound.")
        sales = forecast_after_sales(history, launches, days, min_buyers=min_buyers)
        return Backtest(pl.concat(values), settings, backtest_settings, Forecasts.evaluate(launches), sales)


def _score_and_calibrate(
    history: History,
    settings: LaunchSettings,
    backtest_settings: BacktestSettings,
    sales_days: tuple[int, ...],
    seed: int,
    progress: Progress,
    folder: Path,
) -> list[ScoredLaunch]:
    """Everyone scored at each launch tested, by models and calibrations of its time."""
    calibration = backtest_settings.calibration
    # training rows are let go before everyone is scored
    scoring_set, fitted, past_scores, fits = _fit_and_score_past(history, settings, backtest_settings, seed, progress)

    def count_blocks(done: float, blocks: float) -> None:
        progress(fits + len(fitted) * done / blocks, fits + len(fitted))

    scores = score_launches(history, scoring_set, fitted, settings, seed, folder / "blocks", progress=count_blocks)
    shares = OrderShares.measure(history, settings.horizon_days, settings.active_days)
    return calibrate_launches(scores, scoring_set, fitted, past_scores, shares, calibration, sales_days, folder)


def _fit_and_score_past(
    history: History, settings: LaunchSettings, backtest_settings: BacktestSettings, seed: int, progress: Progress
) -> tuple[ScoringSet, list[tuple[Fold, LaunchModel]], pl.DataFrame, int]:
    """The launches, the folds tested with their models, `calibration.PAST_SCORE_SCHEMA`, and the number of fits."""
    calibration, horizon_days = backtest_settings.calibration, settings.horizon_days
    cycles = compute_life_cycles(history, settings)
    past = closed_launches(cycles)
    since = history.cutoff_day - backtest_settings.test_days - calibration.lookback_days
    scoring_set, training_rows, small_launch_rows = build_training_rows(history, cycles, settings, since=since)
    tested = scoring_set.launches.with_columns(launch_day="cutoff_day")
    early_launches, span = closed_before(past, since, horizon_days).height, history.cutoff_day - since
    pseudo_rows = sample_pseudo_launches(history, settings, early_launches, earlier_days=span, seed=seed)
    training_since = first_training_day(past, pseudo_rows, horizon_days)
    test_folds = build_test_folds(tested, history, backtest_settings, training_since)
    days_before = (since, test_folds[0][0])
    fold_days = (horizon_days, calibration.refit_days)
    early_folds = build_calibration_folds(days_before, history.closed_day, *fold_days, training_since)
    early, total = len(early_folds), len(early_folds) + 2 * len(test_folds)
    early_models = fit_folds(
        history,
        training_rows,
        early_folds,
        settings,
        seed=seed,
        pseudo_rows=pseudo_rows,
        max_rows=MAX_ROWS,
        progress=lambda done: progress(done, total),
    )
    models = fit_folds(
        history,
        training_rows,
        test_folds,
        settings,
        seed=seed,
        pseudo_rows=pseudo_rows,
        progress=lambda done: progress(early + done, total),
    )
    fitted = list(zip([*early_folds, *test_folds], [*early_models, *models], strict=True))
    past_scores = score_past_launches(scoring_set, pl.concat([training_rows, small_launch_rows]), fitted)
    return scoring_set, fitted[early:], past_scores, early + len(test_folds)


def build_test_folds(
    tested: pl.DataFrame, history: History, backtest_settings: BacktestSettings, training_since: int | None
) -> list[Fold]:
    """First and last launch day of each stretch between two fits; only those with launches and training rows.

    Args:
        tested: The launches tested, with `launch_day`.
        history: What is known.
        backtest_settings: The days tested, and between two fits.
        training_since: What `walk_forward.first_training_day` returned.

    Raises:
        LaunchError: There is no such stretch.
    """
    end, step = history.cutoff_day, backtest_settings.refit_days
    folds = [
        (first, first + step - 1)
        for first in range(end - backtest_settings.test_days, end, step)
        if training_since is not None
        and first >= training_since
        and tested["launch_day"].is_between(first, first + step - 1).any()
    ]
    if not folds:
        raise LaunchError(
            f"No launch of the last {backtest_settings.test_days} days with anything before it to learn from. Import "
            "a longer history, or test more days."
        )
    return folds
