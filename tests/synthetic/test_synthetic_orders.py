"""Orders have the stated rate on each day and for each kind of customer; every customer has a first order."""

import numpy as np
import pytest

from frontrow.synthetic import SyntheticShop
from frontrow.synthetic.orders import draw_orders, order_rate

WORLD = SyntheticShop(customers=3_000, seed=9).world
CUSTOMERS = WORLD.draw_block(0)
COURSES = 120


@pytest.mark.parametrize(("first", "stop"), [(0, 730), (500, 530)])
def test_orders_come_at_the_stated_rate(first: int, stop: int) -> None:
    rates = np.array([order_rate(CUSTOMERS, WORLD.season, day) for day in range(first, stop)])  # [days, customers]
    by_day, by_customer = np.zeros(stop - first), np.zeros(len(CUSTOMERS))
    for course in range(COURSES):
        orders = draw_orders(np.random.default_rng(course), CUSTOMERS, WORLD.season, first, stop)
        again = orders.second != CUSTOMERS.first_second[orders.customer]
        by_day += np.bincount(orders.day[again] - first, minlength=stop - first)
        by_customer += np.bincount(orders.customer[again], minlength=len(CUSTOMERS))
    expected = rates.sum() * COURSES
    assert abs(by_day.sum() - expected) < 4 * np.sqrt(expected)
    agree_with(by_day, rates.sum(axis=1) * COURSES)
    by_rate = np.argsort(rates.sum(axis=0), kind="stable")[::-1]
    agree_with(by_customer[by_rate], rates.sum(axis=0)[by_rate] * COURSES)


def agree_with(counts: np.ndarray, expected: np.ndarray) -> None:
    """Poisson counts in ten groups of about equal expectation deviate from it by no more than chance."""
    group = np.minimum((10 * expected.cumsum() / expected.sum()).astype(int), 9)
    observed, theory = np.bincount(group, counts), np.bincount(group, expected)
    assert (np.abs(observed - theory) < 4.5 * np.sqrt(theory)).all()


def test_every_customer_has_a_first_order_and_no_other_that_day() -> None:
    orders = draw_orders(np.random.default_rng(1), CUSTOMERS, WORLD.season, 0, WORLD.days)
    first = orders.second == CUSTOMERS.first_second[orders.customer]
    assert sorted(orders.customer[first]) == list(range(len(CUSTOMERS)))
    assert (orders.day[~first] > CUSTOMERS.first_day[orders.customer[~first]]).all()
    for day in (0, 200, 729):
        none = CUSTOMERS.first_day >= day
        assert (order_rate(CUSTOMERS, WORLD.season, day)[none] == 0).all()


def test_one_timers_never_order_again() -> None:
    orders = draw_orders(np.random.default_rng(2), CUSTOMERS, WORLD.season, 0, WORLD.days)
    counts = np.bincount(orders.customer, minlength=len(CUSTOMERS))
    is_one_timer = CUSTOMERS.cadence == 0
    assert is_one_timer.mean() == pytest.approx(0.3, abs=0.04)
    assert (counts[is_one_timer] == 1).all()
