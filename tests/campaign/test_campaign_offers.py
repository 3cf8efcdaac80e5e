"""Who is offered which launch: limits per customer and launch, and the value relative to the optimum."""

from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.optimize import linear_sum_assignment

from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.campaign.economics.offers import (
    OFFER_SCHEMA,
    allocate,
    count_factor,
    expected_demand,
    expected_profit,
    offers_profit_curve,
    select_offers,
)
from frontrow.campaign.economics.profit_curve import list_profit_curve
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience


def _offers(values: np.ndarray) -> pl.DataFrame:
    """Offers of a matrix of values, shape (customers, launches)."""
    customers, launches = values.shape
    columns = {
        "customer_id": np.repeat(np.arange(customers), launches),
        "product_id": [str(launch) for launch in range(launches)] * customers,
        "value": values.ravel(),
    }
    return pl.DataFrame(columns, schema=OFFER_SCHEMA)


def _capacities(capacities: list[int]) -> dict[str, int]:
    return {str(launch): capacity for launch, capacity in enumerate(capacities)}


def _total(offers: pl.DataFrame) -> float:
    return float(offers["value"].sum())


def _brute_force(values: np.ndarray, max_contacts: int, capacities: list[int]) -> float:
    """The best of all subsets of offers within the limits."""
    best = 0.0
    for chosen in product([False, True], repeat=values.size):
        mask = np.array(chosen).reshape(values.shape)
        if (mask.sum(axis=1) <= max_contacts).all() and (mask.sum(axis=0) <= capacities).all():
            best = max(best, float(values[mask].sum()))
    return best


values = st.integers(1, 5).flatmap(
    lambda customers: st.lists(
        st.lists(st.floats(-2, 10), min_size=3, max_size=3), min_size=customers, max_size=customers
    ).map(np.array)
)
capacity_lists = st.lists(st.integers(0, 5), min_size=3, max_size=3)
contact_lists = st.lists(st.integers(0, 4), min_size=5, max_size=5)


@given(values, st.integers(0, 3), capacity_lists, contact_lists)
def test_nobody_and_no_launch_is_over_the_limit(
    value_matrix: np.ndarray, max_contacts: int, capacities: list[int], contacts: list[int]
) -> None:
    log = pl.DataFrame({"customer_id": range(5), "contacts": contacts})
    allocation = allocate(
        _offers(value_matrix), max_contacts=max_contacts, contacted=log, capacities=_capacities(capacities)
    )
    for customer, count in allocation.group_by("customer_id").len().iter_rows():
        assert count + contacts[customer] <= max_contacts
    for launch, count in allocation.group_by("product_id").len().iter_rows():
        assert count <= capacities[int(launch)]
    assert (allocation["value"] > 0).all()
    assert allocation.select("customer_id", "product_id").is_unique().all()


@given(values, st.integers(1, 3), capacity_lists, contact_lists)
def test_never_worth_less_than_one_launch_alone(
    value_matrix: np.ndarray, max_contacts: int, capacities: list[int], contacts: list[int]
) -> None:
    log = pl.DataFrame({"customer_id": range(5), "contacts": contacts})
    offers, limits = _offers(value_matrix), _capacities(capacities)
    total = _total(allocate(offers, max_contacts=max_contacts, contacted=log, capacities=limits))
    for launch in limits:
        launch_offers = offers.filter(pl.col("product_id") == launch)
        assert (
            total >= _total(allocate(launch_offers, max_contacts=max_contacts, contacted=log, capacities=limits)) - 1e-9
        )


@given(values, st.integers(0, 3))
def test_the_allocation_is_optimal_without_capacities(value_matrix: np.ndarray, max_contacts: int) -> None:
    best_values = -np.sort(-np.maximum(value_matrix, 0), axis=1)[:, :max_contacts]
    assert _total(allocate(_offers(value_matrix), max_contacts=max_contacts)) == pytest.approx(best_values.sum())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("max_contacts", [1, 2])
def test_at_least_half_of_the_best_with_capacities(seed: int, max_contacts: int) -> None:
    rng = np.random.default_rng(seed)
    values, capacities = rng.normal(1, 2, size=(4, 3)), [1, 1, 2]
    best = _brute_force(values, max_contacts, capacities)
    total = _total(allocate(_offers(values), max_contacts=max_contacts, capacities=_capacities(capacities)))
    assert 0.5 * best <= total <= best + 1e-9


def test_the_guarantee_of_one_half_is_tight() -> None:
    """The pot takes the only customer who could have been offered the vase."""
    values = np.array([[1.01, 1.0], [1.0, 0.0]])
    total = _total(allocate(_offers(values), max_contacts=1, capacities={"0": 1, "1": 1}))
    assert (total, _brute_force(values, 1, [1, 1])) == (1.01, 2.0)


def test_close_to_the_assignment_of_scipy() -> None:
    """A launch of capacity c is c columns of the assignment."""
    shares = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        values, capacities = rng.random((60, 4)), rng.integers(3, 25, 4)
        columns = values[:, np.repeat(np.arange(4), capacities)]
        best = columns[linear_sum_assignment(columns, maximize=True)].sum()
        allocation = allocate(_offers(values), max_contacts=1, capacities=_capacities(capacities.tolist()))
        shares.append(_total(allocation) / best)
    assert max(shares) <= 1 + 1e-9
    assert min(shares) > 0.9
    assert np.mean(shares) > 0.97


def test_customers_not_in_the_log_had_no_contact() -> None:
    log = pl.DataFrame({"customer_id": [0, 99], "contacts": [1, 7]})
    allocation = allocate(_offers(np.ones((2, 1))), max_contacts=1, contacted=log)
    assert allocation["customer_id"].to_list() == [1]


def test_equal_values_repeat_whatever_the_order_of_rows() -> None:
    offers = _offers(np.ones((5, 3)))
    limits = _capacities([2, 2, 2])
    first = allocate(offers, max_contacts=1, capacities=limits)
    again = allocate(offers.sample(fraction=1.0, shuffle=True, seed=3), max_contacts=1, capacities=limits)
    assert first.equals(again)


def test_no_offers_give_no_rows() -> None:
    assert allocate(pl.DataFrame(schema=OFFER_SCHEMA), max_contacts=1).height == 0


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"max_contacts": -1}, "max_contacts is -1"),
        ({}, {"max_contacts": 1, "capacities": {"pot": -2}}, 'capacity of "pot" is -2'),
        ({"customer_id": [1, 1]}, {"max_contacts": 1}, "the same product twice"),
        ({"value": [1.0, float("nan")]}, {"max_contacts": 1}, "not a number"),
        ({"value": [1.0, None]}, {"max_contacts": 1}, "not a number"),
    ],
)
def test_impossible_values_are_refused(change: dict, options: dict, message: str) -> None:
    offers = pl.DataFrame({"customer_id": [1, 2], "product_id": ["pot"] * 2, "value": [1.0, 2.0], **change})
    with pytest.raises(CampaignError, match=message):
        allocate(offers, **options)


def scored(probabilities, product_id="new"):
    ids = range(1, len(probabilities) + 1)
    columns = {"product_id": product_id, "title": "New", "customer_id": ids, "rank": ids, "probability": probabilities}
    return pl.DataFrame(columns, schema_overrides={"probability": pl.Float64})


def test_everyone_scored_counts_once_with_the_likeliest_product():
    rows = pl.concat([scored([0.4, 0.1]), scored([0.3, 0.2], "other")])
    curve = expected_profit(Audience(rows, 2), Economics(margin=20.0))
    assert curve.table["expected_buyers"].to_list() == pytest.approx([0.0, 0.4, 0.6])


def test_money_needs_probabilities_and_stock_one_product():
    with pytest.raises(CampaignError, match="Without probabilities"):
        expected_profit(Audience(scored([None, None]), 2), Economics(margin=20.0))
    rows = pl.concat([scored([0.4]), scored([0.3], "other").with_columns(customer_id=pl.lit(2, pl.Int64))])
    with pytest.raises(CampaignError, match="One stock is stated for 2 products"):
        expected_profit(Audience(rows, 2), Economics(margin=20.0, stock=3))


def _audience(rows: pl.DataFrame, **expected: list) -> Any:
    columns = {"product_id": ["pot", "vase"], **expected}
    schema = {"product_id": pl.String, **dict.fromkeys(expected, pl.Float64)}
    return SimpleNamespace(rows=rows, expected_buyers=lambda: pl.DataFrame(columns, schema))


ROWS = pl.DataFrame(
    {
        "product_id": ["pot", "pot", "pot", "vase", "vase", "vase"],
        "customer_id": [1, 2, 3, 1, 2, 3],
        "rank": [1, 2, 3, 3, 2, 1],
        "probability": [0.6, 0.5, 0.1, 0.3, 0.4, 0.45],
        "title": ["Pot"] * 3 + ["Vase"] * 3,
    }
)
ALL = IncrementalShare(1.0, 1.0, 1.0)


def test_each_customer_gets_the_likeliest_product() -> None:
    offers = select_offers(ROWS)
    assert offers.columns == [*ROWS.columns, "value"]
    assert offers.select("customer_id", "product_id", "value").rows() == [
        (1, "pot", 0.6),
        (2, "pot", 0.5),
        (3, "vase", 0.45),
    ]


def test_without_probabilities_the_ranks_decide() -> None:
    offers = select_offers(ROWS.with_columns(probability=pl.lit(None, pl.Float64)))
    assert offers.select("customer_id", "product_id", "value").rows() == [
        (1, "pot", 1.0),
        (3, "vase", 1.0),
        (2, "pot", 0.5),
    ]


def test_a_product_that_earns_more_is_offered_first() -> None:
    economics = Economics(margin=10.0, incremental_share=ALL, margins={"vase": 20.0})
    offers = select_offers(ROWS, economics)
    assert offers.select("customer_id", "product_id", "value").rows() == [
        (3, "vase", 9.0),
        (2, "vase", 8.0),
        (1, "pot", 6.0),
    ]


def test_products_that_earn_nothing_come_last() -> None:
    economics = Economics(margin=1.0, discount=5.0, incremental_share=ALL, margins={"vase": 6.0})
    offers = select_offers(ROWS.filter(pl.col("customer_id") != 2), economics)
    assert offers["product_id"].to_list() == ["vase", "vase"]
    only_pot = select_offers(ROWS[:3], economics)
    assert only_pot["value"].to_list() == pytest.approx([0.6e-9, 0.5e-9, 0.1e-9])


def test_a_product_whose_stock_ends_goes_to_its_likeliest_buyers() -> None:
    audience = _audience(ROWS, expected_buyers=[1.2, 1.15])
    # after the first customer's .6 one pot is still demanded: .6 >= .55
    economics = Economics(margin=10.0, incremental_share=ALL, stocks={"pot": 0.55})
    offers = select_offers(ROWS, economics, audience)
    assert offers.select("customer_id", "product_id").rows() == [(1, "pot"), (3, "vase"), (2, "vase")]
    assert select_offers(ROWS, economics)["product_id"].to_list() == ["pot", "pot", "vase"]
    one_product = select_offers(ROWS[:3], economics, audience)
    assert one_product["customer_id"].to_list() == [1, 2, 3]
    without = ROWS.with_columns(probability=pl.when(pl.col("product_id") == "vase").then("probability"))
    assert select_offers(without, economics, audience).height == 3


def test_demand_before_the_campaign_uses_up_the_stock() -> None:
    half = IncrementalShare(0.5, 0.5, 0.5)
    economics = Economics(margin=10.0, incremental_share=half, stocks={"pot": 0.55})
    audience = _audience(ROWS, expected_buyers=[1.2, 1.15])
    # .6 pots are sold without any contact, so none is left to offer
    assert select_offers(ROWS, economics, audience)["product_id"].to_list() == ["vase"] * 3


def test_demand_is_that_of_each_product() -> None:
    assert expected_demand(_audience(ROWS, expected_buyers=[1.2, 1.15])) == {"pot": 1.2, "vase": 1.15}


@pytest.mark.parametrize(
    ("low", "expected", "high", "factors"),
    [
        ([1.0, 2.0], [2.0, 4.0], [3.0, 6.0], (0.5, 1.5)),
        ([3.0, 4.0], [2.0, 4.0], [6.0, 6.0], (1.0, 2.0)),
        ([1.0, 2.0], [2.0, 4.0], [1.0, 2.0], (0.5, 1.0)),
        ([0.0, 0.0], [2.0, 4.0], [3.0, 6.0], (1.0, 1.0)),
        ([1.0, 2.0], [0.0, 0.0], [3.0, 6.0], (1.0, 1.0)),
        ([1.0, 2.0], [2.0, 4.0], [0.0, 0.0], (1.0, 1.0)),
        ([None, None], [None, None], [None, None], (1.0, 1.0)),
    ],
)
def test_the_factor_of_the_count_by_hand(low: list, expected: list, high: list, factors: tuple[float, float]) -> None:
    assert count_factor(_audience(ROWS, low=low, expected_buyers=expected, high=high)) == factors


def test_the_profit_of_offers_is_that_of_a_list() -> None:
    audience = _audience(ROWS, low=[0.6, 0.6], expected_buyers=[1.2, 1.15], high=[2.4, 2.3])
    economics = Economics(margin=10.0, contact_cost=1.0, margins={"vase": 20.0})
    offers = select_offers(ROWS, economics, audience)
    curve = offers_profit_curve(offers, economics, audience)
    by_hand = list_profit_curve(offers, economics, {"pot": 1.2, "vase": 1.15}, (1.2 / 2.35, 2.0))
    assert_frame_equal(curve.table, by_hand.table)
    assert (curve.demand, curve.count_factor) == (by_hand.demand, pytest.approx(by_hand.count_factor))
    assert offers_profit_curve(offers, economics, audience, max_length=1).max_length == 1
    assert expected_profit(audience, economics).table.equals(curve.table)


def test_profit_needs_probabilities_and_a_stock_for_each_product() -> None:
    audience = _audience(ROWS, low=[0.6, 0.6], expected_buyers=[1.2, 1.15], high=[2.4, 2.3])
    offers = select_offers(ROWS)
    with pytest.raises(CampaignError, match="One stock is stated for 2 products"):
        offers_profit_curve(offers, Economics(margin=1.0, stock=5.0), audience)
    unknown = offers.with_columns(probability=pl.lit(None, pl.Float64))
    with pytest.raises(CampaignError, match="State a length"):
        offers_profit_curve(unknown, Economics(margin=1.0), audience)


def test_offers_are_taken_while_there_is_room_by_hand() -> None:
    offers = _offers(np.array([[3.0, 2.0, 1.0], [5.0, 4.0, 0.0], [2.0, 2.0, -1.0]]))
    allocation = allocate(offers, max_contacts=2, capacities={"0": 2})
    assert allocation.rows() == [(1, "0", 5.0), (1, "1", 4.0), (0, "0", 3.0), (0, "1", 2.0), (2, "1", 2.0)]
    log = pl.DataFrame({"customer_id": [1, 0], "contacts": [2, 1]})
    allocation = allocate(offers, max_contacts=2, contacted=log, capacities={"0": 1})
    assert allocation.rows() == [(0, "0", 3.0), (2, "1", 2.0)]
    assert allocate(offers, max_contacts=0).is_empty()
    assert allocate(offers, max_contacts=1, capacities={"0": 0, "1": 0})["product_id"].to_list() == ["2"]


def test_messages_say_what_to_do() -> None:
    offers = _offers(np.ones((1, 1)))
    for options, message in [
        ({"max_contacts": -2}, "max_contacts is -2. Give zero or more."),
        ({"max_contacts": 1, "capacities": {"pot": -1}}, 'The capacity of "pot" is -1. Give zero or more.'),
    ]:
        with pytest.raises(CampaignError) as refused:
            allocate(offers, **options)
        assert str(refused.value) == message
    with pytest.raises(CampaignError) as refused:
        allocate(pl.concat([offers, offers]), max_contacts=1)
    assert str(refused.value) == "A customer is offered the same product twice. Give each pair once."
    with pytest.raises(CampaignError) as refused:
        allocate(offers.with_columns(value=pl.lit(float("inf"))), max_contacts=1)
    assert str(refused.value) == "The value of an offer is not a number. Leave the offer out."
