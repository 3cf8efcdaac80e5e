"""What the timestamps of a file say about the clock that they were written by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

# after a time of day: the end of 14-01-2026 is no offset
OFFSET: Final = r":\d{2}(?:\.\d+)?\s*([+-]\d{2}):?(\d{2})?$"


@dataclass(frozen=True)
class Clock:
    """What the timestamps of a file say about the clock they were written by.

    Attributes:
        offsets: Distinct `instant` (UTC, cut to the hour) and `offset_minutes`, east of UTC, of the timestamps with an
            offset.
        has_local_times: Whether there are timestamps without an offset.
    """

    offsets: pl.DataFrame
    has_local_times: bool


def read_clock(cells: pl.Series) -> Clock:
    """Return what timestamps say about their clock.

    Args:
        cells: Text, dates or timestamps. Timestamps of Parquet with a time zone are instants and have no clock.

    Example:
        >>> clock = read_clock(pl.Series(["2026-05-14 11:23:45 +0100", "2026-01-14 11:23:45 +0000"]))
        >>> sorted(clock.offsets["offset_minutes"]), clock.has_local_times
        ([0, 60], False)
    """
    if cells.dtype not in (pl.String, pl.Categorical):
        is_instant = isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is not None
        return Clock(_no_offsets(), has_local_times=not is_instant)
    text = pl.col("cell").str.strip_chars().str.replace(r" UTC$|Z$", " +0000")
    parts = (
        cells.cast(pl.String)
        .to_frame("cell")
        .select(
            hour=text.str.head(13).str.replace("T", " "),
            sign_and_hours=text.str.extract(OFFSET, 1),
            minutes=text.str.extract(OFFSET, 2),
        )
        .unique()
        .filter(pl.col("hour").is_not_null() & (pl.col("hour") != ""))
    )
    hours = pl.col("sign_and_hours").cast(pl.Int64, strict=False)
    minutes = pl.col("minutes").cast(pl.Int64, strict=False).fill_null(0)
    negative = pl.col("sign_and_hours").str.starts_with("-")
    offset = 60 * hours + pl.when(negative).then(-minutes).otherwise(minutes)
    local = (pl.col("hour") + ":00").str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="us")
    local = pl.when(local.dt.year().is_between(1900, 2200)).then(local)
    offsets = parts.select(local=local, offset_minutes=offset).drop_nulls()
    offsets = offsets.select(
        instant=(pl.col("local") - pl.duration(minutes=pl.col("offset_minutes"))).dt.replace_time_zone("UTC"),
        offset_minutes="offset_minutes",
    ).unique()
    return Clock(offsets, has_local_times=bool(parts["sign_and_hours"].null_count()))


def _no_offsets() -> pl.DataFrame:
    return pl.DataFrame(schema={"instant": pl.Datetime("us", "UTC"), "offset_minutes": pl.Int64})
