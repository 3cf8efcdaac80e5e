"""Which first sales are launches, on shops small enough to check by hand."""

from dataclasses import replace

import polars as pl
import pytest

from frontrow.errors import LaunchError
from frontrow.launch.life_cycle import (
    CATALOGUE_START,
    LAUNCH,
    RELISTING,
    SEASONAL_RETURN,
    STILL_OPEN,
    TOO_FEW_BUYERS,
    closed_launches,
    compute_life_cycles,
)
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import Shop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop, order_lines

SETTINGS = LaunchSettings(horizon_days=30, catalogue_start_days=60, min_buyers=2)
OLD = [(customer, "old", 0) for customer in (1, 2, 3, 4)]
END = 400


def _cycles(shop: Shop, end: int = END, settings: LaunchSettings = SETTINGS, **stated: int) -> dict[str, dict]:
    # an order of something that is in no catalogue, so that the shop's history reaches to the end
    last = order_lines([(None, "unlisted", END - 1)], first_order=900_000)
    shop = replace(shop, orders=pl.concat([shop.orders, last.lazy()]))
    shop = shop.with_launch_days({product: DAY_ZERO + day for product, day in stated.items()})
    cycles = compute_life_cycles(shop.as_of(shop.midnight(DAY_ZERO + end)), settings)
    return {row["product_id"]: row for row in cycles.iter_rows(named=True)}


def _sold(product: str, day: int, customers: tuple[int | None, ...] = (1, 2, 3)) -> list:
    return [(customer, product, day) for customer in customers]


def test_a_launch_by_hand() -> None:
    lines = [
        *OLD,
        *_sold("new", 100, (1, None)),  # a guest counts as a sale, not as a buyer
        (1, "new", 110),
        (2, "new", 129),  # the last day of the window
        (3, "new", 130),  # the first after it
        (9, "new", 105),  # no customer before the launch
        (4, "new", 300),
    ]
    row = _cycles(hand_made_shop(lines))["new"]
    assert row["verdict"] == LAUNCH
    assert (row["first_day"], row["launch_day"], row["last_day"]) == (DAY_ZERO + 100, DAY_ZERO + 100, DAY_ZERO + 300)
    assert row["days_sold"] == 200
    assert (row["buyers"], row["buyers_before"], row["buyers_in_horizon"]) == (5, 4, 2)
    assert (row["units"], row["revenue"]) == (7, 70.0)


@pytest.mark.parametrize(("day", "verdict"), [(0, CATALOGUE_START), (59, CATALOGUE_START), (60, LAUNCH)])
def test_what_is_sold_from_the_start_is_no_launch(day: int, verdict: str) -> None:
    before = [(customer, "old", -1 if day == 0 else 0) for customer in (1, 2, 3)]
    assert _cycles(hand_made_shop([*before, *_sold("new", day)]))["new"]["verdict"] == verdict


def test_the_start_is_the_first_order_of_anyone() -> None:
    lines = [(None, "older", -50), *OLD, *_sold("new", 11)]
    assert _cycles(hand_made_shop(lines))["new"]["verdict"] == LAUNCH
    assert _cycles(hand_made_shop(lines[1:]))["new"]["verdict"] == CATALOGUE_START


@pytest.mark.parametrize(
    ("gap_days", "title", "verdict"),
    [
        (120, "Holly Wreath", SEASONAL_RETURN),
        (119, "Holly Wreath", RELISTING),
        (-5, "Holly Wreath", RELISTING),  # both on sale at a time
        (200, "wreath,  HOLLY", SEASONAL_RETURN),
        (200, "Holly Wreath large", LAUNCH),
        (200, None, LAUNCH),
        (200, "--", LAUNCH),
    ],
)
def test_the_same_title_under_another_code_is_no_launch(gap_days: int, title: str | None, verdict: str) -> None:
    names = {"first": {"title": "Holly Wreath"}, "again": {"title": title}}
    lines = [*OLD, *_sold("first", 70), (1, "first", 90), *_sold("again", 90 + gap_days)]
    cycles = _cycles(hand_made_shop(lines, names))
    assert cycles["first"]["verdict"] == LAUNCH
    assert cycles["again"]["verdict"] == verdict


@pytest.mark.parametrize("title", [None, "", "!"])
def test_products_without_a_title_are_no_namesakes(title: str | None) -> None:
    names = {"a": {"title": title}, "b": {"title": title}}
    cycles = _cycles(hand_made_shop([*OLD, *_sold("a", 70), *_sold("b", 200)], names))
    assert (cycles["a"]["verdict"], cycles["b"]["verdict"]) == (LAUNCH, LAUNCH)


def test_too_few_buyers_among_those_who_were_customers_before() -> None:
    lines = [*OLD, *_sold("one", 100, (1, 7, 8, None)), *_sold("two", 100, (1, 2))]
    cycles = _cycles(hand_made_shop(lines))
    assert (cycles["one"]["buyers"], cycles["one"]["buyers_in_horizon"]) == (3, 1)
    assert cycles["one"]["verdict"] == TOO_FEW_BUYERS
    assert cycles["two"]["verdict"] == LAUNCH


@pytest.mark.parametrize(("end", "verdict"), [(101, STILL_OPEN), (129, STILL_OPEN), (130, LAUNCH)])
def test_a_window_still_open_is_not_judged(end: int, verdict: str) -> None:
    assert _cycles(hand_made_shop([*OLD, *_sold("new", 100)]), end)["new"]["verdict"] == verdict


def test_what_is_not_sold_yet_is_not_there() -> None:
    shop = hand_made_shop([*OLD, *_sold("new", 100)])
    assert "new" not in _cycles(shop, 100)
    assert _cycles(shop, 101)["new"]["buyers"] == 3


@pytest.mark.parametrize(("stated", "verdict"), [(20, LAUNCH), (80, LAUNCH), (380, STILL_OPEN)])
def test_a_stated_day_wins_over_start_and_title(stated: int, verdict: str) -> None:
    names = {"again": {"title": "old"}}
    lines = [*OLD, (4, "again", 10), *_sold("again", 20), *_sold("again", 80, (5,)), (1, "old", 19)]
    shop = hand_made_shop(lines, names)
    assert _cycles(shop)["again"]["verdict"] == CATALOGUE_START
    settings = LaunchSettings(catalogue_start_days=60, min_buyers=0)
    row = _cycles(shop, settings=settings, again=stated)["again"]
    assert row["verdict"] == verdict
    assert row["launch_day"] == DAY_ZERO + stated
    assert row["first_day"] == DAY_ZERO + 10


def test_a_stated_day_counts_answers_from_it() -> None:
    lines = [*OLD, (4, "new", 90), *_sold("new", 100), (5, "other", 95), (5, "new", 120)]
    row = _cycles(hand_made_shop(lines), new=100)["new"]
    # 4 bought before it was announced, 5 became a customer between the first sale and the stated day
    assert (row["buyers_before"], row["buyers_in_horizon"]) == (5, 4)


def test_a_stated_day_of_a_product_that_is_not_there_is_refused() -> None:
    shop = hand_made_shop([*OLD, *_sold("new", 100)])
    with pytest.raises(LaunchError, match="unheard"):
        _cycles(shop, unheard=50)


def test_a_past_launch_has_the_price_of_its_first_sale() -> None:
    """A catalogue has the price of today, which was not available at the launch."""
    shop = hand_made_shop([*OLD, *_sold("new", 100)], products={"new": {"price": 3.0}})
    cycles = compute_life_cycles(shop.as_of(shop.midnight(DAY_ZERO + END)), SETTINGS)
    assert cycles.filter(cycles["product_id"] == "new")["price"].item() == 10.0


def test_closed_launches_are_the_launches() -> None:
    shop = hand_made_shop([*OLD, *_sold("b", 200), *_sold("a", 100), *_sold("few", 90, (1,)), (None, "old", END)])
    cycles = compute_life_cycles(shop.as_of(shop.midnight(DAY_ZERO + END)), SETTINGS)
    assert closed_launches(cycles)["product_id"].to_list() == ["a", "b"]
    assert cycles["launch_day"].is_sorted()


def test_blocks_of_customers_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        (customer, product, day) for customer in range(40) for product, day in (("old", 0), ("new", 90 + customer))
    ]
    shop = hand_made_shop(lines)
    unblocked = _cycles(shop)
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_LINES", 7)
    assert _cycles(shop) == unblocked
    assert unblocked["new"]["buyers_in_horizon"] == 30


def test_an_empty_history_has_no_products() -> None:
    shop = hand_made_shop(OLD)
    cycles = compute_life_cycles(shop.as_of(shop.midnight(DAY_ZERO)), SETTINGS)
    assert cycles.height == 0
    assert cycles.schema["verdict"] == pl.String


def test_each_setting_has_separate_life_cycles() -> None:
    shop = hand_made_shop([*OLD, *_sold("new", 100), (None, "old", END - 1)])
    history = shop.as_of(shop.midnight(DAY_ZERO + END))
    others = [
        (LaunchSettings(horizon_days=30, catalogue_start_days=60, min_buyers=4), TOO_FEW_BUYERS),
        (LaunchSettings(horizon_days=30, catalogue_start_days=101, min_buyers=2), CATALOGUE_START),
        (LaunchSettings(horizon_days=301, catalogue_start_days=60, min_buyers=2), STILL_OPEN),
    ]
    for settings, verdict in [(SETTINGS, LAUNCH), *others]:
        cycles = compute_life_cycles(history, settings)
        assert cycles.filter(pl.col("product_id") == "new")["verdict"].item() == verdict
    assert compute_life_cycles(history, SETTINGS) is compute_life_cycles(history, SETTINGS)


def test_guests_are_no_buyers() -> None:
    row = _cycles(hand_made_shop([*OLD, (None, "new", 100), (None, "new", 110)]))["new"]
    assert (row["units"], row["buyers"], row["buyers_before"], row["buyers_in_horizon"]) == (2, 0, 0, 0)
    assert row["verdict"] == TOO_FEW_BUYERS


def test_launches_of_one_day_are_sorted_by_id() -> None:
    lines = [*OLD, *_sold("d", 100), *_sold("b", 100), *_sold("c", 90), *_sold("a", 100)]
    cycles = _cycles(hand_made_shop(lines, {"d": {}, "b": {}, "c": {}, "a": {}}))
    assert [product for product in cycles if product in "abcd"] == ["c", "a", "b", "d"]
