"""Online Retail II, the UCI workbook with its two year sheets, its CSV or a Parquet file of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from frontrow.importing.column_parsing import parse_columns
from frontrow.importing.format import Format, ParsedFile, ParseSettings
from frontrow.importing.order_lines import collect_orders, normalize_lines, validate_lines
from frontrow.tables.clock import read_clock
from frontrow.tables.columns import require_columns
from frontrow.tables.parse import clean_identifier, clean_text
from frontrow.tables.table_file import Table


class OnlineRetail(Format):
    """A UK gift shop's invoices; an invoice number that starts with C cancels an earlier one."""

    name = "online_retail"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "order_id": ("Invoice", "InvoiceNo"),
        "sku": ("StockCode",),
        "title": ("Description",),
        "quantity": ("Quantity",),
        "ordered_at": ("InvoiceDate",),
        "price": ("Price", "UnitPrice"),
        "source_id": ("Customer ID", "CustomerID"),
        "country": ("Country",),
    }
    identifying_fields = ("order_id", "sku", "quantity", "ordered_at", "price")
    time_zone = "Europe/London"
    currency = "GBP"
    # 85123A and 85123B are colours of 85123
    parent_sku = r"^(\d{5})[A-Za-z]{1,2}$"

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, self.identifying_fields)
        raw = table.read(columns.values()).rename({column: field for field, column in columns.items()})
        rows = raw.with_columns(
            *(clean_identifier(name, raw.schema[name]) for name in ("order_id", "source_id") if name in raw.columns),
            *(clean_text(name) for name in ("sku", "title", "country") if name in raw.columns),
        ).with_columns(
            dropped=pl.when(pl.col("order_id").str.contains(r"^[cC]\d")).then(pl.lit("cancellation")),
            **{name: pl.lit(None, pl.String) for name in ("title", "product_id") if name not in raw.columns},
        )
        rows, warnings = parse_columns(table, rows, columns, settings.time_zone)
        rows = validate_lines(rows)
        return ParsedFile(
            lines=normalize_lines(rows),
            orders=collect_orders(rows, settings.time_zone),
            clock=read_clock(raw["ordered_at"]),
            warnings=(*table.warnings, *warnings),
            columns=columns,
        )


FORMAT = OnlineRetail()
