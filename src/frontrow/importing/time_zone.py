"""Which time zone a shop's timestamps were written in, judged by their offsets from UTC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from frontrow.tables.clock import Clock

ZONES: Final[tuple[tuple[str, str], ...]] = (
    *(("UTC", ""), ("Europe/London", "GBP"), ("America/New_York", "USD"), ("America/Chicago", "USD")),
    *(("America/Los_Angeles", "USD"), ("America/Denver", "USD"), ("America/Phoenix", "USD")),
    *(("America/Anchorage", "USD"), ("Pacific/Honolulu", "USD"), ("Europe/Berlin", "EUR"), ("Europe/Dublin", "EUR")),
    *(("Europe/Athens", "EUR"), ("America/Toronto", "CAD"), ("America/Vancouver", "CAD"), ("America/Edmonton", "CAD")),
    *(("America/Winnipeg", "CAD"), ("America/Halifax", "CAD"), ("America/St_Johns", "CAD")),
    *(("Australia/Sydney", "AUD"), ("Australia/Brisbane", "AUD"), ("Australia/Adelaide", "AUD")),
    *(("Australia/Perth", "AUD"), ("Australia/Darwin", "AUD"), ("Pacific/Auckland", "NZD"), ("Asia/Tokyo", "JPY")),
    *(("Asia/Seoul", "KRW"), ("Asia/Shanghai", "CNY"), ("Asia/Hong_Kong", "HKD"), ("Asia/Singapore", "SGD")),
    *(("Asia/Kuala_Lumpur", "MYR"), ("Asia/Manila", "PHP"), ("Asia/Bangkok", "THB"), ("Asia/Jakarta", "IDR")),
    *(("Asia/Ho_Chi_Minh", "VND"), ("Asia/Kolkata", "INR"), ("Asia/Karachi", "PKR"), ("Asia/Dhaka", "BDT")),
    *(("Asia/Dubai", "AED"), ("Asia/Riyadh", "SAR"), ("Asia/Jerusalem", "ILS"), ("Europe/Istanbul", "TRY")),
    *(("Europe/Zurich", "CHF"), ("Europe/Stockholm", "SEK"), ("Europe/Oslo", "NOK"), ("Europe/Copenhagen", "DKK")),
    *(("Europe/Warsaw", "PLN"), ("Europe/Prague", "CZK"), ("Europe/Budapest", "HUF"), ("Europe/Bucharest", "RON")),
    *(("Europe/Kyiv", "UAH"), ("Africa/Johannesburg", "ZAR"), ("Africa/Lagos", "NGN"), ("Africa/Nairobi", "KES")),
    *(("Africa/Cairo", "EGP"), ("Africa/Casablanca", "MAD"), ("America/Sao_Paulo", "BRL")),
    *(("America/Mexico_City", "MXN"), ("America/Bogota", "COP"), ("America/Lima", "PEN")),
    *(("America/Argentina/Buenos_Aires", "ARS"), ("America/Santiago", "CLP")),
)
"""Time zones that are tried, each with the currency of its country; the more usual ones first."""

FITTING: Final = 0.99
"""Share of the offsets that must be right."""


def guess_time_zone(clocks: Sequence[Clock], currency: str = "") -> str | None:
    """Return the time zone in which the offsets are right; None where none fits or no timestamp has an offset.

    Offsets alone rarely tell neighbours apart: of the zones that fit, the first of a country with the shop's currency
    is taken, else the first of all.

    Args:
        clocks: What the timestamps of each file say.
        currency: ISO 4217 code of the shop, or empty.

    Example:
        >>> from frontrow.tables.clock import read_clock
        >>> clock = read_clock(pl.Series(["2026-07-14 11:23:45 -0400", "2026-01-14 11:23:45 -0500"]))
        >>> guess_time_zone([clock], "USD"), guess_time_zone([clock], "CAD")
        ('America/New_York', 'America/Toronto')
    """
    offsets = pl.concat([clock.offsets for clock in clocks], how="vertical").unique() if clocks else None
    if offsets is None or not offsets.height:
        return None
    fitting = [(zone, of_country) for zone, of_country in ZONES if _fits(zone, offsets)]
    of_currency = [zone for zone, of_country in fitting if currency and of_country == currency]
    return next(iter([*of_currency, *(zone for zone, _ in fitting)]), None)


def _fits(zone: str, offsets: pl.DataFrame) -> bool:
    """Whether the clocks of a zone showed nearly each offset at its instant; other systems mistake a changed hour."""
    local = pl.col("instant").dt.convert_time_zone(zone)
    minutes = (local.dt.base_utc_offset() + local.dt.dst_offset()).dt.total_minutes()
    return bool(offsets.select((minutes == pl.col("offset_minutes")).mean()).item() >= FITTING)
