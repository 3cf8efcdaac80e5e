"""A history ends strictly before its cutoff, in every time zone and at every time of day."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from frontrow.errors import ShopError
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import EPOCH, Shop
from frontrow.testing.shops import order_lines

SANTIAGO_SKIPS_MIDNIGHT = dt.date(2025, 9, 7)


def shop_of(day: dt.date, time_zone: str = "UTC") -> Shop:
    """One order at noon UTC of a day."""
    number = (day - EPOCH).days
    orders = order_lines([(1, "pot", 0)]).with_columns(
        pl.lit(dt.datetime.combine(day, dt.time(12), dt.UTC)).dt.convert_time_zone(time_zone).alias("ordered_at"),
        pl.lit(number, pl.Int32).alias("day"),
    )
    return Shop.from_tables(
        orders,
        pl.DataFrame({"product_id": ["pot"], "title": ["Pot"]}),
        pl.DataFrame({"customer_id": [1], "source_id": ["c1"]}),
        settings=ShopSettings(time_zone=time_zone),
    )


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York", "Pacific/Auckland", "America/Santiago"])
def test_the_order_itself_is_the_first_instant_that_does_not_know_it(time_zone: str) -> None:
    shop = shop_of(dt.date(2025, 3, 5), time_zone)
    ordered = shop.orders.collect()["ordered_at"][0]
    assert shop.as_of(ordered).lines.collect().height == 0
    assert shop.as_of(ordered + dt.timedelta(microseconds=1)).lines.collect().height == 1


def test_a_midnight_that_the_clocks_skip_is_the_first_instant_of_its_day() -> None:
    shop = shop_of(SANTIAGO_SKIPS_MIDNIGHT - dt.timedelta(days=1), "America/Santiago")
    history = shop.as_of()
    assert history.lines.collect().height == 1
    assert history.cutoff.hour == 1
    assert history.day == (SANTIAGO_SKIPS_MIDNIGHT - EPOCH).days


def test_windows_close_with_whole_days_and_ages_count_from_the_next_midnight() -> None:
    history = shop_of(dt.date(2025, 3, 5)).as_of(dt.datetime(2025, 3, 6, 9, 30))
    assert history.day - history.closed_day == 1
    midnight = shop_of(dt.date(2025, 3, 5)).as_of(dt.date(2025, 3, 6))
    assert midnight.day == midnight.closed_day


def test_a_date_out_of_range_is_refused_in_words() -> None:
    with pytest.raises(ShopError, match="out of range"):
        shop_of(dt.date(2025, 3, 5), "Asia/Tokyo").as_of(dt.date(1, 1, 1))
