"""The rows of a Shopify orders export, split into line items and the rows with the order's own fields.

The file is read in batches, so that the order's many columns, empty on all rows but one of each order, are never in
memory for every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from frontrow.errors import InputError
from frontrow.importing.shopify_versions import number_versions
from frontrow.tables.parse import clean_text
from frontrow.tables.table_file import ROW, Table

# one row of each order has these, its other rows do not
ORDER_FIELDS = ("financial_status", "total", "subtotal")
POSITION = "position"


@dataclass(frozen=True)
class OrderRows:
    """The rows of the file, each with its order's name, and the reason in `dropped` if it is not a row of an order.

    Attributes:
        lines: All rows, with the line item's fields and the `version` of the order, from 0.
        orders: One row an order and version, with all fields: the row with the order's own fields, else the first.
            `is_partial` says that the file holds no such row of the order.
    """

    lines: pl.DataFrame
    orders: pl.DataFrame


def read_order_rows(table: Table, columns: Mapping[str, str], fields: Iterable[str], item: Iterable[str]) -> OrderRows:
    """Read the file and give every row its order's name.

    Args:
        table: The file.
        columns: The column of each field that the file has.
        fields: All fields; those without a column are null text.
        item: The fields of a line item.
    """
    lines, openings = [], []
    available = [name for name in item if name in columns]
    for batch in table.batches(columns.values(), lambda rows: _mark_openings(rows, columns)):
        lines.append(batch.select(POSITION, ROW, *available, "opens"))
        new_name = pl.col("order_id").ne_missing(pl.col("order_id").shift(1))
        openings.append(batch.filter(pl.col("opens") | new_name | (pl.int_range(pl.len()) == 0)))
    all_lines = _name_continuations(table, _with_absent(pl.concat(lines), item), columns["order_id"])
    first = _with_absent(pl.concat(openings).drop("order_id"), set(fields) - {"order_id"})
    names = all_lines.select("order_id", "dropped")[first[POSITION]]
    named = pl.concat([first, names], how="horizontal")
    named = named.filter(pl.col("order_id").is_not_null() & pl.col("dropped").is_null())
    order_cells = [name for name in fields if name not in item]
    all_lines = number_versions(table, all_lines, named, order_cells, [name for name in item if name != "order_id"])
    has_order_fields = any(name in columns for name in ORDER_FIELDS)
    return OrderRows(all_lines, _choose_order_rows(named, all_lines, has_order_fields=has_order_fields))


def _choose_order_rows(openings: pl.DataFrame, lines: pl.DataFrame, *, has_order_fields: bool) -> pl.DataFrame:
    """Return one row an order and version: that with the order's own fields, wherever it stands, else the first."""
    versions = lines.select(pl.col("version").gather(openings[POSITION]))
    rows = pl.concat([openings, versions], how="horizontal")
    rows = rows.sort("opens", descending=True, maintain_order=True)
    chosen = rows.unique(["order_id", "version"], keep="first", maintain_order=True).sort(POSITION)
    return chosen.with_columns(is_partial=~pl.col("opens") & has_order_fields)


def _mark_openings(rows: pl.LazyFrame, columns: Mapping[str, str]) -> pl.LazyFrame:
    """Rename columns to fields, and add whether the row has the order's own fields."""
    texts = [name for name in ("order_id", "title", "sku", "vendor", "financial_status") if name in columns]
    filled = [pl.col(columns[name]).is_not_null() for name in ORDER_FIELDS if name in columns]
    return rows.select(
        ROW,
        *(clean_text(columns[name]).alias(name) for name in texts),
        *(pl.col(column).alias(name) for name, column in columns.items() if name not in texts),
        pl.any_horizontal(*filled, pl.lit(False)).alias("opens"),
    ).with_row_index(POSITION)


def _with_absent(rows: pl.DataFrame, fields: Iterable[str]) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in fields if name not in rows.columns)


def _name_continuations(table: Table, rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """A row without a name belongs to the order above, if it holds an item and none of the order's own fields.

    Raises:
        InputError: The file was sorted, so that the order above may be another one.
    """
    if rows["order_id"].null_count():
        has_item = pl.any_horizontal(pl.col("title", "sku", "price", "quantity").is_not_null())
        continues = pl.col("order_id").is_null() & has_item & ~pl.col("opens")
        _refuse_sorted_rows(table, rows.filter(continues)[ROW], rows, column)
        above = pl.when(continues).then(pl.col("order_id").forward_fill())
        rows = rows.with_columns(order_id=pl.coalesce("order_id", above))
    return rows.with_columns(dropped=pl.when(pl.col("order_id") == column).then(pl.lit("repeated header")))


def _refuse_sorted_rows(table: Table, nameless: pl.Series, rows: pl.DataFrame, column: str) -> None:
    """Refuse rows without a name where other rows stand apart from their order."""
    named = rows.filter(pl.col("order_id").is_not_null())
    apart = pl.col("order_id").ne(pl.col("order_id").shift(1)) & ~pl.col("order_id").is_first_distinct()
    if nameless.len() and named.filter(apart & ~pl.col("opens")).height:
        advice = "Export the file again, or sort it back as it was exported."
        problem = "the row has no order, and the rows of this file are not in the order of the export"
        raise InputError(problem, file=table.file, row=int(nameless[0]), column=column, advice=advice)
