"""Walk forward through past launches: fit on those that had closed, test on later ones, beside the baselines."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.backtest import comparison
from frontrow.launch.backtest.forecasts import FORECAST_SCHEMA, RELIABILITY_SCHEMA, Forecasts, forecasts
from frontrow.launch.backtest.measures import measured, tested_launches
from frontrow.launch.backtest.sales_days import SALES_SCHEMA, sales_days, sales_summary
from frontrow.launch.backtest.scores import LAUNCH_MODEL, scored_launches
from frontrow.launch.backtest.settings import BacktestSettings, folds_of
from frontrow.launch.episodes.past_scores import past_scores
from frontrow.launch.episodes.walk_forward import WALK_ROWS, fit_folds, lessons_of, walk_folds
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.settings import LaunchSettings
from frontrow.progress import Progress, no_progress
from frontrow.shop.shop import History
from frontrow.storage.folder import check_output_file, replace_file

__all__ = ["LAUNCH_MODEL", "METRICS", "Backtest", "BacktestSettings", "backtest"]

METRICS: Final = ("auc", "average_precision", "lift_1", "lift_5", "lift_10", "log_loss")
"""Measured for every launch; lifts are in the top 1, 5 and 10 % of the customers scored."""


def _no_forecasts() -> Forecasts:
    return Forecasts(pl.DataFrame(schema=FORECAST_SCHEMA), pl.DataFrame(schema=RELIABILITY_SCHEMA), 0)


@dataclass(frozen=True)
class Backtest:
    """What the walk through the past found.

    Attributes:
        values: Of the launches with enough buyers to rank, tidy: `product_id`, `title`, `launch_date`, `model`,
            `metric`, `value`. Besides `METRICS` there are `customers` (scored), `predicted_buyers` with the ends of
            its 80 % interval, `predicted_low` and `predicted_high`, and `actual_buyers`; what a model cannot say is
            absent.
        settings: The launch model's.
        tested: What was tested.
        forecasts: Probabilities and numbers of buyers of all launches with a closed window, small ones too.
        sales: `backtest_sales.SALES_SCHEMA`: the same launches after their first days on sale.
    """

    values: pl.DataFrame
    settings: LaunchSettings
    tested: BacktestSettings
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
        return comparison.summary(self.values, first=LAUNCH_MODEL)

    def buyers(self) -> tuple[float, float]:
        """Buyers predicted and actual, over all launches with a closed window that could be forecast."""
        told = self.forecasts.launches
        return float(told["predicted_buyers"].sum()), float(told["actual_buyers"].sum())

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints: settings, summary, the comparison with the best baseline, and every launch."""
        best = self.best_baseline()
        return {
            "launches": self.launches,
            "settings": asdict(self.settings),
            "tested": asdict(self.tested),
            "summary": self.summary().to_dicts(),
            "best_baseline": best,
            "against_best_baseline": self.against(best).to_dicts(),
            "calibration": self.forecasts.summary(),
            "reliability": self.forecasts.deciles.to_dicts(),
            "forecasts": self.forecasts.launches.to_dicts(),
            "sales_days": sales_summary(self.sales).to_dicts(),
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
        return comparison.differences(self.values, LAUNCH_MODEL, baseline, METRICS)


def backtest(
    history: History,
    settings: LaunchSettings | None = None,
    tested: BacktestSettings | None = None,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Backtest:
    """Test the launch model and every baseline on the past launches of a history.

    Every launch is scored by a model fitted on launches whose window had closed before it, and its probabilities are
    calibrated on what models of their time said of such launches; features, vocabulary and the choice of who is
    scored are frozen at the midnight of its launch day.

    Args:
        history: What is known; launches whose window is still open are not tested.
        settings: The launch model's.
        tested: Which launches, how often the model is fitted anew.
        seed: The same seed on the same history gives the same figures.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: There is no launch to test, or none before it to learn from.
    """
    settings, tested = settings or LaunchSettings(), tested or BacktestSettings()
    cycles = compute_life_cycles(history, settings)
    past = closed_launches(cycles)
    start = history.cutoff_day - tested.test_days
    since = start - tested.calibration.lookback_days
    question, lessons, small = lessons_of(history, cycles, settings, since=since)
    folds = folds_of(past, history, settings, tested, question.launches.with_columns(launch_day="cutoff_day"))
    walk = walk_folds(
        past, (since, folds[0][0]), history.closed_day, settings.horizon_days, tested.calibration.refit_days
    )
    fits, total = len(walk) + len(folds), len(walk) + 2 * len(folds)
    walked = fit_folds(
        history, lessons, walk, settings, seed=seed, most_rows=WALK_ROWS, fitted=lambda done: progress(done, total)
    )
    models = fit_folds(
        history, lessons, folds, settings, seed=seed, fitted=lambda done: progress(len(walk) + done, total)
    )
    fitted = list(zip([*walk, *folds], [*walked, *models], strict=True))
    scores = past_scores(history, question, pl.concat([lessons, small]), fitted)
    scored = scored_launches(
        history, question, fitted[len(walk) :], settings, seed, lambda done: progress(fits + done, total)
    )
    days = (0, *tested.sales_days) if tested.sales_days else ()
    launches = tested_launches(scored, question, scores, settings.horizon_days, tested.calibration, days)
    values = [measured(one) for one in launches if one.rows["bought"].sum() >= tested.min_buyers]
    if not values:
        raise LaunchError(
            f"No launch has {tested.min_buyers} buyers or more among the customers scored. Lower the bound."
        )
    sales = sales_days(history, launches, days, min_buyers=tested.min_buyers)
    return Backtest(pl.concat(values), settings, tested, forecasts(launches), sales)
