"""What files add to a shop: new orders, the products and customers in them, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.schema import order_line_schema
from frontrow.shop.catalogue import merge_catalogue
from frontrow.shop.customers import learn_contacts, number_customers
from frontrow.shop.data_report import FileReport
from frontrow.shop.identity import Naming, name_products
from frontrow.shop.shop import Shop
from frontrow.sources.base import CONTACT_FIELDS, LINE_FIELDS, Reading, Source
from frontrow.sources.reading import Table

ALREADY: Final = "order already imported"
IN_TIME: Final = ["ordered_at", "order_id", "line_number"]


@dataclass(frozen=True)
class ReadFile:
    """A file, the source that read it, and what it says."""

    table: Table
    source: Source
    reading: Reading


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
    kept, dropped = _new_lines(read, old["order_id"].unique(), settings.time_zone)
    products = shop.products
    for one in read:
        if one.reading.catalogue is not None:
            products = merge_catalogue(products, one.reading.catalogue, settings.grain)
    lines, products = name_products(kept, products, Naming(settings.grain, settings.parent_sku))
    customers = _customers(shop, old, lines, _contacts(read, settings.time_zone), next_customer)
    new = _numbered(lines, customers, order_line_schema(settings.time_zone))
    orders = pl.concat([old, new]).sort(IN_TIME, maintain_order=True) if old.height else new
    after = Shop(orders.lazy(), products, customers.lazy(), settings, shop.rules)
    return Added(after, _reports(read, lines, dropped, after), new.height)


def _new_lines(
    read: Sequence[ReadFile], known: pl.Series, time_zone: str
) -> tuple[pl.DataFrame, list[Mapping[str, int]]]:
    """The lines to add, in order of time, and for each file how many rows were dropped and why."""
    fields = {**LINE_FIELDS, "ordered_at": pl.Datetime("us", time_zone), "file": pl.Int32(), "line_number": pl.Int32()}
    parts = [pl.DataFrame(schema=fields)]
    dropped: list[Mapping[str, int]] = []
    for number, one in enumerate(read):
        rows = one.reading.lines
        if rows is None:
            dropped.append(one.reading.dropped)
            continue
        again = pl.col("order_id").is_in(known.implode()).fill_null(False)
        judged = rows.with_columns(dropped=pl.when(again).then(pl.lit(ALREADY)).otherwise("dropped"))
        counts = (
            judged["dropped"]
            .drop_nulls()
            .value_counts(sort=True, name="rows")
            .sort("rows", "dropped", descending=[True, False])
        )
        dropped.append(dict(counts.iter_rows()))
        kept = judged.filter(pl.col("dropped").is_null())
        position = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("order_id")
        parts.append(kept.with_columns(file=pl.lit(number, pl.Int32), line_number=position))
        known = pl.concat([known, rows["order_id"].drop_nulls().unique()])
    return pl.concat(parts).sort(IN_TIME), dropped


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
        .select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    )


def _reports(
    read: Sequence[ReadFile], lines: pl.DataFrame, dropped: Sequence[Mapping[str, int]], shop: Shop
) -> tuple[FileReport, ...]:
    reasons = shop.rules.not_products(shop.products)
    excluded = lines.select("file", "product_id").join(reasons, on="product_id").group_by("file", "reason").len()
    reports = []
    for number, one in enumerate(read):
        own = excluded.filter(pl.col("file") == number).sort(["len", "reason"], descending=[True, False])
        rows = one.reading.lines
        total = rows.height if rows is not None else one.reading.kept + sum(one.reading.dropped.values())
        reports.append(
            FileReport(
                file=one.table.file.name,
                format=one.source.name,
                rows=total,
                kept=total - sum(dropped[number].values()),
                dropped=dropped[number],
                not_products=dict(own.select("reason", "len").iter_rows()),
                columns=one.reading.columns,
                guessed=one.reading.guessed,
                notes=one.reading.notes,
            )
        )
    return tuple(reports)
