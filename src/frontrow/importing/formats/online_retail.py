"""Online Retail II, the UCI workbook with its two year sheets, its CSV or a Parquet file of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from frontrow.importing.format import Reading, Source, Wishes
from frontrow.importing.order_lines import judge, read_cells, settle
from frontrow.tables.columns import require
from frontrow.tables.parse import identifier, text
from frontrow.tables.table_file import Table


class OnlineRetail(Source):
    """A UK gift shop's invoices; an invoice that starts with C cancels an earlier one."""

    name = "online_retail"
    title = "Online Retail II"
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
    recognised_by = ("order_id", "sku", "quantity", "ordered_at", "price")
    time_zone = "Europe/London"
    currency = "GBP"
    # 85123A and 85123B are colours of 85123
    parent_sku = r"^(\d{5})[A-Za-z]{1,2}$"

    def read(self, table: Table, wishes: Wishes) -> Reading:
        """Read the whole file; see `Source.read`."""
        columns = require(table, self.fields, self.recognised_by)
        raw = table.read(columns.values()).rename({column: field for field, column in columns.items()})
        rows = raw.with_columns(
            *(identifier(name, raw.schema[name]) for name in ("order_id", "source_id") if name in raw.columns),
            *(text(name) for name in ("sku", "title", "country") if name in raw.columns),
        ).with_columns(
            dropped=pl.when(pl.col("order_id").str.contains(r"^[cC]\d")).then(pl.lit("cancellation")),
            **{name: pl.lit(None, pl.String) for name in ("title", "product_id") if name not in raw.columns},
        )
        rows, notes = read_cells(table, rows, columns, wishes.time_zone)
        # an invoice written over the turn of a minute is still one order
        rows = judge(rows).with_columns(pl.col("ordered_at").min().over("order_id"))
        return Reading(
            lines=settle(rows, wishes.time_zone), notes=(*table.notes, *notes), currency=self.currency, columns=columns
        )


SOURCE = OnlineRetail()
