"""The walk that a calibration is learned from: its folds, its rows, and what is kept with the model."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.artifact import MANIFEST
from frontrow.errors import ArtifactError
from frontrow.launch.calibrating import calibrated, fit_calibrated, lessons_of, thinned, walk_folds
from frontrow.launch.calibration import Calibration, TooFewLaunches
from frontrow.launch.life_cycle import LAUNCH, TOO_FEW_BUYERS, life_cycles
from frontrow.launch.model import LaunchModel
from frontrow.launch.past_scores import past_scores
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.shop.shop import History
from frontrow.synthetic import SyntheticShop

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=15, seeds=1))


@cache
def _history() -> History:
    return SyntheticShop(customers=700, seed=6, lines_a_year=5.0).shop().as_of()


@cache
def _fitted() -> LaunchModel:
    return fit_calibrated(_history(), SETTINGS, seed=1)


def _days(*days: int) -> pl.DataFrame:
    return pl.DataFrame({"launch_day": days}, schema={"launch_day": pl.Int32})


def test_folds_by_hand() -> None:
    taught = _days(0, 0, 0, 0, 0)
    # back from 200 in steps of 30; the one from 170 has no closed window, the oldest is cut at 100
    assert walk_folds(taught, (100, 200), 199, 30, 30) == [(100, 109), (110, 139), (140, 169)]
    assert walk_folds(taught, (100, 200), 200, 30, 30)[-1] == (170, 199)
    # lessons closed on day 130
    assert walk_folds(_days(*[100] * 5), (100, 200), 200, 30, 30) == [(140, 169), (170, 199)]
    assert walk_folds(_days(*[100] * 4), (100, 200), 200, 30, 30) == []


@given(st.integers(1, 300), st.integers(1, 60))
def test_folds_follow_one_another(days: int, refit_days: int) -> None:
    folds = walk_folds(_days(*[-100] * 5), (0, days), days + 30, 30, refit_days)
    assert folds[0][0] == 0
    assert folds[-1][1] == days - 1
    assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(folds))


def test_the_model_is_the_one_without_a_calibration() -> None:
    plain = LaunchModel.fit(_history(), SETTINGS, seed=1)
    assert _fitted().boosting.ensembles == plain.boosting.ensembles
    assert replace(_fitted(), boosting=plain.boosting, calibration=None) == plain


def test_it_repeats_exactly() -> None:
    assert fit_calibrated(_history(), SETTINGS, seed=1).calibration == _fitted().calibration


def test_a_model_is_calibrated_once() -> None:
    assert calibrated(_fitted(), _history()) is _fitted()
    plain = replace(_fitted(), calibration=None)
    assert isinstance(calibrated(plain, _history()).calibration, Calibration)


def test_calibration_is_kept_with_the_model(tmp_path: Path) -> None:
    for number, one in enumerate((_fitted(), replace(_fitted(), calibration=TooFewLaunches(2, 10)))):
        one.save(tmp_path / str(number))
        assert LaunchModel.load(tmp_path / str(number)).calibration == one.calibration
    assert "@" not in (tmp_path / "0" / MANIFEST).read_text("utf-8")


@pytest.mark.parametrize("damage", ['"calibration": 3', '"calibration": {}', '"calibration": "x"'])
def test_a_damaged_calibration_is_refused(tmp_path: Path, damage: str) -> None:
    replace(_fitted(), calibration=None).save(tmp_path)
    text = (tmp_path / MANIFEST).read_text("utf-8")
    (tmp_path / MANIFEST).write_text(text.replace('"calibration": null', damage))
    with pytest.raises(ArtifactError, match="damaged"):
        LaunchModel.load(tmp_path)


def test_flops_are_scored_and_not_learned_from() -> None:
    history = _history()
    cycles = life_cycles(history, SETTINGS)
    since = history.day - 200
    question, lessons, small = lessons_of(history, cycles, SETTINGS, since=since)
    verdicts = question.launches.join(cycles.select("product_id", "verdict", "launch_day"), on="product_id")
    of = {verdict: set(verdicts.filter(pl.col("verdict") == verdict)["launch"]) for verdict in (LAUNCH, TOO_FEW_BUYERS)}
    assert set(lessons["launch"]) == of[LAUNCH]
    assert set(small["launch"]) == of[TOO_FEW_BUYERS]
    assert len(of[TOO_FEW_BUYERS]) > 0
    assert small["cutoff_day"].min() >= since


def test_past_scores_are_those_of_the_rows() -> None:
    history = _history()
    cycles = life_cycles(history, SETTINGS)
    question, lessons, small = lessons_of(history, cycles, SETTINGS, since=history.day - 200)
    fold = (history.day - 120, history.day - 31)
    rows = pl.concat([lessons, small])
    told = past_scores(history, question, rows, [(fold, _fitted())])
    assert told["launch_day"].is_between(*fold).all()
    for row in told.iter_rows(named=True):
        launch = question.launches.filter(pl.col("product_id") == row["product_id"])["launch"].item()
        own = rows.filter(pl.col("launch") == launch)
        raw = _fitted().probability(own).to_numpy() * own["weight"].to_numpy()
        assert row["forecast"] == pytest.approx(raw.sum())
        assert row["buyers"] == own["bought"].sum() == row["sold"][-1]
        assert (row["sold"][0], len(row["sold"])) == (0.0, 31)
        assert np.all(np.diff(row["sold"]) >= 0)
        lines = history.lines.filter(
            pl.col("product_id") == row["product_id"], pl.col("day") < row["launch_day"] + 7
        ).collect()
        bought = own.filter(pl.col("bought") == 1.0)["customer_id"]
        assert row["sold"][7] == len(set(lines["customer_id"]) & set(bought))


@given(st.integers(0, 30), st.integers(1, 400), st.integers(1, 500))
def test_thinning_keeps_buyers_and_who_they_stand_for(buyers: int, others: int, most_rows: int) -> None:
    rows = pl.DataFrame({"bought": [1.0] * buyers + [0.0] * others, "weight": [1.0] * buyers + [10.0] * others})
    kept = thinned(rows, most_rows, seed=3)
    assert kept.filter(pl.col("bought") == 1.0).equals(rows.filter(pl.col("bought") == 1.0))
    if most_rows >= rows.height:
        assert kept.equals(rows)
    else:
        weights = kept.filter(pl.col("bought") == 0.0)["weight"]
        assert weights.is_empty() or weights.min() > 10.0


def test_thinned_rows_stand_for_all() -> None:
    rows = pl.DataFrame({"bought": [0.0] * 50_000, "weight": [10.0] * 50_000})
    kept = thinned(rows, 5_000, seed=0)
    assert kept.height == pytest.approx(5_000, rel=0.1)
    assert kept["weight"].sum() == pytest.approx(500_000, rel=0.1)
