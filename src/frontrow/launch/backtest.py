"""Walk forward through past launches: fit on those that had closed, test on later ones, beside the baselines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from frontrow import metrics
from frontrow.engine import customer_blocks
from frontrow.errors import InputError, LaunchError
from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.launch import comparison
from frontrow.launch.episodes import block_rows, purchases_of
from frontrow.launch.life_cycle import LaunchDays, closed_launches, life_cycles
from frontrow.launch.model import FEWEST_LAUNCHES, LaunchModel, training_rows
from frontrow.launch.question import Question, ask
from frontrow.launch.settings import LaunchSettings
from frontrow.models.baselines.base import Asked, Customers, Scorer, baselines
from frontrow.shop.folder import replace_file
from frontrow.shop.shop import EPOCH, History

LAUNCH_MODEL: Final = "launch model"
METRICS: Final = ("auc", "average_precision", "lift_1", "lift_5", "lift_10", "log_loss")
"""Measured for every launch; lifts are in the top 1, 5 and 10 % of the customers scored."""

Progress = Callable[[float, float], None]
"""Called with (done, total) as work goes on."""


def _silent(done: float, total: float) -> None:
    """No progress shown."""


@dataclass(frozen=True)
class BacktestSettings:
    """What is tested.

    Attributes:
        test_days: Launches of the last so many days of the history are tested.
        refit_days: The model is fitted anew after so many days.
        min_buyers: Launches with fewer buyers among the scored customers are not tested: nothing can be ranked.
    """

    test_days: int = 150
    refit_days: int = 30
    min_buyers: int = 5


@dataclass(frozen=True)
class Backtest:
    """What the walk through the past found.

    Attributes:
        values: Tidy: `product_id`, `title`, `launch_date`, `model`, `metric`, `value`. Besides `METRICS` there are
            `customers` (scored), `predicted_buyers` and `actual_buyers`; what a model cannot say is absent.
        settings: The launch model's.
        tested: What was tested.
    """

    values: pl.DataFrame
    settings: LaunchSettings
    tested: BacktestSettings

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
        """Buyers predicted and actual, over all launches tested."""
        totals = dict(self.values.group_by("metric").agg(pl.col("value").sum()).iter_rows())
        return float(totals["predicted_buyers"]), float(totals["actual_buyers"])

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
            "values": self.values.to_dicts(),
        }

    def write(self, file: str | Path) -> None:
        """Write `values` to a Parquet file, in one step.

        Raises:
            InputError: The suffix is another.
        """
        file = Path(file)
        if file.suffix.lower() != ".parquet":
            raise InputError("is not .parquet", file=file, advice="Choose that suffix.")
        with replace_file(file) as staged:
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
    launch_days: LaunchDays | None = None,
    progress: Progress = _silent,
) -> Backtest:
    """Test the launch model and every baseline on the past launches of a history.

    Every launch is scored by a model fitted on launches whose window had closed before it; features, vocabulary and
    the choice of who is scored are frozen at the midnight of its launch day.

    Args:
        history: What is known; launches whose window is still open are not tested.
        settings: The launch model's.
        tested: Which launches, how often the model is fitted anew.
        seed: The same seed on the same history gives the same figures.
        launch_days: Stated launch days by product id.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: There is no launch to test, or none before it to learn from.
    """
    settings, tested = settings or LaunchSettings(), tested or BacktestSettings()
    cycles = life_cycles(history, settings, launch_days=launch_days)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    folds = folds_of(past, history, settings, tested)
    question = ask(past, cycles, settings.horizon_days)
    lessons = training_rows(history, question, settings, past)
    models = []
    for number, (first, _) in enumerate(folds):
        learned = lessons.filter(pl.col("cutoff_day") + settings.horizon_days <= first)
        models.append(LaunchModel.fit_rows(learned, settings, seed=seed, cutoff=history.shop.midnight(first)))
        progress(number + 1, 2 * len(folds))
    scored = _scored(history, question, list(zip(folds, models, strict=True)), settings, seed, progress)
    values = [
        _measured(launch, question)
        for launch in scored.partition_by("launch", maintain_order=True)
        if launch["bought"].sum() >= tested.min_buyers
    ]
    if not values:
        raise LaunchError(
            f"No launch has {tested.min_buyers} buyers or more among the customers scored. Lower the bound."
        )
    return Backtest(pl.concat(values), settings, tested)


def folds_of(
    past: pl.DataFrame, history: History, settings: LaunchSettings, tested: BacktestSettings
) -> list[tuple[int, int]]:
    """First and last launch day of each stretch between two fits; only stretches with launches and enough before."""
    start = history.day - tested.test_days
    stretches = [(day, day + tested.refit_days - 1) for day in range(start, history.day, tested.refit_days)]
    folds = []
    for first, last in stretches:
        before = past.filter(pl.col("launch_day") + settings.horizon_days <= first).height
        if before >= FEWEST_LAUNCHES and _in_fold(past, (first, last)):
            folds.append((first, last))
    if not folds:
        raise LaunchError(
            f"No launch of the last {tested.test_days} days with {FEWEST_LAUNCHES} earlier ones to learn from. "
            "Import a longer history, or test more days."
        )
    return folds


def _in_fold(past: pl.DataFrame, fold: tuple[int, int]) -> int:
    return past.filter(pl.col("launch_day").is_between(*fold)).height


def _scored(
    history: History,
    question: Question,
    fitted: list[tuple[tuple[int, int], LaunchModel]],
    settings: LaunchSettings,
    seed: int,
    progress: Progress,
) -> pl.DataFrame:
    """Labels and every model's scores, one row a launch and customer, customers in blocks, launches sorted.

    Columns: `launch`, `bought`, then one a model, the launch model's a probability.
    """
    first_days = history.first_days()
    scorers = _scorers(history, question, fitted, seed)
    parts = []
    for block in customer_blocks(history.lines, rows_per_customer=_most_launches(question, fitted)):
        bought = purchases_of(block, first_days)
        matrix = PurchaseMatrix(bought, question.neighbourhood.catalogue.product_ids)
        for number, (fold, model) in enumerate(fitted):
            rows = block_rows(bought, question, settings, _launches_of(question, fold), 1.0)
            parts += [_scores(launch, model, scorers, matrix) for launch in rows.partition_by("launch")]
            progress(len(fitted) + number + 1, 2 * len(fitted))
    return pl.concat(parts).sort("launch", maintain_order=True)


def _scorers(
    history: History, question: Question, fitted: list[tuple[tuple[int, int], LaunchModel]], seed: int
) -> dict[int, dict[str, Scorer]]:
    """Each baseline made ready for each launch tested."""
    first_days = history.first_days()
    columns = ("customer_id", "product_id", "day")
    blocks = [purchases_of(block, first_days).select(columns) for block in customer_blocks(history.lines)]
    everyone = PurchaseMatrix(pl.concat(blocks), question.neighbourhood.catalogue.product_ids)
    ready: dict[int, dict[str, Scorer]] = {}
    for fold, _ in fitted:
        for launch, cutoff_day in _launches_of(question, fold).select("launch", "cutoff_day").iter_rows():
            found = question.neighbourhood.similarities(int(question.positions[launch]), cutoff_day)
            asked = Asked(everyone.before(cutoff_day), found.characters, seed + launch)
            ready[launch] = {baseline.name: baseline.scorer(asked) for baseline in baselines()}
    return ready


def _scores(
    rows: pl.DataFrame, model: LaunchModel, scorers: dict[int, dict[str, Scorer]], matrix: PurchaseMatrix
) -> pl.DataFrame:
    launch, cutoff_day = rows["launch"][0], rows["cutoff_day"][0]
    customers = Customers(rows, matrix.before(cutoff_day)[matrix.rows_of(rows["customer_id"].to_numpy())])
    return rows.select(
        "launch",
        "bought",
        model.probability(rows).alias(LAUNCH_MODEL),
        *[pl.Series(name, scorer(customers)) for name, scorer in scorers[launch].items()],
    )


def _launches_of(question: Question, fold: tuple[int, int]) -> pl.DataFrame:
    return question.launches.filter(pl.col("cutoff_day").is_between(*fold))


def _most_launches(question: Question, fitted: list[tuple[tuple[int, int], LaunchModel]]) -> int:
    return max(_launches_of(question, fold).height for fold, _ in fitted)


def _measured(scored: pl.DataFrame, question: Question) -> pl.DataFrame:
    """All metrics of all models on one launch."""
    launch = question.launches.row(scored["launch"][0], named=True)
    labels, probability = scored["bought"].to_numpy(), scored[LAUNCH_MODEL].to_numpy()
    found = [
        (model, metric, value)
        for model in scored.columns[2:]
        for metric, value in _ranking(labels, scored[model].to_numpy()).items()
    ]
    found += [
        (LAUNCH_MODEL, "log_loss", metrics.log_loss(labels, probability)),
        (LAUNCH_MODEL, "predicted_buyers", float(probability.sum())),
        (LAUNCH_MODEL, "actual_buyers", float(labels.sum())),
        (LAUNCH_MODEL, "customers", float(len(labels))),
    ]
    return pl.DataFrame(found, schema=["model", "metric", "value"], orient="row").select(
        pl.lit(launch["product_id"]).alias("product_id"),
        pl.lit(launch["title"]).alias("title"),
        pl.lit(_date(launch["cutoff_day"])).alias("launch_date"),
        "model",
        "metric",
        "value",
    )


def _ranking(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    return {
        "auc": metrics.auc(labels, scores),
        "average_precision": metrics.average_precision(labels, scores),
        "lift_1": metrics.lift(labels, scores, 0.01),
        "lift_5": metrics.lift(labels, scores, 0.05),
        "lift_10": metrics.lift(labels, scores, 0.10),
    }


def _date(day: int) -> dt.date:
    return EPOCH + dt.timedelta(days=day)
