"""Launches in lists: who gets a chance, and what a place of a list is worth."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.errors import RecommendationError
from frontrow.launch.new_products import NEW_PRODUCT_SCHEMA
from frontrow.launch.settings import LaunchSettings
from frontrow.recommend.launches import launch_chance
from frontrow.recommend.order_chance import order_chance
from frontrow.recommend.place_chances import PLACES, place_chances
from frontrow.schema import conform
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop


def new(*ids: str, day: int) -> pl.DataFrame:
    told = pl.DataFrame({"product_id": list(ids), "title": list(ids)})
    return conform(told, NEW_PRODUCT_SCHEMA).with_columns(launch_day=pl.lit(day, pl.Int32))


def test_chances_are_those_of_the_audience_and_nan_for_others(tmp_path: Path) -> None:
    history = SyntheticShop(customers=900, seed=2, lines_a_year=8.0).shop().as_of()
    last = history.lines.group_by("customer_id").agg(pl.col("day").max()).drop_nulls().collect()
    asked = np.array([10**6, *last["customer_id"].sort(descending=True)])
    products = new("Willow Bird Feeder", "Copper Rain Gauge", day=history.day)
    found = launch_chance(history, products, asked, folder=tmp_path, settings=LaunchSettings())
    assert found.shape == (len(asked), 2)
    active = dict(zip(last["customer_id"], last["day"] >= history.day - 365, strict=True))
    np.testing.assert_array_equal(np.isfinite(found[:, 0]), [active.get(int(one), False) for one in asked])
    assert (found[np.isfinite(found)] > 0).all()


def test_what_has_been_sold_is_no_launch(tmp_path: Path) -> None:
    history = hand_made_shop([(7, "pot", 0)]).as_of()
    with pytest.raises(RecommendationError, match='"pot" has been sold'):
        launch_chance(history, new("pot", day=history.day), np.array([7]), folder=tmp_path, settings=LaunchSettings())


def test_places_are_worth_what_customers_bought_of_them() -> None:
    # popular lists a (3 buyers), b (2), c (1); in the window 1 and 2 buy a, 3 buys c, 4 does not order
    before = [(1, "a", 0), (2, "a", 0), (3, "a", 0), (1, "b", 1), (4, "b", 1), (3, "c", 2)]
    history = hand_made_shop([*before, (1, "a", 10), (2, "a", 11), (3, "c", 12), (9, "a", 12)]).as_of()
    found = place_chances(history, "popular", days=5, never_bought=False)
    assert len(found) == PLACES
    # of three customers: 2 at the first place; 0 and 1 at the second and third, which may not rise
    np.testing.assert_allclose(found[:4], [2 / 3, 1 / 6, 1 / 6, 0.0])
    assert place_chances(history, "popular", days=5, never_bought=True).sum() == 0.0


def test_who_orders_is_told_by_what_customers_alike_did() -> None:
    # eighty order every ten days, eighty did once, long ago, and half of those came back in the last window
    lines = [(one, "pot", day) for one in range(80) for day in range(0, 140, 10)]
    lines += [(one, "pot", 60) for one in range(100, 180)] + [(one, "pot", 135) for one in range(100, 140)]
    history = hand_made_shop(lines).as_of(hand_made_shop(lines).midnight(DAY_ZERO + 140))
    found = order_chance(history, np.array([0, 100, 150, 999]), days=10)
    assert found[0] > 0.98
    # sixty to ninety days ago, as for all eighty before the last window
    assert found[2] == pytest.approx(0.5)
    assert np.isnan(found[3])


def test_order_chances_say_what_happens() -> None:
    shop = SyntheticShop(customers=3_000, seed=6).shop()
    history = shop.as_of(shop.as_of().cutoff - dt.timedelta(days=30))
    ids = history.lines.select("customer_id").unique().drop_nulls().collect()["customer_id"].to_numpy()
    ordered = np.isin(ids, shop.orders.filter(pl.col("day") >= history.day).collect()["customer_id"].drop_nulls())
    chance = order_chance(history, ids, days=30)
    likely = chance > np.quantile(chance, 0.8)
    assert 0.6 < chance.sum() / ordered.sum() < 1.6
    assert ordered[likely].mean() > 3 * ordered[~likely].mean()
