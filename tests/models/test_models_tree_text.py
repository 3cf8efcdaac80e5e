"""A text of trees that does not fit together is refused before LightGBM, whose reader trusts it, sees it."""

import random
import re

import lightgbm
import numpy as np
import pytest

from frontrow.errors import ArtifactError
from frontrow.models.gradient_boosting import BoostingSettings, GradientBoosting
from frontrow.models.tree_text import check_trees, read_booster
from frontrow.testing.artifacts import sign_artifact

FEATURES = ("taste", "noise", "price")
SETTINGS = BoostingSettings(trees=4, leaves=5, min_customers_in_leaf=10, feature_share=1.0, seeds=1)


@pytest.fixture(scope="module")
def rows():
    values = np.random.default_rng(0).normal(size=(600, 3)).astype(np.float32)
    values[::7, 1] = np.nan
    return values


@pytest.fixture(scope="module")
def model(rows):
    labels = (rows[:, 0] + 0.5 * rows[:, 2] > 0).astype(np.float64)
    return GradientBoosting.fit(rows, labels, np.ones(600), features=FEATURES, settings=SETTINGS, seed=1)


@pytest.fixture(scope="module")
def text(model):
    return model.ensembles[0]


def test_the_checked_part_predicts_the_same(text, rows):
    checked, whole = read_booster(text, FEATURES), lightgbm.Booster(model_str=text)
    for options in ({}, {"raw_score": True}, {"pred_contrib": True}):
        assert np.array_equal(checked.predict(rows, **options), whole.predict(rows, **options))
    assert "parameters" not in check_trees(text, FEATURES)


def test_trees_that_never_split_are_read(rows):
    constant = GradientBoosting.fit(rows, np.zeros(600), np.ones(600), features=FEATURES, settings=SETTINGS, seed=1)
    assert "num_leaves=1\n" in constant.ensembles[0]
    assert len(set(constant.probability(rows))) == 1


def test_a_split_of_the_missing_values_from_all_others_is_read(text, rows):
    """LightGBM writes its threshold as infinity."""
    split = change(text, "threshold", first("inf"))
    assert np.isfinite(read_booster(split, FEATURES).predict(rows, pred_contrib=True)).all()


def change(text, name, edit):
    """The text with the first line of that name edited, and the length of its tree written anew."""
    lengths = re.search(r"tree_sizes=(.*)\n", text)
    line = re.search(rf"^{name}=(.*)\n", text[lengths.end() :], re.MULTILINE)
    edited = f"{name}={edit(line[1])}\n"
    start = lengths.end() + line.start()
    changed = text[:start] + edited + text[start + len(line[0]) :]
    sizes = [int(size) for size in lengths[1].split()]
    sizes[0] += len(edited) - len(line[0])
    return changed.replace(lengths[0], f"tree_sizes={' '.join(map(str, sizes))}\n")


def first(value):
    return lambda line: " ".join([str(value), *line.split()[1:]])


CHANGES = {
    "a child that does not exist": ("left_child", first(99)),
    "a node that is its own child": ("left_child", first(0)),
    "a leaf that does not exist": ("right_child", first(-99)),
    "a child too few": ("left_child", lambda line: line.rpartition(" ")[0]),
    "a child too many": ("left_child", lambda line: f"{line} 1"),
    "a feature that does not exist": ("split_feature", first(3)),
    "a negative feature": ("split_feature", first(-1)),
    "a category": ("decision_type", first(1)),
    "an infinite leaf": ("leaf_value", first("inf")),
    "a threshold that is no number": ("threshold", first("nan")),
    "a huge leaf": ("leaf_value", first("1e999")),
    "more leaves": ("num_leaves", lambda line: str(int(line) + 1)),
    "a million leaves": ("num_leaves", lambda _: "1000000"),
    "no leaves": ("num_leaves", lambda _: "0"),
    "a leaf without a value": ("leaf_value", lambda line: line.rpartition(" ")[0]),
    "categories": ("num_cat", lambda _: "1"),
    "linear leaves": ("is_linear", lambda _: "1"),
    "a node without rows": ("internal_count", first(0)),
    "a weight that is no number": ("shrinkage", lambda _: "x"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_tree_that_does_not_fit_together_is_refused(text, name):
    changed = change(text, *CHANGES[name])
    assert change(text, CHANGES[name][0], lambda line: line) == text
    with pytest.raises(ValueError, match="the text of the trees is damaged"):
        check_trees(changed, FEATURES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tree\n", "forest\n"),
        ("version=v4", "version=v3"),
        ("num_class=1", "num_class=3"),
        ("max_feature_idx=2", "max_feature_idx=9"),
        ("objective=binary sigmoid:1", "objective=custom"),
        ("feature_names=taste", "feature_names=smell"),
        ("feature_infos=[", "feature_infos=x["),
        ("tree_sizes=", "tree_sizes=9"),
        ("tree_sizes=", "tree_sizes=-"),
        ("end of trees", "end of the trees"),
        ("\n\nTree=0", "\n\nTree=1"),
        ("num_class=1", "num_class=1\nnum_class=1"),
        ("label_index=0\n", ""),
        ("taste", "t\u00e4ste"),
    ],
)
def test_another_header_is_refused(text, old, new):
    assert old in text
    with pytest.raises(ValueError, match="damaged"):
        check_trees(text.replace(old, new, 1), FEATURES)


def test_any_part_of_the_trees_changed_at_random_is_refused_or_still_predicts(text, rows):
    """What the check lets through, LightGBM reads without harm."""
    draws = random.Random(4)
    end = text.index("end of trees")
    accepted = 0
    for _ in range(300):
        position = draws.randrange(end)
        changed = text[:position] + draws.choice("0123456789-e. =\nx") + text[position + 1 :]
        try:
            booster = read_booster(changed, FEATURES)
        except ValueError:
            continue
        accepted += 1
        assert len(booster.predict(rows[:20], pred_contrib=True)) == 20
    assert 10 < accepted < 290


def test_a_signed_model_of_a_stranger_is_an_error_of_frontrow(tmp_path, model, text):
    model.save(tmp_path, {})
    changed = change(text, *CHANGES["a child that does not exist"])
    (tmp_path / "ensemble_0.txt").write_text(changed, "utf-8")
    sign_artifact(tmp_path)
    with pytest.raises(ArtifactError, match="damaged"):
        GradientBoosting.load(tmp_path)
