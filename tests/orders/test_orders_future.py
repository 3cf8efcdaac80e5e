"""Later orders change nothing that was said before them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from frontrow.engines.frames import collect, lazy
from frontrow.features.orders import build_order_days, build_order_features
from frontrow.orders.order_model import OrderModel
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

CUTOFF = 60
LINES = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 4)), st.sampled_from(["pot", "cup"]), st.integers(0, CUTOFF - 1)),
    min_size=1,
    max_size=30,
)
LATER = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 6)), st.sampled_from(["pot", "mug"]), st.integers(CUTOFF, 120)),
    max_size=20,
)


def features(lines: list[tuple[int | None, str, int]]) -> pl.DataFrame:
    order_days = collect(build_order_days(lazy(hand_made_shop(lines).lines())))
    return collect(build_order_features(lazy(order_days), DAY_ZERO + CUTOFF, 30))


@given(LINES, LATER)
@settings(max_examples=40)
def test_later_orders_change_no_feature(
    lines: list[tuple[int | None, str, int]], later: list[tuple[int | None, str, int]]
) -> None:
    assert_frame_equal(features(lines), features([*lines, *later]), check_exact=True)


def test_later_orders_change_no_forecast() -> None:
    shop = SyntheticShop(customers=400, seed=3, days=500).shop()
    # the day after an order: a shop that never had a later one ends there
    day = shop.lines().filter(pl.col("day") < shop.as_of().cutoff_day - 120).select(pl.col("day").max() + 1)
    cutoff = shop.midnight(day.collect().item())
    until = replace(shop, orders=shop.orders.filter(pl.col("ordered_at") < cutoff))
    source_ids = shop.customers.select("customer_id", "source_id").collect()
    forecasts = [
        OrderModel.fit(history, seed=1).forecast(source_ids) for history in (shop.as_of(cutoff), until.as_of())
    ]
    assert_frame_equal(*forecasts, check_exact=True)
