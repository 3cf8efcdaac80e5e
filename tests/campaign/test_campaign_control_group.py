"""What all campaigns together caused: the global control group against everyone else since it was drawn."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.uplift.control_group import compare_since_the_draw, measure_control_group
from frontrow.campaign.uplift.uplift import UpliftSettings
from frontrow.shop.cutoff import EPOCH
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

DRAWN = EPOCH + dt.timedelta(days=DAY_ZERO + 100)
CUSTOMERS = range(1, 401)
FEW_DRAWS = UpliftSettings(draws=50)


def a_shop(bought_since, *, last_day=200):
    """Everyone ordered before the draw; since then, one order for each customer named."""
    lines = [(customer, "pot", 90) for customer in CUSTOMERS]
    lines += [(customer, "pot", 150) for customer in bought_since]
    return hand_made_shop([*lines, (None, "pot", last_day)])


def members_of(group):
    return {customer for customer in CUSTOMERS if group.contains(pl.Series([customer]))[0]}


def measure(shop, group, **options):
    return measure_control_group(shop.as_of(), group, DRAWN, active_days=365, settings=FEW_DRAWS, **options)


def test_a_planted_difference_is_measured_and_equals_a_plain_comparison():
    group = GlobalControlGroup("salt", 0.2)
    members = members_of(group)
    buyers = [customer for customer in CUSTOMERS if customer not in members and customer % 2]
    effect = measure(a_shop(buyers), group)
    others = len(CUSTOMERS) - len(members)
    orders, revenue = effect.uplift_of("orders"), effect.uplift_of("revenue")
    assert (orders.contacted, orders.held_out) == (others, len(members))
    assert orders.difference == pytest.approx(len(buyers) / others)
    assert revenue.difference == pytest.approx(10 * len(buyers) / others)
    outcome = np.array([10.0 * (customer in buyers) for customer in CUSTOMERS if customer not in members])
    plain = stats.ttest_ind(outcome, np.zeros(len(members)), equal_var=False).confidence_interval(0.95)
    assert (revenue.welch.low, revenue.welch.high) == pytest.approx((plain.low, plain.high))
    assert effect.to_dict()["uplifts"][0]["significant"]


def test_only_customers_who_had_ordered_before_the_draw_are_compared():
    group = GlobalControlGroup("salt", 0.2)
    newcomer, long_ago = 900, 901
    shop = hand_made_shop(
        [*((customer, "pot", 90) for customer in CUSTOMERS), (newcomer, "pot", 150), (long_ago, "pot", 5)]
    )
    compared = compare_since_the_draw(shop.as_of(), group, DRAWN, active_days=30)
    assert compared["customer_id"].to_list() == list(CUSTOMERS)
    assert long_ago in compare_since_the_draw(shop.as_of(), group, DRAWN, active_days=365)["customer_id"]


def test_whoever_joined_when_the_share_was_raised_is_on_neither_side():
    small, large = GlobalControlGroup("salt", 0.2), GlobalControlGroup("salt", 0.5, first_share=0.2)
    compared = compare_since_the_draw(a_shop([]).as_of(), large, DRAWN, active_days=365)
    members = set(compared.filter("is_member")["customer_id"])
    assert members == members_of(small)
    joined = members_of(replace(large, first_share=None)) - members
    assert joined
    assert set(compared["customer_id"]) == set(CUSTOMERS) - joined
    assert measure(a_shop([]), large).share == small.share


def test_before_any_day_has_passed_nothing_is_said():
    assert measure(a_shop([], last_day=95), GlobalControlGroup("salt", 0.2)) is None
    assert measure(a_shop([]), GlobalControlGroup("salt", 0.0)) is None


def test_where_no_campaign_did_anything_the_intervals_hold_zero_as_often_as_they_say():
    rng = np.random.default_rng(3)
    loyal = rng.gamma(0.5, 1.0, len(CUSTOMERS))
    lines = []
    for first, last in ((0, 100), (100, 200)):
        orders = rng.poisson(loyal * 2)
        lines += [
            (c, "pot", int(day)) for c, n in zip(CUSTOMERS, orders, strict=True) for day in rng.integers(first, last, n)
        ]
    history = hand_made_shop(lines).as_of()
    zero = 0
    draws = 100
    for number in range(draws):
        effect = measure_control_group(
            history, GlobalControlGroup(f"salt {number}", 0.3), DRAWN, active_days=100, settings=UpliftSettings(draws=2)
        )
        assert effect is not None
        zero += effect.uplift_of("revenue").adjusted.interval.contains(0.0)
    assert stats.binomtest(zero, draws, 0.95).pvalue > 0.01
