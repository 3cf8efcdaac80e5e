"""Import export files into a shop on disk: add what is new, change nothing else, and account for every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError, ShopError
from frontrow.importing.format import Format, ParseSettings, get_format, recognize_format
from frontrow.importing.product_identity import IdentitySettings
from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, Grain, order_line_schema
from frontrow.shop.add import NewRows, UpdatedShop, add_files, select_new_rows
from frontrow.shop.forgotten import NOBODY, Forgotten
from frontrow.shop.import_report import DataReport, FileReport, build_report, warn_of_future_orders
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
        dry_run: Report, and write nothing.
    """

    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    currency: str | None = None
    grain: Grain | None = None
    parent_sku: str | None = None
    dry_run: bool = False


DEFAULT_SETTINGS: Final = ImportSettings()


def import_files(
    files: Sequence[str | Path],
    folder: str | Path,
    *,
    settings: ImportSettings = DEFAULT_SETTINGS,
    wait: float = DEFAULT_WAIT,
) -> DataReport:
    """Read export files and add what is new to the shop in `folder`, which is made if it does not exist.

    Args:
        files: Exports of orders, products and customers, in any order; of an order in several files the first
            counts.
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
    on_disk = Shop.read(folder, hold=settings.dry_run) if (folder / POINTER).exists() else None
    forgotten = Forgotten.read(folder) if on_disk is not None else NOBODY
    tables = [(table, _choose_format(table, settings)) for table in map(open_table, files)]
    shop_settings, zone_warnings = choose_settings(on_disk, [file_format for _, file_format in tables], settings)
    new_rows = _read_new_rows(tables, on_disk, ParseSettings(shop_settings.time_zone, settings.mapping))
    shop_settings, currency_warnings = _with_currency(shop_settings, new_rows, settings)
    before = on_disk.with_settings(shop_settings) if on_disk is not None else _empty_shop(shop_settings, rules)
    updated = add_files(before, new_rows, next_customer=_next_customer(before), forgotten=forgotten)
    written = not settings.dry_run and _has_changed(before, updated)
    warnings = (*zone_warnings, *currency_warnings, *warn_of_future_orders(updated.shop))
    report = build_report(
        before,
        updated.shop,
        updated.files,
        new_lines=updated.lines,
        warnings=warnings,
        written=written,
        dry_run=settings.dry_run,
    )
    if written:
        _write(updated, folder)
    return report


def _read_new_rows(tables: Sequence[tuple[Table, Format]], shop: Shop | None, settings: ParseSettings) -> list[NewRows]:
    """Return what each file has that neither the shop nor an earlier file has."""
    imported = pl.Series("order_id", [], pl.String)
    if shop is not None:
        imported = shop.orders.select(pl.col("order_id").unique()).collect()["order_id"]
    files = []
    for table, file_format in tables:
        file = select_new_rows(table.file.name, file_format, file_format.parse(table, settings), imported)
        imported = imported if file.orders is None else pl.concat([imported, file.orders])
        files.append(file)
    return files


def _choose_format(table: Table, settings: ImportSettings) -> Format:
    if settings.mapping and settings.format not in (None, "order_lines"):
        raise ShopError(f"--map names columns of order_lines; {settings.format} finds its own. Give one of the two.")
    if settings.format is not None:
        try:
            return get_format(settings.format)
        except ValueError as error:
            raise InputError(str(error), file=table.file) from error
    return get_format("order_lines") if settings.mapping else recognize_format(table)


def choose_settings(
    on_disk: Shop | None, formats: Sequence[Format], settings: ImportSettings
) -> tuple[ShopSettings, tuple[str, ...]]:
    """Return the shop's settings, and warnings for the report.

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
        return on_disk.settings, ()
    time_zones = (file_format.time_zone for file_format in formats if file_format.time_zone)
    parent_skus = (file_format.parent_sku for file_format in formats if file_format.parent_sku)
    time_zone = settings.time_zone or next(time_zones, None)
    warning = "the files do not name the shop's time zone and UTC was taken; say it with --time-zone Europe/London"
    shop_settings = ShopSettings(
        time_zone=time_zone or "UTC",
        grain=settings.grain or "product",
        parent_sku=settings.parent_sku or next(parent_skus, None),
    )
    IdentitySettings(shop_settings.grain, shop_settings.parent_sku)  # refuses a bad pattern before hours of reading
    return shop_settings, () if time_zone else (warning,)


def _with_currency(
    shop_settings: ShopSettings, files: Sequence[NewRows], settings: ImportSettings
) -> tuple[ShopSettings, tuple[str, ...]]:
    currencies = [file.parsed.currency or file.format.currency for file in files]
    currency = shop_settings.currency or settings.currency or next((code for code in currencies if code), "")
    others = {*currencies, *(code for file in files for code in file.parsed.other_currencies)} - {currency, ""}
    warning = f"amounts in {', '.join(sorted(others))} were taken as {currency}: nothing is converted"
    return replace(shop_settings, currency=currency), (warning,) if others else ()


def _empty_shop(settings: ShopSettings, rules: ProductRules) -> Shop:
    return Shop(
        orders=pl.LazyFrame(schema=order_line_schema(settings.time_zone)),
        products=pl.DataFrame(schema=dict(PRODUCT_SCHEMA)),
        customers=pl.LazyFrame(schema=dict(CUSTOMER_SCHEMA)),
        settings=settings,
        rules=rules,
    )


def _next_customer(shop: Shop) -> int:
    """Return the first number never given, not even to a customer who was erased since."""
    highest = shop.customers.select(pl.col("customer_id").max()).collect().item() or 0
    return 1 + max([int(highest), *(int(record.get("last_customer_id", 0)) for record in shop.settings.imports)])


def _has_changed(before: Shop, updated: UpdatedShop) -> bool:
    if updated.lines:
        return True
    same_customers = updated.shop.customers.collect().equals(before.customers.collect())
    return not (same_customers and updated.shop.products.equals(before.products))


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
