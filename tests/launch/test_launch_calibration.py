"""What a calibration learns from a table of past predictions, and what it leaves alone."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from frontrow.launch.calibration.calibration import (
    PAST_SCORE_SCHEMA,
    Calibration,
    CalibrationSettings,
    SalesProgress,
    TooFewLaunches,
    recent_launches,
    weighted_quantiles,
)
from frontrow.launch.calibration.parameters import (
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
    """Launches one every other day, whose buyers are `factor` times the forecast, give or take."""
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
    found = Calibration.fit(past, day, HORIZON)
    assert isinstance(found, Calibration)
    return found


def test_the_level_is_learned() -> None:
    found = _fit(_past(100, seed=1))
    assert found.launches == 85  # since day TODAY - 200, closed by TODAY
    assert found.in_the_large.buyers(30.0) == pytest.approx(0.7 * 30.0, rel=0.15)
    assert found.slope == pytest.approx(1.2)


def test_intervals_hold_their_share_of_new_launches() -> None:
    held = []
    for seed in range(8):
        found, later = _fit(_past(100, seed=seed)), _past(200, seed=100 + seed)
        ends = [found.interval(found.in_the_large.buyers(forecast)) for forecast in later["forecast"]]
        low, high = zip(*ends, strict=True)
        held.append(interval_coverage(low, high, later["buyers"]))
    assert 0.75 < np.mean(held) < 0.85


def test_days_of_sales_make_the_count_surer() -> None:
    found, later = _fit(_past(100, seed=2)), _past(200, seed=3)
    errors = {}
    for day in (0, 3, 7, 20):
        sold = np.stack(later["buyers_by_day"].to_list())[:, day]
        expected = [found.in_the_large.buyers(forecast) for forecast in later["forecast"]]
        told = [found.remaining_buyers(one, day, so_far) for one, so_far in zip(expected, sold, strict=True)]
        errors[day] = float(np.abs(np.log((np.array(told) + 0.5) / (later["buyers"].to_numpy() - sold + 0.5))).mean())
    assert errors[7] < 0.75 * errors[0]
    assert errors[3] < errors[0]
    assert found.progress[7].share == pytest.approx(7 / 30, abs=0.02)


@given(st.lists(st.floats(1e-6, 0.999), min_size=2, max_size=40), st.floats(0.5, 2.0), st.floats(0.05, 1.0))
def test_ranks_never_change(raw: list[float], slope: float, factor: float) -> None:
    found = Calibration(10, slope, CalibrationInTheLarge(mean_forecast=5.0, exponent=0.5, factor=factor), {0: BEFORE})
    p = np.array(raw)
    told = found.probabilities(p)
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(told[order]) >= 0)
    assert np.all((told >= 0) & (told <= 1))
    apart = np.diff(logits(p[order])) > 1e-3
    assert np.all(np.diff(told[order])[apart] > 0)


@given(st.lists(st.floats(0.001, 0.5), min_size=5, max_size=40), st.floats(0.1, 2.0))
def test_probabilities_add_up_to_the_buyers_expected(raw: list[float], factor: float) -> None:
    found = Calibration(10, 1.3, CalibrationInTheLarge(mean_forecast=2.0, exponent=0.5, factor=factor), {0: BEFORE})
    expected = found.in_the_large.buyers(sum(raw))
    assert found.probabilities(np.array(raw)).sum() == pytest.approx(min(expected, 0.999 * len(raw)), rel=1e-6)


def test_nobody_has_no_probabilities() -> None:
    assert len(_fit(_past(60, seed=1)).probabilities(np.zeros(0))) == 0


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_later_launches_and_open_windows_change_nothing(seed: int) -> None:
    past = _past(100, seed=1)
    known = pl.col("launch_day") + HORIZON <= TODAY
    rng = np.random.default_rng(seed)
    others = past.filter(~known).with_columns(
        pl.Series("buyers", rng.uniform(0, 500, past.filter(~known).height)), forecast=pl.lit(1.0)
    )
    assert _fit(past) == _fit(past.filter(known)) == _fit(pl.concat([others, past.filter(known)]))


def test_a_closed_launch_does_change_it() -> None:
    past = _past(100, seed=1)
    last = past.filter(pl.col("launch_day") + HORIZON <= TODAY)["product_id"][-1]
    other = past.with_columns(buyers=pl.when(pl.col("product_id") == last).then(999.0).otherwise("buyers"))
    assert _fit(past) != _fit(other)


def test_a_launch_that_closes_today_is_known_and_tomorrow_is_not() -> None:
    days = recent_launches(_past(150, seed=1), TODAY, HORIZON, CalibrationSettings())["launch_day"]
    assert (days.min(), days.max()) == (TODAY - 200, TODAY - HORIZON)


def test_too_few_launches_are_counted() -> None:
    found = Calibration.fit(_past(9, seed=1, first=TODAY - 100), TODAY, HORIZON)
    assert found == TooFewLaunches(9, 10)
    assert "9 past launches" in found.message
    assert "10 are needed" in found.message
    assert isinstance(Calibration.fit(_past(0, seed=1), TODAY, HORIZON), TooFewLaunches)
    assert isinstance(
        Calibration.fit(_past(9, seed=1, first=TODAY - 100), TODAY, HORIZON, CalibrationSettings(fewest_launches=9)),
        Calibration,
    )


def test_launches_without_any_buyer_teach_too() -> None:
    past = _past(50, seed=1).with_columns(buyers=pl.lit(0.0), buyers_by_day=pl.lit([0.0] * 31))
    found = _fit(past)
    assert found.in_the_large.buyers(30.0) < 10.0
    low, high = found.interval(found.in_the_large.buyers(30.0))
    assert 0.0 <= low <= high


def test_both_kinds_are_kept_as_json() -> None:
    for one in (_fit(_past(60, seed=1)), TooFewLaunches(3, 10)):
        assert Calibration.from_dict(json.loads(json.dumps(one.to_dict()))) == one


@pytest.mark.parametrize("damage", [{"progress": None}, {"slope": "steep"}, {"in_the_large": {}}, {"launches": None}])
def test_a_damaged_one_is_refused(damage: dict) -> None:
    told = {**_fit(_past(60, seed=1)).to_dict(), **damage}
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        Calibration.from_dict(told)


def test_the_level_by_hand() -> None:
    """Forecasts all alike tell nothing about trust; the factor is a ratio drawn towards 1."""
    found = CalibrationInTheLarge.fit(np.full(4, 10.0), np.array([4.0, 4.0, 6.0, 6.0]), np.ones(4))
    weight = 1 / (1 + 0.6 * 10.0)
    assert found.exponent == PRIOR_EXPONENT
    assert found.mean_forecast == pytest.approx(10.0)
    assert found.factor == pytest.approx((PRIOR_FACTOR_STRENGTH + 20 * weight) / (PRIOR_FACTOR_STRENGTH + 40 * weight))


def test_forecasts_that_tell_launches_apart_are_trusted_more() -> None:
    rng = np.random.default_rng(0)
    forecasts = np.exp(rng.normal(3, 1, 200))
    assert CalibrationInTheLarge.fit(forecasts, forecasts, np.ones(200)).exponent > 0.8
    assert CalibrationInTheLarge.fit(forecasts, rng.permutation(forecasts), np.ones(200)).exponent < 0.3


def test_a_week_does_not_teach_its_own_level() -> None:
    forecasts, weeks = np.full(6, 10.0), np.array([1, 1, 1, 2, 2, 2])
    buyers = np.array([1.0, 1.0, 1.0, 99.0, 99.0, 99.0])
    found = leave_week_out_buyers(forecasts, buyers, np.ones(6), weeks)
    assert found[0] == CalibrationInTheLarge.fit(forecasts[3:], buyers[3:], np.ones(3)).buyers(10.0)
    assert found[5] == CalibrationInTheLarge.fit(forecasts[:3], buyers[:3], np.ones(3)).buyers(10.0)
    alone = leave_week_out_buyers(forecasts[:3], buyers[:3], np.ones(3), weeks[:3])
    assert alone[0] == CalibrationInTheLarge.fit(forecasts[:3], buyers[:3], np.ones(3)).buyers(10.0)


def test_the_slope_of_planted_probabilities_is_found() -> None:
    rng = np.random.default_rng(0)
    told = rng.normal(-3, 1, 20_000)
    bought = (rng.random(20_000) < logistic(1.4 * told - 0.5)).astype(float)
    found = fit_slope(slope_log_likelihoods(told, bought, np.ones(20_000))[None, :], np.ones(1))
    assert found == pytest.approx(1.4, abs=0.1)


def test_a_profile_is_that_of_the_likelihood() -> None:
    told, bought = np.array([-2.05, -2.05, 0.05, 0.05]), np.array([0.0, 1.0, 1.0, 1.0])
    found = slope_log_likelihoods(told, bought, np.ones(4))
    at = {
        slope: float(np.log(np.where(bought == 1, p, 1 - p)).sum())
        for slope in (0.5, 1.0, 2.0)
        for p in (logistic(shift_to_sum(slope * told, np.ones(4), 3.0)),)
    }
    for slope in (0.5, 2.0):
        assert found[np.argmin(np.abs(SLOPES - slope))] == pytest.approx(at[slope] - at[1.0], abs=1e-6)
    assert not slope_log_likelihoods(told, np.zeros(4), np.ones(4)).any()


def test_the_sum_is_reached_from_anywhere() -> None:
    values = np.array([[-30.0, -30.0, 5.0], [-1.0, 0.0, 1.0]])
    weights = np.array([10.0, 1.0, 1.0])
    told = logistic(shift_to_sum(values, weights, 2.5))
    np.testing.assert_allclose((weights * told).sum(axis=1), 2.5, rtol=1e-6)
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
    found = fit_shape(*args)
    mean = {shape: remaining_buyers(20.0, sold, 0.3, shape) for shape in SHAPES}
    told = [nbinom.logpmf(later, s + sold, (s + sold) / (s + sold + mean[s])).sum() for s in SHAPES]
    assert found == SHAPES[int(np.argmax(told))]
    assert 1.3 < found < 3.0


def test_weighted_quantiles_of_equal_weights_are_between_the_middles() -> None:
    values = np.arange(11.0)
    found = weighted_quantiles(values, np.ones(11), (0.0, 0.5, 1.0))
    assert found.tolist() == [0.0, 5.0, 10.0]
    heavy = weighted_quantiles(values, np.where(values == 9, 100.0, 1.0), (0.1, 0.5, 0.9))
    assert heavy[1] == pytest.approx(9.0, abs=0.1)
