"""Metrics of probabilities and intervals, by hand and compared with scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import mean_pinball_loss

from frontrow.metrics.calibration import (
    count_errors,
    expected_calibration_error,
    interval_coverage,
    interval_score,
    reliability,
    reliability_of_parts,
)

RNG = np.random.default_rng(4)
P = RNG.random(400)
Y = (RNG.random(400) < P**1.5).astype(float)


def test_reliability_by_hand() -> None:
    groups = reliability([1, 0, 0, 1, 1], [0.9, 0.1, 0.2, 0.3, 0.5], bins=2)
    # sorted .1 .2 .3 | .5 .9, labels 0 0 1 | 1 1
    assert groups == [(3, pytest.approx(0.2), pytest.approx(1 / 3)), (2, pytest.approx(0.7), 1.0)]


def test_calibration_error_by_hand() -> None:
    error = expected_calibration_error([1, 0, 0, 1, 1], [0.9, 0.1, 0.2, 0.3, 0.5], bins=2)
    assert error == pytest.approx((3 * (1 / 3 - 0.2) + 2 * 0.3) / 5)


def test_groups_of_equal_size_are_those_of_scikit_learn() -> None:
    actual, predicted = calibration_curve(Y, P, n_bins=10, strategy="quantile")
    groups = reliability(Y, P)
    assert [count for count, _, _ in groups] == [40] * 10
    np.testing.assert_allclose([mean for _, mean, _ in groups], predicted)
    np.testing.assert_allclose([share for _, _, share in groups], actual)
    assert expected_calibration_error(Y, P) == pytest.approx(float(np.abs(actual - predicted).mean()))


def test_the_calibration_error_of_one_probability_is_its_distance_to_the_base_rate() -> None:
    labels = np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 20)
    assert expected_calibration_error(labels, np.full(100, 0.3)) == pytest.approx(0.1)


def test_without_customers_there_is_no_error() -> None:
    assert np.isnan(expected_calibration_error([], []))
    assert reliability([], []) == []


def test_ties_keep_their_order() -> None:
    probabilities, labels = np.tile([0.4, 0.1, 0.3, 0.2], 40), np.repeat([1.0, 0.0], 80)
    groups = reliability(labels, probabilities, bins=8)
    # the 40 customers of each probability are two groups: those listed first bought, the others did not
    assert groups == [(20, pytest.approx(p), share) for p in (0.1, 0.2, 0.3, 0.4) for share in (1.0, 0.0)]


@pytest.mark.parametrize("decimals", [1, 2, 15])
@pytest.mark.parametrize("bins", [1, 3, 40])
def test_customers_in_parts_are_in_the_groups_of_all(bins: int, decimals: int) -> None:
    rounded = P.round(decimals)
    rounded[:60] = rounded[0]
    groups = np.array_split(np.argsort(rounded, kind="stable"), bins)
    expected = [(len(group), rounded[group].mean(), Y[group].mean()) for group in groups if len(group)]
    parts = [(Y[start:end], rounded[start:end]) for start, end in ((0, 50), (50, 50), (50, 333), (333, 400))]
    actual = reliability_of_parts(lambda: iter(parts), bins)
    assert [group[0] for group in actual] == [group[0] for group in expected]
    np.testing.assert_allclose(actual, expected, rtol=1e-12)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="two vectors of one length"):
        reliability([1, 0], [0.5])


def test_interval_score_by_hand() -> None:
    # widths 4, 4, 4; misses 0, 2 above, 1 below; 2 / .2 = 10 each
    assert interval_score([2, 2, 2], [6, 6, 6], [4, 8, 1], coverage=0.8) == pytest.approx(4 + (20 + 10) / 3)
    assert interval_coverage([2, 2, 2], [6, 6, 6], [4, 8, 2]) == pytest.approx(2 / 3)


def test_interval_score_is_the_pinball_losses_of_its_ends() -> None:
    low, high, actual = RNG.normal(-1, 1, 50), RNG.normal(1.5, 1, 50), RNG.normal(0, 1, 50)
    low, high = np.minimum(low, high), np.maximum(low, high)
    losses = mean_pinball_loss(actual, low, alpha=0.1) + mean_pinball_loss(actual, high, alpha=0.9)
    assert interval_score(low, high, actual, coverage=0.8) == pytest.approx(2 / 0.2 * losses)


@given(st.integers(0, 500), st.integers(0, 500))
def test_count_errors_are_symmetric(first: int, second: int) -> None:
    assert count_errors([first], [second])[0] == pytest.approx(count_errors([second], [first])[0])
    assert count_errors([first], [first])[0] == 0.0


def test_both_ends_belong_to_an_interval() -> None:
    assert interval_coverage([1], [2], [1]) == interval_coverage([1], [2], [2]) == 1.0
    assert interval_coverage([1], [2], [0.999]) == interval_coverage([1], [2], [2.001]) == 0.0


def test_without_intervals_there_is_neither_score_nor_coverage() -> None:
    assert np.isnan(interval_score([], [], [], coverage=0.8))
    assert np.isnan(interval_coverage([], [], []))


def test_counts_may_be_of_any_numeric_type() -> None:
    small = np.array([255], dtype=np.uint8)
    assert count_errors(small, [127.25])[0] == pytest.approx(np.log(2), abs=1e-3)
    # 200 - 100 would wrap around in eight bits without a sign
    low, high, actual = (np.array([value], dtype=np.uint8) for value in (100, 200, 210))
    assert interval_score(low, high, actual, coverage=0.8) == pytest.approx(200.0)


def test_a_missing_value_has_no_error_and_lies_in_no_interval() -> None:
    assert np.isnan(count_errors([None, 1.0], [1.0, None])).all()
    assert interval_coverage([None, 0.0], [2.0, 2.0], [1.0, 1.0]) == 0.5
