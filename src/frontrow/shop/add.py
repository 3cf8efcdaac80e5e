"""Add files to a shop: new orders, the products and customers in them, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from frontrow.importing.catalogue import merge_catalogue
from frontrow.importing.customers import number_customers, update_contacts
from frontrow.importing.format import CONTACT_FIELDS, LINE_FIELDS, Format, ParsedFile
from frontrow.importing.product_identity import IdentitySettings, identify_products
from frontrow.schema import conform, order_line_schema
from frontrow.shop.forgotten import NOBODY, Forgotten
from frontrow.shop.import_report import FileReport
from frontrow.shop.shop import Shop

ALREADY_IMPORTED: Final = "order already imported"
IN_TIME: Final = ["ordered_at", "order_id", "line_number"]
REQUIRED: Final = ["source_id", "sku", "title", "quantity", "price", "discount"]


@dataclass(frozen=True)
class NewRows:
    """The rows of one file that neither the shop nor the files before it have.

    Attributes:
        file: The file's name, without the folder.
        format: Its format.
        parsed: What it holds; its `lines` are the new ones only.
        rows: Rows in the file.
        dropped: Rows left out, by reason.
        orders: The orders in it, including the dropped ones; None for a file without orders.
    """

    file: str
    format: Format
    parsed: ParsedFile
    rows: int
    dropped: Mapping[str, int]
    orders: pl.Series | None = None


def select_new_rows(file: str, file_format: Format, parsed: ParsedFile, imported: pl.Series) -> NewRows:
    """Leave out complete orders that were imported already, and count the rows left out.

    Args:
        file: The file's name.
        file_format: Its format.
        parsed: What it holds.
        imported: Ids of the orders on disk or in an earlier file.
    """
    rows = parsed.lines
    if rows is None:
        total = parsed.kept + sum(parsed.dropped.values())
        return NewRows(file, file_format, parsed, total, parsed.dropped)
    orders = rows["order_id"].unique().drop_nulls()
    if orders.is_in(imported.implode()).any():
        again = pl.col("order_id").is_in(imported.implode()).fill_null(False)
        rows = rows.with_columns(dropped=pl.when(again).then(pl.lit(ALREADY_IMPORTED)).otherwise("dropped"))
    counts = rows["dropped"].drop_nulls().value_counts(name="rows").sort(["rows", "dropped"], descending=[True, False])
    purchases = rows.filter(pl.col("dropped").is_null()).drop("dropped")
    lines = purchases.with_columns(line_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("order_id"))
    dropped = dict(counts.iter_rows())
    return NewRows(file, file_format, replace(parsed, lines=lines), rows.height, dropped, orders)


@dataclass(frozen=True)
class UpdatedShop:
    """A shop after files were added to it.

    Attributes:
        shop: The shop as it would be written.
        files: What became of each file's rows.
        lines: Number of new order lines.
    """

    shop: Shop
    files: tuple[FileReport, ...]
    lines: int


def add_files(
    shop: Shop, files: Sequence[NewRows], *, next_customer: int, forgotten: Forgotten = NOBODY
) -> UpdatedShop:
    """Add the new rows of files to a shop.

    Args:
        shop: The shop on disk, or an empty one.
        files: In the order in which they count: of an order in several files the first is taken.
        next_customer: The first customer number that was never given.
        forgotten: Who was forgotten: their orders come in as a guest's.
    """
    settings = shop.settings
    old = shop.orders.collect()
    products = shop.products
    for file in files:
        if file.parsed.catalogue is not None:
            products = merge_catalogue(products, file.parsed.catalogue, settings.grain)
    identity = IdentitySettings(settings.grain, settings.parent_sku)
    lines, products = identify_products(_sort_lines(files, settings.time_zone), products, identity)
    lines, contacts = forgotten.erase(lines, _collect_contacts(files, settings.time_zone))
    customers = _update_customers(shop, old, lines, contacts, next_customer)
    new = _with_customer_numbers(lines, customers, order_line_schema(settings.time_zone))
    orders = pl.concat([old, new]).sort(IN_TIME, maintain_order=True) if old.height else new
    updated = Shop(orders.lazy(), products, customers.lazy(), settings, shop.rules)
    return UpdatedShop(updated, _report_files(files, lines, updated), new.height)


def _sort_lines(files: Sequence[NewRows], time_zone: str) -> pl.DataFrame:
    """Return the new lines of all files, in order of time."""
    fields = {**LINE_FIELDS, "ordered_at": pl.Datetime("us", time_zone), "line_number": pl.Int32(), "file": pl.Int32()}
    empty = pl.DataFrame(schema={name: fields[name] for name in (*IN_TIME, *REQUIRED, "file")})
    parts = [
        file.parsed.lines.with_columns(file=pl.lit(number, pl.Int32))
        for number, file in enumerate(files)
        if file.parsed.lines is not None
    ]
    lines = pl.concat([empty, *parts], how="diagonal")
    later = pl.col("ordered_at").diff() > pl.duration()
    same = (pl.col("ordered_at").diff() == pl.duration()) & (pl.col("order_id") >= pl.col("order_id").shift(1))
    is_sorted = lines.select((later | same).fill_null(True).all()).item()
    return lines if is_sorted and len(parts) < 2 else lines.sort(IN_TIME)


def _collect_contacts(files: Sequence[NewRows], time_zone: str) -> pl.DataFrame:
    fields = {**CONTACT_FIELDS, "stated_at": pl.Datetime("us", time_zone)}
    contacts = [file.parsed.contacts for file in files if file.parsed.contacts is not None]
    return pl.concat([pl.DataFrame(schema=fields), *contacts])


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
    return (
        lines.join(numbers, on="source_id", how="left", maintain_order="left")
        .with_columns(day=pl.col("ordered_at").dt.date().cast(pl.Int32))
        .pipe(conform, schema)
        .with_columns(pl.col("partially_refunded").fill_null(False))
    )


def _report_files(files: Sequence[NewRows], lines: pl.DataFrame, shop: Shop) -> tuple[FileReport, ...]:
    reasons = shop.rules.not_products(shop.products)
    hidden = lines.select("file", "product_id").filter(pl.col("product_id").is_in(reasons["product_id"].implode()))
    counts = hidden.join(reasons, on="product_id").group_by("file", "reason").len()
    reports = []
    for number, file in enumerate(files):
        of_file = counts.filter(pl.col("file") == number).sort(["len", "reason"], descending=[True, False])
        reports.append(
            FileReport(
                file=file.file,
                format=file.format.name,
                rows=file.rows,
                kept=file.rows - sum(file.dropped.values()),
                dropped=file.dropped,
                not_products=dict(of_file.select("reason", "len").iter_rows()),
                columns=file.parsed.columns,
                guessed=file.parsed.guessed,
                warnings=file.parsed.warnings,
            )
        )
    return tuple(reports)
