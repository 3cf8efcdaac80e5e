"""What files add to a shop: new orders, the products and customers in them, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from frontrow.importing.catalogue import merge_catalogue
from frontrow.importing.customers import learn_contacts, number_customers
from frontrow.importing.format import CONTACT_FIELDS, LINE_FIELDS, Reading, Source
from frontrow.importing.product_identity import Naming, name_products
from frontrow.schema import conform, order_line_schema
from frontrow.shop.import_report import FileReport
from frontrow.shop.shop import Shop

ALREADY: Final = "order already imported"
IN_TIME: Final = ["ordered_at", "order_id", "line_number"]
NEEDED: Final = ["source_id", "sku", "title", "quantity", "price", "discount"]


@dataclass(frozen=True)
class ReadFile:
    """What one file has that the shop and the files before it have not.

    Attributes:
        file: Its name, without the folder.
        source: The source that read it.
        reading: What the source made of it; its `lines` are the new ones only.
        rows: Rows in the file.
        dropped: Rows left out, by reason.
        orders: The orders in it, the dropped ones included; None for a file that holds none.
    """

    file: str
    source: Source
    reading: Reading
    rows: int
    dropped: Mapping[str, int]
    orders: pl.Series | None = None


def take_new(file: str, source: Source, reading: Reading, known: pl.Series) -> ReadFile:
    """Leave out the orders that are known already, whole, and count what is left out.

    Args:
        file: The file's name.
        source: The source that read it.
        reading: What it made of it.
        known: Orders on disk or in an earlier file.
    """
    rows = reading.lines
    if rows is None:
        total = reading.kept + sum(reading.dropped.values())
        return ReadFile(file, source, reading, total, reading.dropped)
    orders = rows["order_id"].unique().drop_nulls()
    if orders.is_in(known.implode()).any():
        again = pl.col("order_id").is_in(known.implode()).fill_null(False)
        rows = rows.with_columns(dropped=pl.when(again).then(pl.lit(ALREADY)).otherwise("dropped"))
    counts = rows["dropped"].drop_nulls().value_counts(name="rows").sort(["rows", "dropped"], descending=[True, False])
    kept = rows.filter(pl.col("dropped").is_null()).drop("dropped")
    numbered = kept.with_columns(line_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("order_id"))
    dropped = dict(counts.iter_rows())
    return ReadFile(file, source, replace(reading, lines=numbered), rows.height, dropped, orders)


@dataclass(frozen=True)
class Added:
    """A shop after files were added to it.

    Attributes:
        shop: The shop as it would be written.
        files: What became of each file's rows.
        lines: How many order lines are new.
    """

    shop: Shop
    files: tuple[FileReport, ...]
    lines: int


def add_files(shop: Shop, read: Sequence[ReadFile], *, next_customer: int) -> Added:
    """Add to a shop what the files have and it has not.

    Args:
        shop: The shop on disk, or an empty one.
        read: The files in the order in which they count: of an order in several files the first is taken.
        next_customer: The first customer number that was never given.
    """
    settings = shop.settings
    old = shop.orders.collect()
    products = shop.products
    for one in read:
        if one.reading.catalogue is not None:
            products = merge_catalogue(products, one.reading.catalogue, settings.grain)
    naming = Naming(settings.grain, settings.parent_sku)
    lines, products = name_products(_in_time(read, settings.time_zone), products, naming)
    customers = _customers(shop, old, lines, _contacts(read, settings.time_zone), next_customer)
    new = _numbered(lines, customers, order_line_schema(settings.time_zone))
    orders = pl.concat([old, new]).sort(IN_TIME, maintain_order=True) if old.height else new
    after = Shop(orders.lazy(), products, customers.lazy(), settings, shop.rules)
    return Added(after, _reports(read, lines, after), new.height)


def _in_time(read: Sequence[ReadFile], time_zone: str) -> pl.DataFrame:
    """The new lines of all files, in order of time."""
    fields = {**LINE_FIELDS, "ordered_at": pl.Datetime("us", time_zone), "line_number": pl.Int32(), "file": pl.Int32()}
    empty = pl.DataFrame(schema={name: fields[name] for name in (*IN_TIME, *NEEDED, "file")})
    parts = [
        one.reading.lines.with_columns(file=pl.lit(number, pl.Int32))
        for number, one in enumerate(read)
        if one.reading.lines is not None
    ]
    lines = pl.concat([empty, *parts], how="diagonal")
    later = pl.col("ordered_at").diff() > pl.duration()
    same = (pl.col("ordered_at").diff() == pl.duration()) & (pl.col("order_id") >= pl.col("order_id").shift(1))
    in_time = lines.select((later | same).fill_null(True).all()).item()
    return lines if in_time and len(parts) < 2 else lines.sort(IN_TIME)


def _contacts(read: Sequence[ReadFile], time_zone: str) -> pl.DataFrame:
    fields = {**CONTACT_FIELDS, "said_at": pl.Datetime("us", time_zone)}
    said = [one.reading.contacts for one in read if one.reading.contacts is not None]
    return pl.concat([pl.DataFrame(schema=fields), *said])


def _customers(
    shop: Shop, old: pl.DataFrame, lines: pl.DataFrame, contacts: pl.DataFrame, next_customer: int
) -> pl.DataFrame:
    known = shop.customers.collect()
    everyone = number_customers(known, lines, contacts, next_id=next_customer)
    last_order = old.drop_nulls("customer_id").group_by("customer_id").agg(pl.col("ordered_at").max())
    return learn_contacts(everyone, contacts, last_order)


def _numbered(lines: pl.DataFrame, customers: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Lines as they are kept: with the customer's number in place of the id in the source."""
    numbers = customers.select("source_id", "customer_id").drop_nulls()
    return (
        lines.join(numbers, on="source_id", how="left", maintain_order="left")
        .with_columns(day=pl.col("ordered_at").dt.date().cast(pl.Int32))
        .pipe(conform, schema)
        .with_columns(pl.col("partially_refunded").fill_null(False))
    )


def _reports(read: Sequence[ReadFile], lines: pl.DataFrame, shop: Shop) -> tuple[FileReport, ...]:
    reasons = shop.rules.not_products(shop.products)
    hidden = lines.select("file", "product_id").filter(pl.col("product_id").is_in(reasons["product_id"].implode()))
    excluded = hidden.join(reasons, on="product_id").group_by("file", "reason").len()
    reports = []
    for number, one in enumerate(read):
        own = excluded.filter(pl.col("file") == number).sort(["len", "reason"], descending=[True, False])
        reports.append(
            FileReport(
                file=one.file,
                format=one.source.name,
                rows=one.rows,
                kept=one.rows - sum(one.dropped.values()),
                dropped=one.dropped,
                not_products=dict(own.select("reason", "len").iter_rows()),
                columns=one.reading.columns,
                guessed=one.reading.guessed,
                notes=one.reading.notes,
            )
        )
    return tuple(reports)
