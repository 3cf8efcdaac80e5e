"""Two stages: the contract, the ranker's features (counted by hand), and training on closed windows only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.errors import ArtifactError, RecommendationError
from frontrow.models.interactions.interactions import Interactions, Queries, build_interactions
from frontrow.models.interactions.split import split_at
from frontrow.models.ranker import concatenate
from frontrow.models.rankers import boosted_trees, get_ranker
from frontrow.models.recommender import recommenders
from frontrow.models.recommenders import bought_together, own_repeats, similar_customers, two_stage
from frontrow.models.two_stage.candidates import Sources, find_candidates
from frontrow.models.two_stage.customer_tables import CUSTOMER_FEATURES, PAIR_FEATURES, customer_table, pair_table
from frontrow.models.two_stage.model import LEAST, TwoStage
from frontrow.models.two_stage.product_table import PRODUCT_FEATURES, product_table
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.models.two_stage.snapshot import build_snapshot
from frontrow.models.two_stage.source_scores import Top
from frontrow.models.two_stage.training_windows import TrainingRows, build_training_rows, build_training_windows
from frontrow.recommend.sources import find_probability_horizon
from frontrow.testing.artifacts import sign_artifact
from frontrow.testing.recommenders import RecommenderContract, customers_of, planted
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

SMALL = TwoStageSettings(windows=2, new_windows=3, least_new=20)
NOTHING = np.zeros(2, dtype=np.float32)
FEW_TREES = boosted_trees.Ranker(boosted_trees.TreeSettings(fits=1, trees=50))


class TestTwoStage(RecommenderContract):
    recommender = two_stage.Recommender(SMALL, FEW_TREES)
    floor = 0.6
    floor_new = 0.2


class TestBoughtTogether(RecommenderContract):
    recommender = bought_together.Recommender()
    floor = 0.03
    floor_new = 0.03


class TestSimilarCustomers(RecommenderContract):
    recommender = similar_customers.Recommender()
    floor = 0.45
    floor_new = 0.03


def interactions_of(*lines: tuple[int | None, str, int]) -> Interactions:
    return build_interactions(hand_made_shop(lines).as_of())


def test_pairs_are_counted_by_hand() -> None:
    interactions = interactions_of((7, "pot", 0), (7, "bulb", 10), (7, "pot", 20), (9, "bulb", 29))
    table = pair_table(interactions.purchases, DAY_ZERO + 30, 2)
    features = dict(zip(PAIR_FEATURES, table.of(np.array([0]), np.array([1]))[0].tolist(), strict=True))
    assert features == pytest.approx(
        {
            "orders": 2,
            **{f"orders_decayed_{days}d": 0.5 ** (30 / days) + 0.5 ** (10 / days) for days in (14, 45, 120, 365)},
            "log_units": 2 * np.log(2),
            "share_of_orders": 2 / 3,
            "days_since_bought": 10,
            "days_since_first_bought": 30,
            "orders_since_bought": 0,
            "days_between": 20,
            "due": 0.5,
        }
    )
    never = table.of(np.array([1]), np.array([1]))[0]
    assert (never[:7] == 0).all()
    assert np.isnan(never[7:]).all()


def test_purchases_are_listed_by_customer() -> None:
    interactions = interactions_of((7, "pot", 0), (7, "bulb", 10), (8, "pot", 1), (9, "bulb", 29))
    position, column = pair_table(interactions.purchases, interactions.cutoff_day, 2).bought(np.array([2, 0]))
    assert list(zip(position.tolist(), column.tolist(), strict=True)) == [(0, 0), (1, 0), (1, 1)]


def test_products_are_counted_by_hand() -> None:
    interactions = interactions_of((7, "pot", 0), (7, "pot", 395), (8, "pot", 398), (8, "bulb", 35))
    table = product_table(interactions.purchases, DAY_ZERO + 399, NOTHING)
    pot = dict(zip(PRODUCT_FEATURES, table[1].tolist(), strict=True))
    bulb = dict(zip(PRODUCT_FEATURES, table[0].tolist(), strict=True))
    assert (pot["buyers_7d"], pot["buyers"], pot["first_buyers_7d"], pot["orders_again_30d"]) == (2, 2, 1, 1)
    assert (pot["orders_3d"], pot["days_sold_30d"], pot["orders_per_buyer"]) == (1, 2, 1.5)
    assert (bulb["orders_next_month_last_year"], pot["orders_next_month_last_year"]) == (1, 0)
    assert (pot["days_since_first_sold"], pot["days_since_last_sold"]) == (399, 1)


def test_a_year_before_the_history_is_not_counted_as_zero() -> None:
    interactions = interactions_of((7, "pot", 0), (7, "bulb", 90))
    table = product_table(interactions.purchases, interactions.cutoff_day, NOTHING)
    assert np.isnan(table[:, PRODUCT_FEATURES.index("orders_next_month_last_year")]).all()


def test_customers_are_counted_by_hand() -> None:
    interactions = interactions_of((7, "pot", 0), (7, "bulb", 70), (7, "pot", 80), (8, "pot", 1))
    first_sold = np.array([20, 90], dtype=np.float32)
    table = customer_table(interactions.purchases, DAY_ZERO + 90, 2, NOTHING, NOTHING, first_sold)
    first = dict(zip(CUSTOMER_FEATURES, table[0].tolist(), strict=True))
    assert (first["lines"], first["orders"], first["lines_30d"], first["days_between_orders"]) == (3, 3, 2, 40)
    assert first["overdue"] == 0.25
    # the pot was new to the shop on day 0 and old on day 80; the bulb was new on day 70
    weight = [0.5 ** (days / 120) for days in (90, 20, 10)]
    assert first["share_of_new_products"] == pytest.approx((weight[0] + weight[1]) / (sum(weight) + 0.5))


def test_candidates_are_the_best_of_each_source_and_of_what_was_never_bought() -> None:
    rows = np.array([[4, 3, 2, 1, 0], [0, 0, 0, 1, 2]], dtype=np.float32)
    tops = [Top(row[None], np.arange(5)[None]) for row in rows]
    is_listed = np.array([True, True, True, False, True])
    is_bought = np.array([[True, False, False, False, False]])
    position, column = find_candidates(tops, is_listed, is_bought, 1)
    assert position.tolist() == [0, 0, 0]
    assert column.tolist() == [0, 1, 4]


def test_a_window_splits_customers_by_whether_they_ordered_before() -> None:
    interactions = interactions_of((7, "pot", 0), (7, "bulb", 10), (8, "pot", 12), (9, "bulb", 40))
    window = split_at(interactions, DAY_ZERO + 10, 30)
    returning, new_customers = window.returning, window.new
    assert window.before.lines.height == 1
    assert returning.queries.rows.tolist() == [0]
    assert returning.keys.tolist() == [0]
    assert new_customers.queries.rows.tolist() == [-1]
    assert new_customers.keys.tolist() == [1]


def test_training_rows_label_purchases_and_contain_nothing_of_the_window() -> None:
    planted_shop, interactions = planted()
    day = interactions.cutoff_day - 30
    window = split_at(interactions, day, 30)
    before, returning = window.before, window.returning
    sources = {"own_repeats": own_repeats.Recommender(), "popular_recent": recommenders()["popular_recent"]}
    snapshot, fitted = build_snapshot(before, 180), Sources.fit(sources, before, seed=0)
    training_rows = build_training_rows(snapshot, fitted, returning, 100, 1.0, np.random.default_rng(0))
    candidates, bought = (
        concatenate([rows.candidates for rows in training_rows]),
        np.concatenate([rows.bought for rows in training_rows]),
    )
    keys = candidates.query.astype(np.int64) * interactions.shape[1] + candidates.product
    np.testing.assert_array_equal(np.isin(keys, returning.keys), bought)
    assert np.isin(returning.keys, keys).mean() > 0.95
    # the same from a history that ends with the window's first day
    earlier = build_interactions(planted_shop.shop.as_of(planted_shop.shop.midnight(day)))
    columns = interactions.products["product_id"].to_list()
    rows = earlier.rows_of(interactions.customer_ids[returning.queries.rows])
    positions = np.array([columns.index(product_id) for product_id in earlier.products["product_id"]])
    again = build_snapshot(earlier, 180)
    np.testing.assert_allclose(again.customers[rows], snapshot.customers[returning.queries.rows], rtol=1e-6)
    np.testing.assert_allclose(again.products, snapshot.products[positions], rtol=1e-6)


def test_a_large_shop_has_fewer_candidates_for_customers_with_a_history() -> None:
    _, interactions = planted()
    customers = interactions.shape[0]
    few = replace(SMALL, large_shop_candidates=2)
    small, large = (
        two_stage.Recommender(replace(few, large_shop=size), FEW_TREES).fit(interactions, seed=0)
        for size in (customers, customers - 1)
    )
    assert small.settings.candidates == SMALL.candidates
    assert large.settings.candidates == 2

    def count_candidates(fitted: TwoStage, queries: Queries) -> int:
        return int((fitted.scores(queries) > LEAST - 1).sum())

    queries = interactions.queries()
    assert count_candidates(large, queries) < count_candidates(small, queries) / 2
    assert large.settings.new_candidates == small.settings.new_candidates


def test_windows_end_where_enough_customers_are_learned_from() -> None:
    _, interactions = planted()
    popular = {"popular_recent": recommenders()["popular_recent"]}

    def customers_of_windows(customers: int, least_windows: int) -> tuple[int, list[int], list[int]]:
        done: list[int] = []
        settings = TwoStageSettings(customers=customers, least_windows=least_windows, horizon_days=15)
        windows = build_training_windows(
            interactions, (popular, popular), settings, seed=0, progress=lambda number, _: done.append(number)
        )
        returning, new = (_count_customers(rows) for rows in (windows.returning, windows.new))
        return len(done), returning, new

    count, returning, new = customers_of_windows(15_000, 2)
    assert (count, len(returning)) == (6, 5)
    assert min(returning) > 300
    # half of the customers come from each of the last two windows, new ones from further back where they are few
    assert customers_of_windows(60, 2) == (6, [30, 30], [*new[:-1], 30])
    # a window that has fewer than its share leaves the rest to the next one
    assert customers_of_windows(returning[0] + 7, 1)[1] == [returning[0], 7]
    # where both kinds are complete, no further window is looked at: the fourth is the first with a new customer
    assert len(new) == 3
    assert customers_of_windows(1, 1) == (4, [1], [1])


def _count_customers(rows: Sequence[TrainingRows]) -> list[int]:
    return [len(part.candidates.history) for part in rows]


def test_probabilities_are_calibrated_on_the_next_days() -> None:
    """Predicted against actual purchases of those who order, though most negatives were left out of the fit."""
    planted_shop, interactions = planted()
    fitted = two_stage.Recommender(replace(SMALL, horizon_days=15), FEW_TREES).fit(interactions, seed=0)
    later_interactions = build_interactions(
        planted_shop.shop.as_of(planted_shop.shop.midnight(interactions.cutoff_day + 15))
    )
    later = later_interactions.lines.filter(pl.col("day") >= interactions.cutoff_day)
    pairs = later.select(
        pl.Series("customer", later_interactions.customer_ids[later["customer"].to_numpy()]),
        pl.Series("product", later_interactions.products["product_id"].gather(later["product"])),
    ).unique()
    rows = np.unique(interactions.rows_of(pairs["customer"].to_numpy()))
    rows = rows[rows >= 0]
    probability = 1 / (1 + np.exp(-fitted.scores(interactions.queries(rows)).astype(np.float64)))
    actual = pairs.filter(pl.col("customer").is_in(interactions.customer_ids[rows].tolist())).height
    assert probability.sum() == pytest.approx(actual, rel=0.25)


def test_with_too_little_data_the_first_source_is_used() -> None:
    interactions = interactions_of((7, "pot", 0), (8, "bulb", 1))
    fitted = two_stage.Recommender().fit(interactions, seed=0)
    assert fitted.returning.ranker is None
    repeats = own_repeats.Recommender().fit(interactions, seed=0)
    np.testing.assert_array_equal(fitted.scores(interactions.queries()), repeats.scores(interactions.queries()))


def test_a_shop_of_guests_only() -> None:
    guest_purchases = interactions_of((None, "pot", 0))
    fitted = two_stage.Recommender().fit(guest_purchases, seed=0)
    assert fitted.scores(customers_of(None, [-1])).shape == (1, 1)


def test_saved_without_an_order_line(tmp_path: Path) -> None:
    _, interactions = planted()
    two_stage.Recommender(SMALL, FEW_TREES).fit(interactions, seed=0).save(tmp_path)
    assert not list(tmp_path.rglob("*.parquet"))
    settings = json.loads((tmp_path / "manifest.json").read_text("utf-8"))["settings"]
    sign_artifact(tmp_path, {"settings": {**settings, "sources": ["os.path"]}})
    with pytest.raises(ArtifactError, match="damaged"):
        two_stage.Recommender(SMALL, FEW_TREES).load(tmp_path)


def test_every_ranker_makes_a_recommender() -> None:
    assert recommenders()["two_stage"].name == "two-stage, boosted trees"
    with pytest.raises(RecommendationError, match="boosted_trees"):
        get_ranker("nothing of the kind")


def test_each_listed_product_has_the_source_that_lists_it_highest() -> None:
    _, interactions = planted()
    fitted = two_stage.Recommender(SMALL, FEW_TREES).fit(interactions, seed=0)
    queries = interactions.queries(np.array([3]))
    repeat_scores = own_repeats.Recommender().fit(interactions, seed=0).scores(queries)[0]
    listed = np.array([[int(repeat_scores.argmax()), -1]])
    assert fitted.sources(queries, listed).tolist() == [["own_repeats", ""]]


def test_countries_have_the_same_code_in_every_window() -> None:
    _, interactions = planted()
    before = interactions.before(interactions.cutoff_day - 90)
    early = before.lines.filter(pl.col("country") != "DE")
    thinned = Interactions(before.cutoff_day, before.customer_ids, before.products, early)
    assert build_snapshot(thinned, 180, ("DE", "FR", "NL", "US")).shares.countries == ("DE", "FR", "NL", "US")
    assert build_snapshot(thinned, 180).shares.countries == ("FR", "NL", "US")


def test_a_sample_of_customers_keeps_their_purchases() -> None:
    _, interactions = planted()
    returning = split_at(interactions, interactions.cutoff_day - 30, 30).returning
    products = interactions.shape[1]
    sample = returning.sample(40, np.random.default_rng(0))
    assert len(sample.queries) == 40
    for query in range(40):
        row = int(np.flatnonzero(returning.queries.rows == sample.queries.rows[query])[0])
        bought = returning.keys[returning.keys // products == row] % products
        np.testing.assert_array_equal(sample.keys[sample.keys // products == query] % products, bought)
    assert returning.sample(10_000, np.random.default_rng(0)) is returning


def test_its_scores_are_marked_as_probabilities() -> None:
    _, interactions = planted()
    fitted = two_stage.Recommender(SMALL, FEW_TREES).fit(interactions, seed=0)
    assert find_probability_horizon(fitted) == SMALL.horizon_days


def test_a_fallback_of_the_ranker_gives_no_probabilities() -> None:
    _, interactions = planted()
    unranked = replace(SMALL, least_new=10**6)
    popular = replace(unranked, new_customers="popular_recent")
    few_customers = two_stage.Recommender(popular, FEW_TREES).fit(interactions, seed=0)
    learned = two_stage.Recommender(unranked, FEW_TREES).fit(interactions, seed=0)
    tiny_shop = two_stage.Recommender().fit(interactions_of((7, "pot", 0), (8, "bulb", 1)), seed=0)
    assert find_probability_horizon(learned) == SMALL.horizon_days
    assert find_probability_horizon(few_customers) is None
    assert find_probability_horizon(tiny_shop) is None


def test_trees_without_splits_leave_each_customer_the_first_source() -> None:
    _, interactions = planted()
    unsplit = boosted_trees.Ranker(boosted_trees.TreeSettings(trees=2, min_child_samples=10**6))
    scores = two_stage.Recommender(SMALL, unsplit).fit(interactions, seed=0).scores(interactions.queries())
    repeat_scores = own_repeats.Recommender().fit(interactions, seed=0).scores(interactions.queries())
    favourites = repeat_scores.argmax(axis=1)
    assert len(set(favourites.tolist())) > 1
    np.testing.assert_array_equal(scores.argmax(axis=1), favourites)
