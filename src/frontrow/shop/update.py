"""Export files into a shop on disk: adds what is new, changes nothing else, and accounts for every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from frontrow.errors import InputError, ShopError
from frontrow.importing.format import Format, ParseSettings, get_format, recognize_format
from frontrow.importing.product_identity import IdentitySettings
from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, Grain, order_line_schema
from frontrow.shop.account import account, dated_ahead
from frontrow.shop.add import NewRows, UpdatedShop, add_files, select_new_rows
from frontrow.shop.import_report import DataReport, FileReport
from frontrow.shop.product_rules import ProductRules
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.storage.folder import (
    CUSTOMERS,
    ORDERS,
    PRODUCTS,
    RULES,
    SETTINGS,
    Versions,
    replace_files,
    versions,
    write_parquet,
)
from frontrow.tables.table_file import Table, open_table


@dataclass(frozen=True)
class ImportOptions:
    """What a person may decide about an import; None leaves it to the shop on disk, else to the files.

    Attributes:
        format: Name of the format for all files; None recognises each by its header.
        mapping: Field to column, for tables that name their columns in their own way.
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


AS_THE_FILES_SAY = ImportOptions()


def import_files(
    files: Sequence[str | Path], folder: str | Path, *, options: ImportOptions = AS_THE_FILES_SAY
) -> DataReport:
    """Read export files and add what is new to the shop in `folder`, which is made if there is none.

    Args:
        files: Exports of orders, products and customers, in any order; of an order in several files the first
            counts.
        folder: The shop's folder.
        options: What a person decides.

    Returns:
        What became of every row, and what the shop holds now.

    Raises:
        InputError: A file cannot be used; the shop is as it was.
        ShopError: The options contradict the shop on disk, or it is damaged, or another command has changed it
            meanwhile.
    """
    folder = Path(folder)
    held = versions(folder)
    rules = ProductRules.read(folder / RULES)
    known = Shop.read(folder) if (folder / SETTINGS).is_file() else None
    opened = [(table, _choose_format(table, options)) for table in map(open_table, files)]
    settings, notes = choose_settings(known, [file_format for _, file_format in opened], options)
    read = _read(opened, known, ParseSettings(settings.time_zone, options.mapping))
    settings, more = _with_currency(settings, read, options)
    before = known.with_settings(settings) if known is not None else _empty_shop(settings, rules)
    added = add_files(before, read, next_customer=_next_customer(before))
    written = not options.dry_run and _is_new(before, added)
    told = (*notes, *more, *dated_ahead(added.shop))
    report = account(before, added, told, written=written, dry_run=options.dry_run)
    if written:
        _write(added, folder, held)
    return report


def _read(opened: Sequence[tuple[Table, Format]], shop: Shop | None, settings: ParseSettings) -> list[NewRows]:
    """What each file has that neither the shop nor an earlier file has."""
    known = pl.Series("order_id", [], pl.String)
    if shop is not None:
        known = shop.orders.select(pl.col("order_id").unique()).collect()["order_id"]
    read = []
    for table, file_format in opened:
        one = select_new_rows(table.file.name, file_format, file_format.parse(table, settings), known)
        known = known if one.orders is None else pl.concat([known, one.orders])
        read.append(one)
    return read


def _choose_format(table: Table, options: ImportOptions) -> Format:
    if options.mapping and options.format not in (None, "order_lines"):
        raise ShopError(f"--map names columns of order_lines; {options.format} finds its own. Give one of the two.")
    if options.format is not None:
        try:
            return get_format(options.format)
        except ValueError as error:
            raise InputError(str(error), file=table.file) from error
    return get_format("order_lines") if options.mapping else recognize_format(table)


def choose_settings(
    known: Shop | None, formats: Sequence[Format], options: ImportOptions
) -> tuple[ShopSettings, tuple[str, ...]]:
    """The shop's settings, and notes for the report.

    Raises:
        ShopError: An option contradicts the shop on disk.
    """
    if known is not None:
        for name in ("time_zone", "currency", "grain", "parent_sku"):
            asked, held = getattr(options, name), getattr(known.settings, name)
            if asked is not None and held and asked != held:
                option = name.replace("_", "-")
                raise ShopError(f"--{option} {asked} contradicts the shop, which has {held}. Import into a new folder.")
        return known.settings, ()
    time_zone = options.time_zone or next((one.time_zone for one in formats if one.time_zone), None)
    note = "the files do not name the shop's time zone and UTC was taken; say it with --time-zone Europe/London"
    settings = ShopSettings(
        time_zone=time_zone or "UTC",
        grain=options.grain or "product",
        parent_sku=options.parent_sku or next((one.parent_sku for one in formats if one.parent_sku), None),
    )
    IdentitySettings(settings.grain, settings.parent_sku)  # a bad pattern is an error before hours of reading
    return settings, () if time_zone else (note,)


def _with_currency(
    settings: ShopSettings, read: Sequence[NewRows], options: ImportOptions
) -> tuple[ShopSettings, tuple[str, ...]]:
    named = [one.parsed.currency or one.format.currency for one in read]
    currency = settings.currency or options.currency or next((one for one in named if one), "")
    others = sorted({*named, *(other for one in read for other in one.parsed.other_currencies)} - {currency, ""})
    note = f"amounts in {', '.join(others)} were taken as {currency}: nothing is converted"
    return replace(settings, currency=currency), (note,) if others else ()


def _empty_shop(settings: ShopSettings, rules: ProductRules) -> Shop:
    return Shop(
        orders=pl.LazyFrame(schema=order_line_schema(settings.time_zone)),
        products=pl.DataFrame(schema=dict(PRODUCT_SCHEMA)),
        customers=pl.LazyFrame(schema=dict(CUSTOMER_SCHEMA)),
        settings=settings,
        rules=rules,
    )


def _next_customer(shop: Shop) -> int:
    """The first number never given, not even to a customer who was forgotten since."""
    highest = shop.customers.select(pl.col("customer_id").max()).collect().item() or 0
    return 1 + max([int(highest), *(int(record.get("last_customer_id", 0)) for record in shop.settings.imports)])


def _is_new(before: Shop, added: UpdatedShop) -> bool:
    if added.lines:
        return True
    customers = added.shop.customers.collect().equals(before.customers.collect())
    return not (customers and added.shop.products.equals(before.products))


def _write(added: UpdatedShop, folder: Path, held: Versions) -> None:
    """Replace the shop's files together; rules that a person may have edited stay as they are."""
    shop = added.shop
    last = shop.customers.select(pl.col("customer_id").max()).collect().item()
    stamp = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    records = tuple(_record(file, stamp) | {"last_customer_id": last or 0} for file in added.files)
    settings = replace(shop.settings, imports=(*shop.settings.imports, *records))
    with replace_files(folder, read=held) as staged:
        write_parquet(shop.orders, staged / ORDERS)
        write_parquet(shop.products.lazy(), staged / PRODUCTS)
        write_parquet(shop.customers, staged / CUSTOMERS)
        (staged / SETTINGS).write_text(settings.to_json(), "utf-8")
        if not (folder / RULES).is_file():
            (staged / RULES).write_text(shop.rules.to_json(), "utf-8")


def _record(file: FileReport, stamp: str) -> dict[str, object]:
    return {
        "file": file.file,
        "format": file.format,
        "rows": file.rows,
        "kept": file.kept,
        "dropped": dict(file.dropped),
        "imported_at": stamp,
    }
