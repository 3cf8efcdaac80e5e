"""Files that are read for an import, and what they say about the shop: its time zone and its currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from frontrow.importing.exchange import find_currency
from frontrow.importing.format import Format, ParsedFile, ParseSettings
from frontrow.importing.time_zone import guess_time_zone
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.incoming import ReadFile
from frontrow.shop.settings import ShopSettings
from frontrow.tables.clock import Clock
from frontrow.tables.table_file import Table


@dataclass(frozen=True)
class ReadFiles:
    """Files that were read, and what they say about the shop.

    Attributes:
        files: The files, their timestamps in the shop's time zone.
        settings: The shop's settings.
        warnings: What a person should know.
    """

    files: list[ReadFile]
    settings: ShopSettings
    warnings: tuple[str, ...]


def read_files(
    tables: Sequence[tuple[Table, Format]], shop_settings: ShopSettings, settings: ImportSettings, *, is_decided: bool
) -> ReadFiles:
    """Read all files; where nobody decided the time zone, and no format has one, the timestamps tell it.

    Args:
        tables: The files, each with its format.
        shop_settings: The shop's settings, as far as they are decided before the files are read.
        settings: What a person decides.
        is_decided: Whether the shop or a person has decided the time zone.

    Raises:
        InputError: A file cannot be used.
    """
    parse_settings = ParseSettings(shop_settings.time_zone, settings.mapping)
    parsed = [file_format.parse(table, parse_settings) for table, file_format in tables]
    shop_settings = replace(shop_settings, currency=_choose_currency(shop_settings, tables, parsed, settings))
    formats = [file_format for _, file_format in tables]
    zone, warnings = choose_time_zone([file.clock for file in parsed], formats, shop_settings, is_decided=is_decided)
    if zone != shop_settings.time_zone:
        shop_settings = replace(shop_settings, time_zone=zone)
        parse_settings = replace(parse_settings, time_zone=zone)
        parsed = [
            _in_time_zone(file, zone) if _has_instants_only(file) else file_format.parse(table, parse_settings)
            for file, (table, file_format) in zip(parsed, tables, strict=True)
        ]
    named = zip(tables, parsed, strict=True)
    files = [ReadFile(table.file.name, file_format, file) for (table, file_format), file in named]
    return ReadFiles(files, shop_settings, warnings)


def choose_time_zone(
    clocks: Sequence[Clock | None], formats: Sequence[Format], shop_settings: ShopSettings, *, is_decided: bool
) -> tuple[str, tuple[str, ...]]:
    """Return the shop's time zone, and a warning where the timestamps had to tell it.

    Args:
        clocks: What the timestamps of each file say.
        formats: The format of each file.
        shop_settings: The shop's settings, its currency decided.
        is_decided: Whether the shop or a person has decided the time zone.
    """
    with_clock = [clock for clock in clocks if clock is not None]
    if not with_clock or is_decided or any(file_format.time_zone for file_format in formats):
        return shop_settings.time_zone, ()
    zone = guess_time_zone(with_clock, shop_settings.currency)
    return zone or shop_settings.time_zone, (_describe_guess(zone),)


def _has_instants_only(file: ParsedFile) -> bool:
    return file.clock is None or not file.clock.has_local_times


def _in_time_zone(file: ParsedFile, time_zone: str) -> ParsedFile:
    """The same instants on the clock of another time zone."""

    def convert(rows: pl.DataFrame | None) -> pl.DataFrame | None:
        if rows is None:
            return None
        return rows.with_columns(pl.selectors.datetime().dt.convert_time_zone(time_zone))

    return replace(file, orders=convert(file.orders), contacts=convert(file.contacts))


def _describe_guess(zone: str | None) -> str:
    if zone is None:
        return "the files do not name the shop's time zone and UTC was taken; say it with --time-zone Europe/London"
    return (
        f"the timestamps show the clock of {zone}, which was taken as the shop's time zone; if the shop is elsewhere, "
        "import into a new folder with --time-zone"
    )


def _choose_currency(
    shop_settings: ShopSettings,
    tables: Sequence[tuple[Table, Format]],
    files: Sequence[ParsedFile],
    settings: ImportSettings,
) -> str:
    """Return the shop's currency: its own, as a person says, else that of most orders of all files."""
    stated = shop_settings.currency or settings.currency
    if stated:
        return stated
    orders = [
        file.orders.select("dropped", currency=pl.col("currency"))
        if "currency" in file.orders.columns
        else file.orders.select("dropped", currency=pl.lit(file_format.currency or None, pl.String))
        for (_, file_format), file in zip(tables, files, strict=True)
        if file.orders is not None
    ]
    return find_currency(pl.concat(orders)) if orders else ""
