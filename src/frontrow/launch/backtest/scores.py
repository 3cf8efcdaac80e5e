"""Past launches scored: everyone at each launch, by the launch model of its time and by every baseline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.features.purchases import LINE_COLUMNS
from frontrow.launch.calibration.calibration import Calibration, CalibrationSettings, TooFewLaunches, recent_launches
from frontrow.launch.calibration.season import OrderShares
from frontrow.launch.model.baseline_model import prepare_scorers, score_with_baselines
from frontrow.launch.model.episodes import build_block_episodes, build_block_purchases
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.scoring_set import ScoringSet, ScoringTables
from frontrow.launch.model.walk_forward import Fold
from frontrow.launch.settings import LaunchSettings
from frontrow.models.baseline import Scorer, baselines
from frontrow.progress import Progress, no_progress
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History

LAUNCH_MODEL: Final = "launch model"

KEYS: Final = ("launch", "customer_id", "bought")


@dataclass(frozen=True)
class ScoredLaunch:
    """A past launch with everyone scored at its midnight.

    Attributes:
        launch: Its row of `ScoringSet.launches`.
        file: Where its rows are, see `rows`.
        calibration: Fitted on the launches that had closed before it.
        recent_buyers: Buyers of those launches, shape (earlier launches,).
    """

    launch: dict[str, Any]
    file: Path
    calibration: Calibration | TooFewLaunches
    recent_buyers: NDArray[np.float64]

    @property
    def rows(self) -> pl.DataFrame:
        """Its rows, in the order of the customers, read anew each time.

        `customer_id`, `bought`, `raw` and the calibrated `probability` (null where there was nothing to calibrate on),
        then one column a baseline.
        """
        return self.scan().collect()

    def scan(self) -> pl.LazyFrame:
        """The same, not read yet, for who needs some of the columns."""
        return pl.scan_parquet(self.file, glob=False)

    @property
    def buyers(self) -> int:
        """How many of them bought within the window."""
        return int(self.scan().select(pl.col("bought").sum()).collect().item())

    @property
    def launch_date(self) -> dt.date:
        """The day of the launch."""
        return EPOCH + dt.timedelta(days=self.launch["cutoff_day"])


def score_launches(
    history: History,
    scoring_set: ScoringSet,
    fitted: Sequence[tuple[Fold, LaunchModel]],
    settings: LaunchSettings,
    seed: int,
    folder: Path,
    *,
    progress: Progress = no_progress,
) -> pl.LazyFrame:
    """Labels and every model's scores of everyone at each launch, a block of customers at a time.

    Args:
        history: What is known.
        scoring_set: The launches, each at its cutoff.
        fitted: Folds, and models fitted on launches whose window had closed before the fold.
        settings: Horizon, active days.
        seed: For the baselines that draw at random.
        folder: Where the scores are written.
        progress: Called with the number of blocks scored, and of all.

    Returns:
        `KEYS`, what `LaunchModel.begin` of each fold returned for its launches, and one column a baseline.
    """
    folds = [(_launches_of(scoring_set, fold), model) for fold, model in fitted]
    by_title = {baseline.name: baseline for baseline in baselines().values()}
    scorers = prepare_scorers(history, scoring_set, pl.concat([launches for launches, _ in folds]), by_title, seed)
    step = ScoreFolds(
        history.first_days(),
        scoring_set.without_neighbourhood(),
        scoring_set.neighbourhood.catalogue.product_ids,
        settings,
        folds,
        scorers,
    )
    most_launches = max(launches.height for launches, _ in folds)
    return history.write_blocks(step, folder, LINE_COLUMNS, rows_per_customer=most_launches, progress=progress)


@dataclass(frozen=True)
class ScoreFolds:
    """A step: a block's customers scored for the launches of each fold, by the fold's model and every baseline.

    Attributes:
        first_days: `History.first_days`.
        scoring_set: The launches, each at its cutoff.
        product_ids: The columns of a matrix of purchases.
        settings: Horizon, active days.
        folds: The launches of each, and its model.
        scorers: What `prepare_scorers` returns.
    """

    first_days: pl.DataFrame
    scoring_set: ScoringTables
    product_ids: NDArray[np.object_]
    settings: LaunchSettings
    folds: Sequence[tuple[pl.DataFrame, LaunchModel]]
    scorers: Mapping[int, Mapping[str, Scorer]]

    def __call__(self, block: pl.DataFrame) -> pl.DataFrame:
        """Score the customers whose order lines (`features.purchases.LINE_COLUMNS`) are in a block."""
        purchases = build_block_purchases(block, self.first_days)
        matrix = PurchaseMatrix(purchases, self.product_ids)
        # a fold has the columns that its model needs
        return pl.concat([self._score(*fold, purchases, matrix) for fold in self.folds], how="diagonal")

    def _score(
        self, launches: pl.DataFrame, model: LaunchModel, purchases: pl.DataFrame, matrix: PurchaseMatrix
    ) -> pl.DataFrame:
        rows = build_block_episodes(purchases, self.scoring_set, self.settings, launches, 1.0)
        names = self.scorers[launches["launch"][0]]
        simple = [pl.DataFrame(schema=dict.fromkeys(names, pl.Float64))]
        for launch_rows in rows.partition_by("launch", maintain_order=True):
            scores = score_with_baselines(launch_rows, self.scorers, matrix)
            simple.append(pl.DataFrame(scores).cast(pl.Float64))
        return rows.select(*KEYS, *model.begin(rows)).hstack(pl.concat(simple))


def _launches_of(scoring_set: ScoringSet, fold: Fold) -> pl.DataFrame:
    return scoring_set.launches.filter(pl.col("cutoff_day").is_between(*fold))


def calibrate_launches(
    scores: pl.LazyFrame,
    scoring_set: ScoringSet,
    fitted: Sequence[tuple[Fold, LaunchModel]],
    past_scores: pl.DataFrame,
    order_shares: OrderShares,
    settings: CalibrationSettings,
    sales_days: tuple[int, ...],
    folder: Path,
) -> list[ScoredLaunch]:
    """Each launch with its probabilities, calibrated on the launches that had closed before it, in order.

    Args:
        scores: What `score_launches` returns.
        scoring_set: The launches.
        fitted: As for `score_launches`.
        past_scores: `calibration.PAST_SCORE_SCHEMA`, the scored launches among them.
        order_shares: Of the shop, for the season factor.
        settings: Which earlier launches a calibration learns from.
        sales_days: Days on sale to be ready for.
        folder: Where the files of the launches are written.
    """

    @cache
    def calibration_of(day: int) -> tuple[Calibration | TooFewLaunches, NDArray[np.float64]]:
        horizon_days = order_shares.horizon_days
        buyers = recent_launches(past_scores, day, horizon_days, settings)["buyers"].to_numpy()
        calibration = Calibration.fit(
            past_scores, day, horizon_days, settings, days_on_sale=sales_days, order_shares=order_shares
        )
        return calibration, buyers

    models = {launch: model for fold, model in fitted for launch in _launches_of(scoring_set, fold)["launch"]}
    scored_launches = []
    for number in sorted(models):
        rows = _complete(scores, number, models[number])
        if rows.is_empty():
            continue
        launch, file = scoring_set.launches.row(number, named=True), folder / f"{number}.parquet"
        calibration, recent_buyers = calibration_of(launch["cutoff_day"])
        rows.insert_column(len(KEYS) + 1, _probability(rows["raw"], calibration)).write_parquet(file)
        scored_launches.append(ScoredLaunch(launch, file, calibration, recent_buyers))
    return scored_launches


def _complete(scores: pl.LazyFrame, launch: int, model: LaunchModel) -> pl.DataFrame:
    """Everyone scored for one launch, in an order that the number of blocks does not change."""
    names = [baseline.name for baseline in baselines().values()]
    rows = scores.filter(pl.col("launch") == launch)
    # one part after the other: they are the largest tables of a back-test
    raw = model.complete(rows.drop(*KEYS[1:], *names).collect()).alias("raw")
    return rows.select(*KEYS, *names).collect().insert_column(len(KEYS), raw).sort("customer_id")


def _probability(raw: pl.Series, calibration: Calibration | TooFewLaunches) -> pl.Series:
    values = calibration.probabilities(raw.to_numpy()) if isinstance(calibration, Calibration) else [None] * len(raw)
    return pl.Series("probability", values, dtype=pl.Float64)
