"""How many order at all: the latest window, and last year's change."""

from __future__ import annotations

import numpy as np
import pytest

from frontrow.orders.level import LASTING_SHARE, PastWindow, find_shift, forecast_level

NOW = 1_000
LAST = NOW - 30


def by_day(then: int, before: int, first: int = NOW - 500) -> dict[int, int]:
    """Orders a day a year ago: in the weeks of the window asked about, and in those of the latest window."""
    days = {first: 1}
    days |= dict.fromkeys(range(NOW - 364, NOW - 334), then)
    return days | dict.fromkeys(range(LAST - 364, LAST - 334), before)


def test_a_level_is_carried_forward_with_last_years_change() -> None:
    windows = [PastWindow(LAST, 0.2, 5_000, 20_000), PastWindow(LAST - 30, -1.0, 5_000, 20_000)]
    steady = forecast_level(windows, NOW, by_day(1_000, 1_000), 30)
    doubled = forecast_level(windows, NOW, by_day(2_000, 1_000), 30)
    assert steady.has_season
    assert steady.shift == pytest.approx(0.2, abs=0.01)
    assert doubled.shift == pytest.approx(0.2 + np.log(2), abs=0.01)


def test_small_counts_move_the_level_less() -> None:
    doubled = forecast_level([PastWindow(LAST, 0.0, 10, 20_000)], NOW, by_day(2, 1, NOW - 500), 30)
    few = forecast_level([PastWindow(LAST, 0.8, 4, 20_000)], NOW, by_day(1_000, 1_000), 30)
    assert 0 < doubled.shift < 0.75 * np.log(2)
    assert 0 < few.shift < 0.3


def test_in_the_first_year_a_part_of_the_latest_level_is_kept() -> None:
    level = forecast_level([PastWindow(LAST, 0.4, 10_000, 20_000)], NOW, {NOW - 200: 5}, 30)
    assert not level.has_season
    assert level.shift == pytest.approx(0.4 * LASTING_SHARE, abs=0.01)


def test_a_shop_whose_levels_jump_has_a_wider_error() -> None:
    calm = [PastWindow(NOW - 30 * place, 0.0, 5_000, 20_000) for place in range(1, 7)]
    jumpy = [PastWindow(NOW - 30 * place, (-1.0) ** place, 5_000, 20_000) for place in range(1, 7)]
    orders = {NOW - 200: 5}
    assert forecast_level(calm, NOW, orders, 30).error < forecast_level([], NOW, orders, 30).error
    assert forecast_level(jumpy, NOW, orders, 30).error > 2 * forecast_level([], NOW, orders, 30).error


@pytest.mark.parametrize("ordered", [0, 1, 7, 10])
def test_the_shift_brings_the_sum_to_the_outcomes(ordered: int) -> None:
    log_odds = np.linspace(-3, 3, 10)
    outcomes = np.repeat([1.0, 0.0], [ordered, 10 - ordered])
    chances = 1 / (1 + np.exp(-(log_odds + find_shift(log_odds, outcomes))))
    assert chances.sum() == pytest.approx(np.clip(ordered, 0.5, 9.5))
