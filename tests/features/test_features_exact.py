"""Sums in whole numbers: the same in any order, within a rounding of the true sum, and never an overflow."""

import math
from dataclasses import replace

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.engines.frames import collect, lazy
from frontrow.errors import ShopError
from frontrow.features import exact
from frontrow.features.exact import LOG_PRICE, MONEY, WEIGHT, decay, halve, sum_exactly, to_units
from frontrow.features.headroom import measure_headroom, require_headroom
from frontrow.features.orders import HALF_LIVES
from frontrow.features.purchases import DECAY_DAYS
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.orders.customers_at_cutoff import read_order_days
from frontrow.testing.shops import hand_made_shop, order_lines

LAST_BIT = 4 * np.finfo(np.float64).eps
"""How far two good libraries may be apart in a logarithm or an exponential, of its value."""


def add_up(values: list[float], units: int) -> float:
    frame = lazy(pl.DataFrame({"value": values}, schema={"value": pl.Float64}))
    return float(collect(frame.select(sum_exactly(nw.col("value"), units)))["value"].item())


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.randoms())
def test_a_sum_is_the_same_in_any_order_and_near_the_true_one(values: list[float], random: object) -> None:
    total = add_up(values, MONEY)
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert add_up(shuffled, MONEY) == total
    assert total == pytest.approx(math.fsum(values), abs=len(values) * 0.51 / MONEY)


def test_floats_would_depend_on_the_order() -> None:
    values = [0.1, 0.2, 0.3]
    assert sum(values) != sum(reversed(values))


def test_cents_are_exact() -> None:
    assert add_up([0.1] * 10, MONEY) == 1.0
    assert add_up([19.99, -19.99, 0.07], MONEY) == 0.07


def is_far_from_a_middle(values: np.ndarray, units: int) -> bool:
    """Whether a difference in the last bit cannot move a value to another unit."""
    scaled = values * units
    distance = np.abs(scaled - np.floor(scaled) - 0.5)
    return bool((distance > scaled * LAST_BIT).all())


@pytest.mark.parametrize("half_life", HALF_LIVES)
def test_no_age_has_a_half_that_another_engine_could_round_otherwise(half_life: int) -> None:
    ages = np.arange(exact.HALVINGS * half_life + 1)
    assert is_far_from_a_middle(np.exp2(-ages / half_life), WEIGHT)


def test_no_age_has_a_decay_that_another_engine_could_round_otherwise() -> None:
    assert is_far_from_a_middle(np.exp(-np.arange(60_000) / DECAY_DAYS), WEIGHT)


def test_no_count_has_an_increment_that_another_engine_could_round_otherwise() -> None:
    count = np.arange(1.0, exact.MOST_LINES)
    assert is_far_from_a_middle(np.log((count + 1.0) / count), WEIGHT)


def test_no_price_in_cents_has_a_logarithm_that_another_engine_could_round_otherwise() -> None:
    assert is_far_from_a_middle(np.abs(np.log(np.arange(5_000_000) / 100 + 0.01)), LOG_PRICE)


def test_weights_are_those_of_their_definition() -> None:
    ages = pl.DataFrame({"age": [0.0, 60.0, 120.0, 20_000.0]})
    row = collect(lazy(ages).select(decay(nw.col("age"), 60.0).alias("e"), halve(nw.col("age"), 60.0).alias("half")))
    assert row["e"].to_list() == pytest.approx([1.0, math.exp(-1), math.exp(-2), 0.0], abs=1 / WEIGHT)
    assert row["half"].to_list() == pytest.approx([1.0, 0.5, 0.25, 0.0], abs=1 / WEIGHT)


def test_a_null_stays_a_null() -> None:
    frame = pl.DataFrame({"value": [None, 1.25]}, schema={"value": pl.Float64})
    assert collect(lazy(frame).select(to_units(nw.col("value"), 4)))["value"].to_list() == [None, 5]


def test_the_stated_bounds_leave_room() -> None:
    most = 2**63 - 1
    assert most > exact.MOST_MONEY * MONEY
    # two is the largest sum of similarities, to the power of 1.5, times log 2
    assert most > exact.MOST_LINES * 2**1.5 * WEIGHT
    highest = math.log(exact.MOST_MONEY) * LOG_PRICE
    assert exact.MOST_LINES * highest**2 < most


def test_amounts_that_cannot_be_added_up_are_an_error() -> None:
    lines = order_lines([(1, "a", 0), (2, "a", 1)], price=[5e14, 5e14])
    with pytest.raises(ShopError, match=r"come to 1e\+15, and amounts of up to 9e\+14"):
        require_headroom([measure_headroom(lines)])
    shop = replace(hand_made_shop([(1, "a", 0)]), orders=order_lines([(1, "a", 0)], price=[1e16]).lazy())
    for compute in (compute_life_cycles, read_order_days):
        with pytest.raises(ShopError, match="Is a price wrong"):
            compute(shop.as_of())


def test_a_customer_with_too_many_lines_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontrow.features.headroom.MOST_LINES", 2)
    require_headroom(
        [measure_headroom(order_lines([(1, "a", 0), (1, "b", 1), (None, "a", 1), (None, "a", 2), (None, "b", 2)]))]
    )
    with pytest.raises(ShopError, match="One customer has 3 order lines"):
        require_headroom([measure_headroom(order_lines([(1, "a", 0)] * 3))])
