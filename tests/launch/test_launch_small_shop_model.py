"""The part for small shops: its weight, its mixture by hand, and what it refuses to read back."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.errors import ArtifactError
from frontrow.features.normal_scores import compute_normal_scores
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.small_shop_model import (
    CORRECTION_SHARE,
    ENOUGH_LAUNCHES,
    FOLDER,
    MOST_WEIGHT,
    SmallShopModel,
    small_shop_weight,
)
from frontrow.launch.model.training_matrix import SIZE_FEATURES, TrainingMatrix, drop_size_features
from frontrow.metrics.classification import auc
from frontrow.testing.artifacts import sign_artifact
from frontrow.testing.models import planted


@cache
def _model() -> LaunchModel:
    return LaunchModel.fit(planted().history, seed=1)


def _small_shop() -> SmallShopModel:
    small_shop = _model().small_shop
    assert small_shop is not None
    return small_shop


def test_its_weight_falls_to_nothing() -> None:
    assert small_shop_weight(0) == 1.0
    assert small_shop_weight(1) == pytest.approx(MOST_WEIGHT * (1 - 1 / ENOUGH_LAUNCHES))
    assert small_shop_weight(ENOUGH_LAUNCHES) == 0.0
    assert _small_shop().weight == small_shop_weight(_model().launches)


def test_the_mixture_by_hand() -> None:
    model = replace(_small_shop(), weight=0.25, shift=0.5, correction_share=CORRECTION_SHARE)
    scores = np.array([[0.0] * 7, [1.0] * 7])
    mixed = model.mix(np.array([-2.0, -1.0]), np.array([0.4, 0.8]), scores)
    intercept, coefficients = model.regression.intercept, sum(model.regression.coefficients)
    by_hand = [
        0.75 * -2.0 + 0.25 * (intercept + 0.2) + 0.5,
        0.75 * -1.0 + 0.25 * (intercept + coefficients + 0.4) + 0.5,
    ]
    np.testing.assert_allclose(mixed, by_hand)


def test_the_regression_alone_ranks_well() -> None:
    def score(launch: int) -> np.ndarray:
        return _small_shop().regression.log_odds(compute_normal_scores(planted().rows[launch]))

    assert planted().mean(score, auc) > 0.75
    assert min(_small_shop().regression.coefficients) > 0.0


@pytest.mark.parametrize(
    "damage",
    [
        {"weight": 1.5},
        {"weight": None},
        {"shift": "much"},
        {"correction_share": -0.1},
        {"regression": {"intercept": 0.0, "coefficients": [1.0]}},
        {"regression": None},
    ],
)
def test_a_manifest_changed_by_hand_is_refused(tmp_path: Path, damage: dict) -> None:
    _model().save(tmp_path)
    assert LaunchModel.load(tmp_path).small_shop.regression == _small_shop().regression
    sign_artifact(tmp_path / FOLDER, damage)
    with pytest.raises(ArtifactError):
        LaunchModel.load(tmp_path)


def test_rows_of_pseudo_launches_count_less() -> None:
    rows = pl.DataFrame({"bought": [1.0, 0.0], "weight": [1.0, 10.0]}).with_columns(
        pl.lit(0.5).alias(name) for name in _model().features
    )
    rows = rows.with_columns(pl.lit(2.0).alias(name) for name in SIZE_FEATURES)
    training = TrainingMatrix.collect([(rows, 1.0), (rows, 0.3)], without_size=True)
    assert training.features == drop_size_features(training.features)
    assert training.weights.tolist() == [1.0, 10.0, 0.3, 3.0]
    assert training.labels.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert training.rows.shape == (4, len(training.features))
    assert training.has_both_labels
    assert not TrainingMatrix.collect([(rows[:1], 1.0)], without_size=False).has_both_labels
