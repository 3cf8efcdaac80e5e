"""The parameters of a calibration, each computed by hand on a few launches."""

import numpy as np
import pytest
from scipy.stats import nbinom

from frontrow.launch.calibration.parameters import (
    SHAPES,
    SLOPES,
    CalibrationInTheLarge,
    fit_shape,
    fit_share_sold,
    fit_slope,
    leave_week_out_buyers,
    logistic,
    logits,
    remaining_buyers,
    shift_to_sum,
    slope_log_likelihoods,
)


def test_calibration_in_the_large_by_hand() -> None:
    # log forecasts 0, 2, 1 with weights 1, 2, 1: mean 1.25, deviations -1.25, .75, -.25
    forecasts, buyers, weights = np.exp([0.0, 2.0, 1.0]), np.exp([0.0, 3.0, 1.0]) - 0.5, np.array([1.0, 2.0, 1.0])
    fitted = CalibrationInTheLarge.fit(forecasts, buyers, weights)
    # log buyers 0, 3, 1: mean 1.75, deviations -1.75, 1.25, -.75; covariance 2.1875 + 1.875 + .1875
    exponent = (50 * 0.5 + 4.25) / (50 + 1.5625 + 1.125 + 0.0625)
    assert fitted.mean_forecast == pytest.approx(np.exp(1.25))
    assert fitted.exponent == pytest.approx(exponent)
    expected = np.exp(1.25 + exponent * np.array([-1.25, 0.75, -0.25]))
    shares = weights / (1 + 0.6 * expected)
    assert fitted.factor == pytest.approx((3 + shares @ buyers) / (3 + shares @ expected))
    assert fitted.buyers(forecasts[1]) == pytest.approx(fitted.factor * expected[1])


@pytest.mark.parametrize(("direction", "exponent"), [(-1.0, 0.0), (3.0, 1.0)])
def test_the_exponent_stays_between_0_and_1(direction: float, exponent: float) -> None:
    log_forecasts = np.linspace(-10, 10, 40)
    fitted = CalibrationInTheLarge.fit(np.exp(log_forecasts), np.exp(direction * log_forecasts), np.ones(40))
    assert fitted.exponent == exponent


def test_no_forecast_still_has_buyers_by_the_mean_of_launches() -> None:
    assert CalibrationInTheLarge(16.0, 0.5, 2.0).buyers(0.0) == pytest.approx(2.0 * 4.0 * 1e-6)
    assert CalibrationInTheLarge(16.0, 0.5, 2.0).buyers(9.0) == pytest.approx(24.0)


def test_the_weights_of_other_weeks_count() -> None:
    forecasts, buyers = np.array([10.0, 12.0, 30.0]), np.array([2.0, 20.0, 9.0])
    weights, weeks = np.array([1.0, 5.0, 1.0]), np.array([4, 5, 6])
    others = CalibrationInTheLarge.fit(forecasts[:2], buyers[:2], weights[:2])
    expected = leave_week_out_buyers(forecasts, buyers, weights, weeks)
    assert expected[2] == others.buyers(30.0)
    assert expected[2] != leave_week_out_buyers(forecasts, buyers, np.ones(3), weeks)[2]
    one_week = CalibrationInTheLarge.fit(forecasts, buyers, weights)
    single_week = leave_week_out_buyers(forecasts, buyers, weights, np.array([3, 3, 3]))
    assert single_week.tolist() == [one_week.buyers(forecast) for forecast in forecasts]


def test_logits_are_cut_at_both_ends() -> None:
    np.testing.assert_allclose(logits(np.array([0.0, 0.2, 0.5, 0.8, 1.0])), [-30, -np.log(4), 0, np.log(4), 30])
    np.testing.assert_allclose(logistic(np.array([-np.log(4), 0.0, np.log(4)])), [0.2, 0.5, 0.8])


def test_a_shift_is_one_number_for_a_row() -> None:
    values = np.array([[-3.0, -1.0, 2.0], [-9.0, 0.0, 4.0]])
    weights = np.array([1.0, 2.0, 3.0])
    shifted = shift_to_sum(values, weights, 1.5)
    moved = shifted - values
    np.testing.assert_allclose(moved, np.repeat(moved[:, :1], 3, axis=1))
    np.testing.assert_allclose(logistic(shifted) @ weights, 1.5, rtol=1e-9)
    assert moved[0, 0] != pytest.approx(moved[1, 0])


@pytest.mark.parametrize(("total", "reached"), [(0.0, 1e-9), (-3.0, 1e-9), (6.0, 5.994), (50.0, 5.994)])
def test_a_sum_out_of_reach_is_clipped(total: float, reached: float) -> None:
    shifted = shift_to_sum(np.array([-30.0, 0.0, 30.0]), np.array([1.0, 2.0, 3.0]), total)
    assert logistic(shifted) @ [1.0, 2.0, 3.0] == pytest.approx(reached, rel=1e-3, abs=1e-10)


def _log_likelihoods(values: np.ndarray, bought: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same without bins: at each slope, of the row shifted to the number of buyers, less that at a slope of 1."""
    rows = []
    for slope in SLOPES:
        p = logistic(shift_to_sum(slope * values, weights, float(weights @ bought)))
        rows.append(weights @ np.where(bought == 1, np.log(p), np.log1p(-p)))
    return np.array(rows) - rows[int(np.flatnonzero(SLOPES == 1.0)[0])]


def test_log_likelihoods_of_slopes_by_hand() -> None:
    values = np.array([-4.03, -2.01, -2.01, 0.07, 1.55])
    bought, weights = np.array([0.0, 1.0, 0.0, 1.0, 0.0]), np.array([20.0, 1.0, 6.0, 1.0, 2.0])
    np.testing.assert_allclose(
        slope_log_likelihoods(values, bought, weights), _log_likelihoods(values, bought, weights), atol=1e-6
    )


def test_values_of_one_bin_count_as_their_weighted_mean() -> None:
    bought = np.array([0.0, 1.0, 0.0])
    close = slope_log_likelihoods(np.array([-2.08, -2.02, 0.5]), bought, np.array([1.0, 2.0, 3.0]))
    together = slope_log_likelihoods(np.array([-2.04, -2.04, 0.5]), bought, np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(close, together, atol=1e-9)
    two_bins = slope_log_likelihoods(np.array([-2.08, -1.96, 0.5]), bought, np.array([1.0, 2.0, 3.0]))
    assert np.abs(two_bins - together).max() > 1e-3


@pytest.mark.parametrize(("gain", "slope"), [(0.0, 1.0), (5.0, 1.45), (-5.0, 0.55), (99.0, 2.0)])
def test_the_slope_is_the_highest_point_of_likelihood_and_prior(gain: float, slope: float) -> None:
    # the sum over launches is gain (s - 1), the prior -(s - 1)^2 / (2 * .3^2): the top is at 1 + .09 gain
    profiles = np.stack([(SLOPES - 1) * gain / 8, (SLOPES - 1) * gain / 4])
    assert fit_slope(profiles, np.array([2.0, 3.0])) == pytest.approx(slope)


def test_the_share_sold_by_hand() -> None:
    # (2 * 3 + 1 * 4 + .2) of (2 * 10 + 1 * 8 + 1)
    share = fit_share_sold(np.array([3.0, 4.0]), np.array([10.0, 8.0]), np.array([2.0, 1.0]), 0.2)
    assert share == pytest.approx(10.2 / 29)


def test_remaining_buyers_follow_the_sales_the_more_the_less_sizes_are_certain() -> None:
    assert remaining_buyers(20.0, 10.0, 0.25, 1e9) == pytest.approx(15.0)
    assert remaining_buyers(20.0, 10.0, 0.25, 1e-9) == pytest.approx(30.0)
    np.testing.assert_allclose(remaining_buyers([20, 40], [10, 0], 0.25, 5.0), [22.5, 40 * 5 / 15 * 0.75])


def test_the_shape_weighs_launches() -> None:
    # launches near their forecast are of a large shape, those far from it of a small one
    expected = np.full(8, 20.0)
    buyers = np.array([20.0, 21.0, 19.0, 20.0, 1.0, 80.0, 2.0, 60.0])
    near_weights, far_weights = np.array([1.0] * 4 + [1e-9] * 4), np.array([1e-9] * 4 + [1.0] * 4)
    nothing_sold = np.zeros(8)
    assert fit_shape(expected, buyers, nothing_sold, 0.0, near_weights) == SHAPES[-1]
    assert fit_shape(expected, buyers, nothing_sold, 0.0, far_weights) < 1.5
    weights = np.array([1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 2.0])
    scores = [
        weights @ nbinom.logpmf(buyers, shape, shape / (shape + expected))
        for shape in SHAPES  # before any sale, buyers are negative binomial with the forecast as their mean
    ]
    assert fit_shape(expected, buyers, nothing_sold, 0.0, weights) == SHAPES[int(np.argmax(scores))]
