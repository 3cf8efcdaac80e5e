"""Which rows have changed since the last sync: by a column that says when, with days of overlap.

A row gets its time of change when a transaction writes it, and is seen only when the transaction ends; clocks differ,
and a column may have no time zone. So a sync begins some days before the latest change that it knows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import SettingError

OVERLAP_DAYS: Final = 2
DAY: Final = r"^(\d{4}-\d\d-\d\d)"
"""How a time that is text begins: such texts are in order of time, whatever follows."""

DIGITS: Final = r"^\d+$"
SECONDS_A_DAY: Final = 86_400
UNITS: Final = {1: 11, 1_000: 14, 1_000_000: 17}
"""Units of a second in which a number counts from 1970, with the digits that it then has at most."""


@dataclass(frozen=True)
class Begin:
    """Where a sync begins.

    Attributes:
        changed_column: The column that says when a row changed.
        order_column: The column of the order's id.
        literal: The first time that counts, as it stands in a query.
    """

    changed_column: str
    order_column: str
    literal: str


def find_latest(file: Path, column: str, now: dt.datetime) -> str | None:
    """The latest change that a file of rows knows, as a bookmark; None where no row has one.

    Args:
        file: The rows.
        column: The column that says when a row changed.
        now: What changed after this day does not count: it would hide all other changes until then.

    Raises:
        SettingError: The column holds no times.
    """
    rows = pl.scan_parquet(file, glob=False).select(pl.col(column).alias("changed"))
    dtype = rows.collect_schema()["changed"]
    today = now.astimezone(dt.UTC).date()
    if dtype.is_integer():
        number = rows.select(pl.col("changed").max()).collect().item()
        return None if number is None else str(min(int(number), _to_number(today, int(number))))
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        days = rows.select(pl.col("changed").cast(pl.Date)).filter(pl.col("changed") <= today)
        latest = days.select(pl.col("changed").max()).collect().item()
        return None if latest is None else latest.isoformat()
    if dtype == pl.String:
        return _find_latest_text(rows, column, today)
    raise _no_times(column)


def state_begin(bookmark: str, overlap_days: int) -> str:
    """The first time that counts, as it stands in a query.

    Args:
        bookmark: What `find_latest` returned.
        overlap_days: How many days before.

    Example:
        >>> state_begin("2026-03-01", 2), state_begin("1772323200", 2)
        ("'2026-02-27'", '1772150400')
    """
    if bookmark.isdecimal():
        return str(int(bookmark) - overlap_days * SECONDS_A_DAY * _unit(int(bookmark)))
    return f"'{dt.date.fromisoformat(bookmark) - dt.timedelta(days=overlap_days)}'"


def read_overlap(settings: Mapping[str, Any]) -> int:
    """The days of overlap that settings state.

    Raises:
        SettingError: They are no whole number of days.
    """
    text = str(settings.get("overlap_days") or OVERLAP_DAYS)
    if not text.isdecimal() or not 1 <= int(text) <= 3_650:
        raise SettingError("overlap_days", "The overlap is a whole number of days, at least 1.")
    return int(text)


def _find_latest_text(rows: pl.LazyFrame, column: str, today: dt.date) -> str | None:
    text = pl.col("changed").str.strip_chars()
    filled = rows.select(text).filter(text != "")
    day = pl.col("changed").str.extract(DAY).str.to_date("%Y-%m-%d", strict=False)
    facts = filled.select(rows=pl.len(), days=day.count(), latest=day.filter(day <= today).max()).collect()
    if facts["rows"].item() != facts["days"].item():
        raise _no_times(column)
    latest = facts["latest"].item()
    return None if latest is None else str(latest)


def _unit(number: int) -> int:
    return next((unit for unit, digits in UNITS.items() if len(str(number)) <= digits), 1_000_000)


def _to_number(day: dt.date, like: int) -> int:
    """A day as a number that counts in the unit of another one."""
    return (day - dt.date(1970, 1, 1)).days * SECONDS_A_DAY * _unit(like)


def _no_times(column: str) -> SettingError:
    return SettingError(
        "changed_column",
        f'The column "{column}" does not say when a row changed. Choose one with dates, timestamps, texts that begin '
        "like 2026-03-01, or seconds since 1970; or leave changed_column out, and each sync reads the whole query.",
    )
