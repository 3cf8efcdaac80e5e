"""Who gets a list: active customers, everyone, and whoever a file names, however little is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from frontrow.recommend.customers import CustomerSelection
from frontrow.recommend.listed_customers import select_active, select_everyone, select_named
from frontrow.recommend.registry import DEFAULT_MODEL
from frontrow.recommend.trained import TrainedRecommender
from frontrow.testing.shops import hand_made_shop

LINES = [(7, "pot", 0), (7, "lamp", 0), (8, "pot", 480), (9, "bulb", 490), (9, "pot", 499)]
SHOP_CUSTOMERS = pl.DataFrame({"customer_id": [9, 7, 8, 12], "source_id": ["c", "a", "b", "d"]})
"""Customer 7 last ordered 500 days ago, customer 12 never."""


@pytest.fixture(scope="module")
def trained() -> TrainedRecommender:
    return TrainedRecommender.fit(hand_made_shop(LINES).as_of(), "own_repeats")


def test_active_customers_are_listed_and_the_others_counted(trained: TrainedRecommender) -> None:
    listed = select_active(trained, SHOP_CUSTOMERS, 365)
    assert listed.rows.rows() == [(8, "b"), (9, "c")]
    assert (listed.left_out, listed.inactive, listed.without_order) == (2, 0, 0)
    # customer 8 was erased since the model was trained
    assert select_active(trained, SHOP_CUSTOMERS.filter(pl.col("customer_id") != 8), 365).rows.rows() == [(9, "c")]


def test_everyone_is_listed_with_what_is_known(trained: TrainedRecommender) -> None:
    listed = select_everyone(trained, SHOP_CUSTOMERS, 365)
    assert listed.rows["customer_id"].to_list() == [7, 8, 9, 12]
    assert listed.rows["source_id"].to_list() == ["a", "b", "c", "d"]
    assert listed.queries.rows.tolist() == [0, 1, 2, -1]
    assert (listed.left_out, listed.inactive, listed.without_order) == (0, 1, 1)


def test_whoever_is_named_is_listed(trained: TrainedRecommender) -> None:
    listed = select_named(trained, SHOP_CUSTOMERS, CustomerSelection(np.array([12, 7]), unknown=3), 365)
    assert listed.rows["customer_id"].to_list() == [12, 7]
    assert (listed.unknown, listed.inactive, listed.without_order) == (3, 1, 1)


@pytest.mark.parametrize("model", ["own_repeats", DEFAULT_MODEL])
def test_a_long_lost_customer_gets_what_is_still_sold_the_own_products_first(model: str) -> None:
    trained = TrainedRecommender.fit(hand_made_shop(LINES).as_of(), model)
    listed = select_everyone(trained, SHOP_CUSTOMERS, 365)
    lists = trained.recommend(listed.queries, k=2)
    assert (lists.columns[:, 0] >= 0).all()
    names = [trained.items["product_id"].gather(row).to_list() for row in lists.columns]
    assert names[0] == ["pot", "bulb"]  # the lamp was last sold 500 days ago
