"""The boosted trees fulfil the contract of saved models and recover planted probabilities."""

from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from frontrow.errors import ArtifactError
from frontrow.metrics import classification as metrics
from frontrow.models.gradient_boosting import KIND, BoostingSettings, GradientBoosting
from frontrow.storage.artifact import write_artifact
from frontrow.testing.artifacts import sign_artifact
from frontrow.testing.models import SavedModelContract

FEATURES = ("taste", "noise", "often unknown")
SMALL = BoostingSettings(trees=30, min_customers_in_leaf=20, feature_share=1.0, seeds=2)


def _rows(seed: int, count: int = 4_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, labels and the true probability, about 1 in 20 buying."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 3)).astype(np.float32)
    p = 1 / (1 + np.exp(3.7 - 1.5 * rows[:, 0].astype(np.float64)))
    rows[rng.random(count) < 0.3, 2] = np.nan
    return rows, (rng.random(count) < p).astype(np.float64), p


def _fit(seed: int = 1, settings: BoostingSettings = SMALL) -> GradientBoosting:
    rows, labels, _ = _rows(0)
    return GradientBoosting.fit(rows, labels, np.ones(len(rows)), features=FEATURES, settings=settings, seed=seed)


class TestGradientBoosting(SavedModelContract):
    fit = staticmethod(_fit)
    load = staticmethod(lambda folder: GradientBoosting.load(folder)[0])
    save = staticmethod(lambda model, folder: model.save(folder, {"seed": 1}))
    scores = staticmethod(lambda model, rows: model.probability(rows))
    rows = staticmethod(lambda: _rows(1)[0])
    empty = staticmethod(lambda: np.zeros((0, 3), dtype=np.float32))


def test_another_seed_gives_other_trees() -> None:
    rows = _rows(1)[0]
    settings = BoostingSettings(trees=10, feature_share=0.4, min_customers_in_leaf=20, seeds=1)
    first, second = _fit(1, settings), _fit(2, settings)
    assert not np.array_equal(first.probability(rows), second.probability(rows))


def test_recovers_the_planted_probability() -> None:
    rows, labels, p = _rows(2)
    predicted = _fit().probability(rows)
    assert metrics.auc(labels, predicted) > metrics.auc(labels, p) - 0.02
    assert np.corrcoef(predicted, p)[0, 1] > 0.9
    assert abs(predicted.mean() - p.mean()) < 0.01


def test_more_rows_than_a_seed_reads_are_sampled_and_the_probability_holds() -> None:
    rows, labels, p = _rows(2)
    settings = replace(SMALL, max_rows=1_500)
    predicted = _fit(settings=settings).probability(rows)
    assert metrics.auc(labels, predicted) > metrics.auc(labels, p) - 0.02
    assert abs(predicted.mean() - p.mean()) < 0.01


@pytest.mark.parametrize(("max_rows", "different"), [(4_000, False), (3_999, True), (1_500, True), (1, True)])
def test_each_seed_reads_another_sample(max_rows: int, different: bool) -> None:
    # with all features in every tree and all rows, seeds do not differ
    trees = [text.partition("end of trees")[0] for text in _fit(settings=replace(SMALL, max_rows=max_rows)).ensembles]
    assert (trees[0] != trees[1]) == different


def test_gains_name_the_informative_feature() -> None:
    gains = _fit().gains()
    assert next(iter(gains)) == "taste"
    assert gains["taste"] > 0.8
    assert sum(gains.values()) == pytest.approx(1.0)


def test_a_mean_of_its_ensembles() -> None:
    model, rows = _fit(), _rows(1)[0]
    by_ensemble = [GradientBoosting(FEATURES, (text,)).probability(rows) for text in model.ensembles]
    np.testing.assert_allclose(model.probability(rows), np.mean(by_ensemble, axis=0), rtol=1e-15)


def test_contributions_add_up_to_the_log_odds() -> None:
    model, rows = _fit(), _rows(1)[0]
    log_odds = [lightgbm.Booster(model_str=text).predict(rows, raw_score=True) for text in model.ensembles]
    contributions = model.contributions(rows)
    assert contributions.shape == (len(rows), 4)
    np.testing.assert_allclose(contributions.sum(axis=1), np.mean(log_odds, axis=0), rtol=1e-9)
    assert np.unique(contributions[:, -1]).size == 1
    assert np.abs(contributions[:, 0]).mean() > 5 * np.abs(contributions[:, 1]).mean()
    assert model.contributions(rows[:0]).shape == (0, 4)


def test_weights_correct_for_customers_left_out() -> None:
    """A tenth of the others with weight ten gives the base rate of all."""
    rows, labels, _ = _rows(3, 40_000)
    is_kept = (labels == 1) | (np.random.default_rng(0).random(len(labels)) < 0.1)
    weights = np.where(labels[is_kept] == 1, 1.0, 10.0)
    model = GradientBoosting.fit(rows[is_kept], labels[is_kept], weights, features=FEATURES, settings=SMALL, seed=0)
    assert model.probability(rows).mean() == pytest.approx(labels.mean(), rel=0.05)
    naive = GradientBoosting.fit(
        rows[is_kept], labels[is_kept], np.ones(is_kept.sum()), features=FEATURES, settings=SMALL, seed=0
    )
    assert naive.probability(rows).mean() > 3 * labels.mean()


def test_values_never_seen_have_scores() -> None:
    extreme_rows = np.array([[np.nan] * 3, [1e30, -1e30, 0.0], [np.inf, -np.inf, np.nan]], dtype=np.float32)
    scores = _fit().probability(extreme_rows)
    assert ((scores > 0) & (scores < 1)).all()


@pytest.mark.parametrize("files", [{}, {"ensemble_0.txt": "no tree"}, {"ensemble_0.txt": ""}])
def test_files_that_are_no_trees_are_refused(tmp_path, files: dict[str, str]) -> None:
    """Even when the manifest vouches for them."""
    write_artifact(tmp_path, KIND, files, {"features": list(FEATURES)})
    with pytest.raises(ArtifactError, match="damaged model"):
        GradientBoosting.load(tmp_path)


def test_a_manifest_without_features_is_refused(tmp_path) -> None:
    _fit().save(tmp_path, {})
    for features in (None, 3, [], {}, [None], list(FEATURES[:-1])):
        sign_artifact(tmp_path, {"features": features})
        with pytest.raises(ArtifactError):
            GradientBoosting.load(tmp_path)
