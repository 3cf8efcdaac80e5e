"""Past launches scored: everyone at each launch, by the launch model of its time and by every baseline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
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
from frontrow.launch.model.scoring_set import ScoringSet
from frontrow.launch.model.walk_forward import Fold
from frontrow.launch.settings import LaunchSettings
from frontrow.models.baseline import baselines
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
        """Its rows, read anew each time.

        `customer_id`, `bought`, `raw` and the calibrated `probability` (null where there was nothing to calibrate on),
        then one column a baseline.
        """
        return pl.read_parquet(self.file)

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
    progress: Callable[[int], None],
    folder: Path,
) -> dict[int, Path]:
    """Labels and every model's scores, customers in blocks, one file a launch.

    Args:
        history: What is known.
        scoring_set: The launches, each at its cutoff.
        fitted: Folds, and models fitted on launches whose window had closed before the fold.
        settings: Horizon, active days.
        seed: For the baselines that draw at random.
        progress: Called with the number of folds scored; from 1 again with each block.
        folder: Where the files are written.

    Returns:
        Parquet files by launch, in order: `KEYS`, then one column a model, the launch model's a raw probability.
    """
    first_days = history.first_days()
    launches = pl.concat([_launches_of(scoring_set, fold) for fold, _ in fitted])
    by_title = {baseline.name: baseline for baseline in baselines().values()}
    scorers = prepare_scorers(history, scoring_set, launches, by_title, seed)
    most_launches = max(_launches_of(scoring_set, fold).height for fold, _ in fitted)
    parts: dict[int, list[Path]] = {}
    for block in history.read_blocks(LINE_COLUMNS, rows_per_customer=most_launches):
        purchases = build_block_purchases(block, first_days)
        matrix = PurchaseMatrix(purchases, scoring_set.neighbourhood.catalogue.product_ids)
        for number, (fold, model) in enumerate(fitted):
            rows = build_block_episodes(purchases, scoring_set, settings, _launches_of(scoring_set, fold), 1.0)
            for launch_rows in rows.partition_by("launch"):
                simple = score_with_baselines(launch_rows, scorers, matrix)
                part = launch_rows.select(*KEYS, *model.begin(launch_rows), *simple)
                files = parts.setdefault(launch_rows["launch"][0], [])
                files.append(folder / f"{launch_rows['launch'][0]}-{len(files)}.parquet")
                part.write_parquet(files[-1])
            progress(number + 1)
    models = {launch: model for fold, model in fitted for launch in _launches_of(scoring_set, fold)["launch"]}
    return {launch: _complete(models[launch], parts[launch], list(by_title)) for launch in sorted(parts)}


def _complete(model: LaunchModel, parts: list[Path], baseline_names: list[str]) -> Path:
    """Everyone scored for one launch, from blocks of customers, whose files it replaces by one."""
    begun = pl.concat([pl.read_parquet(part) for part in parts])
    for part in parts:
        part.unlink()
    begun.select(*KEYS, model.complete(begun).alias(LAUNCH_MODEL), *baseline_names).write_parquet(parts[0])
    return parts[0]


def _launches_of(scoring_set: ScoringSet, fold: Fold) -> pl.DataFrame:
    return scoring_set.launches.filter(pl.col("cutoff_day").is_between(*fold))


def calibrate_launches(
    scored: Mapping[int, Path],
    scoring_set: ScoringSet,
    past_scores: pl.DataFrame,
    order_shares: OrderShares,
    settings: CalibrationSettings,
    sales_days: tuple[int, ...],
) -> list[ScoredLaunch]:
    """Each launch with its probabilities, calibrated on the launches that had closed before it.

    Args:
        scored: What `score_launches` returns; the probabilities are added to the files.
        scoring_set: The launches.
        past_scores: `calibration.PAST_SCORE_SCHEMA`, the scored launches among them.
        order_shares: Of the shop, for the season factor.
        settings: Which earlier launches a calibration learns from.
        sales_days: Days on sale to be ready for.
    """

    @cache
    def calibration_of(day: int) -> tuple[Calibration | TooFewLaunches, NDArray[np.float64]]:
        horizon_days = order_shares.horizon_days
        buyers = recent_launches(past_scores, day, horizon_days, settings)["buyers"].to_numpy()
        calibration = Calibration.fit(
            past_scores, day, horizon_days, settings, days_on_sale=sales_days, order_shares=order_shares
        )
        return calibration, buyers

    launches = []
    for number, file in scored.items():
        launch = scoring_set.launches.row(number, named=True)
        calibration, recent_buyers = calibration_of(launch["cutoff_day"])
        rows = pl.read_parquet(file).rename({LAUNCH_MODEL: "raw"})
        rows.with_columns(_probability(rows["raw"], calibration)).write_parquet(file)
        launches.append(ScoredLaunch(launch, file, calibration, recent_buyers))
    return launches


def _probability(raw: pl.Series, calibration: Calibration | TooFewLaunches) -> pl.Series:
    values = calibration.probabilities(raw.to_numpy()) if isinstance(calibration, Calibration) else [None] * len(raw)
    return pl.Series("probability", values, dtype=pl.Float64)
