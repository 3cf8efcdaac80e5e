"""Customers whom two campaigns reached within the window of one of them, counted from the logs."""

import datetime as dt
from itertools import permutations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.campaign.record.contact_log import CONTACT_LOG_SCHEMA, HELD_OUT_LOG_SCHEMA
from frontrow.campaign.record.overlaps import CampaignWindow, list_overlaps
from frontrow.testing.campaigns import hand_made_campaign

DAY = dt.date(2026, 3, 1)
SHOP = pl.DataFrame({"product_id": ["A7"], "title": ["Pot"], "aliases": [["Clay pot"]]})


def days(number):
    return DAY + dt.timedelta(days=number)


def contacts(*rows):
    """Customer, day, campaign."""
    table = [(customer, days(day), "email", key, key) for customer, day, key in rows]
    return pl.DataFrame(table, schema=dict(CONTACT_LOG_SCHEMA), orient="row")


def held_out(*rows):
    """Customer, title, last day, campaign."""
    table = [(customer, title.lower(), title, days(until), key, key) for customer, title, until, key in rows]
    return pl.DataFrame(table, schema=dict(HELD_OUT_LOG_SCHEMA), orient="row")


def planned(customers, title):
    rows = pl.DataFrame({"customer_id": customers, "group": "contacted", "product_id": title.lower()})
    return hand_made_campaign(rows, products=({"product_id": title.lower(), "title": title},))


def windows(*keys, length=30, **campaigns):
    return [
        CampaignWindow(key, days(start), days(start + length), campaigns.get(key)) for start, key in enumerate(keys)
    ]


def test_whoever_was_contacted_by_two_within_the_window_is_counted_once():
    log = contacts((1, 0, "spring"), (1, 10, "vases"), (2, 0, "spring"), (2, 30, "vases"), (3, 10, "vases"))
    overlaps = list_overlaps(log, held_out(), windows("spring", "vases"), SHOP)
    assert [(pair.first, pair.second, pair.contacted_by_both) for pair in overlaps.pairs] == [("spring", "vases", 1)]
    assert (overlaps.contacted_twice, overlaps.held_out_then_contacted, overlaps.same_product) == (1, 0, 0)
    assert overlaps.of("vases") == overlaps.of("spring") == overlaps.pairs
    assert not overlaps.of("autumn")


def test_two_contacts_on_one_day_are_one_overlap():
    log = contacts((1, 5, "spring"), (1, 5, "vases"))
    overlaps = list_overlaps(log, held_out(), windows("spring", "vases"), SHOP)
    assert [(pair.first, pair.second) for pair in overlaps.pairs] == [("spring", "vases")]


def test_a_contact_about_the_product_somebody_is_held_out_of_is_counted_under_any_of_its_names():
    log = contacts((1, 5, "vases"), (2, 5, "vases"), (3, 40, "vases"), (4, 5, "vases"))
    rows = held_out((1, "Pot", 30, "spring"), (3, "Pot", 30, "spring"), (4, "Lamp", 30, "spring"))
    later = planned([1, 2, 3, 4], "Clay pot")
    overlaps = list_overlaps(log, rows, windows("spring", "vases", vases=later), SHOP)
    (pair,) = overlaps.pairs
    assert (pair.held_out_then_contacted, pair.same_product) == (2, 1)
    assert (overlaps.held_out_then_contacted, overlaps.same_product) == (2, 1)


def test_without_the_folder_of_the_second_nobody_can_say_which_product_it_was():
    rows = held_out((1, "Pot", 30, "spring"))
    (pair,) = list_overlaps(contacts((1, 5, "vases")), rows, windows("spring", "vases"), SHOP).pairs
    assert pair.same_product is None


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 40), st.sampled_from("abc")), max_size=12),
    st.lists(st.tuples(st.integers(1, 4), st.just("Pot"), st.integers(1, 40), st.sampled_from("abc")), max_size=8),
)
def test_the_counts_are_those_of_a_plain_loop(contact_rows, held_rows):
    order, length = ["a", "b", "c"], 15
    overlaps = list_overlaps(contacts(*contact_rows), held_out(*held_rows), windows(*order, length=length), SHOP)
    counted = {(pair.first, pair.second): pair for pair in overlaps.pairs}
    for first, second in permutations(order, 2):
        end, start = order.index(first) + length, order.index(first)
        later = [(customer, day) for customer, day, key in contact_rows if key == second]
        both = {
            customer
            for customer, day, key in contact_rows
            for other, other_day in later
            if key == first and other == customer and other_day < end
            if (other_day > day) or (other_day == day and first < second)
        }
        reached = {
            customer
            for customer, _, until, key in held_rows
            for other, other_day in later
            if key == first and other == customer and start <= other_day < until
        }
        pair = counted.get((first, second))
        sizes = (0, 0) if pair is None else (pair.contacted_by_both, pair.held_out_then_contacted)
        assert sizes == (len(both), len(reached))
