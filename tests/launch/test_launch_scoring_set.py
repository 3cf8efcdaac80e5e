"""The scoring set of new products, computed by hand."""

import math

import polars as pl
import pytest

from frontrow.engines.frames import collect
from frontrow.features.exact import LOG_PRICE
from frontrow.features.launch import LAUNCH_FEATURES
from frontrow.launch.life_cycle import LAUNCH, TOO_FEW_BUYERS
from frontrow.launch.model.scoring_set import ScoringSet, build_scoring_set

SCHEMA = {
    "product_id": pl.String,
    "title": pl.String,
    "product_type": pl.String,
    "vendor": pl.String,
    "tags": pl.String,
    "price": pl.Float64,
}
CYCLE_COLUMNS = {"first_day": pl.Int32, "launch_day": pl.Int32, "buyers_in_horizon": pl.Int64, "verdict": pl.String}
PRODUCT_COLUMNS = {"cutoff_day": pl.Int32, "launch_day": pl.Int32}


def _cycles(*rows: dict) -> pl.DataFrame:
    defaults = {"verdict": LAUNCH, "buyers_in_horizon": 5}
    table = [{"launch_day": row["first_day"], "title": row["product_id"], **defaults, **row} for row in rows]
    return pl.DataFrame(table, schema={**SCHEMA, **CYCLE_COLUMNS})


def _new_products(*rows: dict) -> pl.DataFrame:
    table = [{"title": row["product_id"], "launch_day": row["cutoff_day"], **row} for row in rows]
    return pl.DataFrame(table, schema={**SCHEMA, **PRODUCT_COLUMNS})


def _row(scoring_set: ScoringSet, launch: int = 0) -> dict:
    return scoring_set.launches.row(launch, named=True)


def test_launches_keep_the_given_order() -> None:
    scoring_set = build_scoring_set(
        _new_products(*({"product_id": product_id, "cutoff_day": 9} for product_id in "cab")), _cycles(), 30
    )
    assert scoring_set.launches["launch"].to_list() == [0, 1, 2]
    assert scoring_set.launches["product_id"].to_list() == ["c", "a", "b"]
    product_ids = scoring_set.neighbourhood.catalogue.product_ids[scoring_set.positions]
    assert product_ids.tolist() == ["c", "a", "b"]
    assert set(LAUNCH_FEATURES) <= set(scoring_set.launches.columns)


def test_price_and_season() -> None:
    new_products = _new_products(
        {"product_id": "a", "cutoff_day": 0, "launch_day": 0, "price": 9.99}, {"product_id": "b", "cutoff_day": 91}
    )
    scoring_set = build_scoring_set(new_products, _cycles(), 30)
    assert _row(scoring_set)["log_price"] == pytest.approx(math.log(10), abs=1 / LOG_PRICE)
    assert _row(scoring_set, 1)["log_price"] is None
    assert (_row(scoring_set)["season_sine"], _row(scoring_set)["season_cosine"]) == (0.0, 1.0)
    assert _row(scoring_set, 1)["season_sine"] == pytest.approx(1.0, abs=1e-3)


def test_a_vendor_counts_once_there_is_a_second_one() -> None:
    """Even if the life cycles contain a vendor that came later."""
    cycles = _cycles(
        {"product_id": "a", "first_day": 10, "vendor": "Ann"},
        {"product_id": "b", "first_day": 20, "vendor": "Ann"},
        {"product_id": "c", "first_day": 50, "vendor": "Bob"},
    )
    vendors = [
        _row(build_scoring_set(_new_products({"product_id": "x", "cutoff_day": cutoff, "vendor": "Ann"}), cycles, 30))[
            "vendor"
        ]
        for cutoff in (30, 50, 51)
    ]
    assert vendors == [None, None, "Ann"]
    one_vendor = build_scoring_set(
        _new_products({"product_id": "x", "cutoff_day": 99, "vendor": "Ann"}), cycles[:2], 30
    )
    assert _row(one_vendor)["vendor"] is None


def test_the_new_product_of_a_new_vendor_is_no_second_vendor() -> None:
    cycles = _cycles({"product_id": "a", "first_day": 10, "vendor": "Ann"})
    new_products = _new_products(
        *(
            {"product_id": product_id, "cutoff_day": 90, "vendor": vendor}
            for product_id, vendor in (("x", "Ann"), ("y", "Bob"))
        )
    )
    assert build_scoring_set(new_products, cycles, 30).launches["vendor"].to_list() == [None, None]


def test_similarity_and_success_of_the_nearest() -> None:
    cycles = _cycles(
        {"product_id": "red pot", "first_day": 10, "buyers_in_horizon": 3},
        {"product_id": "red  pot", "first_day": 10, "buyers_in_horizon": 9, "verdict": TOO_FEW_BUYERS},
        {"product_id": "red   pot", "first_day": 61, "buyers_in_horizon": 99},
        {"product_id": "tin lid", "first_day": 10, "buyers_in_horizon": 99},
    )
    row = _row(build_scoring_set(_new_products({"product_id": "x", "title": "red pot", "cutoff_day": 90}), cycles, 30))
    # of three products of the same title one was not a launch, and the window of one is open until day 91
    assert row["closeness_of_nearest"] == pytest.approx(2.0)
    assert row["buyers_of_nearest"] == pytest.approx(math.log(4))
    later = _row(
        build_scoring_set(_new_products({"product_id": "x", "title": "red pot", "cutoff_day": 91}), cycles, 30)
    )
    assert later["buyers_of_nearest"] == pytest.approx((math.log(4) + math.log(100)) / 2)


def test_a_product_without_similar_ones() -> None:
    row = _row(
        build_scoring_set(
            _new_products({"product_id": "x", "title": "zzz", "cutoff_day": 9}),
            _cycles({"product_id": "a", "first_day": 1}),
            30,
        )
    )
    assert row["closeness_of_nearest"] is None
    assert row["buyers_of_nearest"] is None


def test_tied_neighbours_are_sorted_by_their_first_sale() -> None:
    cycles = _cycles(
        {"product_id": "c", "first_day": 1, "title": "red pot"},
        {"product_id": "a", "first_day": 2, "title": "red pot"},
        {"product_id": "b", "first_day": 2, "title": "red pot"},
    )
    new_product = {"product_id": "x", "cutoff_day": 9, "title": "red pot"}
    one_launch = build_scoring_set(_new_products(new_product), cycles, 30).neighbours
    assert one_launch["product_id"].to_list() == ["c", "a", "b"]
    # one of them is in the scoring set as well, as in a back-test
    two_launches = build_scoring_set(
        _new_products(new_product, {"product_id": "c", "cutoff_day": 1, "title": "red pot"}), cycles, 30
    ).neighbours
    assert two_launches.equals(one_launch)


def test_categories_and_vendors_leave_out_missing_values() -> None:
    cycles = _cycles(
        {"product_id": "a", "first_day": 1, "title": "Red Pot", "vendor": "Ann"},
        {"product_id": "b", "first_day": 1, "title": "!", "vendor": ""},
        {"product_id": "c", "first_day": 1, "title": "Lid", "product_type": "Tins"},
    )
    scoring_set = build_scoring_set(
        _new_products({"product_id": "x", "cutoff_day": 9, "title": "Blue Pot"}), cycles, 30
    )
    assert dict(scoring_set.categories.iter_rows()) == {"a": "pot", "c": "tins", "x": "pot"}
    assert dict(scoring_set.vendors.iter_rows()) == {"a": "Ann"}
    assert _row(scoring_set)["category"] == "pot"
    without_title = build_scoring_set(_new_products({"product_id": "x", "cutoff_day": 9, "title": "!"}), cycles, 30)
    assert _row(without_title)["category"] is None


def test_tables_hold_the_selected_launches_only() -> None:
    cycles = _cycles({"product_id": "a", "first_day": 1, "title": "red pot"})
    new_products = _new_products(
        *({"product_id": product_id, "cutoff_day": 9, "title": "red pot"} for product_id in "xyz")
    )
    scoring_set = build_scoring_set(new_products, cycles, 30)
    tables = scoring_set.tables(scoring_set.launches[1:2])
    assert collect(tables.launches)["product_id"].to_list() == ["y"]
    assert collect(tables.neighbours)["launch"].to_list() == [1]
