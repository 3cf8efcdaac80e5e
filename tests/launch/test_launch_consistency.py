"""A back-test and an audience build the same features for the same launch, independent of later orders."""

from __future__ import annotations

import polars as pl
import pytest

from frontrow.features.launch import FEATURES
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.episodes import build_episodes
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.schema import conform
from frontrow.synthetic import SyntheticShop
from frontrow.testing.models import ALL_FEATURES

SETTINGS = LaunchSettings(min_buyers=1)


@pytest.fixture(scope="module")
def shop():
    return SyntheticShop(customers=600, seed=11, lines_a_year=8.0).shop()


@pytest.fixture(scope="module")
def model(shop):
    return LaunchModel.fit(shop.as_of(shop.midnight(shop.as_of().cutoff_day - 400)), SETTINGS)


@pytest.mark.parametrize("launch_index", [-1, -8, -20])
def test_a_past_launch_is_the_same_seen_from_its_day_and_from_today(shop, model, launch_index) -> None:
    now = shop.as_of()
    cycles = compute_life_cycles(now, SETTINGS)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(past, cycles, SETTINGS.horizon_days)
    launch = scoring_set.launches.slice(launch_index % past.height, 1)
    from_now = build_episodes(now, scoring_set, SETTINGS, launches=launch, negative_rate=1.0)

    launch_history = shop.as_of(shop.midnight(launch["cutoff_day"].item()))
    product = conform(past.filter(pl.col("product_id") == launch["product_id"].item()), NEW_PRODUCT_SCHEMA)
    from_then = model.score(launch_history, product, compute_life_cycles(launch_history, SETTINGS), ALL_FEATURES)

    assert from_then.sort("customer_id")["customer_id"].to_list() == from_now["customer_id"].to_list()
    # training rows are in single precision, as the model reads them
    features = from_now.select(FEATURES)
    assert from_then.sort("customer_id").select(FEATURES).cast(dict(features.schema)).equals(features)
