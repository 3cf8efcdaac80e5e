"""The past launches most similar to a new product: closed ones before the cutoff, with the buyers they had."""

from __future__ import annotations

from typing import Any

import polars as pl

from frontrow.launch.audience.similar_launches import SIMILAR_LAUNCH_SCHEMA, find_similar_launches
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.settings import LaunchSettings
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

SETTINGS = LaunchSettings(horizon_days=30, catalogue_start_days=20, min_buyers=3)
TITLES = {"cup": "Old tin cup", "a": "Blue glass mug", "b": "Red glass mug", "c": "Oak chair", "d": "Green glass mug"}


def past(**types: str) -> History:
    """A cup from day 0, then launches: a on day 100 (4 buyers), b on 130 (1 buyer), c on 160, d on 290; end 300."""
    lines = [(customer, "cup", 0) for customer in range(1, 7)]
    lines += [(customer, "a", 100 + customer) for customer in range(1, 5)]
    lines += [(1, "a", 100), (1, "b", 130), (2, "c", 160), (3, "c", 161), (4, "d", 290), (1, "cup", 299)]
    products = {name: {"title": title, "product_type": types.get(name)} for name, title in TITLES.items()}
    return hand_made_shop(lines, products).as_of()


def new(history: History, **values: Any) -> pl.DataFrame:
    row = {"product_id": "new", "title": "White glass mug", "launch_day": history.cutoff_day, "price": 10.0, **values}
    return conform(pl.DataFrame([row], infer_schema_length=None), NEW_PRODUCT_SCHEMA)


def test_only_launches_whose_window_is_closed_with_the_buyers_they_had() -> None:
    history = past()
    launches = find_similar_launches(history, new(history), SETTINGS)
    assert launches.schema == SIMILAR_LAUNCH_SCHEMA
    # both mugs that were launched in time; not the cup of the first day, not the mug launched ten days ago
    assert launches.sort("similar_product_id").select("similar_product_id", "buyers").rows() == [("a", 4), ("b", 1)]
    assert launches["rank"].to_list() == [1, 2]
    assert (launches["launch_date"][0].toordinal() - 719163) - DAY_ZERO in {100, 130}


def test_what_came_later_changes_nothing() -> None:
    history = past().as_of(DAY_ZERO + 150)
    assert find_similar_launches(history, new(history), SETTINGS)["similar_product_id"].to_list() == ["a"]


def test_the_same_type_counts_where_no_word_is_shared() -> None:
    history = past(c="Furniture")
    launches = find_similar_launches(history, new(history, title="Sofa", product_type="Furniture"), SETTINGS)
    assert launches["similar_product_id"].to_list() == ["c"]


def test_an_equal_price_decides_between_equal_texts() -> None:
    lines = [(customer, "cup", 0) for customer in range(1, 7)] + [(1, "a", 100), (1, "b", 100), (1, "cup", 299)]
    products = {"a": {"title": "Glass mug one"}, "b": {"title": "Glass mug two"}}
    shop = hand_made_shop(lines, products)
    prices = pl.when(pl.col("product_id") == "b").then(99.0).otherwise(10.0)
    history = type(shop)(
        shop.orders.with_columns(price=prices), shop.products, shop.customers, shop.settings, shop.rules
    ).as_of()
    for price, nearest in ((10.0, "a"), (99.0, "b")):
        launches = find_similar_launches(history, new(history, title="Glass mug", price=price), SETTINGS)
        assert launches["similar_product_id"][0] == nearest


def test_nothing_similar_and_no_launch_are_no_rows() -> None:
    history = past()
    assert find_similar_launches(history, new(history, title="Quantum"), SETTINGS).is_empty()
    young = hand_made_shop([(1, "cup", 0)]).as_of()
    assert find_similar_launches(young, new(young), SETTINGS).is_empty()


def test_a_product_is_not_similar_to_itself() -> None:
    history = past()
    launches = find_similar_launches(history, new(history, product_id="a", title="Blue glass mug"), SETTINGS)
    assert launches["similar_product_id"].to_list() == ["b"]
