"""Bootstrap statistics and intervals against hand computation, theory and SciPy."""

import math

import numpy as np
import pytest
from scipy import stats

from frontrow.metrics.bootstrap import (
    bootstrap_mean,
    bootstrap_means,
    bootstrap_ratios,
    percentile_interval,
    poisson_weights,
    ratio,
)


def test_mean_by_hand() -> None:
    # two groups of one value each: a resample's mean is 0, 1 or 2 with the probabilities 1/4, 1/2, 1/4
    assert bootstrap_mean([0.0, 2.0], ["a", "b"], seed=0) == (1.0, 0.0, 2.0)
    # one group: nothing to resample
    assert bootstrap_mean([0.0, 2.0], ["a", "a"], seed=0) == (1.0, 1.0, 1.0)
    # a NaN is left out together with its group
    assert bootstrap_mean([3.0, float("nan")], [1, 2], seed=0) == (3.0, 3.0, 3.0)
    assert all(math.isnan(value) for value in bootstrap_mean([float("nan")], [1], seed=0))


def test_resampled_interval_covers_the_mean_as_stated() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        week = np.repeat(np.arange(30), 3)
        values = rng.normal(size=30)[week] + rng.normal(size=90)
        _, low, high = bootstrap_mean(values, week, seed=trial, draws=400)
        covered += low <= 0 <= high
    assert 178 <= covered <= 198  # 95 % of 200 within four standard errors, percentile intervals being a little short


def test_resampling_repeats() -> None:
    values, groups = np.random.default_rng(1).normal(size=50), np.arange(50) // 5
    assert bootstrap_mean(values, groups, seed=3) == bootstrap_mean(values, groups, seed=3)
    assert bootstrap_mean(values, groups, seed=3) != bootstrap_mean(values, groups, seed=4)


def test_ratios_by_hand() -> None:
    # two customers with 0 of 1 and 2 of 2: a resample's ratio is 0, 2/3 or 1 with the probabilities 1/4, 1/2, 1/4
    ratios = bootstrap_ratios(np.array([[0.0], [2.0]]), np.array([[1.0], [2.0]]), seed=0)
    np.testing.assert_allclose(ratios[:, 0], [2 / 3, 0, 1])
    assert np.isnan(bootstrap_ratios(np.zeros((0, 2)), np.ones((1, 1)), seed=0)).all()


def test_resampled_intervals_are_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(0).normal(size=(2_000, 1))
    mean, low, high = bootstrap_ratios(values, np.ones((1, 1)), seed=1)[:, 0]
    error = values.std() / math.sqrt(len(values))
    assert mean == pytest.approx(values.mean())
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.1)


def test_resamples_repeat_and_are_the_same_for_every_column() -> None:
    values = np.random.default_rng(1).random((50, 1))
    two_columns = bootstrap_ratios(np.hstack([values, values]), np.ones((1, 1)), seed=3, draws=30)
    np.testing.assert_array_equal(two_columns[:, 0], two_columns[:, 1])
    np.testing.assert_array_equal(
        two_columns, bootstrap_ratios(np.hstack([values, values]), np.ones((1, 1)), seed=3, draws=30)
    )
    assert (two_columns[1:] != bootstrap_ratios(values, np.ones((1, 1)), seed=4, draws=30)[1:]).any()


def test_percentiles_by_hand() -> None:
    statistics = np.column_stack([np.arange(11.0), 10 * np.arange(11.0)])
    assert percentile_interval(statistics[:, 0], 0.8).round(9).tolist() == [1.0, 9.0]
    assert percentile_interval(statistics, 0.8).round(9).tolist() == [[1.0, 10.0], [9.0, 90.0]]
    assert percentile_interval(np.arange(1001.0)).round(6).tolist() == [25.0, 975.0]


def test_mean_and_ratios_agree_where_every_group_is_one_row() -> None:
    values = np.random.default_rng(5).normal(size=37)
    mean = bootstrap_mean(values, np.arange(37), seed=9, draws=333, level=0.9)
    ratios = bootstrap_ratios(values[:, None], np.ones((1, 1)), seed=9, draws=333, level=0.9)
    np.testing.assert_allclose(mean, ratios[:, 0])


def test_intervals_are_those_of_scipy() -> None:
    values = np.random.default_rng(6).exponential(size=200)
    reference = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=9_999, random_state=0)
    expected = reference.confidence_interval
    mean = bootstrap_mean(values, np.arange(200), seed=0, draws=10_000)
    np.testing.assert_allclose(mean[1:], expected, rtol=0.01)
    means = bootstrap_means([values], seed=0, draws=10_000)[:, 0]
    np.testing.assert_allclose(percentile_interval(means), expected, rtol=0.01)
    weighted = [np.average(values, weights=weights) for weights in poisson_weights(200, seed=0, draws=10_000)]
    np.testing.assert_allclose(percentile_interval(np.array(weighted)), expected, rtol=0.02)


def test_means_of_samples_by_hand() -> None:
    # a sample of equal values does not vary; of two values the mean is 0, 1 or 2
    means = bootstrap_means([np.array([3.0, 3.0]), np.array([0.0, 2.0])], seed=0, draws=400)
    assert means.shape == (400, 2)
    assert set(means[:, 0]) == {3.0}
    values, counts = np.unique(means[:, 1], return_counts=True)
    assert values.tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_allclose(counts / 400, [0.25, 0.5, 0.25], atol=0.08)


def test_means_do_not_depend_on_how_many_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = [np.arange(5.0), np.arange(7.0)]
    expected = bootstrap_means(samples, seed=2, draws=23)
    monkeypatch.setattr("frontrow.metrics.bootstrap.COUNTS_AT_ONCE", 12)
    np.testing.assert_array_equal(bootstrap_means(samples, seed=2, draws=23), expected)


def test_ratios_do_not_depend_on_how_many_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).random((9, 2))
    expected = bootstrap_ratios(values, np.ones((1, 1)), seed=2, draws=23)
    monkeypatch.setattr("frontrow.metrics.bootstrap.DRAWS_AT_ONCE", 1_000)
    np.testing.assert_allclose(bootstrap_ratios(values, np.ones((1, 1)), seed=2, draws=23), expected)


def test_poisson_weights_repeat_and_have_mean_and_variance_one() -> None:
    weights = np.array(list(poisson_weights(40, seed=1, draws=500)))
    assert weights.shape == (500, 40)
    assert (weights.mean(), weights.var()) == (pytest.approx(1, abs=0.02), pytest.approx(1, abs=0.03))
    np.testing.assert_array_equal(weights, np.array(list(poisson_weights(40, seed=1, draws=500))))
    assert (weights[0] != weights[1]).any()


def test_a_ratio_over_zero_is_nan() -> None:
    np.testing.assert_array_equal(ratio(np.array([3, 3, 3]), np.array([2, 0, -1])), [1.5, np.nan, np.nan])


def test_the_defaults_are_those_documented() -> None:
    values, groups = np.random.default_rng(8).normal(size=12), np.arange(12) // 2
    assert bootstrap_mean(values, groups, seed=0) == bootstrap_mean(values, groups, seed=0, draws=2_000, level=0.95)
    columns = values[:, None]
    np.testing.assert_array_equal(
        bootstrap_ratios(columns, np.ones((1, 1)), seed=0),
        bootstrap_ratios(columns, np.ones((1, 1)), seed=0, draws=1_000, level=0.95),
    )


@pytest.mark.parametrize("draws", [1, 19, 20, 21])
def test_the_draws_are_those_of_numpy(draws: int) -> None:
    values = np.random.default_rng(9).normal(size=7)
    rows = np.random.default_rng(4).integers(0, 7, (draws, 7))
    expected = np.quantile(values[rows].mean(axis=1), [0.025, 0.975])
    np.testing.assert_allclose(bootstrap_mean(values, range(7), seed=4, draws=draws)[1:], expected)
    np.testing.assert_allclose(bootstrap_ratios(values[:, None], np.ones((1, 1)), seed=4, draws=draws)[1:, 0], expected)


def test_each_column_is_its_own_ratio() -> None:
    numerators, denominators = np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([[2.0, 5.0], [2.0, 15.0]])
    assert bootstrap_ratios(numerators, denominators, seed=0)[0].tolist() == [1.0, 2.0]
    assert bootstrap_ratios(numerators[:1], denominators[:1], seed=0).tolist() == [[0.5, 2.0]] * 3
    assert bootstrap_ratios(numerators[:0], denominators[:0], seed=0).shape == (3, 2)


def test_a_missing_value_counts_as_nan() -> None:
    assert bootstrap_mean([True, None, True], [1, 2, 3], seed=0) == (1.0, 1.0, 1.0)
