"""Features, neighbours and the scored customers at a cutoff are exactly the same whatever comes after it."""

import datetime as dt
from functools import cache

import numpy as np
import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from frontrow.features.launch import FEATURES
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.episodes import (
    build_block_episodes,
    build_block_purchases,
    build_features,
    select_scored_customers,
)
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings, GradientBoosting
from frontrow.schema import conform
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.models import ALL_FEATURES
from frontrow.testing.shops import DAY_ZERO, hand_made_shop, order_lines

CUTOFF = 60
SETTINGS = LaunchSettings(horizon_days=10, active_days=40, catalogue_start_days=5, min_buyers=1)
WORDS = ("red", "blue", "pot", "cup", "tin")
# Many products share their title, so that neighbours tie.
CATALOGUE = {
    f"p{i:02d}": {
        "title": f"{WORDS[i % 2]} {WORDS[2 + i % 3]}",
        "product_type": [None, "Pots", "Cups"][i % 3],
        "vendor": [None, "Ann", "Bob", "Cem"][i % 4],
        "price": 5.0 + i,
    }
    for i in range(40)
}
LAUNCHES = ("p37", "p38", "p39")
"""Never sold before the cutoff; launched at it."""

_customers = st.one_of(st.none(), st.integers(1, 12))
_earlier_lines = st.tuples(
    _customers,
    st.sampled_from([product_id for product_id in CATALOGUE if product_id not in LAUNCHES]),
    st.integers(0, 59),
)
_later_lines = st.tuples(_customers, st.sampled_from(list(CATALOGUE)), st.integers(CUTOFF, CUTOFF + 60))
pasts = st.lists(_earlier_lines, min_size=5, max_size=60)
futures = st.lists(_later_lines, max_size=40)
few_examples = settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def _shop(past: list, future: list, *, price: float = 10.0) -> Shop:
    """The past and a future whose orders come first in the table and take the lowest order names."""
    last = order_lines([(None, "p00", CUTOFF + 120)], first_order=900_000)  # every history reaches to the same end
    lines = pl.concat([order_lines(future, price=price), order_lines(past, first_order=len(future)), last])
    shop = hand_made_shop([*past, *future], CATALOGUE)
    return Shop.from_tables(lines, shop.products, shop.customers.collect(), settings=shop.settings)


def _new_products(shop: Shop, others: tuple[str, ...] = ()) -> pl.DataFrame:
    """The launches at the cutoff, and other products at a later one."""
    table = conform(shop.products.filter(pl.col("product_id").is_in([*LAUNCHES, *others])), NEW_PRODUCT_SCHEMA)
    cutoff = pl.when(pl.col("product_id").is_in(LAUNCHES)).then(DAY_ZERO + CUTOFF).otherwise(DAY_ZERO + CUTOFF + 30)
    day = cutoff.cast(pl.Int32)
    return table.with_columns(launch_day=day, cutoff_day=day).sort("cutoff_day", "product_id")


def _rows(shop: Shop, end: int, others: tuple[str, ...] = ()) -> tuple[pl.DataFrame, ...]:
    """Everything built for the launches at the cutoff from a history that ends at the midnight of `end`."""
    history = shop.as_of(shop.midnight(DAY_ZERO + end))
    scoring_set = build_scoring_set(
        _new_products(shop, others), compute_life_cycles(history, SETTINGS), SETTINGS.horizon_days
    )
    launches = scoring_set.launches.filter(pl.col("product_id").is_in(LAUNCHES))
    purchases = build_block_purchases(history.lines.collect(), history.first_days())
    scored = select_scored_customers(purchases, launches, SETTINGS.active_days)
    features = build_features(purchases, scoring_set, launches, scored)
    episodes = build_block_episodes(purchases, scoring_set, SETTINGS, launches, 1.0).drop("bought", "bought_after")
    neighbours = scoring_set.neighbours.join(launches.select("launch"), on="launch", how="semi")
    return launches, neighbours, scored, features, episodes


def _assert_same(rows: tuple[pl.DataFrame, ...], other_rows: tuple[pl.DataFrame, ...]) -> None:
    for expected, actual in zip(rows, other_rows, strict=True):
        assert_frame_equal(expected, actual, check_exact=True)


@few_examples
@given(pasts, futures, st.floats(0.0, 500.0))
def test_the_future_changes_no_row(past: list, future: list, price: float) -> None:
    """Rows are those without a future, so that no two futures give different ones."""
    without = _rows(_shop(past, []), CUTOFF)
    _assert_same(without, _rows(_shop(past, future), CUTOFF))
    _assert_same(without, _rows(_shop(past, future, price=price), CUTOFF + 61))


@few_examples
@given(pasts, futures, st.sets(st.sampled_from(sorted(set(CATALOGUE) - set(LAUNCHES))), max_size=6))
def test_other_launches_change_no_row(past: list, future: list, others: set[str]) -> None:
    shop = _shop(past, future)
    _assert_same(_rows(shop, CUTOFF), _rows(shop, CUTOFF + 61, tuple(sorted(others))))


def test_the_rows_do_hold_something() -> None:
    past = [(customer, f"p{3 * customer:02d}", 50) for customer in range(1, 11)]
    launches, neighbours, scored, features, episodes = _rows(_shop(past, []), CUTOFF)
    assert launches["product_id"].to_list() == list(LAUNCHES)
    assert neighbours.height > 10
    assert scored.height == 3 * 10
    assert set(FEATURES) <= set(features.columns)
    assert features["affinity_characters"].n_unique() > 5
    assert episodes.height == scored.height


def test_a_line_before_the_cutoff_does_change_rows() -> None:
    past = [(customer, f"p{customer:02d}", 50) for customer in range(1, 11)]
    changed = [*past, (1, "p20", CUTOFF - 1)]
    before, after = _rows(_shop(past, []), CUTOFF)[3], _rows(_shop(changed, []), CUTOFF)[3]
    assert not before.equals(after)


def test_the_future_changes_no_row_of_a_shop_large_enough_to_be_worked_on_in_parts() -> None:
    garden = SyntheticShop(customers=1_500, seed=8, lines_a_year=6.0)
    shop, cutoff = garden.shop(), dt.date(2025, 7, 1)
    day = shop.as_of(cutoff).cutoff_day
    product_ids = garden.launches().filter(pl.col("launch_day") >= day)["product_id"].to_list()[:2]
    table = conform(shop.products.filter(pl.col("product_id").is_in(product_ids)), NEW_PRODUCT_SCHEMA).sort(
        "product_id"
    )
    new_products = table.with_columns(launch_day=pl.lit(day, pl.Int32), cutoff_day=pl.lit(day, pl.Int32))
    features = []
    for end in (cutoff, dt.date(2025, 8, 1), None, None):
        history = shop.as_of(end)
        scoring_set = build_scoring_set(new_products, compute_life_cycles(history), 30)
        purchases = build_block_purchases(history.lines.collect(), history.first_days())
        scored = select_scored_customers(purchases, scoring_set.launches, 365)
        features.append(build_features(purchases, scoring_set, scoring_set.launches, scored))
    assert features[0].height > 1_500
    for later_features in features[1:]:
        assert_frame_equal(features[0], later_features, check_exact=True)


@few_examples
@given(pasts, futures)
def test_score_sees_no_line_of_the_cutoff_or_later(past: list, future: list) -> None:
    model = LaunchModel(_boosting(), SETTINGS, _shop(past, []).midnight(DAY_ZERO), 1, 1)
    scores = []
    for shop in (_shop(past, []), _shop(past, future)):
        history = shop.as_of(shop.midnight(DAY_ZERO + CUTOFF))
        new_products = _new_products(shop).drop("cutoff_day")
        scores.append(model.score(history, new_products, compute_life_cycles(history, SETTINGS), ALL_FEATURES))
    assert_frame_equal(*scores, check_exact=True)


@cache
def _boosting() -> GradientBoosting:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, len(FEATURES))).astype(np.float32)
    small = BoostingSettings(trees=5, min_customers_in_leaf=5, seeds=1)
    labels = (rows[:, 0] + rows[:, 30] > 0).astype(np.float64)
    return GradientBoosting.fit(rows, labels, np.ones(400), features=FEATURES, settings=small, seed=0)
