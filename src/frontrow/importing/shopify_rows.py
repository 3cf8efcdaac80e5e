"""The rows of a Shopify orders export, split into line items and the first rows of orders.

The file is read in batches, so that the order's many columns, empty on all rows but an order's first, are never in
memory for every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from frontrow.tables.parse import clean_text
from frontrow.tables.table_file import ROW, Table

# an order's first row has these, its other rows do not
ORDER_FIELDS = ("financial_status", "total", "subtotal")
ITEM_FIELDS = ("title", "sku", "quantity", "price")
POSITION = "position"


@dataclass(frozen=True)
class OrderRows:
    """The rows of the file, each with its order's name, and the reason in `dropped` if it is not a row of an order.

    Attributes:
        lines: All rows, with the line item's fields.
        openings: Rows that may be the first of their order, including each order's first, with all fields.
    """

    lines: pl.DataFrame
    openings: pl.DataFrame


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
    all_lines = _name_continuations(_with_absent(pl.concat(lines), item), columns["order_id"])
    first = _with_absent(pl.concat(openings).drop("order_id"), set(fields) - {"order_id"})
    names = all_lines.select("order_id", "dropped")[first[POSITION]]
    return _drop_repeated_orders(OrderRows(all_lines, pl.concat([first, names], how="horizontal")))


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


def _name_continuations(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """A row without a name belongs to the order above, if it holds an item and none of the order's own fields."""
    if rows["order_id"].null_count():
        has_item = pl.any_horizontal(pl.col("title", "sku", "price", "quantity").is_not_null())
        continues = pl.col("order_id").is_null() & has_item & ~pl.col("opens")
        above = pl.when(continues).then(pl.col("order_id").forward_fill())
        rows = rows.with_columns(order_id=pl.coalesce("order_id", above))
    return rows.with_columns(dropped=pl.when(pl.col("order_id") == column).then(pl.lit("repeated header")))


def _drop_repeated_orders(rows: OrderRows) -> OrderRows:
    """Drop copies of orders: one whose first row appears again, cell for cell, was written into the file twice.

    So was one whose first item appears again after other orders, though the order has changed since, as where two
    exports were put together: the first copy counts. Equal continuation rows are two equal lines of one order and stay.
    """
    opens = pl.col("opens") & pl.col("order_id").is_not_null() & pl.col("dropped").is_null()
    opening = rows.openings.filter(opens)
    first = opening.unique("order_id", keep="first", maintain_order=True)
    if first.height == opening.height:
        return rows
    cells = [name for name in first.columns if name not in (POSITION, ROW, "dropped")]
    ids = rows.lines["order_id"]
    after_others = opening.filter(ids.ne_missing(ids.shift(1))[opening[POSITION]])
    item = ["order_id", *(name for name in ITEM_FIELDS if name in cells)]
    again = pl.concat(
        [
            opening.join(first, on=cells, how="semi", nulls_equal=True),
            after_others.join(first, on=item, how="semi", nulls_equal=True),
        ]
    )
    again = again.unique(POSITION).sort(POSITION)
    # the first match is the order's own first row; from the second one on, all rows of the order are a copy
    copies = again.filter(~pl.col("order_id").is_first_distinct()).unique("order_id", keep="first", maintain_order=True)
    starts = copies.select("order_id", start=POSITION)
    return OrderRows(_drop_from(rows.lines, starts), _drop_from(rows.openings, starts))


def _drop_from(rows: pl.DataFrame, starts: pl.DataFrame) -> pl.DataFrame:
    joined = rows.join(starts, on="order_id", how="left", maintain_order="left")
    copy = (pl.col(POSITION) >= pl.col("start")).fill_null(False) & pl.col("dropped").is_null()
    return joined.with_columns(dropped=pl.when(copy).then(pl.lit("repeated rows")).otherwise("dropped")).drop("start")
