"""How the shop's trade and its interests move over the year."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import numpy.typing as npt

from frontrow.synthetic.words import PRODUCT_TYPES

Floats = npt.NDArray[np.float64]

_ORDERS_BY_MONTH: Final = (0.6, 0.7, 1.1, 1.4, 1.4, 1.1, 0.8, 0.7, 0.8, 0.9, 1.3, 1.2)
_ORDERS_BY_WEEKDAY: Final = (1.1, 1.0, 0.95, 0.95, 0.9, 0.95, 1.15)
_MID_MONTH: Final = 15.2
_MONTH: Final = 365.25 / 12


def order_season(first_day: dt.date, days: int) -> Floats:
    """How many orders a day brings, 1.0 being usual; one value a day.

    Example:
        >>> season = order_season(dt.date(2024, 1, 1), 366)
        >>> bool(season[:31].mean() < season[100:131].mean())
        True
    """
    weekdays = (first_day.weekday() + np.arange(days)) % 7
    by_weekday = np.array(_ORDERS_BY_WEEKDAY)[weekdays]
    return np.asarray(_over_the_year(_ORDERS_BY_MONTH, first_day, days) * by_weekday, np.float64)


def type_season(first_day: dt.date, days: int) -> Floats:
    """How much of the shop's interest each product type has on each day: [days, product types]."""
    return np.column_stack([kind.share * _over_the_year(kind.months, first_day, days) for kind in PRODUCT_TYPES])


def _over_the_year(by_month: tuple[float, ...], first_day: dt.date, days: int) -> Floats:
    """Monthly values put at the middle of their months and joined by straight lines."""
    day_of_year = (first_day.timetuple().tm_yday - 1 + np.arange(days)) % 365.25
    middles = _MID_MONTH + _MONTH * np.arange(-1, 13)
    wrapped = [by_month[-1], *by_month, by_month[0]]
    return np.asarray(np.interp(day_of_year, middles, wrapped), np.float64)
