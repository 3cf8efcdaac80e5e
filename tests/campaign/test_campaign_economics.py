"""What a list earns, reckoned by hand; limits, stock and the amounts that are refused."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.campaign.uplift.uplift import estimate_uplift
from frontrow.errors import CampaignError

HALF = IncrementalShare(0.5, 0.5, 0.5)
amounts = st.floats(0, 100)


def test_only_the_incremental_share_earns_and_everyone_takes_the_discount() -> None:
    """10 buyers of 2 units: 5 bought because of it at 8 - 3 a unit, 5 would have paid 3 a unit more; 40 contacts."""
    told = Economics(margin=8.0, contact_cost=0.25, discount=3.0, incremental_share=HALF, units_per_buyer=2.0)
    by_hand = 5 * 2 * (8 - 3) - 5 * 2 * 3 - 40 * 0.25
    assert told.profit([40], [10], all_buyers=25)[0] == pytest.approx(by_hand)


def test_a_discount_larger_than_the_incremental_margin_earns_nothing() -> None:
    told = Economics(margin=10.0, discount=5.5, incremental_share=HALF)
    assert (told.profit([1, 2, 3], [0.5, 0.9, 1.0], all_buyers=1.0) < 0).all()
    assert (told.contact_value([0.1, 0.9]) < 0).all()


def test_the_value_of_contacts_adds_up_to_the_profit_of_the_list() -> None:
    p = np.random.default_rng(0).random(50)
    told = Economics(margin=9.0, contact_cost=0.4, discount=1.0, units_per_buyer=1.3)
    assert told.contact_value(p).sum() == pytest.approx(told.profit([50], [p.sum()], all_buyers=p.sum())[0])


def test_stock_that_sells_out_anyway_makes_contacts_a_cost() -> None:
    """40 buyers, half of them come anyway: 20 units are gone without a word, and of 15 none is left."""
    told = Economics(margin=10.0, contact_cost=1.0, stock=15.0, incremental_share=HALF)
    np.testing.assert_allclose(told.profit([0, 7], [0, 6], all_buyers=40), [0.0, -7.0])


def test_stock_bounds_what_is_sold_more() -> None:
    """20 units sell anyway, 22 are there: ten more buyers on the list sell two units, at a cost of ten."""
    told = Economics(margin=10.0, contact_cost=1.0, stock=22.0, incremental_share=HALF)
    np.testing.assert_allclose(told.profit([10], [20], all_buyers=40), [2 * 10.0 - 10.0])


def test_sold_out_customers_take_no_discount() -> None:
    """Demand 40 of which 30 on the list, stock 20: half of each is served, 15 units with a discount; none is sold more
    than the 20 that would have sold without a word, for 25 were wanted."""
    told = Economics(margin=10.0, discount=1.0, stock=20.0, incremental_share=HALF)
    np.testing.assert_allclose(told.profit([30], [30], all_buyers=50), [-1.0 * 30 * 20 / (25 + 15)])


@given(st.floats(0, 50), st.floats(0, 1), amounts, amounts)
def test_plenty_of_stock_is_no_bound(buyers: float, share: float, margin: float, discount: float) -> None:
    same = {"margin": margin, "discount": discount, "incremental_share": IncrementalShare(share, share, share)}
    plenty, unbounded = Economics(**same, stock=50.0), Economics(**same)
    told = [one.profit([9], [buyers], all_buyers=50.0)[0] for one in (plenty, unbounded)]
    assert told[0] == pytest.approx(told[1], abs=1e-6)


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**6), st.none() | st.floats(0, 1e6), st.floats(0.01, 10))
def test_the_longest_list_keeps_capacity_and_budget(
    customers: int, capacity: int | None, budget: float | None, cost: float
) -> None:
    longest = Economics(margin=1.0, contact_cost=cost, capacity=capacity, budget=budget).max_contacts(customers)
    assert 0 <= longest <= customers
    assert capacity is None or longest <= capacity
    assert budget is None or longest * cost <= budget * (1 + 1e-9)
    more = longest + 1
    room = (capacity is None or more <= capacity) and (budget is None or more * cost <= budget)
    assert longest == customers or not room


def test_a_budget_that_is_a_multiple_of_the_cost_is_spent_in_full() -> None:
    assert Economics(margin=1.0, contact_cost=0.1, budget=0.3).max_contacts(10) == 3
    assert Economics(margin=1.0, contact_cost=0.0, budget=0.0).max_contacts(10) == 10


@pytest.mark.parametrize(
    "wrong", [{"margin": -1.0}, {"contact_cost": float("nan")}, {"stock": float("inf")}, {"capacity": -3}]
)
def test_amounts_that_cannot_be_are_told(wrong: dict) -> None:
    with pytest.raises(CampaignError, match=rf"^{next(iter(wrong))} is .*Give zero or more\.$"):
        Economics(**{"margin": 1.0, **wrong})


@pytest.mark.parametrize("ends", [(0.5, 0.3, 0.6), (0.1, 0.3, 1.2), (float("nan"), 0.1, 0.2), (-2.0, 0.0, 0.1)])
def test_shares_that_cannot_be_are_told(ends: tuple[float, float, float]) -> None:
    with pytest.raises(CampaignError, match="rising order"):
        IncrementalShare(*ends)


def test_the_share_that_a_hold_out_measured() -> None:
    """12 of 100 contacted bought, 3 of 100 held-out: three in four because of it."""
    bought = [0.0] * 97 + [1.0] * 3 + [0.0] * 88 + [1.0] * 12
    told = estimate_uplift(bought, [False] * 100 + [True] * 100)
    share = IncrementalShare.from_measurement(json.loads(json.dumps(told.to_dict())))
    assert share.expected == pytest.approx(0.75)
    assert told.incremental_interval is not None
    assert (share.low, share.high) == (told.incremental_interval.low, told.incremental_interval.high)
    assert share.measured


def test_a_share_without_bounds_is_cut() -> None:
    told = {"incremental_share": -3.0, "incremental_interval": {"low": None, "high": None}}
    assert IncrementalShare.from_measurement(told) == IncrementalShare(-1.0, -1.0, 1.0, measured=True)
    with pytest.raises(CampaignError, match="none of the contacted customers bought"):
        IncrementalShare.from_measurement({"incremental_share": None, "incremental_interval": None})


def test_a_measured_share_may_be_below_zero() -> None:
    assert IncrementalShare(-0.1, 0.05, 0.2, measured=True).measured
    assert not IncrementalShare().measured


def test_a_tiny_cost_allows_everyone():
    assert Economics(margin=1.0, contact_cost=5e-324, budget=1.0).max_contacts(40) == 40


def test_products_have_margins_of_their_own():
    told = pl.DataFrame({"product_id": ["a", "b"], "margin": [4.0, None], "stock": [None, 7.0]})
    money = Economics(margin=10.0, discount=1.0).for_products(told)
    assert (
        money.of_product("a").margin,
        money.of_product("a").stock,
        money.of_product("b").margin,
        money.of_product("b").stock,
    ) == (4, None, 10, 7)
    with pytest.raises(CampaignError, match="One stock is stated for 2 products"):
        Economics(margin=10.0, stock=5.0).for_products(told)
    with pytest.raises(CampaignError, match="margin of a is -1"):
        Economics(margin=1.0, margins={"a": -1.0})


def test_where_the_stock_ends():
    money = Economics(margin=1.0, stock=2.0, incremental_share=IncrementalShare(0.5, 0.5, 0.5))
    assert money.sold_out_length([0.5] * 4, all_buyers=2) == 4
    assert money.sold_out_length([0.5] * 3, all_buyers=1.5) is None
    assert money.sold_out_length([1.0] * 2, all_buyers=9) == 0
