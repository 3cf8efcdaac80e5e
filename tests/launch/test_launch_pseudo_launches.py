"""Pseudo-launches: what they ask, what they do not know, and that later orders change none."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.launch.model.pseudo_launches import (
    EVERY_DAYS,
    LAUNCHED_DAYS,
    YEAR_DAYS,
    build_pseudo_launch_rows,
    pseudo_launch_weight,
    sample_pseudo_launches,
    select_known,
)
from frontrow.launch.model.small_shop_model import ENOUGH_LAUNCHES
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.history import History
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop

SETTINGS = LaunchSettings()


@pytest.fixture(scope="module")
def shop() -> Shop:
    return SyntheticShop(customers=600, seed=3, lines_a_year=5.0).shop()


@pytest.fixture(scope="module")
def history(shop: Shop) -> History:
    return shop.as_of()


@pytest.fixture(scope="module")
def rows(history: History) -> pl.DataFrame:
    return build_pseudo_launch_rows(history, SETTINGS)


def test_every_window_has_closed_and_lies_within_a_year(history, rows) -> None:
    days = rows["cutoff_day"]
    assert days.max() + SETTINGS.horizon_days <= history.closed_day
    assert days.min() + SETTINGS.horizon_days >= history.closed_day - YEAR_DAYS
    assert (days % EVERY_DAYS == 0).all()


def test_each_has_as_many_buyers_as_a_launch_needs(rows) -> None:
    buyers = rows.group_by("launch").agg(pl.col("bought").sum(), pl.col("cutoff_day").n_unique())
    assert buyers.height > 20
    assert buyers["bought"].min() >= SETTINGS.min_buyers
    assert (buyers["cutoff_day"] == 1).all()


def test_later_orders_change_none(history, rows) -> None:
    earlier = history.as_of(history.closed_day - 100)
    of_earlier_day = build_pseudo_launch_rows(earlier, SETTINGS)
    selected = select_known(build_pseudo_launch_rows(history, SETTINGS, earlier_days=100), earlier.closed_day, 30)
    columns = [name for name in rows.columns if name != "launch"]
    assert of_earlier_day.height > 100
    assert_frame_equal(of_earlier_day.select(columns), selected.select(columns), check_exact=True)


def test_the_own_purchases_of_a_product_are_no_neighbours(history) -> None:
    """A shop with one product on sale has no neighbour left, whatever customers bought of it."""
    one_product = history.lines.filter(pl.col("product_id") == history.lines.collect()["product_id"].mode()[0])
    rows = build_pseudo_launch_rows(replace(history, lines=one_product), SETTINGS)
    assert (rows["similar_lines"] == 0.0).all()


def test_they_are_made_only_while_launches_are_few(history) -> None:
    assert sample_pseudo_launches(history, SETTINGS, ENOUGH_LAUNCHES) is None
    assert sample_pseudo_launches(history, SETTINGS, ENOUGH_LAUNCHES - 1).height > 0
    assert pseudo_launch_weight(ENOUGH_LAUNCHES) == 0.0
    assert select_known(None, 0, 30) is None


def test_the_same_seed_draws_the_same_products_from_many_blocks(history, rows, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("frontrow.engines.blocks.BLOCK_ROWS", 2_000)
        patch.setattr("frontrow.engines.parts.ROWS", 10)
        assert_frame_equal(build_pseudo_launch_rows(replace(history), SETTINGS), rows, check_exact=True)
    assert not build_pseudo_launch_rows(history, SETTINGS, seed=1).equals(rows)


def test_a_history_of_a_month_has_none(shop) -> None:
    first = int(shop.lines().select(pl.col("day").min()).collect().item())
    rows = build_pseudo_launch_rows(shop.as_of(shop.midnight(first + LAUNCHED_DAYS)), SETTINGS)
    assert rows.is_empty()
    assert {"launch", "bought", "weight", "lines_180d"} <= set(rows.columns)
