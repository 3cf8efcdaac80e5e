"""What a back-test tests, and the stretches of time between two fits."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.calibration.calibration import CalibrationSettings
from frontrow.launch.episodes.past_scores import Fold
from frontrow.launch.model.launch_model import FEWEST_LAUNCHES
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import History


@dataclass(frozen=True)
class BacktestSettings:
    """What is tested.

    Attributes:
        test_days: Launches of the last so many days of the history are tested.
        refit_days: The model is fitted anew after so many days.
        min_buyers: Launches with fewer buyers among the scored customers are not ranked: there is nothing to rank.
            How many will buy is forecast for them all the same.
        sales_days: Launches are forecast again after so many days on sale.
        calibration: Which earlier launches a calibration learns from.
    """

    test_days: int = 150
    refit_days: int = 30
    min_buyers: int = 5
    sales_days: tuple[int, ...] = ()
    calibration: CalibrationSettings = field(default_factory=CalibrationSettings)


def folds_of(
    past: pl.DataFrame,
    history: History,
    settings: LaunchSettings,
    tested: BacktestSettings,
    launches: pl.DataFrame | None = None,
) -> list[Fold]:
    """First and last launch day of each stretch between two fits; only stretches with launches and enough before.

    Args:
        past: The launches to learn from.
        history: What is known.
        settings: The horizon.
        tested: What is tested.
        launches: The launches tested, where they are others; with `launch_day`.
    """
    start = history.cutoff_day - tested.test_days
    stretches = [(day, day + tested.refit_days - 1) for day in range(start, history.cutoff_day, tested.refit_days)]
    folds = []
    for first, last in stretches:
        before = past.filter(pl.col("launch_day") + settings.horizon_days <= first).height
        if before >= FEWEST_LAUNCHES and _in_fold(past if launches is None else launches, (first, last)):
            folds.append((first, last))
    if not folds:
        raise LaunchError(
            f"No launch of the last {tested.test_days} days with {FEWEST_LAUNCHES} earlier ones to learn from. "
            "Import a longer history, or test more days."
        )
    return folds


def _in_fold(past: pl.DataFrame, fold: Fold) -> int:
    return past.filter(pl.col("launch_day").is_between(*fold)).height
