"""Import export files into a shop on disk: add what is new, follow what changed, and account for every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError, ShopError
from frontrow.importing.exchange import NO_RATE, ExchangeRates, find_currency
from frontrow.importing.format import Format, ParsedFile, ParseSettings, get_format, recognize_format
from frontrow.importing.product_identity import IdentitySettings
from frontrow.importing.time_zone import guess_time_zone
from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, Grain, order_line_schema, order_state_schema
from frontrow.shop.add import ReadFile, UpdatedShop, add_files
from frontrow.shop.config import ShopConfig
from frontrow.shop.file_report import FileReport
from frontrow.shop.forgotten import NOBODY, Forgotten
from frontrow.shop.import_report import DataReport, build_report, warn_of_future_orders
from frontrow.shop.product_rules import RULES, ProductRules
from frontrow.shop.settings import SECTION, ShopSettings
from frontrow.shop.shop import Shop
from frontrow.storage.commit import commit
from frontrow.storage.pointer import POINTER
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.waiting import DEFAULT_WAIT
from frontrow.tables.table_file import Table, open_table


@dataclass(frozen=True)
class ImportSettings:
    """What a person may decide about an import; None leaves it to the shop on disk, else to the files.

    Attributes:
        format: Name of the format of all files; None recognises each by its header.
        mapping: Field to column, for tables with column names of their own.
        time_zone: IANA name of the shop's time zone.
        currency: ISO 4217 code.
        grain: What one product is: the parent product (the default) or each of its variants.
        parent_sku: A regular expression whose first group is the parent's code in a SKU.
        exchange_rates: What other currencies are worth in the shop's, or the text that says so
            (`ExchangeRates.parse`); None for the rates in the shop's configuration. Orders in a currency without a
            rate are left out.
        dry_run: Report, and write nothing.
    """

    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    currency: str | None = None
    grain: Grain | None = None
    parent_sku: str | None = None
    exchange_rates: ExchangeRates | str | None = None
    dry_run: bool = False


DEFAULT_SETTINGS: Final = ImportSettings()


def import_files(
    files: Sequence[str | Path],
    folder: str | Path,
    *,
    settings: ImportSettings = DEFAULT_SETTINGS,
    wait: float = DEFAULT_WAIT,
) -> DataReport:
    """Read export files and bring the shop in `folder` to what they say; it is made if it does not exist.

    Args:
        files: Exports of orders, products and customers, in any order; of an order in several files the latest state
            counts (`importing.order_versions`).
        folder: The shop's folder.
        settings: What a person decides.
        wait: Seconds to wait for another command that is changing the shop.

    Returns:
        What became of every row, and what the shop holds now.

    Raises:
        InputError: A file cannot be used; the shop is as it was.
        ShopError: The settings contradict the shop on disk, or it is damaged.
        ShopLockedError: Another command did not finish in time.
    """
    if settings.dry_run:
        return _import_files(files, Path(folder), settings)
    with lock_shop(Path(folder), "import", wait=wait, new=True):
        return _import_files(files, Path(folder), settings)


def _import_files(files: Sequence[str | Path], folder: Path, settings: ImportSettings) -> DataReport:
    rules = ProductRules.read(folder / RULES)
    rates = _choose_rates(settings, ShopConfig.read(folder))
    on_disk = Shop.read(folder, hold=settings.dry_run) if (folder / POINTER).exists() else None
    forgotten = Forgotten.read(folder) if on_disk is not None else NOBODY
    tables = [open_table(file) for file in files]
    update = _update_shop(on_disk, tables, settings, rules=rules, rates=rates, forgotten=forgotten)
    written = not settings.dry_run and _has_changed(update.before, update.after)
    report = update.report(written=written, dry_run=settings.dry_run)
    if written:
        _write(update.after, folder)
    return report


def import_table(table: Table, settings: ImportSettings = DEFAULT_SETTINGS) -> tuple[Shop, DataReport]:
    """Make a shop in memory of one table; nothing is written.

    Args:
        table: Order lines.
        settings: What a person decides.

    Raises:
        InputError: The table cannot be used.
    """
    rates = _choose_rates(settings, ShopConfig())
    update = _update_shop(None, [table], settings, rules=ProductRules.default(), rates=rates, forgotten=NOBODY)
    shop = update.after.shop
    return shop, update.report(written=False, dry_run=False)


@dataclass(frozen=True)
class _Update:
    """A shop before and after tables were added to it, and what a person should know."""

    before: Shop
    after: UpdatedShop
    warnings: tuple[str, ...]

    def report(self, *, written: bool, dry_run: bool) -> DataReport:
        """What became of every row."""
        return build_report(self.before, self.after, warnings=self.warnings, written=written, dry_run=dry_run)


def _update_shop(
    on_disk: Shop | None,
    tables: Sequence[Table],
    settings: ImportSettings,
    *,
    rules: ProductRules,
    rates: ExchangeRates,
    forgotten: Forgotten,
) -> _Update:
    """Add tables to a shop, in memory; None for a new one."""
    with_formats = [(table, _choose_format(table, settings)) for table in tables]
    shop_settings = choose_settings(on_disk, [file_format for _, file_format in with_formats], settings)
    is_decided = on_disk is not None or settings.time_zone is not None
    read = _read_files(with_formats, shop_settings, settings, is_decided=is_decided)
    before = on_disk.with_settings(read.settings) if on_disk is not None else _empty_shop(read.settings, rules)
    next_customer = _next_customer(before)
    updated = add_files(before, read.files, rates=rates, next_customer=next_customer, forgotten=forgotten)
    warnings = (*read.warnings, *_warn_of_currencies(updated), *warn_of_future_orders(updated.shop))
    return _Update(before, updated, warnings)


@dataclass(frozen=True)
class _ReadFiles:
    """Files that were read, and what they say about the shop.

    Attributes:
        files: The files, their timestamps in the shop's time zone.
        settings: The shop's settings.
        warnings: What a person should know.
    """

    files: list[ReadFile]
    settings: ShopSettings
    warnings: tuple[str, ...]


def _read_files(
    tables: Sequence[tuple[Table, Format]], shop_settings: ShopSettings, settings: ImportSettings, *, is_decided: bool
) -> _ReadFiles:
    """Read all files; where nobody decided the time zone, and no format has one, the timestamps tell it."""
    parse_settings = ParseSettings(shop_settings.time_zone, settings.mapping)
    parsed = [file_format.parse(table, parse_settings) for table, file_format in tables]
    shop_settings = replace(shop_settings, currency=_choose_currency(shop_settings, tables, parsed, settings))
    is_decided = is_decided or any(file_format.time_zone for _, file_format in tables)
    warnings: tuple[str, ...] = ()
    if not is_decided:
        clocks = [file.clock for file in parsed if file.clock is not None]
        zone = guess_time_zone(clocks, shop_settings.currency)
        warnings = (_describe_guess(zone),) if clocks else ()
        if zone is not None and zone != shop_settings.time_zone:
            shop_settings = replace(shop_settings, time_zone=zone)
            parse_settings = replace(parse_settings, time_zone=zone)
            parsed = [
                _in_time_zone(file, zone) if _has_instants_only(file) else file_format.parse(table, parse_settings)
                for file, (table, file_format) in zip(parsed, tables, strict=True)
            ]
    files = [
        ReadFile(table.file.name, file_format, file) for (table, file_format), file in zip(tables, parsed, strict=True)
    ]
    return _ReadFiles(files, shop_settings, warnings)


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


def _choose_format(table: Table, settings: ImportSettings) -> Format:
    if settings.mapping and settings.format not in (None, "order_lines"):
        raise ShopError(f"--map names columns of order_lines; {settings.format} finds its own. Give one of the two.")
    if settings.format is not None:
        try:
            return get_format(settings.format)
        except ValueError as error:
            raise InputError(str(error), file=table.file) from error
    return get_format("order_lines") if settings.mapping else recognize_format(table)


def choose_settings(on_disk: Shop | None, formats: Sequence[Format], settings: ImportSettings) -> ShopSettings:
    """Return the shop's settings, as far as they are decided before the files are read.

    Args:
        on_disk: The shop as it is, whose settings stay; None for a new one.
        formats: Those of the files.
        settings: What a person decides.

    Raises:
        ShopError: The settings contradict the shop on disk.
    """
    if on_disk is not None:
        for name in ("time_zone", "currency", "grain", "parent_sku"):
            new, old = getattr(settings, name), getattr(on_disk.settings, name)
            if new is not None and old and new != old:
                option = name.replace("_", "-")
                raise ShopError(f"--{option} {new} contradicts the shop, which has {old}. Import into a new folder.")
        return on_disk.settings
    time_zones = sorted({file_format.time_zone for file_format in formats if file_format.time_zone})
    parent_skus = sorted({file_format.parent_sku for file_format in formats if file_format.parent_sku})
    shop_settings = ShopSettings(
        time_zone=settings.time_zone or next(iter(time_zones), "UTC"),
        grain=settings.grain or "product",
        parent_sku=settings.parent_sku or next(iter(parent_skus), None),
    )
    IdentitySettings(shop_settings.grain, shop_settings.parent_sku)  # refuses a bad pattern before hours of reading
    return shop_settings


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


def _choose_rates(settings: ImportSettings, config: ShopConfig) -> ExchangeRates:
    if isinstance(settings.exchange_rates, str):
        return ExchangeRates.parse(settings.exchange_rates)
    return settings.exchange_rates or ExchangeRates(config.exchange_rates)


def _warn_of_currencies(updated: UpdatedShop) -> tuple[str, ...]:
    """Say how to bring orders in that were left out for want of an exchange rate."""
    codes = sorted(
        {
            reason.removeprefix(NO_RATE)
            for file in updated.files
            for reason in file.dropped
            if reason.startswith(NO_RATE)
        }
    )
    if not codes:
        return ()
    example = ", ".join(f"{code}=0.75" for code in codes)
    worth = f"what one unit is worth in {updated.shop.settings.currency}"
    return (
        f"orders in {', '.join(codes)} were left out, because amounts of two currencies cannot be added up; import "
        f'again with {worth}, such as --exchange-rates "{example}", or with a CSV file of rates by month',
    )


def _empty_shop(settings: ShopSettings, rules: ProductRules) -> Shop:
    return Shop(
        orders=pl.LazyFrame(schema=order_line_schema(settings.time_zone)),
        products=pl.DataFrame(schema=dict(PRODUCT_SCHEMA)),
        customers=pl.LazyFrame(schema=dict(CUSTOMER_SCHEMA)),
        settings=settings,
        rules=rules,
        order_states=pl.LazyFrame(schema=order_state_schema(settings.time_zone)),
    )


def _next_customer(shop: Shop) -> int:
    """Return the first number never given, not even to a customer who was erased since."""
    highest = shop.customers.select(pl.col("customer_id").max()).collect().item() or 0
    return 1 + max([int(highest), *(int(record.get("last_customer_id", 0)) for record in shop.settings.imports)])


def _has_changed(before: Shop, updated: UpdatedShop) -> bool:
    if updated.new_lines or updated.changed or updated.joined_products:
        return True
    shop = updated.shop
    pairs = ((shop.customers, before.customers), (shop.order_states, before.order_states))
    same_rows = all(after.collect().equals(earlier.collect()) for after, earlier in pairs)
    return not (same_rows and shop.products.equals(before.products))


def _write(updated: UpdatedShop, folder: Path) -> None:
    """Change the shop in one commit; rules that a person may have edited stay as they are."""
    shop = updated.shop
    last = shop.customers.select(pl.col("customer_id").max()).collect().item()
    imported_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    records = tuple(_record(file, imported_at) | {"last_customer_id": last or 0} for file in updated.files)
    settings = replace(shop.settings, imports=(*shop.settings.imports, *records))
    texts = {} if (folder / RULES).is_file() else {RULES: shop.rules.to_json()}
    commit(folder, shop.to_tables(), {SECTION: settings.to_section()}, texts=texts)


def _record(file: FileReport, imported_at: str) -> dict[str, object]:
    return {
        "file": file.file,
        "format": file.format,
        "rows": file.rows,
        "kept": file.kept,
        "dropped": dict(file.dropped),
        "imported_at": imported_at,
    }
