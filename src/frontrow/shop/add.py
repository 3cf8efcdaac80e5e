"""Add files to a shop: new and changed orders, the products and customers in them, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from frontrow.importing.catalogue import merge_catalogue
from frontrow.importing.customers import number_customers, update_contacts
from frontrow.importing.cut_files import mark_cut_orders
from frontrow.importing.exchange import ExchangeRates, add_rates
from frontrow.importing.format import CATALOGUE_FIELDS, CONTACT_FIELDS, Format, ParsedFile
from frontrow.importing.order_assembly import assemble_lines
from frontrow.importing.order_versions import ALREADY_IMPORTED, LatestOrders, choose_latest
from frontrow.importing.product_identity import IdentitySettings, identify_products
from frontrow.schema import conform, order_line_schema, order_state_schema
from frontrow.shop.changed_orders import ChangedOrders, replace_orders
from frontrow.shop.file_report import FileReport
from frontrow.shop.forgotten import NOBODY, Forgotten
from frontrow.shop.shop import Shop

IN_TIME: Final = ["ordered_at", "order_id", "line_number"]


@dataclass(frozen=True)
class ReadFile:
    """A file that was read.

    Attributes:
        name: The file's name, without the folder.
        format: Its format.
        parsed: What it holds.
    """

    name: str
    format: Format
    parsed: ParsedFile


@dataclass(frozen=True)
class UpdatedShop:
    """A shop after files were added to it.

    Attributes:
        shop: The shop as it would be written.
        files: What became of each file's rows.
        new_lines: Number of order lines of orders that the shop did not have.
        changed: Number of orders by what changed since they were last seen: cancelled, refunded, edited.
        joined_products: Number of products of the shop that turned out to be another one under another title.
    """

    shop: Shop
    files: tuple[FileReport, ...]
    new_lines: int
    changed: Mapping[str, int] = field(default_factory=dict)
    joined_products: int = 0


def add_files(
    shop: Shop, files: Sequence[ReadFile], *, rates: ExchangeRates, next_customer: int, forgotten: Forgotten = NOBODY
) -> UpdatedShop:
    """Add files to a shop; their order does not matter, and neither does where they were cut.

    Args:
        shop: The shop on disk, or an empty one.
        files: Exports of orders, customers and products.
        rates: What other currencies than the shop's are worth.
        next_customer: The first customer number that was never given.
        forgotten: Who was forgotten: their orders come in as a guest's.
    """
    settings = shop.settings
    states = shop.order_states.collect()
    latest = _choose_latest(files, shop, states, rates)
    products = shop.products
    if (catalogue := _collect_catalogue(files)) is not None:
        products = merge_catalogue(products, catalogue, settings.grain)
    lines = _collect_purchases(latest, settings.time_zone)
    ties = latest.lines.select("sku", "title").unique().drop_nulls()
    identity = IdentitySettings(settings.grain, settings.parent_sku)
    identified = identify_products(lines, products, identity, ties=ties)
    old = shop.orders.collect()
    stated = _collect_contacts(files, latest, settings.time_zone)
    contacts = _leave_out_repeated(stated, states, shop.customers.select("source_id").collect())
    lines, contacts = forgotten.erase(identified.lines, contacts)
    customers = _update_customers(shop, old, lines, contacts, next_customer)
    new = _with_customer_numbers(lines, customers, order_line_schema(settings.time_zone))
    old = old.with_columns(pl.col("product_id").replace(identified.joined)) if identified.joined else old
    changes = replace_orders(old, new, states, _states(latest, settings.time_zone), latest.changed)
    orders = changes.orders.sort(IN_TIME, maintain_order=True) if old.height else changes.orders
    updated = Shop(
        orders.lazy(), identified.products, customers.lazy(), settings, shop.rules, order_states=changes.states.lazy()
    )
    on_disk = set(shop.products["product_id"])
    return UpdatedShop(
        updated,
        _report_files(files, latest, lines, updated, changes),
        changes.new_lines,
        changes.counts,
        len(on_disk & identified.joined.keys()),
    )


def _choose_latest(files: Sequence[ReadFile], shop: Shop, states: pl.DataFrame, rates: ExchangeRates) -> LatestOrders:
    """Return the latest state of each order in the files, those left out that the shop has a later state of."""
    lines = [file.parsed.lines for file in files]
    orders = [_with_currency(file, shop.settings.currency, rates) for file in files]
    return choose_latest(lines, mark_cut_orders(lines, orders), states)


def _with_currency(file: ReadFile, currency: str, rates: ExchangeRates) -> pl.DataFrame | None:
    orders = file.parsed.orders
    if orders is None:
        return None
    if file.format.currency and "currency" not in orders.columns:
        orders = orders.with_columns(currency=pl.lit(file.format.currency))
    return add_rates(orders, currency, rates)


def _collect_purchases(latest: LatestOrders, time_zone: str) -> pl.DataFrame:
    """Return the order lines that are purchases, in order of time, numbered within their order."""
    lines = assemble_lines(latest, time_zone).filter(pl.col("dropped").is_null()).drop("dropped")
    lines = lines.with_columns(line_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("order_id"))
    return lines.sort(IN_TIME)


def _collect_catalogue(files: Sequence[ReadFile]) -> pl.DataFrame | None:
    """Return what all products exports say; a product keeps the order of its variants, whatever the order of files."""
    parts = [
        file.parsed.catalogue.with_columns(place=pl.int_range(pl.len()).over("handle"))
        for file in files
        if file.parsed.catalogue is not None
    ]
    if not parts:
        return None
    rows = pl.concat(parts).unique(maintain_order=True)
    if len(parts) > 1:
        rows = rows.sort("handle", "place", *CATALOGUE_FIELDS, nulls_last=True)
    return rows.drop("place")


def _collect_contacts(files: Sequence[ReadFile], latest: LatestOrders, time_zone: str) -> pl.DataFrame:
    """Return what customers exports, and the latest states of orders, say about customers."""
    fields = {**CONTACT_FIELDS, "stated_at": pl.Datetime("us", time_zone)}
    contacts = [
        file.parsed.contacts.with_columns(file=pl.lit(number, pl.Int32))
        for number, file in enumerate(files)
        if file.parsed.contacts is not None
    ]
    rows = pl.concat([pl.DataFrame(schema={**fields, "file": pl.Int32}), *contacts])
    rows = rows.with_columns(version=pl.when(pl.col("order_id").is_not_null()).then(pl.col("version").fill_null(0)))
    current = latest.orders.select("file", "order_id", "version")
    stated = rows.join(current, on=["file", "order_id", "version"], how="semi", maintain_order="left")
    return pl.concat([stated, rows.filter(pl.col("order_id").is_null())]).drop("file", "version")


def _leave_out_repeated(contacts: pl.DataFrame, states: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Return what is said for the first time: by a customers export, by an order that is new, of a customer who is.

    A later state of an order may bring a customer whom the shop does not have: the order was no purchase before, or
    somebody else's.
    """
    is_repeated = pl.col("order_id").is_in(states["order_id"].implode()).fill_null(False)
    is_customer = pl.col("source_id").is_in(customers["source_id"].implode())
    return contacts.filter(~(is_repeated & is_customer))


def _update_customers(
    shop: Shop, old: pl.DataFrame, lines: pl.DataFrame, contacts: pl.DataFrame, next_customer: int
) -> pl.DataFrame:
    customers = number_customers(shop.customers.collect(), lines, contacts, next_id=next_customer)
    last_orders = old.drop_nulls("customer_id").group_by("customer_id").agg(pl.col("ordered_at").max())
    return update_contacts(customers, contacts, last_orders)


def _with_customer_numbers(
    lines: pl.DataFrame, customers: pl.DataFrame, schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Return lines as they are saved: with the customer's number in place of the id in the source."""
    numbers = customers.select("source_id", "customer_id").drop_nulls()
    partially = pl.col("partially_refunded") if "partially_refunded" in lines.columns else pl.lit(False)
    return (
        lines.join(numbers, on="source_id", how="left", maintain_order="left")
        .with_columns(
            day=pl.col("ordered_at").dt.date().cast(pl.Int32),
            partially_refunded=partially.fill_null(False) | (pl.col("refunded") > 0),
        )
        .pipe(conform, schema)
    )


def _states(latest: LatestOrders, time_zone: str) -> pl.DataFrame:
    """Return what the shop will know of the orders of these files."""
    return conform(latest.orders, order_state_schema(time_zone)).sort("order_id")


def _report_files(
    files: Sequence[ReadFile], latest: LatestOrders, lines: pl.DataFrame, shop: Shop, changes: ChangedOrders
) -> tuple[FileReport, ...]:
    """Return what became of the rows of each file."""
    unchanged = pl.col("dropped").is_null() & pl.col("order_id").is_in(changes.unchanged.implode())
    rows = latest.lines.with_columns(dropped=pl.when(unchanged).then(pl.lit(ALREADY_IMPORTED)).otherwise("dropped"))
    counts = rows.group_by("file", "dropped").len()
    hidden = shop.rules.not_products(shop.products)
    others = lines.filter(~pl.col("order_id").is_in(changes.unchanged.implode())).select("file", "product_id")
    not_products = others.join(hidden, on="product_id").group_by("file", "reason").len()
    return tuple(_report_file(file, number, counts, not_products) for number, file in enumerate(files))


def _report_file(file: ReadFile, number: int, counts: pl.DataFrame, not_products: pl.DataFrame) -> FileReport:
    of_file = counts.filter(pl.col("file") == number).sort(["len", "dropped"], descending=[True, False])
    if file.parsed.lines is None:
        dropped = dict(file.parsed.dropped)
        rows = file.parsed.kept + sum(dropped.values())
    else:
        dropped = dict(of_file.filter(pl.col("dropped").is_not_null()).select("dropped", "len").iter_rows())
        rows = int(of_file["len"].sum())
    hidden = not_products.filter(pl.col("file") == number).sort(["len", "reason"], descending=[True, False])
    return FileReport(
        file=file.name,
        format=file.format.name,
        rows=rows,
        kept=rows - sum(dropped.values()),
        dropped=dropped,
        not_products=dict(hidden.select("reason", "len").iter_rows()),
        columns=file.parsed.columns,
        guessed=file.parsed.guessed,
        warnings=file.parsed.warnings,
    )
