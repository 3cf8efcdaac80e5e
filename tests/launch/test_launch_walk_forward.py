"""Walk-forward over past launches: its folds, their training data, and the weights of the rows."""

from dataclasses import replace
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.launch.life_cycle import LAUNCH, TOO_FEW_BUYERS, compute_life_cycles
from frontrow.launch.model.walk_forward import (
    build_calibration_folds,
    build_training_rows,
    downsample,
    first_training_day,
    fit_folds,
    run_walk_forward,
)
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.synthetic import SyntheticShop

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=5, seeds=1))


def _days(*days: int) -> pl.DataFrame:
    return pl.DataFrame({"launch_day": days}, schema={"launch_day": pl.Int32})


def test_learning_begins_when_the_first_window_has_closed() -> None:
    pseudo_rows = pl.DataFrame({"cutoff_day": [90]}, schema={"cutoff_day": pl.Int32})
    assert first_training_day(_days(100, 110), None, 30) == 130
    assert first_training_day(_days(100, 110), pseudo_rows, 30) == 120
    assert first_training_day(_days(), pseudo_rows, 30) == 120
    assert first_training_day(_days(), None, 30) is None


def test_folds_by_hand() -> None:
    # back from 200 in steps of 30; the one from 170 has no closed window, the oldest is cut at 100
    assert build_calibration_folds((100, 200), 199, 30, 30, 30) == [(100, 109), (110, 139), (140, 169)]
    assert build_calibration_folds((100, 200), 200, 30, 30, 30)[-1] == (170, 199)
    assert build_calibration_folds((100, 200), 200, 30, 30, 130) == [(140, 169), (170, 199)]
    assert build_calibration_folds((100, 200), 200, 30, 30, None) == []


@given(st.integers(1, 300), st.integers(1, 60))
def test_folds_are_consecutive(days: int, refit_days: int) -> None:
    folds = build_calibration_folds((0, days), days + 30, 30, refit_days, -70)
    assert folds[0][0] == 0
    assert folds[-1][1] == days - 1
    assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(folds))


def test_flops_are_scored_and_not_learned_from() -> None:
    history = SyntheticShop(customers=700, seed=6, lines_a_year=5.0).shop().as_of()
    cycles = compute_life_cycles(history, SETTINGS)
    since = history.cutoff_day - 200
    scoring_set, training_rows, small = build_training_rows(history, cycles, SETTINGS, since=since)
    verdicts = scoring_set.launches.join(cycles.select("product_id", "verdict", "launch_day"), on="product_id")
    launches_by_verdict = {
        verdict: set(verdicts.filter(pl.col("verdict") == verdict)["launch"]) for verdict in (LAUNCH, TOO_FEW_BUYERS)
    }
    assert set(training_rows["launch"]) == launches_by_verdict[LAUNCH]
    assert set(small["launch"]) == launches_by_verdict[TOO_FEW_BUYERS]
    assert len(launches_by_verdict[TOO_FEW_BUYERS]) > 0
    assert small["cutoff_day"].min() >= since


def test_each_fold_is_fitted_on_closed_windows_only() -> None:
    history = SyntheticShop(customers=700, seed=6, lines_a_year=5.0).shop().as_of()
    walk_forward = run_walk_forward(history, SETTINGS)
    assert walk_forward.rows.height == walk_forward.training_rows.height + walk_forward.small_launch_rows.height
    for (first, _), model in walk_forward.fitted:
        closed = walk_forward.training_rows.filter(pl.col("cutoff_day") + SETTINGS.horizon_days <= first)
        assert model.launches == closed["launch"].n_unique()
        assert model.cutoff == history.midnight(first)


def test_models_that_only_a_calibration_needs_have_one_seed() -> None:
    history = SyntheticShop(customers=700, seed=6, lines_a_year=5.0).shop().as_of()
    rows = run_walk_forward(history, SETTINGS).training_rows
    settings = replace(SETTINGS, boosting=replace(SETTINGS.boosting, seeds=2))
    day = history.cutoff_day
    models = [
        fit_folds(history, rows, [(day, day)], settings, seed=0, max_rows=most_rows)[0]
        for most_rows in (None, rows.height)
    ]
    assert [len(model.boosting.ensembles) for model in models] == [2, 1]


@given(st.integers(0, 30), st.integers(1, 400), st.integers(1, 500))
def test_downsampling_keeps_buyers_and_adjusts_weights(buyers: int, others: int, most_rows: int) -> None:
    rows = pl.DataFrame({"bought": [1.0] * buyers + [0.0] * others, "weight": [1.0] * buyers + [10.0] * others})
    sample = downsample(rows, most_rows, seed=3)
    assert sample.filter(pl.col("bought") == 1.0).equals(rows.filter(pl.col("bought") == 1.0))
    if most_rows >= rows.height:
        assert sample.equals(rows)
    else:
        weights = sample.filter(pl.col("bought") == 0.0)["weight"]
        assert weights.is_empty() or weights.min() > 10.0


def test_downsampled_rows_keep_the_total_weight() -> None:
    rows = pl.DataFrame({"bought": [0.0] * 50_000, "weight": [10.0] * 50_000})
    sample = downsample(rows, 5_000, seed=0)
    assert sample.height == pytest.approx(5_000, rel=0.1)
    assert sample["weight"].sum() == pytest.approx(500_000, rel=0.1)
