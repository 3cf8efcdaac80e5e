"""Trees as tables of leaves: the same as LightGBM's own walk, whatever is missing, and however features are shared."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray

from frontrow.models import leaf_tables
from frontrow.models.leaf_tables import MOST_LEAVES, UNITS, LeafTables
from frontrow.models.ranker import FeatureTable


def fit(leaves: int = 15, trees: int = 21) -> tuple[lightgbm.Booster, NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(3_000, 6)).astype(np.float32)
    rows[:, 1] = np.round(rows[:, 1])
    rows[rng.random(3_000) < 0.3, 2] = np.nan
    label = rng.random(3_000) < 1 / (1 + np.exp(-rows[:, 0] - rows[:, 1] * rows[:, 3] - np.nan_to_num(rows[:, 2])))
    parameters = {"objective": "binary", "num_leaves": leaves, "min_child_samples": 5, "verbose": -1, "num_threads": 1}
    return lightgbm.train(parameters, lightgbm.Dataset(rows, label), num_boost_round=trees), rows


def structures(booster: lightgbm.Booster) -> list[dict[str, Any]]:
    return [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]


def test_the_sums_are_those_of_lightgbm() -> None:
    booster, rows = fit()
    tables = LeafTables.build(structures(booster))
    rows[:50, 0], rows[50:100] = np.nan, np.nan
    rows[100] = np.inf
    sums = tables.add_up([FeatureTable(rows)], len(rows))
    np.testing.assert_allclose(sums / UNITS, booster.predict(rows, raw_score=True), rtol=0, atol=1e-11)
    thresholds = tables.intervals[0].thresholds
    rows[: len(thresholds), 0] = thresholds
    sums = tables.add_up([FeatureTable(rows)], len(rows))
    np.testing.assert_allclose(sums / UNITS, booster.predict(rows, raw_score=True), rtol=0, atol=1e-11)


def test_shared_features_and_blocks_change_no_bit() -> None:
    booster, rows = fit()
    tables = LeafTables.build(structures(booster))
    shared = rows[:7, 2:]
    number = np.arange(2_500) % 7
    features = np.hstack([rows[:2_500, :2], shared[number]])
    whole = tables.add_up([FeatureTable(features)], 2_500)
    parts = [FeatureTable(features[:, :2]), FeatureTable(shared, number)]
    np.testing.assert_array_equal(tables.add_up(parts, 2_500), whole)
    one_by_one = [int(tables.add_up([FeatureTable(features[row : row + 1])], 1)[0]) for row in range(100)]
    assert one_by_one == whole[:100].tolist()


@pytest.mark.parametrize("columns", [5, 6])
def test_features_looked_up_together_change_no_bit(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = fit()[1][:, :columns]
    rows[:50], rows[50:100, 0] = np.nan, np.nan
    label = np.nan_to_num(rows).sum(axis=1) > 0
    parameters = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(rows, label), num_boost_round=9)
    sums, together = [], []
    for most in (0, 10**9):
        monkeypatch.setattr(leaf_tables, "MOST_TOGETHER", most)
        tables = LeafTables.build(structures(booster))
        sums.append(tables.add_up([FeatureTable(rows)], len(rows)))
        together.append(len(tables._together))
    assert together == [0, columns // 2]
    np.testing.assert_array_equal(*sums)


def test_trees_with_more_leaves_are_refused() -> None:
    booster, _ = fit(leaves=MOST_LEAVES + 4)
    with pytest.raises(ValueError, match="leaves"):
        LeafTables.build(structures(booster))


def test_trees_of_one_leaf_have_their_value() -> None:
    tables = LeafTables.build([{"leaf_value": 0.5}])
    assert tables.add_up([FeatureTable(np.zeros((2, 1), dtype=np.float32))], 2).tolist() == [UNITS // 2] * 2
