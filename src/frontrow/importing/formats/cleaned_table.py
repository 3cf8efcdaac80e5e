"""The cleaned table of 31 columns that the launch notebook works on: one row an order line, nothing left to fill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from frontrow.importing.discounts import spread_discounts
from frontrow.importing.format import Reading, Source, Wishes
from frontrow.importing.order_lines import judge, order_contacts, read_cells, repeated_header, settle
from frontrow.tables.columns import read_fields, require
from frontrow.tables.parse import email, identifier, number, text, unquoted
from frontrow.tables.table_file import Table

TEXTS = ("title", "product_type", "category", "vendor", "country", "province", "city", "company")


class CleanedTable(Source):
    """Orders already cleaned, with the parent product and its type on each line."""

    name = "cleaned_table"
    title = "the notebook's cleaned table"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "order_id": ("orderid", "order id"),
        "source_id": ("Email",),
        "product_id": ("Parent_SKU",),
        "sku": ("Lineitem sku",),
        "title": ("Lineitem name",),
        "price": ("Lineitem price",),
        "quantity": ("Lineitem quantity",),
        "ordered_at": ("Created at",),
        "order_discount": ("Discount Amount",),
        "subtotal": ("Subtotal",),
        "product_type": ("Product Type",),
        "category": ("type name",),
        "vendor": ("Vendor",),
        "country": ("Shipping Country",),
        "province": ("Shipping Province",),
        "city": ("Shipping City",),
        "company": ("Shipping Company",),
        "phone": ("Shipping Phone",),
    }
    recognised_by = ("order_id", "source_id", "title", "price", "quantity", "ordered_at", "product_id")

    def read(self, table: Table, wishes: Wishes) -> Reading:
        """Read the whole file; see `Source.read`."""
        columns = require(table, self.fields, self.recognised_by)
        raw = read_fields(table, self.fields, columns)
        rows = raw.with_columns(
            *(identifier(name, raw.schema[name]) for name in ("order_id", "sku", "product_id")),
            *(text(name) for name in TEXTS),
            email("source_id"),
            unquoted("phone"),
        ).with_columns(
            dropped=repeated_header(raw, columns),
            product_type=pl.coalesce("product_type", "category"),
            discount=pl.lit(None, pl.Float64),
            email="source_id",
        )
        rows = rows.with_columns(number(rows, name) for name in ("order_discount", "subtotal"))
        rows, notes = read_cells(table, rows, columns, wishes.time_zone)
        rows = judge(rows).with_columns(pl.col("ordered_at").min().over("order_id"))
        return Reading(
            lines=settle(spread_discounts(rows), wishes.time_zone),
            contacts=order_contacts(rows, wishes.time_zone),
            notes=(*table.notes, *notes),
            columns=columns,
        )


SOURCE = CleanedTable()
