"""A history ends strictly before its cutoff, in every time zone and at every time of day."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.errors import ShopError
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop, order_lines

SANTIAGO_SKIPS_MIDNIGHT = dt.date(2025, 9, 7)


def shop_of(day: dt.date, time_zone: str = "UTC") -> Shop:
    """One order at noon UTC of a day."""
    ordered_at = dt.datetime.combine(day, dt.time(12), dt.UTC).astimezone(ZoneInfo(time_zone))
    orders = order_lines([(1, "pot", 0)]).with_columns(
        pl.lit(ordered_at).alias("ordered_at"), pl.lit((ordered_at.date() - EPOCH).days, pl.Int32).alias("day")
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
    assert history.cutoff_day == (SANTIAGO_SKIPS_MIDNIGHT - EPOCH).days


def test_windows_close_with_whole_days_and_ages_count_from_the_next_midnight() -> None:
    history = shop_of(dt.date(2025, 3, 5)).as_of(dt.datetime(2025, 3, 5, 9, 30))
    assert history.cutoff_day - history.closed_day == 1
    midnight = shop_of(dt.date(2025, 3, 5)).as_of(dt.date(2025, 3, 5))
    assert midnight.cutoff_day == midnight.closed_day


def test_a_date_out_of_range_is_refused_in_words() -> None:
    with pytest.raises(ShopError, match="out of range"):
        shop_of(dt.date(2025, 3, 5), "Asia/Tokyo").as_of(dt.date(1, 1, 1))


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_a_cutoff_after_the_last_order_is_taken_back_to_the_end(time_zone: str) -> None:
    shop = shop_of(dt.date(2025, 3, 5), time_zone)
    for late in (dt.date(2025, 3, 20), dt.datetime(2025, 3, 20, 9, 30), shop.end() + dt.timedelta(microseconds=1)):
        history = shop.as_of(late)
        assert history.cutoff == shop.end() == shop.as_of().cutoff
        assert history.cutoff_day == history.closed_day == shop.as_of().cutoff_day


def test_a_history_can_only_go_back() -> None:
    shop = hand_made_shop([(1, "pot", 0), (1, "pot", 5), (2, "bulb", 9)]).with_launch_days({"bulb": DAY_ZERO + 9})
    history = shop.as_of(shop.midnight(DAY_ZERO + 6))
    for earlier in (DAY_ZERO + 5, EPOCH + dt.timedelta(days=DAY_ZERO + 5), shop.midnight(DAY_ZERO + 5)):
        assert_same_history(history.as_of(earlier), shop.as_of(shop.midnight(DAY_ZERO + 5)))
    assert_same_history(history.as_of(history.cutoff), history)
    with pytest.raises(ShopError, match="earlier instant"):
        history.as_of(DAY_ZERO + 7)
    with pytest.raises(ShopError, match="earlier instant"):
        history.as_of(history.cutoff + dt.timedelta(microseconds=1))


def test_an_earlier_history_computes_anew() -> None:
    history = hand_made_shop([(1, "pot", 0), (1, "pot", 5)]).as_of()
    count = [history.compute_once("lines", lambda: history.lines.collect().height) for _ in range(2)]
    earlier = history.as_of(DAY_ZERO + 1)
    assert [*count, earlier.compute_once("lines", lambda: earlier.lines.collect().height)] == [2, 2, 1]


def test_lines_and_customers_are_counted_up_to_the_cutoff_and_all_guests_are_one() -> None:
    lines = [(1, "pot", 0), (1, "mug", 0), (2, "pot", 3), (None, "pot", 3), (None, "mug", 4)]
    history = hand_made_shop(lines).as_of()
    assert (history.count_lines(), history.count_customers()) == (5, 3)
    earlier = history.as_of(DAY_ZERO + 1)
    assert (earlier.count_lines(), earlier.count_customers()) == (2, 1)


def assert_same_history(expected: History, actual: History) -> None:
    assert (expected.cutoff, expected.cutoff_day, expected.launch_days) == (
        actual.cutoff,
        actual.cutoff_day,
        actual.launch_days,
    )
    assert_frame_equal(expected.lines.collect(), actual.lines.collect())
