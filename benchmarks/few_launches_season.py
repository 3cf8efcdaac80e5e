"""Which launches stand at a turn of the season: just before the peak of November and December, or just after it."""

from __future__ import annotations

import datetime as dt

from frontrow.shop.cutoff import EPOCH

PEAK_MONTH = 11
INTO, OUT_OF = ((10, 20), (11, 15)), ((12, 15), (1, 10))
"""First and last launch day, as month and day. Most of the 30 days lie on the other side of the turn, and no launch
whose window lay there as a whole has closed."""

FIRST, AGAIN, AFTER = "into the first peak", "into a peak, one seen before", "out of a peak"
TURNS = (FIRST, AGAIN, AFTER)


def name_turn(launch_day: int, first_day: int) -> str | None:
    """The turn that a launch stands at; None far from one.

    Args:
        launch_day: Days since 1970-01-01.
        first_day: The first day of the shop's history.

    Example:
        >>> first_day = (dt.date(2024, 1, 1) - EPOCH).days
        >>> [name_turn((dt.date(year, 11, 1) - EPOCH).days, first_day) for year in (2024, 2025)]
        ['into the first peak', 'into a peak, one seen before']
    """
    day = EPOCH + dt.timedelta(launch_day)
    month_and_day = (day.month, day.day)
    if INTO[0] <= month_and_day <= INTO[1]:
        last_peak = (dt.date(day.year - 1, PEAK_MONTH, 1) - EPOCH).days
        return AGAIN if first_day <= last_peak else FIRST
    return AFTER if month_and_day >= OUT_OF[0] or month_and_day <= OUT_OF[1] else None
