"""What a calibration fits from a table of past predictions, and what it does not change."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from frontrow.launch.calibration.calibration import (
    CERTAIN_LAUNCHES,
    PAST_SCORE_SCHEMA,
    Calibration,
    CalibrationSettings,
    SalesProgress,
    TooFewLaunches,
    recent_launches,
    weighted_quantiles,
)
from frontrow.launch.calibration.parameters import (
    BORROWED_CENTER,
    BORROWED_FACTOR,
    BORROWED_SPREAD,
    PRIOR_EXPONENT,
    PRIOR_FACTOR_STRENGTH,
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
from frontrow.metrics.calibration import interval_coverage

HORIZON = 30
TODAY = 20_000
BEFORE = SalesProgress(share=0.0, shape=2.0, low=-1.0, high=1.0)


def _past(
    launches: int, seed: int, *, factor: float = 0.7, spread: float = 0.5, first: int = TODAY - 230
) -> pl.DataFrame:
    """One launch every other day, whose buyers are about `factor` times the forecast."""
    rng = np.random.default_rng(seed)
    forecast = rng.uniform(10, 60, launches)
    size = forecast * factor * np.exp(rng.normal(-(spread**2) / 2, spread, launches))
    daily = rng.poisson(size[:, None] / HORIZON, (launches, HORIZON))
    sold = np.concatenate([np.zeros((launches, 1)), np.cumsum(daily, axis=1)], axis=1)
    return pl.DataFrame(
        {
            "product_id": [f"p{number:03}" for number in range(launches)],
            "launch_day": first + 2 * np.arange(launches),
            "forecast": forecast,
            "buyers": sold[:, -1],
            "buyers_by_day": sold.tolist(),
            "slope_log_likelihoods": [(-((SLOPES - 1.2) ** 2) * 100).tolist()] * launches,
        },
        schema=PAST_SCORE_SCHEMA,
    )


def _fit(past: pl.DataFrame, day: int = TODAY) -> Calibration:
    calibration = Calibration.fit(past, day, HORIZON)
    assert isinstance(calibration, Calibration)
    return calibration


def test_calibration_in_the_large_is_fitted() -> None:
    calibration = _fit(_past(100, seed=1))
    assert calibration.launches == 85  # since day TODAY - 200, closed by TODAY
    assert calibration.in_the_large.buyers(30.0) == pytest.approx(0.7 * 30.0, rel=0.15)
    assert calibration.slope == pytest.approx(1.2)


def test_intervals_cover_their_share_of_new_launches() -> None:
    inside = []
    for seed in range(8):
        calibration, later = _fit(_past(100, seed=seed)), _past(200, seed=100 + seed)
        intervals = [calibration.interval(calibration.in_the_large.buyers(forecast)) for forecast in later["forecast"]]
        low, high = zip(*intervals, strict=True)
        inside.append(interval_coverage(low, high, later["buyers"]))
    assert 0.75 < np.mean(inside) < 0.85


def test_days_of_sales_make_the_forecast_more_exact() -> None:
    calibration, later = _fit(_past(100, seed=2)), _past(200, seed=3)
    errors = {}
    for day in (0, 3, 7, 20):
        sold = np.stack(later["buyers_by_day"].to_list())[:, day]
        expected = [calibration.in_the_large.buyers(forecast) for forecast in later["forecast"]]
        updated = [
            calibration.remaining_buyers(buyers, day, so_far) for buyers, so_far in zip(expected, sold, strict=True)
        ]
        errors[day] = float(
            np.abs(np.log((np.array(updated) + 0.5) / (later["buyers"].to_numpy() - sold + 0.5))).mean()
        )
    assert errors[7] < 0.75 * errors[0]
    assert errors[3] < errors[0]
    assert calibration.progress[7].share == pytest.approx(7 / 30, abs=0.02)


@given(st.lists(st.floats(1e-6, 0.999), min_size=2, max_size=40), st.floats(0.5, 2.0), st.floats(0.05, 1.0))
def test_ranks_never_change(raw: list[float], slope: float, factor: float) -> None:
    calibration = Calibration(
        10, slope, CalibrationInTheLarge(mean_forecast=5.0, exponent=0.5, factor=factor), {0: BEFORE}
    )
    p = np.array(raw)
    calibrated = calibration.probabilities(p)
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(calibrated[order]) >= 0)
    assert np.all((calibrated >= 0) & (calibrated <= 1))
    distinct = np.diff(logits(p[order])) > 1e-3
    assert np.all(np.diff(calibrated[order])[distinct] > 0)


@given(st.lists(st.floats(0.001, 0.5), min_size=5, max_size=40), st.floats(0.1, 2.0))
def test_probabilities_add_up_to_the_buyers_expected(raw: list[float], factor: float) -> None:
    calibration = Calibration(
        10, 1.3, CalibrationInTheLarge(mean_forecast=2.0, exponent=0.5, factor=factor), {0: BEFORE}
    )
    expected = calibration.in_the_large.buyers(sum(raw))
    assert calibration.probabilities(np.array(raw)).sum() == pytest.approx(min(expected, 0.999 * len(raw)), rel=1e-6)


def test_no_customers_give_no_probabilities() -> None:
    assert len(_fit(_past(60, seed=1)).probabilities(np.zeros(0))) == 0


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_later_launches_and_open_windows_change_nothing(seed: int) -> None:
    past = _past(100, seed=1)
    is_closed = pl.col("launch_day") + HORIZON <= TODAY
    rng = np.random.default_rng(seed)
    others = past.filter(~is_closed).with_columns(
        pl.Series("buyers", rng.uniform(0, 500, past.filter(~is_closed).height)), forecast=pl.lit(1.0)
    )
    assert _fit(past) == _fit(past.filter(is_closed)) == _fit(pl.concat([others, past.filter(is_closed)]))


def test_a_closed_launch_does_change_it() -> None:
    past = _past(100, seed=1)
    last = past.filter(pl.col("launch_day") + HORIZON <= TODAY)["product_id"][-1]
    changed = past.with_columns(buyers=pl.when(pl.col("product_id") == last).then(999.0).otherwise("buyers"))
    assert _fit(past) != _fit(changed)


def test_a_launch_that_closes_today_is_used_and_tomorrow_is_not() -> None:
    days = recent_launches(_past(150, seed=1), TODAY, HORIZON, CalibrationSettings())["launch_day"]
    assert (days.min(), days.max()) == (TODAY - 200, TODAY - HORIZON)


def test_too_few_launches_are_counted_where_a_number_is_set() -> None:
    at_least = CalibrationSettings(fewest_launches=10)
    calibration = Calibration.fit(_past(9, seed=1, first=TODAY - 100), TODAY, HORIZON, at_least)
    assert calibration == TooFewLaunches(9, 10)
    assert "9 past launches" in calibration.message
    assert "10 are needed" in calibration.message


def test_without_a_launch_the_range_is_that_of_other_shops() -> None:
    calibration = Calibration.fit(_past(0, seed=1), TODAY, HORIZON)
    assert isinstance(calibration, Calibration)
    assert calibration.message is not None
    assert calibration.message.startswith("0 past launches could be compared")
    probabilities = calibration.probabilities(np.full(1_000, 0.03))
    assert probabilities.sum() == pytest.approx(30.0 * BORROWED_FACTOR)
    low, high = calibration.interval(20.0)
    # 80 % of a normal distribution lie within 1.2816 deviations; ten typical values reach 1.34 of them
    assert np.log((high + 0.5) / 20.5) == pytest.approx(BORROWED_CENTER + 1.34 * BORROWED_SPREAD, abs=0.05)
    assert np.log((low + 0.5) / 20.5) == pytest.approx(BORROWED_CENTER - 1.34 * BORROWED_SPREAD, abs=0.05)


def test_own_launches_narrow_the_borrowed_range() -> None:
    past = _past(9, seed=1, first=TODAY - 100).with_columns(buyers=pl.col("forecast"))
    few, none = Calibration.fit(past, TODAY, HORIZON), Calibration.fit(past[:0], TODAY, HORIZON)
    assert isinstance(few, Calibration)
    assert isinstance(none, Calibration)
    assert few.progress[0].high < none.progress[0].high
    assert few.progress[0].low > none.progress[0].low
    enough = _past(CERTAIN_LAUNCHES, seed=1, first=TODAY - 100)
    assert Calibration.fit(enough, TODAY, HORIZON).message is None


def test_launches_without_buyers_are_used_too() -> None:
    past = _past(50, seed=1).with_columns(buyers=pl.lit(0.0), buyers_by_day=pl.lit([0.0] * 31))
    calibration = _fit(past)
    assert calibration.in_the_large.buyers(30.0) < 10.0
    low, high = calibration.interval(calibration.in_the_large.buyers(30.0))
    assert 0.0 <= low <= high


def test_both_kinds_are_saved_as_json() -> None:
    for calibration in (_fit(_past(60, seed=1)), TooFewLaunches(3, 10)):
        assert Calibration.from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration


@pytest.mark.parametrize("damage", [{"progress": None}, {"slope": "steep"}, {"in_the_large": {}}, {"launches": None}])
def test_a_damaged_calibration_is_refused(damage: dict) -> None:
    damaged = {**_fit(_past(60, seed=1)).to_dict(), **damage}
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        Calibration.from_dict(damaged)


def test_calibration_in_the_large_by_hand() -> None:
    """Equal forecasts give no information about the exponent; the factor is a ratio shrunk towards 1."""
    fitted = CalibrationInTheLarge.fit(np.full(4, 10.0), np.array([4.0, 4.0, 6.0, 6.0]), np.ones(4))
    weight = 1 / (1 + 0.6 * 10.0)
    assert fitted.exponent == PRIOR_EXPONENT
    assert fitted.mean_forecast == pytest.approx(10.0)
    assert fitted.factor == pytest.approx((PRIOR_FACTOR_STRENGTH + 20 * weight) / (PRIOR_FACTOR_STRENGTH + 40 * weight))


def test_forecasts_that_discriminate_have_a_larger_exponent() -> None:
    rng = np.random.default_rng(0)
    forecasts = np.exp(rng.normal(3, 1, 200))
    assert CalibrationInTheLarge.fit(forecasts, forecasts, np.ones(200)).exponent > 0.8
    assert CalibrationInTheLarge.fit(forecasts, rng.permutation(forecasts), np.ones(200)).exponent < 0.3


def test_a_week_is_left_out_of_its_own_calibration() -> None:
    forecasts, weeks = np.full(6, 10.0), np.array([1, 1, 1, 2, 2, 2])
    buyers = np.array([1.0, 1.0, 1.0, 99.0, 99.0, 99.0])
    left_out = leave_week_out_buyers(forecasts, buyers, np.ones(6), weeks)
    assert left_out[0] == CalibrationInTheLarge.fit(forecasts[3:], buyers[3:], np.ones(3)).buyers(10.0)
    assert left_out[5] == CalibrationInTheLarge.fit(forecasts[:3], buyers[:3], np.ones(3)).buyers(10.0)
    one_week = leave_week_out_buyers(forecasts[:3], buyers[:3], np.ones(3), weeks[:3])
    assert one_week[0] == CalibrationInTheLarge.fit(forecasts[:3], buyers[:3], np.ones(3)).buyers(10.0)


def test_the_slope_of_planted_probabilities_is_found() -> None:
    rng = np.random.default_rng(0)
    log_odds = rng.normal(-3, 1, 20_000)
    bought = (rng.random(20_000) < logistic(1.4 * log_odds - 0.5)).astype(float)
    slope = fit_slope(slope_log_likelihoods(log_odds, bought, np.ones(20_000))[None, :], np.ones(1))
    assert slope == pytest.approx(1.4, abs=0.1)


def test_a_profile_equals_the_likelihood() -> None:
    log_odds, bought = np.array([-2.05, -2.05, 0.05, 0.05]), np.array([0.0, 1.0, 1.0, 1.0])
    profile = slope_log_likelihoods(log_odds, bought, np.ones(4))
    log_likelihoods = {
        slope: float(np.log(np.where(bought == 1, p, 1 - p)).sum())
        for slope in (0.5, 1.0, 2.0)
        for p in (logistic(shift_to_sum(slope * log_odds, np.ones(4), 3.0)),)
    }
    for slope in (0.5, 2.0):
        assert profile[np.argmin(np.abs(SLOPES - slope))] == pytest.approx(
            log_likelihoods[slope] - log_likelihoods[1.0], abs=1e-6
        )
    assert not slope_log_likelihoods(log_odds, np.zeros(4), np.ones(4)).any()


def test_the_sum_is_reached_from_anywhere() -> None:
    values = np.array([[-30.0, -30.0, 5.0], [-1.0, 0.0, 1.0]])
    weights = np.array([10.0, 1.0, 1.0])
    shifted = logistic(shift_to_sum(values, weights, 2.5))
    np.testing.assert_allclose((weights * shifted).sum(axis=1), 2.5, rtol=1e-6)
    crowded = logistic(shift_to_sum(values[1], weights, 99.0))
    assert (weights * crowded).sum() == pytest.approx(0.999 * 12)


def test_gamma_poisson_by_hand() -> None:
    # prior: mean 20, shape 5, rate 1/4; 10 seen in .25 of the window: shape 15, rate 1/4 + 1/4; mean 30, .75 of it
    assert remaining_buyers(20.0, 10.0, 0.25, 5.0) == pytest.approx(22.5)
    assert remaining_buyers(20.0, 0.0, 0.0, 5.0) == pytest.approx(20.0)
    assert fit_share_sold(np.array([2.0, 1.0]), np.array([8.0, 2.0]), np.array([1.0, 2.0]), 0.1) == pytest.approx(
        4.1 / 13
    )


def test_the_shape_is_the_likeliest_negative_binomial() -> None:
    rng = np.random.default_rng(1)
    size = rng.gamma(2.0, 10.0, 300)
    sold, later = rng.poisson(size * 0.3), rng.poisson(size * 0.7)
    args = np.full(300, 20.0), (sold + later).astype(float), sold.astype(float), 0.3, np.ones(300)
    shape = fit_shape(*args)
    mean = {shape: remaining_buyers(20.0, sold, 0.3, shape) for shape in SHAPES}
    log_likelihoods = [nbinom.logpmf(later, s + sold, (s + sold) / (s + sold + mean[s])).sum() for s in SHAPES]
    assert shape == SHAPES[int(np.argmax(log_likelihoods))]
    assert 1.3 < shape < 3.0


def test_weighted_quantiles_of_equal_weights_are_between_the_middles() -> None:
    values = np.arange(11.0)
    quantiles = weighted_quantiles(values, np.ones(11), (0.0, 0.5, 1.0))
    assert quantiles.tolist() == [0.0, 5.0, 10.0]
    heavy = weighted_quantiles(values, np.where(values == 9, 100.0, 1.0), (0.1, 0.5, 0.9))
    assert heavy[1] == pytest.approx(9.0, abs=0.1)


def test_intervals_by_hand() -> None:
    progress = {0: SalesProgress(0.0, 2.0, -2.0, 2.0), 7: SalesProgress(0.25, 2.0, -1.0, 0.5)}
    calibration = Calibration(10, 1.0, CalibrationInTheLarge(5.0, 0.5, 1.0), progress)
    assert calibration.interval(10.0, 7) == pytest.approx((np.exp(-1) * 10.5 - 0.5, np.exp(0.5) * 10.5 - 0.5))
    assert calibration.interval(10.0) == pytest.approx((np.exp(-2) * 10.5 - 0.5, np.exp(2) * 10.5 - 0.5))
    # neither bound is below zero
    assert calibration.interval(0.0, 7) == pytest.approx((0.0, np.exp(0.5) * 0.5 - 0.5))
    certain = replace(calibration, progress={0: SalesProgress(0.9, 2.0, -2.0, -0.1)})
    assert certain.interval(0.0) == (0.0, 0.0)
    assert calibration.remaining_buyers(20.0, 7, 10.0) == pytest.approx(20 * 12 / 7 * 0.75)


def test_probabilities_are_a_slope_and_a_shift_of_the_logits() -> None:
    calibration = Calibration(10, 1.5, CalibrationInTheLarge(1.0, 1.0, 0.5), {})
    raw = np.array([0.05, 0.2, 0.4, 0.35])
    calibrated = calibration.probabilities(raw)
    assert calibrated.sum() == pytest.approx(0.5)
    shift = logits(calibrated) - 1.5 * logits(raw)
    np.testing.assert_allclose(shift, shift[0])


def test_a_fit_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Launches of three weeks, the later counting more."""
    launch_day = np.array([TODAY - 200, TODAY - 199, TODAY - 120, TODAY - HORIZON])
    forecasts, buyers = np.array([10.0, 20.0, 40.0, 15.0]), np.array([4.0, 12.0, 18.0, 9.0])
    by_day = np.outer(buyers, np.arange(HORIZON + 1) / HORIZON).round()
    tops = [1.9, 0.6, 1.1, 1.4]
    past = pl.DataFrame(
        {
            "product_id": ["a", "b", "c", "d"],
            "launch_day": launch_day,
            "forecast": forecasts,
            "buyers": buyers,
            "buyers_by_day": by_day.tolist(),
            "slope_log_likelihoods": [(-((SLOPES - top) ** 2) * 40).tolist() for top in tops],
        },
        schema=PAST_SCORE_SCHEMA,
    )
    monkeypatch.setattr("frontrow.launch.calibration.calibration.CERTAIN_LAUNCHES", 4)
    calibration = Calibration.fit(past, TODAY, HORIZON, days_on_sale=[9])
    assert isinstance(calibration, Calibration)
    weights = 0.5 ** ((TODAY - HORIZON - launch_day) / 180.0)
    assert calibration.launches == 4
    assert set(calibration.progress) == {0, 9}
    assert calibration.in_the_large == CalibrationInTheLarge.fit(forecasts, buyers, weights)
    best = 1 + 80 * (weights @ (np.array(tops) - 1)) / (80 * weights.sum() + 1 / 0.09)
    assert calibration.slope == pytest.approx(best, abs=0.0251)
    expected = leave_week_out_buyers(forecasts, buyers, weights, launch_day // 7)
    for days in (0, 9):
        progress, sold = calibration.progress[days], by_day[:, days]
        assert progress.share == fit_share_sold(sold, buyers, weights, days / HORIZON)
        assert progress.shape == fit_shape(expected, buyers, sold, progress.share, weights)
        remaining = remaining_buyers(expected, sold, progress.share, progress.shape)
        ratios = np.log((buyers - sold + 0.5) / (remaining + 0.5))
        assert (progress.low, progress.high) == pytest.approx(tuple(weighted_quantiles(ratios, weights, (0.1, 0.9))))
    every_day = Calibration.fit(past, TODAY, HORIZON)
    assert isinstance(every_day, Calibration)
    assert list(every_day.progress) == list(range(HORIZON))
    assert every_day.progress[9] == calibration.progress[9]


def test_weeks_are_those_of_the_calendar_of_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontrow.launch.calibration.calibration.CERTAIN_LAUNCHES", 3)
    # two launches of one week and one of the next: the first two do not learn from each other
    past = _past(3, seed=4).with_columns(launch_day=pl.Series([19_803, 19_809, 19_810], dtype=pl.Int32))
    calibration = Calibration.fit(past, TODAY, HORIZON, days_on_sale=[])
    assert isinstance(calibration, Calibration)
    weights = 0.5 ** ((TODAY - HORIZON - past["launch_day"].to_numpy()) / 180.0)
    expected = leave_week_out_buyers(
        past["forecast"].to_numpy(), past["buyers"].to_numpy(), weights, np.array([0, 0, 1])
    )
    ratios = np.log((past["buyers"].to_numpy() + 0.5) / (expected + 0.5))
    low, high = weighted_quantiles(ratios, weights, (0.1, 0.9))
    assert (calibration.progress[0].low, calibration.progress[0].high) == pytest.approx((low, high))


def test_recent_launches_by_hand() -> None:
    past = _past(5, seed=1).with_columns(
        product_id=pl.Series(["e", "d", "c", "z", "a"]),
        forecast=pl.lit(0.5),
        launch_day=pl.Series([TODAY - 30, TODAY - 30, TODAY - 29, TODAY - 200, TODAY - 201], dtype=pl.Int32),
    )
    recent = recent_launches(past, TODAY, HORIZON, CalibrationSettings())
    assert recent["product_id"].to_list() == ["z", "d", "e"]
    without = recent_launches(past.with_columns(forecast=pl.lit(0.0)), TODAY, HORIZON, CalibrationSettings())
    assert without.is_empty()


def test_the_fields_of_a_saved_calibration() -> None:
    saved = _fit(_past(60, seed=1)).to_dict()
    assert set(saved) == {"launches", "slope", "in_the_large", "progress"}
    assert set(saved["progress"]["0"]) == {"share", "shape", "low", "high"}
    assert set(saved["progress"]) == {str(days) for days in range(HORIZON)}


def test_weighted_quantiles_by_hand() -> None:
    # sorted 1, 2, 3 with weights 2, 1, 1: middles at 1/4, 5/8, 7/8
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0])
    quantiles = weighted_quantiles(values, weights, (0.0, 0.25, 0.4375, 0.625, 0.75, 0.875, 1.0))
    np.testing.assert_allclose(quantiles, [1.0, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0])
