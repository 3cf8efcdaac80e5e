"""Customers of each product against a plain loop over order lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.models.popularity.popularity import buyers
from frontrow.testing.recommenders import hand_made_interactions

TITLES = ["bulb", "pot", "seed"]
LINES = st.lists(st.tuples(st.integers(1, 3), st.sampled_from(TITLES), st.integers(0, 9)), min_size=1, max_size=12)


@pytest.mark.parametrize("days", [None, 1, 4])
@settings(max_examples=30)
@given(LINES)
def test_each_customer_counts_once_for_a_product(days: int | None, lines: list[tuple[int, str, int]]) -> None:
    interactions = hand_made_interactions(lines)
    after_last_day = max(day for *_, day in lines) + 1
    customers = {
        title: {customer for customer, other, day in lines if other == title and after_last_day - day <= (days or 99)}
        for title in TITLES
    }
    sold = interactions.products["title"].to_list()
    assert buyers(interactions, days).tolist() == [len(customers[title]) for title in sold]
