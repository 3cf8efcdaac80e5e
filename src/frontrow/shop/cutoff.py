"""Cutoffs: instants in the time zone of a shop, and the days and order lines before them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl

from frontrow.errors import ShopError

EPOCH = dt.date(1970, 1, 1)


def to_utc(instant: dt.datetime) -> dt.datetime:
    """The instant in UTC, which has every instant once: only there can two be compared."""
    return instant.astimezone(dt.UTC)


def round_up_to_day(instant: dt.datetime) -> int:
    """The first day whose midnight is not before an instant, as days since 1970-01-01."""
    before = (to_utc(instant) - dt.timedelta(microseconds=1)).astimezone(instant.tzinfo)
    return (before.date() - EPOCH).days + 1


def is_before(instant: dt.datetime, time_zone: str) -> pl.Expr:
    """Whether an order line was ordered strictly before an instant.

    Args:
        instant: In any time zone.
        time_zone: IANA name of the shop's.
    """
    utc = pl.lit(to_utc(instant), pl.Datetime("us", "UTC"))
    return pl.col("ordered_at") < utc.dt.convert_time_zone(time_zone)


def read_instant(cutoff: dt.datetime | dt.date, time_zone: ZoneInfo) -> dt.datetime:
    """A cutoff as an instant of a time zone.

    Args:
        cutoff: An instant (a naive one is read in the time zone), or a date (its midnight).
        time_zone: The shop's.

    Raises:
        ShopError: It is out of range.
    """
    if not isinstance(cutoff, dt.datetime):
        cutoff = dt.datetime.combine(cutoff, dt.time())
    aware = cutoff.replace(tzinfo=time_zone) if cutoff.tzinfo is None else cutoff
    try:
        # Through UTC and back: where the clocks skip midnight, the day begins at one o'clock.
        return aware.astimezone(dt.UTC).astimezone(time_zone)
    except OverflowError as error:
        raise ShopError(f"{cutoff} is out of range. Give a date of the shop's lifetime.") from error
