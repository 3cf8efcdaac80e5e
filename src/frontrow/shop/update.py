"""Import export files into a shop on disk: add what is new, follow what changed, and account for every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.engines.engine import Engine
from frontrow.engines.local import LOCAL
from frontrow.importing.exchange import NO_RATE, ExchangeRates
from frontrow.importing.format import Format
from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, order_line_schema, order_state_schema
from frontrow.shop.add import Additions, UpdatedShop, add_files, find_additions
from frontrow.shop.config import ShopConfig
from frontrow.shop.file_report import FileReport
from frontrow.shop.forgotten import NOBODY, Forgotten
from frontrow.shop.import_report import DataReport, build_report, warn_of_future_orders
from frontrow.shop.import_settings import DEFAULT_SETTINGS, ImportSettings, choose_format, choose_settings
from frontrow.shop.incoming import Incoming, collect_incoming
from frontrow.shop.product_rules import RULES, ProductRules
from frontrow.shop.read_files import read_files
from frontrow.shop.settings import SECTION, ShopSettings
from frontrow.shop.sharded import large_import
from frontrow.shop.sharded.large_import import LargeImport, count_rows, import_folder
from frontrow.shop.sharded.split_files import OrderUnnamedError
from frontrow.shop.shop import Shop
from frontrow.storage.commit import commit
from frontrow.storage.pointer import POINTER
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.waiting import DEFAULT_WAIT
from frontrow.tables.opening import open_tables
from frontrow.tables.table_file import Table

IN_MEMORY: Final = (
    "row {row} does not name its order, so that all rows were read into memory at once; name the order on each of its "
    "rows for an import that needs little memory"
)


def import_files(
    files: Sequence[str | Path],
    folder: str | Path,
    *,
    settings: ImportSettings = DEFAULT_SETTINGS,
    sections: Mapping[str, Any] | None = None,
    wait: float = DEFAULT_WAIT,
    engine: Engine = LOCAL,
) -> DataReport:
    """Read export files and bring the shop in `folder` to what they say; it is made if it does not exist.

    Args:
        files: Exports of orders, products and customers, in any order; of an order in several files the latest state
            counts (`importing.order_versions`).
        folder: The shop's folder.
        settings: What a person decides.
        sections: Further sections of `shop.json` to be committed together with what the files bring, also where they
            bring nothing new.
        wait: Seconds to wait for another command that is changing the shop.
        engine: Where the work on rows is done; that of a dry run is done here, since it may not write to the shop.

    Returns:
        What became of every row, and what the shop holds now.

    Raises:
        InputError: A file cannot be used; the shop is as it was.
        ShopError: The settings contradict the shop on disk, or it is damaged.
        ShopLockedError: Another command did not finish in time.
    """
    if settings.dry_run:
        return _import_files(files, Path(folder), settings, {}, LOCAL)
    with lock_shop(Path(folder), "import", wait=wait, new=True):
        return _import_files(files, Path(folder), settings, sections or {}, engine)


def _import_files(
    files: Sequence[str | Path],
    folder: Path,
    settings: ImportSettings,
    sections: Mapping[str, Any],
    engine: Engine,
) -> DataReport:
    rules = ProductRules.read(folder / RULES)
    rates = _choose_rates(settings, ShopConfig.read(folder))
    on_disk = Shop.read(folder, hold=settings.dry_run) if (folder / POINTER).exists() else None
    forgotten = Forgotten.read(folder) if on_disk is not None else NOBODY
    with ExitStack() as until_saved:
        tables = until_saved.enter_context(open_tables(files))
        large, rows = None, count_rows(tables, on_disk)
        if rows > large_import.LARGE or not engine.shares_memory:
            place = until_saved.enter_context(import_folder(folder, dry_run=settings.dry_run))
            large = LargeImport(rates, forgotten, rows, place.absolute(), engine)
        update = _update_shop(on_disk, tables, settings, rules=rules, rates=rates, forgotten=forgotten, large=large)
        written = not settings.dry_run and _has_changed(update.before, update.after)
        report = update.report(written=written, dry_run=settings.dry_run)
        if written:
            _write(update.after, folder, sections)
        elif sections and on_disk is not None:
            commit(folder, {}, sections)
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
    large: LargeImport | None = None,
) -> _Update:
    """Add tables to a shop; None for a new one. It happens in memory, unless it is said how to do without."""
    with_formats = [(table, choose_format(table, settings)) for table in tables]
    shop_settings = choose_settings(
        None if on_disk is None else on_disk.settings, [file_format for _, file_format in with_formats], settings
    )
    is_decided = on_disk is not None or settings.time_zone is not None
    start = on_disk.with_settings(shop_settings) if on_disk is not None else _empty_shop(shop_settings, rules)
    before, updated, warnings = _add_tables(
        start, with_formats, settings, rates=rates, forgotten=forgotten, is_decided=is_decided, large=large
    )
    warnings = (*warnings, *_warn_of_currencies(updated), *warn_of_future_orders(updated.shop))
    return _Update(before, updated, warnings)


def _add_tables(
    start: Shop,
    tables: Sequence[tuple[Table, Format]],
    settings: ImportSettings,
    *,
    rates: ExchangeRates,
    forgotten: Forgotten,
    is_decided: bool,
    large: LargeImport | None,
) -> tuple[Shop, UpdatedShop, tuple[str, ...]]:
    """Return the shop with the settings that the files decide, before and after, and warnings."""
    warnings: tuple[str, ...] = ()
    if large is not None:
        try:
            files = large.parse(tables, start.settings, settings, is_decided=is_decided)
        except OrderUnnamedError as error:
            if large.rows > large_import.LARGEST_IN_MEMORY:
                raise
            warnings = (IN_MEMORY.format(row=error.row),)
        else:
            before = _with_decided(start, files.settings)
            return before, large.add(before, files), files.warnings
    before, additions, more = _read_additions(
        start, tables, settings, rates=rates, forgotten=forgotten, is_decided=is_decided
    )
    return before, add_files(before, additions), (*warnings, *more)


def _with_decided(shop: Shop, settings: ShopSettings) -> Shop:
    """The shop with the settings that the files decide; timestamps of an empty one are in its time zone."""
    if settings.time_zone != shop.settings.time_zone:
        shop = _empty_shop(settings, shop.rules)
    return shop.with_settings(settings)


def _read_additions(
    shop: Shop,
    tables: Sequence[tuple[Table, Format]],
    settings: ImportSettings,
    *,
    rates: ExchangeRates,
    forgotten: Forgotten,
    is_decided: bool,
) -> tuple[Shop, Additions, tuple[str, ...]]:
    """Return the shop with the settings that the files decide, what they add to it, and warnings.

    All else that the files bring is let go when this function returns.
    """
    shop, incoming, warnings = _read_incoming(shop, tables, settings, rates, is_decided=is_decided)
    additions = find_additions(shop, incoming, forgotten)
    return shop, additions, warnings


def _read_incoming(
    shop: Shop,
    tables: Sequence[tuple[Table, Format]],
    settings: ImportSettings,
    rates: ExchangeRates,
    *,
    is_decided: bool,
) -> tuple[Shop, Incoming, tuple[str, ...]]:
    """Return the shop with the settings that the files decide, what they bring, and warnings.

    The rows of the files are let go when this function returns.
    """
    read = read_files(tables, shop.settings, settings, is_decided=is_decided)
    shop = _with_decided(shop, read.settings)
    incoming = collect_incoming(read.files, shop.settings, shop.order_states.collect(), rates)
    return shop, incoming, read.warnings


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


def _has_changed(before: Shop, updated: UpdatedShop) -> bool:
    if updated.new_lines or updated.changed or updated.joined_products or updated.has_changed:
        return True
    if updated.has_changed is not None:
        return False
    shop = updated.shop
    pairs = ((shop.customers, before.customers), (shop.order_states, before.order_states))
    same_rows = all(after.collect().equals(earlier.collect()) for after, earlier in pairs)
    return not (same_rows and shop.products.equals(before.products))


def _write(updated: UpdatedShop, folder: Path, sections: Mapping[str, Any]) -> None:
    """Change the shop in one commit; rules that a person may have edited stay as they are."""
    shop = updated.shop
    imported_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    records = tuple(_record(file, imported_at) for file in updated.files)
    settings = replace(shop.settings, imports=(*shop.settings.imports, *records))
    texts = {} if (folder / RULES).is_file() else {RULES: shop.rules.to_json()}
    commit(folder, shop.to_tables(updated.sizes), {**sections, SECTION: settings.to_section()}, texts=texts)


def _record(file: FileReport, imported_at: str) -> dict[str, object]:
    return {
        "file": file.file,
        "format": file.format,
        "rows": file.rows,
        "kept": file.kept,
        "dropped": dict(file.dropped),
        "imported_at": imported_at,
    }
