"""The arithmetic of the learning curve: what is learned from, what is tested, and the intervals."""

import datetime as dt
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import few_launches
import few_launches_cells
import few_launches_curve as curve
import few_launches_season as season
import few_launches_shops
import few_launches_table

SETTINGS = LaunchSettings()
WEEKS = np.repeat(np.arange(12), 3).tolist()


@pytest.fixture(scope="module")
def shop() -> Shop:
    return SyntheticShop(customers=1_500, products=60, launches_a_month=1.5, lines_a_year=4.0, seed=2).shop()


@pytest.fixture(scope="module")
def split(shop: Shop) -> curve.LaunchSplit:
    return curve.split_launches(shop.as_of(), SETTINGS)


def swap_customers_from(shop: Shop, day: int) -> Shop:
    """The same shop, but from a day on every order is another customer's."""
    orders = shop.orders.collect()
    ids = orders["customer_id"]
    swapped = pl.when(pl.col("day") >= day).then(ids.max() + 1 - pl.col("customer_id")).otherwise("customer_id")
    return replace(shop, orders=orders.with_columns(customer_id=swapped.cast(ids.dtype)).lazy())


def test_no_launch_is_both_learned_from_and_tested(split):
    assert not set(split.training["product_id"]) & set(split.test["product_id"])
    assert split.test["launch_day"].min() == split.first_test_day


def test_every_window_of_the_training_launches_closes_before_the_test(split):
    assert split.training["launch_day"].max() + SETTINGS.horizon_days <= split.first_test_day


def test_the_test_is_the_last_30_percent_of_the_launches(shop, split):
    first_sales = shop.lines().group_by("product_id").agg(pl.col("day").min()).collect()
    later = first_sales.filter(pl.col("day") >= split.first_test_day)["product_id"]
    assert set(split.test["product_id"]) <= set(later)
    until_test = first_sales.filter(pl.col("day") < split.first_test_day)["product_id"]
    assert set(split.training["product_id"]) <= set(until_test)
    share = split.test.height / (split.training.height + split.test.height)
    assert 0.3 <= share < 0.45  # more than .3 where launches of the last days before the test are not closed


def test_the_last_launches_are_learned_from(split):
    last = split.last_training(3)
    others = split.training.filter(~pl.col("product_id").is_in(last["product_id"].implode()))
    assert last.height == 3
    assert others["launch_day"].max() <= last["launch_day"].min()
    assert split.last_training(None).height == split.training.height


def test_rows_to_learn_from_do_not_know_what_comes_after_the_start_of_the_test(shop, split):
    changed = swap_customers_from(shop, split.first_test_day)
    rows, others = (curve.build_split_training_rows(version.as_of(), split, SETTINGS) for version in (shop, changed))
    assert_frame_equal(rows, others)
    assert set(rows["product_id"]) == set(split.training["product_id"])
    assert curve.split_launches(changed.as_of(), SETTINGS).first_test_day >= split.first_test_day


def test_a_test_launch_does_not_know_what_comes_after_its_midnight(shop, split):
    launches, others = (
        curve.build_ranked_launches(
            swap_customers_from(shop, day).as_of() if day else shop.as_of(), split, SETTINGS, seed=0
        )
        for day in (0, split.test["launch_day"].max())
    )
    features = {launch.product_id: launch.features for launch in launches}
    last = max(launches, key=lambda launch: launch.launch_day)
    same = {launch.product_id: launch for launch in others}
    compared = [name for name in features if name in same]
    assert last.product_id in features
    assert compared
    for name in compared:
        np.testing.assert_array_equal(features[name], same[name].features)


def test_a_planted_difference_is_within_its_interval():
    rng = np.random.default_rng(1)
    theirs = rng.uniform(0.05, 0.15, len(WEEKS))
    noise = rng.normal(0, 0.01, 12)[WEEKS]
    value, low, high = curve.paired_difference(theirs + 0.02 + noise, theirs, WEEKS)
    assert low < 0.02 < high
    assert low > 0
    assert value == pytest.approx(0.02 + noise.mean())
    apart = curve.paired_difference(theirs + 0.02 + noise, theirs, list(range(len(WEEKS))))
    assert high - low > 1.4 * (apart.high - apart.low)  # launches of one week are one draw of the noise


def test_a_planted_ratio_has_no_spread_where_every_launch_has_it():
    theirs = np.linspace(0.05, 0.15, len(WEEKS))
    assert curve.paired_ratio(1.2 * theirs, theirs, WEEKS) == pytest.approx((1.2, 1.2, 1.2))
    assert curve.paired_difference(theirs, theirs, WEEKS) == (0.0, 0.0, 0.0)


def test_launch_weeks_begin_on_monday():
    monday = 4  # 1970-01-05
    assert curve.launch_weeks([monday - 1, monday, monday + 6, monday + 7]).tolist() == [0, 1, 1, 2]


def make_cell(n: str, seed: int = 0, **values: list[float]) -> few_launches_cells.Cell:
    names = {"ours": few_launches_table.LAUNCH_MODEL, "text": "text", "lines": "lines"}
    named = {names[name]: numbers for name, numbers in values.items()}
    return few_launches_cells.Cell("demo", seed, n, 9, ["a", "b"], [20_000, 20_010], named, 0.1)


def test_the_best_baseline_of_the_same_seeds_is_compared():
    cells = [
        make_cell(few_launches_cells.BASELINES, text=[0.1, 0.1], lines=[0.05, 0.05]),
        make_cell(few_launches_cells.BASELINES, 1, text=[0.0, 0.0], lines=[0.9, 0.9]),
        make_cell("5", ours=[0.2, 0.1]),
    ]
    summary = few_launches_table.summarize_shop(cells, ["0", "5"])
    assert summary["curve"][0] == {"n": "0", "seeds": 0}
    assert summary["curve"][1]["best_baseline"] == "text"
    assert summary["curve"][1]["ratio"]["value"] == pytest.approx(1.5)
    assert list(summary["baselines"]) == ["lines", "text"]
    over_shops = few_launches_table.summarize_counts([summary], ["0", "5"])
    assert [(row["shops"], row["mean_ratio"]) for row in over_shops] == [(0, None), (1, pytest.approx(1.5))]


def test_results_are_read_back_unless_the_code_is_other(tmp_path):
    file = tmp_path / "cells.jsonl"
    cells = few_launches_cells.CellFile(file)
    cells.add(make_cell("5", ours=[0.2, 0.1]))
    with file.open("a") as handle:
        handle.write(json.dumps(json.loads(file.read_text()) | {"n": "10", "code": "other"}) + '\n{"shop": "de')
    again = few_launches_cells.CellFile(file)
    assert again.get("demo", 0, "5") == cells.get("demo", 0, "5")
    assert again.get("demo", 0, "10") is None
    again.add(make_cell("20", ours=[0.3, 0.1]))
    assert few_launches_cells.CellFile(file).get("demo", 0, "20") is not None


def test_nothing_is_computed_for_as_many_launches_as_there_are(tmp_path):
    cells = few_launches_cells.CellFile(tmp_path / "cells.jsonl")
    for n in (few_launches_cells.BASELINES, "0", "5", few_launches_cells.ALL):
        cells.add(make_cell(n, ours=[0.2, 0.1]))
    computed = few_launches.compute_shop("demo", 0, ["0", "5", "9", "40", few_launches_cells.ALL], cells)
    assert [cell.n for cell in computed] == [few_launches_cells.BASELINES, "0", "5", few_launches_cells.ALL]


def test_a_shop_of_codes_has_no_word_of_its_titles(monkeypatch):
    small = SyntheticShop(customers=80, products=30, seed=1).shop()
    monkeypatch.setattr(few_launches_shops, "make_demo", lambda _seed: small)
    products = few_launches_shops.make_codes(1).products
    assert products["title"].str.contains(r"^\d{4}$").all()
    assert products["title"].n_unique() == small.products["title"].n_unique()
    assert products["tags"].null_count() == products.height
    assert few_launches_shops.make_no_types(1).products["product_type"].null_count() == products.height
    assert few_launches_shops.make_one_vendor(1).products["vendor"].n_unique() == 1


@pytest.mark.parametrize(
    ("launch_date", "turn"),
    [
        (dt.date(2024, 10, 19), None),
        (dt.date(2024, 10, 20), season.FIRST),
        (dt.date(2024, 11, 16), None),
        (dt.date(2025, 11, 15), season.AGAIN),
        (dt.date(2024, 12, 15), season.AFTER),
        (dt.date(2025, 1, 10), season.AFTER),
        (dt.date(2025, 1, 11), None),
    ],
)
def test_a_launch_stands_at_a_turn_of_the_season(launch_date, turn):
    first_day = (dt.date(2024, 1, 1) - season.EPOCH).days
    assert season.name_turn((launch_date - season.EPOCH).days, first_day) == turn
