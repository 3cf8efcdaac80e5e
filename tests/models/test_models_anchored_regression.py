"""The anchored regression: its optimum, its anchor with few rows, its own coefficients with many."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from frontrow.models.anchored_regression import COMMON_STRENGTH, STRENGTH, AnchoredRegression
from thread_counts import on_one_and_two_threads


def made_up(rows: int, coefficients: tuple[float, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, len(coefficients)))
    odds = np.exp(-2.0 + x @ np.asarray(coefficients))
    return x, (rng.random(rows) < odds / (1 + odds)).astype(float)


def test_it_finds_the_optimum_that_scipy_finds() -> None:
    x, labels = made_up(400, (0.8, 0.2, 0.0))
    weights = np.random.default_rng(1).uniform(1, 10, 400)
    share = weights / weights.mean()

    def loss(parameters: np.ndarray) -> float:
        logit = parameters[0] + x @ (parameters[1] + parameters[2:])
        penalty = COMMON_STRENGTH * parameters[1] ** 2 + STRENGTH * (parameters[2:] ** 2).sum()
        return float((share * (np.logaddexp(0, logit) - labels * logit)).sum() + 0.5 * penalty)

    best = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-8}).x
    regression = AnchoredRegression.fit(x, labels, weights)
    assert regression.intercept == pytest.approx(best[0], abs=1e-4)
    np.testing.assert_allclose(regression.coefficients, best[1] + best[2:], atol=1e-4)


def test_with_few_rows_all_columns_count_the_same() -> None:
    regression = AnchoredRegression.fit(*made_up(200, (1.0, 0.0)), np.ones(200))
    first, second = regression.coefficients
    assert first == pytest.approx(second, rel=0.25)
    assert first > 0.2


def test_with_many_rows_each_column_has_its_own() -> None:
    x, labels = made_up(200_000, (1.0, 0.0))
    regression = AnchoredRegression.fit(x, labels, np.ones(len(x)))
    free = LogisticRegression(C=1e9).fit(x, labels)
    np.testing.assert_allclose(regression.coefficients, free.coef_[0], atol=0.1)


def test_separable_labels_have_finite_coefficients() -> None:
    regression = AnchoredRegression.fit(np.array([[-1.0], [1.0]]), np.array([0.0, 1.0]), np.ones(2))
    assert np.isfinite([regression.intercept, *regression.coefficients]).all()
    low, high = regression.log_odds(np.array([[-1.0], [1.0]]))
    assert low < 0 < high


def test_one_label_is_refused() -> None:
    with pytest.raises(ValueError, match="both labels"):
        AnchoredRegression.fit(np.ones((3, 1)), np.ones(3), np.ones(3))


def test_it_is_read_back_and_damage_is_refused() -> None:
    regression = AnchoredRegression.fit(*made_up(200, (1.0, 0.0)), np.ones(200))
    values = json.loads(json.dumps(regression.to_dict()))
    assert AnchoredRegression.from_dict(values, 2) == regression
    for damage in ({"intercept": "x"}, {"coefficients": [1.0]}, {"coefficients": [1.0, float("nan")]}):
        with pytest.raises((TypeError, ValueError)):
            AnchoredRegression.from_dict(values | damage, 2)


def test_many_rows_give_the_same_bits_on_one_thread_and_on_two() -> None:
    x, labels = made_up(400_000, (0.8, 0.2, 0.0, 0.1, 0.3, 0.0, 0.2, 0.4))
    weights = np.random.default_rng(2).uniform(1, 10, len(labels))
    first, second = on_one_and_two_threads(lambda: AnchoredRegression.fit(x, labels, weights))
    assert first == second
