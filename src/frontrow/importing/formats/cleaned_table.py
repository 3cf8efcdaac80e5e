"""The cleaned table of 31 columns that the launch notebook works on: one row per order line, every cell filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from frontrow.importing.column_parsing import parse_columns
from frontrow.importing.format import Format, ParsedFile, ParseSettings
from frontrow.importing.order_lines import (
    collect_orders,
    extract_contacts,
    normalize_lines,
    repeated_header_reason,
    validate_lines,
)
from frontrow.tables.clock import read_clock
from frontrow.tables.columns import read_fields, require_columns
from frontrow.tables.parse import clean_email, clean_identifier, clean_quoted_text, clean_text, parse_numbers
from frontrow.tables.table_file import Table

TEXTS = ("title", "product_type", "category", "vendor", "country", "province", "city", "company")

AMOUNTS = ("order_discount", "subtotal")


class CleanedTable(Format):
    """Orders already cleaned, with the parent product and its type on each line."""

    name = "cleaned_table"
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
    amounts = (*Format.amounts, *AMOUNTS)
    identifying_fields = ("order_id", "source_id", "title", "price", "quantity", "ordered_at", "product_id")

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, self.identifying_fields)
        raw = read_fields(table, self.fields, columns)
        rows = raw.with_columns(
            *(clean_identifier(name, raw.schema[name]) for name in ("order_id", "sku", "product_id")),
            *(clean_text(name) for name in TEXTS),
            clean_email("source_id"),
            clean_quoted_text("phone"),
        ).with_columns(
            dropped=repeated_header_reason(raw.schema, columns),
            product_type=pl.coalesce("product_type", "category"),
            discount=pl.lit(None, pl.Float64),
            email="source_id",
        )
        rows = rows.with_columns(
            parse_numbers(rows, name, others=table.cells_elsewhere(columns.get(name))) for name in AMOUNTS
        )
        rows, warnings = parse_columns(table, rows, columns, settings.time_zone)
        rows = validate_lines(rows)
        return ParsedFile(
            lines=normalize_lines(rows),
            orders=collect_orders(rows, settings.time_zone),
            clock=read_clock(raw["ordered_at"]),
            contacts=extract_contacts(rows, settings.time_zone),
            warnings=(*table.warnings, *warnings),
            columns=columns,
        )


FORMAT = CleanedTable()
