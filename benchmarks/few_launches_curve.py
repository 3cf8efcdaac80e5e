"""One point of the learning curve: which launches a model learns from, how it ranks the test launches, and intervals.

The last 30 % of a shop's launches, by day, are the test. A model learns from the last n launches whose window had
closed before the first test launch. Each test launch is scored as of its own midnight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import LaunchError
from frontrow.features.launch import FEATURES
from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.baseline_model import prepare_scorers, score_with_baselines
from frontrow.launch.model.episodes import build_block_episodes, build_block_purchases, feature_matrix
from frontrow.launch.model.launch_model import LaunchModel, sample_training_rows
from frontrow.launch.model.pseudo_launches import build_pseudo_launch_rows
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics.bootstrap import Estimate, bootstrap_mean, bootstrap_ratios
from frontrow.metrics.classification import average_precision
from frontrow.models.baseline import baselines
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History

TEST_SHARE = 0.3
MIN_BUYERS = 5
"""A test launch with fewer buyers is not ranked, as in the back-test."""


@dataclass(frozen=True)
class LaunchSplit:
    """The launches of a shop in two parts that share no day.

    Attributes:
        training: Launches to learn from, oldest first: rows of `compute_life_cycles` as of the start of the test.
        test: The last launches by day.
    """

    training: pl.DataFrame
    test: pl.DataFrame

    @property
    def first_test_day(self) -> int:
        """The midnight of this day ends what a model may learn from (days since 1970-01-01)."""
        return int(self.test["launch_day"][0])

    def last_training(self, count: int | None) -> pl.DataFrame:
        """The last launches to learn from.

        Args:
            count: How many; None for all.
        """
        return self.training if count is None else self.training.tail(count)


def split_launches(history: History, settings: LaunchSettings) -> LaunchSplit:
    """Put the launches of the last days aside as the test.

    Which launches there are to learn from is decided by what was known at the midnight of the first test launch: those
    whose window had closed by then. Launches of one day are never divided.

    Args:
        history: What is known.
        settings: What counts as a launch.

    Raises:
        LaunchError: The history has no launch.
    """
    launches = closed_launches(compute_life_cycles(history, settings)).sort("launch_day", "product_id")
    if launches.is_empty():
        raise LaunchError("There is no launch with a closed window, so there is nothing to test.")
    first_test_day = int(launches["launch_day"][int(launches.height * (1 - TEST_SHARE))])
    before = history.as_of(first_test_day)
    training = closed_launches(compute_life_cycles(before, settings)).sort("launch_day", "product_id")
    return LaunchSplit(training, launches.filter(pl.col("launch_day") >= first_test_day))


@dataclass(frozen=True)
class RankedLaunch:
    """A launch of the test with everyone who is scored for it.

    Attributes:
        product_id: The new product.
        launch_day: Days since 1970-01-01.
        features: Shape (customers, features), as of the launch's midnight.
        bought: Within the horizon, 0 or 1, shape (customers,).
        baseline_precision: Average precision of each baseline, by name.
    """

    product_id: str
    launch_day: int
    features: NDArray[np.float32]
    bought: NDArray[np.float64]
    baseline_precision: dict[str, float]


BlockPart = tuple[NDArray[np.float32], NDArray[np.float64], pl.DataFrame]
"""Features, labels and baseline scores of a block of customers at one launch."""


def build_ranked_launches(
    history: History, split: LaunchSplit, settings: LaunchSettings, *, seed: int
) -> list[RankedLaunch]:
    """Everyone scored at each test launch with enough buyers, and what each baseline makes of them.

    Args:
        history: What is known; each launch uses only what came before its own midnight.
        split: The launches.
        settings: Horizon, active days.
        seed: For baselines that draw at random.
    """
    cycles = compute_life_cycles(history, settings)
    scoring_set = build_scoring_set(
        split.test.with_columns(cutoff_day=pl.col("launch_day")), cycles, settings.horizon_days
    )
    by_name = {baseline.name: baseline for baseline in baselines().values()}
    scorers = prepare_scorers(history, scoring_set, scoring_set.launches, by_name, seed)
    first_days = history.first_days()
    product_ids = scoring_set.neighbourhood.catalogue.product_ids
    parts: dict[int, list[BlockPart]] = {}
    for block in history.read_blocks(rows_per_customer=split.test.height):
        purchases = build_block_purchases(block, first_days)
        matrix = PurchaseMatrix(purchases, product_ids)
        rows = build_block_episodes(purchases, scoring_set, settings, scoring_set.launches, 1.0)
        for launch_rows in rows.partition_by("launch"):
            scores = pl.DataFrame(score_with_baselines(launch_rows, scorers, matrix))
            part = feature_matrix(launch_rows), launch_rows["bought"].to_numpy(), scores
            parts.setdefault(launch_rows["launch"][0], []).append(part)
    return [
        _rank_launch(scoring_set.launches.row(launch, named=True), launch_parts)
        for launch, launch_parts in sorted(parts.items())
        if sum(bought.sum() for _, bought, _ in launch_parts) >= MIN_BUYERS
    ]


def _rank_launch(launch: dict[str, Any], parts: list[BlockPart]) -> RankedLaunch:
    """A test launch from its blocks of customers."""
    labels = np.concatenate([bought for _, bought, _ in parts])
    scores = pl.concat(scores for _, _, scores in parts)
    precision = {column.name: average_precision(labels, column.to_numpy()) for column in scores}
    features = np.concatenate([features for features, _, _ in parts])
    return RankedLaunch(launch["product_id"], launch["cutoff_day"], features, labels, precision)


def build_split_training_rows(history: History, split: LaunchSplit, settings: LaunchSettings) -> pl.DataFrame:
    """Training rows of every launch to learn from, with their `product_id`.

    Args:
        history: What is known; cut back to the start of the test before anything is read from it.
        split: The launches.
        settings: Horizon, active days, rate of the sample.
    """
    before = history.as_of(split.first_test_day)
    launches = split.training.with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(launches, compute_life_cycles(before, settings), settings.horizon_days)
    rows = sample_training_rows(before, scoring_set, settings, launches)
    return rows.join(scoring_set.launches.select("launch", "product_id"), on="launch", maintain_order="left")


def build_split_pseudo_launches(
    history: History, split: LaunchSplit, settings: LaunchSettings, *, seed: int
) -> pl.DataFrame:
    """Rows of pseudo-launches whose window had closed before the test.

    Args:
        history: What is known; cut back to the start of the test before anything is read from it.
        split: The launches.
        settings: Horizon, active days.
        seed: See `build_pseudo_launch_rows`.
    """
    return build_pseudo_launch_rows(history.as_of(split.first_test_day), settings, seed=seed)


def fit_on_last(
    rows: pl.DataFrame,
    pseudo_rows: pl.DataFrame,
    split: LaunchSplit,
    count: int | None,
    history: History,
    settings: LaunchSettings,
    *,
    seed: int,
) -> LaunchModel:
    """Fit the launch model on the last launches before the test.

    Args:
        rows: What `build_split_training_rows` returns.
        pseudo_rows: What `build_split_pseudo_launches` returns.
        split: The launches.
        count: How many launches to learn from, possibly 0; None for all.
        history: What is known; names the cutoff.
        settings: The launch model's.
        seed: See `LaunchModel.fit`.
    """
    chosen = rows.join(split.last_training(count).select("product_id"), on="product_id", how="semi")
    cutoff = history.midnight(split.first_test_day)
    return LaunchModel.fit_rows(chosen.drop("product_id"), settings, seed=seed, cutoff=cutoff, pseudo_rows=pseudo_rows)


def launch_precision(model: LaunchModel, launches: Sequence[RankedLaunch]) -> list[float]:
    """The average precision of a model on each test launch."""
    return [average_precision(launch.bought, score_launch(model, launch)) for launch in launches]


def score_launch(model: LaunchModel, launch: RankedLaunch) -> NDArray[np.float64]:
    """The raw probability of everyone scored for a launch of the test, shape (customers,)."""
    rows = pl.DataFrame(launch.features, schema=list(FEATURES)).with_columns(pl.lit(0).alias("launch"))
    return model.probability(rows).to_numpy()


def launch_weeks(launch_days: Sequence[int]) -> NDArray[np.int64]:
    """The week of each launch, Monday first, by number."""
    monday_before_epoch = EPOCH.weekday()
    return (np.asarray(launch_days, dtype=np.int64) + monday_before_epoch) // 7


def paired_difference(ours: Sequence[float], theirs: Sequence[float], weeks: Sequence[int]) -> Estimate:
    """Mean of our values less theirs, launch by launch, with a 95 % interval from resampling launch weeks.

    Args:
        ours: One value a launch.
        theirs: Of the same launches.
        weeks: The week of each launch; launches of several shops need weeks of different numbers.
    """
    return bootstrap_mean(np.asarray(ours) - np.asarray(theirs), weeks, seed=0)


def paired_ratio(ours: Sequence[float], theirs: Sequence[float], weeks: Sequence[int]) -> Estimate:
    """Ratio of the two means with a 95 % interval from resampling launch weeks; see `paired_difference`."""
    _, week = np.unique(weeks, return_inverse=True)
    sums = [np.zeros((week.max() + 1, 1)), np.zeros((week.max() + 1, 1))]
    for total, values in zip(sums, (ours, theirs), strict=True):
        np.add.at(total[:, 0], week, np.asarray(values, dtype=np.float64))
    value, low, high = bootstrap_ratios(sums[0], sums[1], seed=0, draws=2_000)[:, 0]
    return Estimate(float(value), float(low), float(high))
