"""Who hears of which launch: nobody too often, no launch too much, and what it is worth against the best there is."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.offers import OFFER_SCHEMA, allocate, expected_profit
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience


def _offers(values: np.ndarray) -> pl.DataFrame:
    """Offers of a matrix of values, shape (customers, launches)."""
    customers, launches = values.shape
    columns = {
        "customer_id": np.repeat(np.arange(customers), launches),
        "product_id": [str(one) for one in range(launches)] * customers,
        "value": values.ravel(),
    }
    return pl.DataFrame(columns, schema=OFFER_SCHEMA)


def _capacities(capacities: list[int]) -> dict[str, int]:
    return {str(launch): capacity for launch, capacity in enumerate(capacities)}


def _total(taken: pl.DataFrame) -> float:
    return float(taken["value"].sum())


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
    worth: np.ndarray, max_contacts: int, capacities: list[int], contacts: list[int]
) -> None:
    log = pl.DataFrame({"customer_id": range(5), "contacts": contacts})
    taken = allocate(_offers(worth), max_contacts=max_contacts, contacted=log, capacities=_capacities(capacities))
    for customer, count in taken.group_by("customer_id").len().iter_rows():
        assert count + contacts[customer] <= max_contacts
    for launch, count in taken.group_by("product_id").len().iter_rows():
        assert count <= capacities[int(launch)]
    assert (taken["value"] > 0).all()
    assert taken.select("customer_id", "product_id").is_unique().all()


@given(values, st.integers(1, 3), capacity_lists, contact_lists)
def test_never_worth_less_than_one_launch_alone(
    worth: np.ndarray, max_contacts: int, capacities: list[int], contacts: list[int]
) -> None:
    log = pl.DataFrame({"customer_id": range(5), "contacts": contacts})
    offers, limits = _offers(worth), _capacities(capacities)
    together = _total(allocate(offers, max_contacts=max_contacts, contacted=log, capacities=limits))
    for launch in limits:
        alone = offers.filter(pl.col("product_id") == launch)
        assert together >= _total(allocate(alone, max_contacts=max_contacts, contacted=log, capacities=limits)) - 1e-9


@given(values, st.integers(0, 3))
def test_the_best_there_is_without_capacities(worth: np.ndarray, max_contacts: int) -> None:
    each = -np.sort(-np.maximum(worth, 0), axis=1)[:, :max_contacts]
    assert _total(allocate(_offers(worth), max_contacts=max_contacts)) == pytest.approx(each.sum())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("max_contacts", [1, 2])
def test_at_least_half_of_the_best_with_capacities(seed: int, max_contacts: int) -> None:
    rng = np.random.default_rng(seed)
    worth, capacities = rng.normal(1, 2, size=(4, 3)), [1, 1, 2]
    best = _brute_force(worth, max_contacts, capacities)
    found = _total(allocate(_offers(worth), max_contacts=max_contacts, capacities=_capacities(capacities)))
    assert 0.5 * best <= found <= best + 1e-9


def test_half_is_the_most_that_can_be_said() -> None:
    """The pot takes the only customer whom the vase could have had."""
    worth = np.array([[1.01, 1.0], [1.0, 0.0]])
    found = _total(allocate(_offers(worth), max_contacts=1, capacities={"0": 1, "1": 1}))
    assert (found, _brute_force(worth, 1, [1, 1])) == (1.01, 2.0)


def test_close_to_the_assignment_of_scipy() -> None:
    """A launch of capacity c is c columns of the assignment."""
    shares = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        worth, capacities = rng.random((60, 4)), rng.integers(3, 25, 4)
        columns = worth[:, np.repeat(np.arange(4), capacities)]
        best = columns[linear_sum_assignment(columns, maximize=True)].sum()
        taken = allocate(_offers(worth), max_contacts=1, capacities=_capacities(capacities.tolist()))
        shares.append(_total(taken) / best)
    assert max(shares) <= 1 + 1e-9
    assert min(shares) > 0.9
    assert np.mean(shares) > 0.97


def test_customers_not_in_the_log_had_no_contact() -> None:
    log = pl.DataFrame({"customer_id": [0, 99], "contacts": [1, 7]})
    taken = allocate(_offers(np.ones((2, 1))), max_contacts=1, contacted=log)
    assert taken["customer_id"].to_list() == [1]


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
def test_what_cannot_be_is_told(change: dict, options: dict, message: str) -> None:
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
