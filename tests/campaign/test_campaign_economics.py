"""Profit of a list, computed by hand; limits, stock and refused amounts."""

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
    economics = Economics(margin=8.0, contact_cost=0.25, discount=3.0, incremental_share=HALF, units_per_buyer=2.0)
    by_hand = 5 * 2 * (8 - 3) - 5 * 2 * 3 - 40 * 0.25
    assert economics.profit([40], [10], all_buyers=25)[0] == pytest.approx(by_hand)


def test_a_discount_larger_than_the_incremental_margin_earns_nothing() -> None:
    economics = Economics(margin=10.0, discount=5.5, incremental_share=HALF)
    assert (economics.profit([1, 2, 3], [0.5, 0.9, 1.0], all_buyers=1.0) < 0).all()
    assert (economics.contact_value([0.1, 0.9]) < 0).all()


def test_the_value_of_contacts_adds_up_to_the_profit_of_the_list() -> None:
    p = np.random.default_rng(0).random(50)
    economics = Economics(margin=9.0, contact_cost=0.4, discount=1.0, units_per_buyer=1.3)
    assert economics.contact_value(p).sum() == pytest.approx(economics.profit([50], [p.sum()], all_buyers=p.sum())[0])


def test_stock_that_sells_out_anyway_makes_contacts_a_cost() -> None:
    """40 buyers, half of whom buy anyway: 20 units sell without contacts, more than the 15 in stock."""
    economics = Economics(margin=10.0, contact_cost=1.0, stock=15.0, incremental_share=HALF)
    np.testing.assert_allclose(economics.profit([0, 7], [0, 6], all_buyers=40), [0.0, -7.0])


def test_stock_bounds_what_is_sold_more() -> None:
    """20 units sell anyway, 22 are in stock: ten more buyers on the list sell two units, at a cost of ten."""
    economics = Economics(margin=10.0, contact_cost=1.0, stock=22.0, incremental_share=HALF)
    np.testing.assert_allclose(economics.profit([10], [20], all_buyers=40), [2 * 10.0 - 10.0])


def test_sold_out_customers_take_no_discount() -> None:
    """Demand 40 of which 30 on the list, stock 20: half of each is served, 15 units with a discount; no more units
    are sold than the 20 that would have sold without contacts, because 25 were demanded."""
    economics = Economics(margin=10.0, discount=1.0, stock=20.0, incremental_share=HALF)
    np.testing.assert_allclose(economics.profit([30], [30], all_buyers=50), [-1.0 * 30 * 20 / (25 + 15)])


@given(st.floats(0, 50), st.floats(0, 1), amounts, amounts)
def test_plenty_of_stock_is_no_bound(buyers: float, share: float, margin: float, discount: float) -> None:
    shared = {"margin": margin, "discount": discount, "incremental_share": IncrementalShare(share, share, share)}
    plenty, unbounded = Economics(**shared, stock=50.0), Economics(**shared)
    profits = [economics.profit([9], [buyers], all_buyers=50.0)[0] for economics in (plenty, unbounded)]
    assert profits[0] == pytest.approx(profits[1], abs=1e-6)


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**6), st.none() | st.floats(0, 1e6), st.floats(0.01, 10))
def test_the_longest_list_keeps_capacity_and_budget(
    customers: int, capacity: int | None, budget: float | None, cost: float
) -> None:
    longest = Economics(margin=1.0, contact_cost=cost, capacity=capacity, budget=budget).max_contacts(customers)
    assert 0 <= longest <= customers
    assert capacity is None or longest <= capacity
    assert budget is None or longest * cost <= budget * (1 + 1e-9)
    more = longest + 1
    fits = (capacity is None or more <= capacity) and (budget is None or more * cost <= budget)
    assert longest == customers or not fits


def test_a_budget_that_is_a_multiple_of_the_cost_is_spent_in_full() -> None:
    assert Economics(margin=1.0, contact_cost=0.1, budget=0.3).max_contacts(10) == 3
    assert Economics(margin=1.0, contact_cost=0.0, budget=0.0).max_contacts(10) == 10


@pytest.mark.parametrize(
    "fields", [{"margin": -1.0}, {"contact_cost": float("nan")}, {"stock": float("inf")}, {"capacity": -3}]
)
def test_impossible_amounts_are_refused(fields: dict) -> None:
    with pytest.raises(CampaignError, match=rf"^{next(iter(fields))} is .*Give zero or more\.$"):
        Economics(**{"margin": 1.0, **fields})


@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.6), (0.1, 0.3, 1.2), (float("nan"), 0.1, 0.2), (-2.0, 0.0, 0.1)])
def test_impossible_shares_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(CampaignError, match="rising order"):
        IncrementalShare(*shares)


def test_the_share_that_a_hold_out_measured() -> None:
    """12 of 100 contacted bought, 3 of 100 held-out: three in four because of it."""
    bought = [0.0] * 97 + [1.0] * 3 + [0.0] * 88 + [1.0] * 12
    uplift = estimate_uplift(bought, [False] * 100 + [True] * 100)
    share = IncrementalShare.from_measurement(json.loads(json.dumps(uplift.to_dict())))
    assert share.expected == pytest.approx(0.75)
    assert uplift.incremental_interval is not None
    assert (share.low, share.high) == (uplift.incremental_interval.low, uplift.incremental_interval.high)
    assert share.measured


def test_a_share_without_bounds_is_cut() -> None:
    measured = {"incremental_share": -3.0, "incremental_interval": {"low": None, "high": None}}
    assert IncrementalShare.from_measurement(measured) == IncrementalShare(-1.0, -1.0, 1.0, measured=True)
    with pytest.raises(CampaignError, match="none of the contacted customers bought"):
        IncrementalShare.from_measurement({"incremental_share": None, "incremental_interval": None})


def test_a_measured_share_may_be_below_zero() -> None:
    assert IncrementalShare(-0.1, 0.05, 0.2, measured=True).measured
    assert not IncrementalShare().measured


def test_a_tiny_cost_allows_everyone():
    assert Economics(margin=1.0, contact_cost=5e-324, budget=1.0).max_contacts(40) == 40


def test_products_have_their_own_margins():
    products = pl.DataFrame({"product_id": ["a", "b"], "margin": [4.0, None], "stock": [None, 7.0]})
    economics = Economics(margin=10.0, discount=1.0).for_products(products)
    assert (
        economics.of_product("a").margin,
        economics.of_product("a").stock,
        economics.of_product("b").margin,
        economics.of_product("b").stock,
    ) == (4, None, 10, 7)
    with pytest.raises(CampaignError, match="One stock is stated for 2 products"):
        Economics(margin=10.0, stock=5.0).for_products(products)
    with pytest.raises(CampaignError, match="margin of a is -1"):
        Economics(margin=1.0, margins={"a": -1.0})


def test_where_the_stock_ends():
    economics = Economics(margin=1.0, stock=2.0, incremental_share=IncrementalShare(0.5, 0.5, 0.5))
    assert economics.sold_out_length([0.5] * 4, all_buyers=2) == 4
    assert economics.sold_out_length([0.5] * 3, all_buyers=1.5) is None
    assert economics.sold_out_length([1.0] * 2, all_buyers=9) == 0


def test_stock_ends_at_the_likeliest_whatever_the_order():
    economics = Economics(margin=1.0, stock=1.4, incremental_share=HALF, units_per_buyer=2.0)
    # 2 * (.5 * 1.1 + .5 * (.1, .4, ...)): nobody 1.1, the likeliest (.6) 1.7
    assert economics.sold_out_length([0.1, 0.4, 0.6], all_buyers=1.1) == 1
    assert economics.sold_out_length([0.1, 0.4, 0.6], all_buyers=1.5) == 0
    assert economics.sold_out_length([0.1], all_buyers=0.1) is None
    assert Economics(margin=1.0).sold_out_length([1.0], all_buyers=9.0) is None


def test_stock_that_is_met_exactly_is_gone():
    economics = Economics(margin=1.0, stock=1.0, incremental_share=HALF)
    assert economics.sold_out_length([0.5, 0.5], all_buyers=1.0) == 2


def test_the_value_of_a_buyer_by_hand():
    economics = Economics(margin=8.0, contact_cost=0.25, discount=1.0, incremental_share=HALF, units_per_buyer=2.0)
    assert economics.buyer_value == 6.0
    assert economics.contact_value([0.5, 0.0]).tolist() == [2.75, -0.25]


def test_another_share_may_be_given():
    economics = Economics(margin=10.0, contact_cost=1.0, stock=30.0, incremental_share=HALF)
    assert economics.profit([4], [10], all_buyers=20, share=0.2).tolist() == [10 * 0.2 * 10 - 4]
    assert economics.profit([4], [10], all_buyers=20).tolist() == [10 * 0.5 * 10 - 4]


def test_no_demand_costs_the_contacts():
    assert Economics(margin=10.0, contact_cost=1.0, stock=0.0).profit([3], [0], all_buyers=0).tolist() == [-3.0]


def test_limits_by_hand():
    assert Economics(margin=1.0, contact_cost=0.5, capacity=7, budget=4.0).max_contacts(5) == 5
    assert Economics(margin=1.0, contact_cost=0.5, capacity=7, budget=4.0).max_contacts(50) == 7
    assert Economics(margin=1.0, contact_cost=0.5, capacity=9, budget=4.2).max_contacts(50) == 8
    assert Economics(margin=1.0, contact_cost=0.5, capacity=0).max_contacts(50) == 0


def test_a_product_without_its_own_amounts_uses_the_common_ones():
    economics = Economics(margin=3.0, stock=9.0, discount=0.5, margins={"a": 4.0}, stocks={"b": 2.0})
    assert economics.of_product("a") == Economics(margin=4.0, stock=9.0, discount=0.5)
    assert economics.of_product("b") == Economics(margin=3.0, stock=2.0, discount=0.5)
    assert economics.of_product("c") == Economics(margin=3.0, stock=9.0, discount=0.5)


def test_a_table_may_lack_both_columns():
    economics = Economics(margin=3.0, margins={"old": 1.0}).for_products(pl.DataFrame({"product_id": ["a"]}))
    assert (economics.margins, economics.stocks) == ({}, {})
    stated = pl.DataFrame({"product_id": ["a", "b"], "stock": [2.0, None]})
    assert Economics(margin=3.0).for_products(stated).stocks == {"a": 2.0}
    Economics(margin=1.0, stock=5.0).check_stock(1)
    with pytest.raises(CampaignError) as refused:
        Economics(margin=1.0, stock=5.0).check_stock(3)
    assert str(refused.value) == (
        "One stock is stated for 3 products. "
        "Write the units of each into a column named stock of the file of new products."
    )
    with pytest.raises(CampaignError, match="stock of b is -2"):
        Economics(margin=1.0, stocks={"b": -2.0})


def test_a_measured_share_is_clipped_to_one():
    record = {"incremental_share": 0.5, "incremental_interval": {"low": -2.0, "high": 1.5}}
    assert IncrementalShare.from_measurement(record) == IncrementalShare(-1.0, 0.5, 1.0, measured=True)
    with pytest.raises(CampaignError) as refused:
        IncrementalShare.from_measurement({"incremental_share": 0.5, "incremental_interval": None})
    assert str(refused.value) == (
        "The measured campaign has no incremental share: none of the contacted customers bought. "
        "Assume a range instead."
    )
    assert IncrementalShare.from_measurement({**record, "incremental_share": 1.0}).expected == 1.0


def test_bounds_of_a_share_may_be_equal_and_reach_one():
    assert IncrementalShare(-1.0, 1.0, 1.0).low == -1.0
    assert (IncrementalShare().low, IncrementalShare().expected, IncrementalShare().high) == (0.1, 0.3, 0.5)
    with pytest.raises(CampaignError) as refused:
        IncrementalShare(0.2, 0.1, 0.3)
    assert str(refused.value) == (
        "The incremental share is 0.2, 0.1, 0.3. "
        "Give low, expected and high in rising order, none above 1 (of every buyer) or below -1."
    )
