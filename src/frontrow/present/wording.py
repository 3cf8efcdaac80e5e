"""How numbers stand in the report: thousands separated, no more digits than they carry."""

from __future__ import annotations

import datetime as dt
import math
import re

from frontrow.shop.cutoff import EPOCH

ABSENT = "–"
NARROW_SPACE = "\u202f"


def count(number: float | None) -> str:
    """A number of people or things; below ten, an expected number keeps a decimal.

    Example:
        >>> count(4326), count(49.7), count(3.21), count(3), count(None)
        ('4,326', '50', '3.2', '3', '–')
    """
    if number is None or not math.isfinite(number):
        return ABSENT
    return f"{number:,.1f}" if abs(number) < 9.95 and number != round(number) else f"{number:,.0f}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share as per cent, with a space that does not break.

    Args:
        share: A share; 1 is all. None, or a number that is not finite, gives a dash.
        digits: Number of decimals.

    Example:
        >>> percent(0.01).replace(NARROW_SPACE, "_"), percent(0.1234, 1).replace(NARROW_SPACE, "_")
        ('1_%', '12.3_%')
    """
    return ABSENT if share is None or not math.isfinite(share) else f"{share:,.{digits}%}"[:-1] + f"{NARROW_SPACE}%"


def decimal(number: float | None, digits: int, *, signed: bool = False) -> str:
    """A number with a fixed number of decimals.

    Args:
        number: The number; None, or one that is not finite, gives a dash.
        digits: Number of decimals.
        signed: Whether a plus sign is written.

    Example:
        >>> decimal(1234.5, 2), decimal(0.5, 1, signed=True), decimal(float("nan"), 1)
        ('1,234.50', '+0.5', '–')
    """
    if number is None or not math.isfinite(number):
        return ABSENT
    return f"{number:{'+' if signed else ''},.{digits}f}"


def money(amount: float | None, currency: str = "") -> str:
    """An amount in the shop's currency; cents only below a hundred.

    Args:
        amount: The amount; None, or one that is not finite, gives a dash.
        currency: ISO 4217 code; empty for none.

    Example:
        >>> money(1234.5, "GBP").replace(NARROW_SPACE, "_"), money(-0.5), money(12.0), money(None, "GBP")
        ('1,234_GBP', '−0.50', '12.00', '–')
    """
    if amount is None or not math.isfinite(amount):
        return ABSENT
    digits = f"{abs(amount):,.0f}" if abs(amount) >= 100 else f"{abs(amount):,.2f}"
    sign = "−" if amount < 0 and digits.strip("0.,") else ""
    return f"{sign}{digits}" + (f"{NARROW_SPACE}{currency}" if currency else "")


def counted(number: int, singular: str, plural: str) -> str:
    """A whole number with its noun.

    Args:
        number: The number.
        singular: The noun for one.
        plural: The noun for any other number.

    Example:
        >>> counted(1, "customer", "customers"), counted(2_000, "customer", "customers")
        ('1 customer', '2,000 customers')
    """
    return f"{number:,} {singular if number == 1 else plural}"


def date(day: int) -> str:
    """The ISO date of a day counted from 1970-01-01.

    Example:
        >>> date(20_454)
        '2026-01-01'
    """
    return (EPOCH + dt.timedelta(days=day)).isoformat()


def long_date(day: dt.date) -> str:
    """A day with its month in letters, which no reader takes for another one.

    Example:
        >>> long_date(dt.date(2026, 3, 1)).replace(chr(160), "_")
        '1_Mar_2026'
    """
    return f"{day.day}\u00a0{day:%b}\u00a0{day.year}"


def instant(stamp: dt.datetime) -> str:
    """The ISO date of a midnight; any other instant with its time of day.

    Example:
        >>> instant(dt.datetime(2026, 1, 1)), instant(dt.datetime(2026, 1, 1, 14, 30))
        ('2026-01-01', '2026-01-01 14:30')
    """
    return stamp.date().isoformat() if stamp.time() == dt.time() else f"{stamp:%Y-%m-%d %H:%M}"


def buyers_between(low: float, high: float) -> str:
    """The whole numbers of buyers within an interval.

    Args:
        low: Lower end of the interval.
        high: Upper end of the interval.

    Example:
        >>> buyers_between(27.4, 161.6), buyers_between(0.3, 0.8)
        ('28 to 161', '0 to 0')
    """
    highest = math.floor(high)
    return f"{count(min(math.ceil(low), highest))} to {count(highest)}"


def minus(text: str) -> str:
    """A sentence or a figure with a minus sign where a hyphen stands for one; dates and words keep theirs.

    Example:
        >>> minus("held-out since 2026-01-01: -1.20 [-2.00, +0.40]").replace("−", "_")
        'held-out since 2026-01-01: _1.20 [_2.00, +0.40]'
    """
    return re.sub(r"(?<![\w-])-(?=\d)", "−", text)
