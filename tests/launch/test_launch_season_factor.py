"""The season factor: what it foresees, what it reads, and the shops that it leaves alone."""

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.launch.calibration.calibration import PAST_SCORE_SCHEMA, Calibration
from frontrow.launch.calibration.parameters import SLOPES
from frontrow.launch.calibration.season import FIRST_DAYS, YEAR_DAYS, OrderShares
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop

HORIZON, ACTIVE = 30, 365
PEAK = 300
"""The day of the year on which a peak of 30 days starts."""


@cache
def _history() -> History:
    return SyntheticShop(customers=400, seed=3, lines_a_year=5.0).shop().as_of()


def _shares(days: int, *, peak: float = 1.0, active: float = 1_000.0) -> OrderShares:
    """A tenth of the customers order within each window, and `peak` times as many in the one that starts at `PEAK`."""
    day = np.arange(days) % YEAR_DAYS
    inside = np.clip(1.0 - np.abs(day - PEAK) / HORIZON, 0.0, 1.0)
    return OrderShares(0, HORIZON, np.full(days, active), 0.1 * active * (1.0 + (peak - 1.0) * inside))


def _past(last_day: int) -> pl.DataFrame:
    launch_days = np.arange(last_day - 180, last_day - HORIZON, 5)
    count = len(launch_days)
    return pl.DataFrame(
        {
            "product_id": [f"p{number:02}" for number in range(count)],
            "launch_day": launch_days,
            "forecast": [20.0] * count,
            "buyers": [18.0] * count,
            "buyers_by_day": [np.linspace(0.0, 18.0, HORIZON + 1).tolist()] * count,
            "slope_log_likelihoods": [[0.0] * len(SLOPES)] * count,
        },
        schema=PAST_SCORE_SCHEMA,
    )


def _factor(shares: OrderShares, day: int) -> float:
    launch_days = np.arange(day - 180, day - HORIZON, 5)
    return shares.season_factor(day, launch_days, np.ones(len(launch_days)))


def test_a_peak_of_last_year_is_foreseen() -> None:
    shares = _shares(2 * YEAR_DAYS, peak=4.0, active=10_000.0)
    assert _factor(shares, YEAR_DAYS + PEAK) == pytest.approx(4.0, rel=0.1)


def test_after_the_peak_fewer_are_expected() -> None:
    shares = _shares(3 * YEAR_DAYS, peak=4.0, active=10_000.0)
    assert _factor(shares, YEAR_DAYS + PEAK + HORIZON) < 0.5


def test_orders_that_never_change_leave_the_count_as_it_is() -> None:
    assert _factor(_shares(2 * YEAR_DAYS), YEAR_DAYS + PEAK) == pytest.approx(1.0)


def test_a_peak_that_few_customers_show_is_drawn_to_none() -> None:
    few, many = (_factor(_shares(700, peak=3.0, active=active), YEAR_DAYS + PEAK) for active in (50.0, 50_000.0))
    assert 1.0 < few < 1.2 < many


def test_a_young_shop_is_calibrated_as_without_it_to_the_bit() -> None:
    day = YEAR_DAYS + HORIZON + FIRST_DAYS - 1
    young, a_day_later = (_shares(length + 1, peak=4.0) for length in (day, day + 1))
    assert _factor(young, day) == 1.0
    past = _past(day)
    assert Calibration.fit(past, day, HORIZON, order_shares=young) == Calibration.fit(past, day, HORIZON)
    moved = replace(a_day_later, ordered=np.where(np.arange(day + 2) < 50, 300.0, 100.0))
    assert _factor(moved, day + 1) != 1.0


def test_probabilities_and_interval_are_scaled_with_the_count() -> None:
    day = YEAR_DAYS + PEAK
    shares = _shares(day + 1, peak=3.0, active=10_000.0)
    plain, seasonal = (
        Calibration.fit(_past(day), day, HORIZON),
        Calibration.fit(_past(day), day, HORIZON, order_shares=shares),
    )
    assert isinstance(plain, Calibration)
    assert isinstance(seasonal, Calibration)
    factor = _factor(shares, day)
    raw = np.linspace(0.001, 0.05, 900)
    assert seasonal.probabilities(raw).sum() == pytest.approx(factor * plain.probabilities(raw).sum(), rel=0.01)
    expected = seasonal.in_the_large.buyers(float(raw.sum()))
    assert seasonal.interval(expected)[1] > plain.interval(expected / factor)[1]
    assert (seasonal.slope, seasonal.progress) == (plain.slope, plain.progress)


@settings(max_examples=15, deadline=None)
@given(st.integers(440, 700))
def test_later_orders_change_nothing(age: int) -> None:
    """Measured as of the day or with everything that came later, the factor of a day is the same to the bit."""
    later = OrderShares.measure(_history(), HORIZON, ACTIVE)
    day = later.first_day + age
    as_of = OrderShares.measure(_history().as_of(day), HORIZON, ACTIVE)
    assert _factor(as_of, day) == _factor(later, day)


def test_a_window_longer_than_a_year_reads_nothing_later() -> None:
    """The window of a year ago has not closed then: what came of it must not be read."""
    history = SyntheticShop(customers=300, seed=3, days=1_100, lines_a_year=5.0).shop().as_of()
    horizon = 500
    later = OrderShares.measure(history, horizon, ACTIVE)
    day = later.first_day + 1_000
    as_of = OrderShares.measure(history.as_of(day), horizon, ACTIVE)
    assert later.counts(day - YEAR_DAYS) != as_of.counts(day - YEAR_DAYS)
    launch_days = np.arange(day - 600, day - horizon, 5)
    for shares in (later, as_of):
        assert shares.season_factor(day, launch_days, np.ones(len(launch_days))) == 1.0


def test_counts_are_those_of_a_plain_count() -> None:
    shares = OrderShares.measure(_history(), HORIZON, ACTIVE)
    orders = _history().lines.select("customer_id", "day").drop_nulls().unique().collect()
    for age in (60, 333, 480, 640):
        day = shares.first_day + age
        active = orders.filter(pl.col("day").is_between(day - ACTIVE, day - 1))["customer_id"].unique()
        within = orders.filter(pl.col("day").is_between(day, day + HORIZON - 1))["customer_id"].unique()
        assert shares.counts(day) == (within.is_in(active.implode()).sum(), len(active))


def test_a_history_without_customers_has_no_season() -> None:
    history = _history()
    empty = replace(history, lines=history.lines.filter(pl.lit(value=False)))
    assert _factor(OrderShares.measure(empty, HORIZON, ACTIVE), history.cutoff_day) == 1.0
