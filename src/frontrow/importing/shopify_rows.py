"""The rows of a Shopify orders export, split into line items and the rows with the order's own fields.

The file is read in batches, so that the order's many columns, empty on all rows but one of each order, are never in
memory for every row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from frontrow.errors import InputError
from frontrow.importing.format import SHARED_TEXT
from frontrow.importing.shopify_versions import POSITION, STATE, number_versions
from frontrow.tables.parse import clean_text
from frontrow.tables.table_file import ROW, Table

TEXTS = ("order_id", "title", "sku", "vendor", "financial_status")
# one row of each order has these, its other rows do not
ORDER_FIELDS = ("financial_status", "total", "subtotal")
CLEANED_TOGETHER = 100_000
"""Rows with an order's fields that are cleaned at once: batches of the file may hold a few only."""


@dataclass(frozen=True)
class OrderRows:
    """The rows of the file, each with its order's name, and the reason in `dropped` if it is not a row of an order.

    Attributes:
        lines: All rows, with the line item's fields and the `version` of the order, from 0.
        orders: One row an order and version, cleaned: the row with the order's own fields, else the first.
            `is_partial` says that the file holds no such row of the order.
    """

    lines: pl.DataFrame
    orders: pl.DataFrame


def read_order_rows(
    table: Table,
    columns: Mapping[str, str],
    fields: Iterable[str],
    item: Collection[str],
    clean: Callable[[pl.DataFrame], pl.DataFrame],
) -> OrderRows:
    """Read the file and give every row its order's name.

    Args:
        table: The file.
        columns: The column of each field that the file has.
        fields: All fields; those without a column are null text.
        item: The fields of a line item.
        clean: Takes rows with the order's own fields, and keeps of these fields what an import needs.
    """
    order_fields = [name for name in fields if name not in item]
    lines, openings = _read_batches(table, columns, order_fields, item, clean)
    lines = _name_continuations(table, lines, columns["order_id"])
    openings = openings.with_columns(lines.select("order_id", "dropped")[openings[POSITION]])
    is_row = openings.select(pl.col("order_id").is_not_null() & pl.col("dropped").is_null()).to_series()
    openings = openings.drop("dropped").filter(is_row)
    lines = number_versions(table, lines, openings, [name for name in item if name != "order_id"])
    has_order_fields = any(name in columns for name in ORDER_FIELDS)
    return OrderRows(lines, _choose_order_rows(openings, lines["version"], has_order_fields=has_order_fields))


def _read_batches(
    table: Table,
    columns: Mapping[str, str],
    order_fields: Sequence[str],
    item: Collection[str],
    clean: Callable[[pl.DataFrame], pl.DataFrame],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return all rows with the line item's fields, and those that may have the order's fields with these."""
    lines, openings, waiting = [], [], []
    for batch in table.batches(columns.values(), lambda rows: _mark_openings(rows, columns, item)):
        rows = _with_absent(batch.select(POSITION, ROW, *(name for name in item if name in columns), "opens"), item)
        lines.append(rows)
        new_name = pl.col("order_id").ne_missing(pl.col("order_id").shift(1))
        candidates = batch.filter(pl.col("opens") | new_name | (pl.int_range(pl.len()) == 0))
        waiting.append(_with_absent(candidates, order_fields).select(POSITION, ROW, "opens", *order_fields))
        if sum(rows.height for rows in waiting) >= CLEANED_TOGETHER:
            openings.append(_clean_openings(waiting, order_fields, clean))
            waiting = []
    if waiting:
        openings.append(_clean_openings(waiting, order_fields, clean))
    return pl.concat(lines, rechunk=True), pl.concat(openings, rechunk=True)


def _clean_openings(
    rows: Sequence[pl.DataFrame], order_fields: Sequence[str], clean: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Clean rows, and add a number for the order's own fields as they stand in the file, for `number_versions`."""
    openings = pl.concat(rows).with_columns(pl.struct(order_fields).hash(seed=0).alias(STATE))
    return clean(openings)


def _choose_order_rows(openings: pl.DataFrame, versions: pl.Series, *, has_order_fields: bool) -> pl.DataFrame:
    """Return one row an order and version: that with the order's own fields, wherever it stands, else the first."""
    openings = openings.with_columns(versions.gather(openings[POSITION]))
    key = ["order_id", "version"]
    if openings.select(key).is_duplicated().any():
        keys = openings.select(*key, "opens").with_row_index("place")
        keys = keys.sort("opens", descending=True, maintain_order=True).unique(key, keep="first", maintain_order=True)
        openings = openings[keys["place"].sort()]
    return openings.with_columns(is_partial=~pl.col("opens") & has_order_fields).drop(STATE, "opens", POSITION)


def _mark_openings(rows: pl.LazyFrame, columns: Mapping[str, str], item: Collection[str]) -> pl.LazyFrame:
    """Rename columns to fields, share the line items' text, and add whether the row has the order's own fields."""
    schema = rows.collect_schema()
    cells = {name: pl.col(column).alias(name) for name, column in columns.items()}
    cells |= {name: clean_text(columns[name]).alias(name) for name in TEXTS if name in columns}
    shared = [name for name in item if name in TEXTS or (name in columns and schema[columns[name]] == pl.String)]
    cells |= {name: cells[name].cast(SHARED_TEXT) for name in shared if name in columns and name != "order_id"}
    filled = [pl.col(columns[name]).is_not_null() for name in ORDER_FIELDS if name in columns]
    is_opening = pl.any_horizontal(*filled, pl.lit(False)).alias("opens")
    return rows.select(ROW, *cells.values(), is_opening).with_row_index(POSITION)


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
    repeated = pl.when(pl.col("order_id") == column).then(pl.lit("repeated header", SHARED_TEXT))
    return rows.with_columns(dropped=repeated)


def _refuse_sorted_rows(table: Table, nameless: pl.Series, rows: pl.DataFrame, column: str) -> None:
    """Refuse rows without a name where other rows stand apart from their order."""
    named = rows.filter(pl.col("order_id").is_not_null())
    apart = pl.col("order_id").ne(pl.col("order_id").shift(1)) & ~pl.col("order_id").is_first_distinct()
    if nameless.len() and named.filter(apart & ~pl.col("opens")).height:
        advice = "Export the file again, or sort it back as it was exported."
        problem = "the row has no order, and the rows of this file are not in the order of the export"
        raise InputError(problem, file=table.file, row=int(nameless[0]), column=column, advice=advice)
