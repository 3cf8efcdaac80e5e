"""A launch model with its calibration: repeatable, saved with the model, fitted on past scores."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.errors import ArtifactError
from frontrow.launch.calibration.calibration import Calibration, TooFewLaunches
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.calibrated_model import calibrate_model, fit_calibrated
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.walk_forward import build_training_rows, run_walk_forward, score_past_launches
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.shop.history import History
from frontrow.storage.artifact import MANIFEST
from frontrow.synthetic import SyntheticShop
from frontrow.testing.artifacts import sign_artifact

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=15, seeds=1))


@cache
def _history() -> History:
    return SyntheticShop(customers=700, seed=6, lines_a_year=5.0, days=500).shop().as_of()


@cache
def _fitted() -> LaunchModel:
    return fit_calibrated(_history(), SETTINGS, seed=1)


def test_the_model_equals_the_one_without_a_calibration() -> None:
    uncalibrated = LaunchModel.fit(_history(), SETTINGS, seed=1)
    assert _fitted().boosting.ensembles == uncalibrated.boosting.ensembles
    small_shop, of_uncalibrated = _fitted().small_shop, uncalibrated.small_shop
    assert small_shop.correction.ensembles == of_uncalibrated.correction.ensembles
    assert replace(small_shop, correction=of_uncalibrated.correction) == of_uncalibrated
    same = {"boosting": uncalibrated.boosting, "small_shop": of_uncalibrated, "calibration": None}
    assert replace(_fitted(), **same) == uncalibrated


def test_it_repeats_exactly() -> None:
    assert fit_calibrated(_history(), SETTINGS, seed=1).calibration == _fitted().calibration


def test_a_walk_made_before_gives_the_same() -> None:
    walk_forward = run_walk_forward(_history(), SETTINGS, seed=1)
    again = fit_calibrated(_history(), SETTINGS, seed=1, walk_forward=walk_forward)
    assert again.calibration == _fitted().calibration
    assert again.boosting.ensembles == _fitted().boosting.ensembles


def test_a_model_is_calibrated_once() -> None:
    assert calibrate_model(_fitted(), _history()) is _fitted()
    uncalibrated = replace(_fitted(), calibration=None)
    assert isinstance(calibrate_model(uncalibrated, _history()).calibration, Calibration)


def test_calibration_is_saved_with_the_model(tmp_path: Path) -> None:
    for number, model in enumerate((_fitted(), replace(_fitted(), calibration=TooFewLaunches(2, 10)))):
        model.save(tmp_path / str(number))
        assert LaunchModel.load(tmp_path / str(number)).calibration == model.calibration
    assert "@" not in (tmp_path / "0" / MANIFEST).read_text("utf-8")


@pytest.mark.parametrize("damage", [3, {}, "x"])
def test_a_damaged_calibration_is_refused(tmp_path: Path, damage: object) -> None:
    replace(_fitted(), calibration=None).save(tmp_path)
    sign_artifact(tmp_path, {"calibration": damage})
    with pytest.raises(ArtifactError, match="damaged"):
        LaunchModel.load(tmp_path)


def test_past_scores_equal_those_of_the_rows() -> None:
    history = _history()
    cycles = compute_life_cycles(history, SETTINGS)
    scoring_set, training_rows, small = build_training_rows(history, cycles, SETTINGS, since=history.cutoff_day - 200)
    fold = (history.cutoff_day - 120, history.cutoff_day - 31)
    rows = pl.concat([training_rows, small])
    scores = score_past_launches(scoring_set, rows, [(fold, _fitted())])
    assert scores["launch_day"].is_between(*fold).all()
    for row in scores.iter_rows(named=True):
        launch = scoring_set.launches.filter(pl.col("product_id") == row["product_id"])["launch"].item()
        launch_rows = rows.filter(pl.col("launch") == launch)
        raw = _fitted().probability(launch_rows).to_numpy() * launch_rows["weight"].to_numpy()
        assert row["forecast"] == pytest.approx(raw.sum())
        assert row["buyers"] == launch_rows["bought"].sum() == row["buyers_by_day"][-1]
        assert (row["buyers_by_day"][0], len(row["buyers_by_day"])) == (0.0, 31)
        assert np.all(np.diff(row["buyers_by_day"]) >= 0)
        lines = history.lines.filter(
            pl.col("product_id") == row["product_id"], pl.col("day") < row["launch_day"] + 7
        ).collect()
        buyers = launch_rows.filter(pl.col("bought") == 1.0)["customer_id"]
        assert row["buyers_by_day"][7] == len(set(lines["customer_id"]) & set(buyers))
