"""Orders come at the stated rate: on each day, of each kind of customer, and the first stands."""

import numpy as np
import pytest

from frontrow.synthetic import SyntheticShop
from frontrow.synthetic.ordering import draw_orders, rate

WORLD = SyntheticShop(customers=3_000, seed=9).world
PEOPLE = WORLD.people(0)
COURSES = 120


@pytest.mark.parametrize(("first", "stop"), [(0, 730), (500, 530)])
def test_orders_come_at_the_stated_rate(first: int, stop: int) -> None:
    rates = np.array([rate(PEOPLE, WORLD.season, day) for day in range(first, stop)])  # [days, customers]
    by_day, by_customer = np.zeros(stop - first), np.zeros(len(PEOPLE))
    for course in range(COURSES):
        orders = draw_orders(np.random.default_rng(course), PEOPLE, WORLD.season, first, stop)
        again = orders.second != PEOPLE.first_second[orders.customer]
        by_day += np.bincount(orders.day[again] - first, minlength=stop - first)
        by_customer += np.bincount(orders.customer[again], minlength=len(PEOPLE))
    expected = rates.sum() * COURSES
    assert abs(by_day.sum() - expected) < 4 * np.sqrt(expected)
    agree_with(by_day, rates.sum(axis=1) * COURSES)
    by_rate = np.argsort(rates.sum(axis=0), kind="stable")[::-1]
    agree_with(by_customer[by_rate], rates.sum(axis=0)[by_rate] * COURSES)


def agree_with(counts: np.ndarray, expected: np.ndarray) -> None:
    """Poisson counts in ten groups of about equal expectation are as far from it as chance has it."""
    group = np.minimum((10 * expected.cumsum() / expected.sum()).astype(int), 9)
    seen, wanted = np.bincount(group, counts), np.bincount(group, expected)
    assert (np.abs(seen - wanted) < 4.5 * np.sqrt(wanted)).all()


def test_the_first_order_stands_and_nothing_else_happens_that_day() -> None:
    orders = draw_orders(np.random.default_rng(1), PEOPLE, WORLD.season, 0, WORLD.days)
    first = orders.second == PEOPLE.first_second[orders.customer]
    assert sorted(orders.customer[first]) == list(range(len(PEOPLE)))
    assert (orders.day[~first] > PEOPLE.first_day[orders.customer[~first]]).all()
    for day in (0, 200, 729):
        none = PEOPLE.first_day >= day
        assert (rate(PEOPLE, WORLD.season, day)[none] == 0).all()


def test_one_timers_never_come_back() -> None:
    orders = draw_orders(np.random.default_rng(2), PEOPLE, WORLD.season, 0, WORLD.days)
    counts = np.bincount(orders.customer, minlength=len(PEOPLE))
    once = PEOPLE.cadence == 0
    assert once.mean() == pytest.approx(0.3, abs=0.04)
    assert (counts[once] == 1).all()
