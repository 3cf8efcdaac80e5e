"""How many order at all: the level that a shop's recent weeks and the same weeks of last year say.

Who orders before whom is learned from many past windows. How many there will be changes faster than that: with the
season, and with the shop. So the level comes from the last window that has closed, moved by what happened between the
same two windows a year ago. Where counts are small, both are taken with less weight. A level of 0 is that of BG/NBD,
which sees all orders so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.features.orders import YEAR_OF_WEEKS

Vector = NDArray[np.float64]

USUAL_CHANGE: Final = 0.25
"""How much orders usually change between two windows, as a standard deviation of their logarithm.

From 1 / 0.25 ** 2 = 16 orders on, a count says more than this."""

LASTING_SHARE: Final = 0.5
"""In a shop's first year nobody knows how much of the latest window's level is its season: so much of it is kept."""

USUAL_ERROR: Final = 0.2
"""Standard error of the logarithm of a level, before the shop has shown its own; counts as `PRIOR_ERRORS` errors."""

PRIOR_ERRORS: Final = 2


@dataclass(frozen=True)
class PastWindow:
    """What a past window says of the level.

    Attributes:
        first_day: Its first day (days since 1970-01-01).
        shift: What has to be added to the model's log odds so that it predicts as many orderers as there were.
        orderers: Customers who ordered within it.
        customers: All customers; more than 0.
    """

    first_day: int
    shift: float
    orderers: int
    customers: int

    @property
    def silent_share(self) -> float:
        """Share of the customers who did not order: by so much of a change of the log odds their number changes."""
        return 1.0 - self.orderers / self.customers


@dataclass(frozen=True)
class Level:
    """A level with its uncertainty.

    Attributes:
        shift: To be added to the model's log odds.
        error: Standard error of the logarithm of the number of orderers.
        has_season: Whether the same weeks of last year are in it.
    """

    shift: float = 0.0
    error: float = USUAL_ERROR
    has_season: bool = False


def find_shift(log_odds: Vector, outcomes: Vector) -> float:
    """What has to be added to log odds so that their probabilities add up to the outcomes.

    Args:
        log_odds: Of each customer; at least one.
        outcomes: 0 or 1. Half an outcome is added or left out where all are the same.

    Example:
        >>> round(find_shift(np.zeros(4), np.array([1.0, 0.0, 0.0, 0.0])), 4) == round(float(np.log(1 / 3)), 4)
        True
    """
    from scipy.optimize import brentq
    from scipy.special import expit

    total = float(np.clip(outcomes.sum(), 0.5, len(outcomes) - 0.5))
    return float(brentq(lambda shift: expit(log_odds + shift).sum() - total, -40.0, 40.0))


def count_orders_by_day(order_days: pl.DataFrame) -> dict[int, int]:
    """Number of orders of the whole shop on each day that has any."""
    return dict(order_days.group_by("day").len().iter_rows())


def forecast_level(
    windows: Sequence[PastWindow], first_day: int, orders_by_day: Mapping[int, int], horizon_days: int
) -> Level:
    """The level of a window, from windows that closed before it began.

    Args:
        windows: Past windows, the latest first.
        first_day: First day of the window that is asked about.
        orders_by_day: Of days before it (`count_orders_by_day`).
        horizon_days: Length of every window.

    Returns:
        Level 0 with the usual error where no window has closed.
    """
    if not windows:
        return Level()
    apart = _without_overlap(windows, horizon_days)
    errors = [
        (window.shift - _carry_forward(before, window.first_day, orders_by_day, horizon_days)) * window.silent_share
        for window, before in pairwise(apart)
    ]
    variance = (PRIOR_ERRORS * USUAL_ERROR**2 + float(np.square(errors).sum())) / (PRIOR_ERRORS + len(errors))
    shift = _carry_forward(apart[0], first_day, orders_by_day, horizon_days)
    return Level(shift, float(np.sqrt(variance)), _has_season(apart[0], orders_by_day))


def _without_overlap(windows: Sequence[PastWindow], horizon_days: int) -> list[PastWindow]:
    """The latest window, the latest that ends before it begins, and so on."""
    apart = [windows[0]]
    for window in windows[1:]:
        if window.first_day + horizon_days <= apart[-1].first_day:
            apart.append(window)
    return apart


def _carry_forward(latest: PastWindow, first_day: int, orders_by_day: Mapping[int, int], horizon_days: int) -> float:
    """The level of the latest window, and last year's change since the same days."""
    level = _weight(latest.orderers) * latest.shift
    if not _has_season(latest, orders_by_day):
        return LASTING_SHARE * level
    then, before = (
        sum(orders_by_day.get(day, 0) for day in range(start - YEAR_OF_WEEKS, start - YEAR_OF_WEEKS + horizon_days))
        for start in (first_day, latest.first_day)
    )
    return level + _weight(then, before) * float(np.log((then + 0.5) / (before + 0.5)))


def _has_season(latest: PastWindow, orders_by_day: Mapping[int, int]) -> bool:
    """Whether the same weeks of last year lie within the history."""
    return min(orders_by_day) <= latest.first_day - YEAR_OF_WEEKS


def _weight(*counts: int) -> float:
    """Weight of a change that was seen in counts: near 1 for large ones, near 0 for small ones."""
    noise = sum(1.0 / (count + 0.5) for count in counts)
    return USUAL_CHANGE**2 / (USUAL_CHANGE**2 + noise)
