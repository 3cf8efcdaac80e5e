"""Text to timestamps in one time zone, from any mix of offsets and formats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl

from frontrow.tables.remark import Remark

WITH_OFFSET: Final = (
    *("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%:z", "%Y-%m-%dT%H:%M:%S%z"),
    "%Y-%m-%d %H:%M:%S%.f%:z",
)
# how databases write an offset: 10:15:00+02
OFFSET_OF_HOURS: Final = r"(:\d{2}(?:\.\d+)?[+-]\d{2})$"
WITHOUT_OFFSET: Final = (
    *("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"),
)
DATE_ONLY: Final = ("%Y-%m-%d", "%Y/%m/%d")
DAY_OR_MONTH_FIRST: Final = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})"
# the end of a file that was cut
CUT_YEAR: Final = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{3}(\D|$)"
TWO_DIGITS: Final = r"^(\d{1,2}/\d{1,2}/)(\d\d)(\D|$)"
# Parquet can hold numbers that are no date of any calendar, and computing with one of them would end the process
YEARS: Final = (2, 9998)
CHANGED_HOURS: Final = (
    "1 time falls into an hour that the clock change repeats or skips; the first or next hour was taken",
    "{count} times fall into an hour that the clock change repeats or skips; the first or next hour was taken",
)
UNITS_A_DAY: Final = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def parse_timestamps(
    cells: pl.Series, time_zone: str, *, others: Sequence[str] = ()
) -> tuple[pl.Series, tuple[str, ...]]:
    """Return timestamps in `time_zone`; null where a cell cannot be read.

    A timestamp with an offset is an instant. One without is read on the wall clock of `time_zone`: in an hour that
    happens twice the first is taken, and for one that does not exist the hour after it.

    Args:
        cells: Text, dates or timestamps. Of dates that no calendar has, the nearest one is returned.
        time_zone: IANA name.
        others: Text cells of the same column elsewhere, which decide with these whether the day or the month is first.

    Returns:
        The timestamps, and warnings for the data report.

    Example:
        >>> values, warnings = parse_timestamps(pl.Series(["2026-05-14 11:23:45 +0100", "2026-05-14 10:23:45"]), "UTC")
        >>> values.to_list()[0] == values.to_list()[1]
        True
    """
    if cells.dtype.is_temporal():
        cells = cells.to_frame("cell").select(bound_timestamps(pl.col("cell"), cells.dtype))["cell"]
    if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone:
        return cells.dt.convert_time_zone(time_zone).dt.cast_time_unit("us"), ()
    if cells.dtype.is_temporal():
        return _localize(cells.cast(pl.Datetime("us")), time_zone)
    texts = cells.cast(pl.String).unique().drop_nulls()
    distinct = pl.concat([texts, pl.Series(texts.name, others, pl.String)]).unique().to_frame("cell")
    parsed, warnings = _parse_distinct(distinct.with_columns(text=pl.col("cell").str.strip_chars()), time_zone)
    joined = cells.cast(pl.String).to_frame("cell").join(parsed, on="cell", how="left", maintain_order="left")
    return joined["timestamp"], warnings


def bound_timestamps(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return dates or timestamps with those outside `YEARS` at its bounds; other columns as they are.

    Args:
        cells: The column.
        dtype: Its type.
    """
    first, last = (dt.date(year, 1, 1).toordinal() - dt.date(1970, 1, 1).toordinal() for year in YEARS)
    if isinstance(dtype, pl.Datetime):
        units = UNITS_A_DAY[dtype.time_unit]
        # nanoseconds end in 2262, and their bounds do not fit into 64 bits
        low, high = max(first * units, -(2**63)), min(last * units, 2**63 - 1)
        return cells.to_physical().clip(low, high).cast(dtype)
    return cells.to_physical().clip(first, last).cast(dtype) if dtype == pl.Date else cells


def _parse_distinct(distinct: pl.DataFrame, time_zone: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Add the timestamp of each distinct cell; most files need the formats with an offset only."""
    text = pl.col("text").str.replace(r" UTC$|Z$", " +0000").str.replace(OFFSET_OF_HOURS, "${1}:00")
    instants = _parse_instants(distinct.select(text)["text"]).dt.convert_time_zone(time_zone)
    if not instants.null_count():
        return distinct.select("cell", timestamp=instants), ()
    formats, order_warnings = _day_or_month_first(distinct["text"])
    whole = pl.when(~pl.col("text").str.contains(CUT_YEAR)).then("text")
    slashed = distinct.select(whole.str.replace(DAY_OR_MONTH_FIRST, "${1}/${2}/${3}").alias("text"))
    slashed, year_warnings = _with_four_digit_years(slashed)
    naive = slashed.select(
        pl.coalesce(
            *(
                pl.col("text").str.to_datetime(form, strict=False, time_unit="us")
                for form in (*WITHOUT_OFFSET, *formats)
            ),
            *(pl.col("text").str.to_date(form, strict=False).cast(pl.Datetime("us")) for form in DATE_ONLY),
        ).alias("naive")
    )["naive"]
    local, clock_warnings = _localize(naive, time_zone)
    parsed = distinct.select("cell", timestamp=instants.fill_null(local) if instants.len() else local)
    return parsed, (*order_warnings, *year_warnings, *clock_warnings)


def _parse_instants(texts: pl.Series) -> pl.Series:
    """Return the instants of timestamps with an offset; a format is tried where those before it do not fit."""
    instants = pl.Series(texts.name, [], pl.Datetime("us", "UTC")).extend_constant(None, texts.len())
    for form in WITH_OFFSET:
        if not instants.null_count():
            break
        parsed = texts.str.to_datetime(form, strict=False, time_unit="us").dt.convert_time_zone("UTC")
        instants = instants.fill_null(parsed)
    return instants


def _with_four_digit_years(slashed: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Write 14/05/26 as 14/05/2026, with a warning if there is any such date; from 70 on it is the last century."""
    text = pl.col("text")
    if not slashed.select(text.str.contains(TWO_DIGITS).any()).item():
        return slashed, ()
    past = text.str.extract(TWO_DIGITS, 2).cast(pl.Int64, strict=False) >= 70
    last, this = (text.str.replace(TWO_DIGITS, "${1}" + century + "${2}${3}") for century in ("19", "20"))
    full = pl.when(past).then(last).otherwise(this)
    return slashed.select(full.alias("text")), ("years of two digits end the date: 14/05/26 was read as of 2026",)


def _day_or_month_first(cells: pl.Series) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the formats for timestamps such as 13/12/2010 08:26, decided by the whole column, with a warning."""
    parts = cells.str.extract_groups(DAY_OR_MONTH_FIRST).struct.unnest().cast(pl.Int64, strict=False)
    parts.columns = ["first", "second", "year"]
    if parts["first"].null_count() == parts.height:
        return (), ()
    month_first = (parts["second"].max() or 0) > 12 and (parts["first"].max() or 0) <= 12  # type: ignore[operator]
    ambiguous = (parts["second"].max() or 0) <= 12 and (parts["first"].max() or 0) <= 12  # type: ignore[operator]
    days = "%m/%d/" if month_first else "%d/%m/"
    formats = [f"{days}%Y{clock}" for clock in (" %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "")]
    warning = "dates such as 03/04/2025 were read as day/month/year; nothing in the file says which it is"
    return tuple(formats), (warning,) if ambiguous else ()


def _localize(naive: pl.Series, time_zone: str) -> tuple[pl.Series, tuple[str, ...]]:
    """Turn wall-clock times into instants, with a warning if some fall into an hour of a clock change."""
    strict = naive.dt.replace_time_zone(time_zone, ambiguous="null", non_existent="null")
    changed = strict.null_count() - naive.null_count()
    if not changed:
        return strict, ()
    first = naive.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    later = naive.dt.offset_by("1h").dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    return first.fill_null(later), (Remark("clock change", CHANGED_HOURS, changed),)
