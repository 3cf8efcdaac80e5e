"""The tables of a shop made from frames of any library: checked, completed and in the types of the schema."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from frontrow.errors import FrameError
from frontrow.masking import describe_value
from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, order_line_schema
from frontrow.tables.frames import conform_frame

ORDERS: Final = "orders"
PRODUCTS: Final = "products"
CUSTOMERS: Final = "customers"

FILLED: Final = ("order_id", "ordered_at", "product_id", "quantity", "price")
"""Columns of order lines that have a value in every row."""


def conform_orders(frame: Any, time_zone: str) -> pl.DataFrame:
    """Order lines in the types of the schema.

    Args:
        frame: `FILLED` and `customer_id` (empty for a guest); of the other columns of `schema.order_line_schema`,
            `day` and `line_number` are made where they are missing or empty, `discount` and `refunded` are 0 and
            `partially_refunded` is false.
        time_zone: IANA name of the shop's time zone.

    Raises:
        FrameError: A column is missing or of another type, a cell is empty, or a quantity or amount is out of range.

    Example:
        >>> import datetime as dt
        >>> lines = {"order_id": ["1", "1"], "customer_id": [7, 7], "ordered_at": [dt.datetime(2026, 3, 1, 9)] * 2,
        ...     "product_id": ["pot", "cup"], "quantity": [1, 2], "price": [9.5, 3]}
        >>> conform_orders(pl.DataFrame(lines, strict=False), "UTC").select("line_number", "day", "discount").rows()
        [(1, 20513, 0.0), (2, 20513, 0.0)]
    """
    required = ("order_id", "customer_id", *FILLED[1:])
    lines = conform_frame(frame, order_line_schema(time_zone), ORDERS, required=required, filled=FILLED)
    _refuse_below(lines, "quantity", above=0)
    for column in ("price", "discount", "refunded"):
        _refuse_below(lines, column)
    return lines.with_columns(
        pl.coalesce("day", pl.col("ordered_at").dt.date().cast(pl.Int32)).alias("day"),
        pl.coalesce("line_number", pl.int_range(1, pl.len() + 1).over("order_id").cast(pl.Int32)).alias("line_number"),
        pl.col("discount", "refunded").fill_null(0.0),
        pl.col("partially_refunded").fill_null(False),
    )


def conform_products(frame: Any) -> pl.DataFrame:
    """Products in the types of `schema.PRODUCT_SCHEMA`; only `product_id` and `title` are required.

    Raises:
        FrameError: A column is missing or of another type, or an id is empty or stands in two rows.
    """
    required = ("product_id", "title")
    products = conform_frame(frame, PRODUCT_SCHEMA, PRODUCTS, required=required, filled=("product_id",))
    _refuse_repeated(products, "product_id", PRODUCTS)
    return products


def conform_customers(frame: Any) -> pl.DataFrame:
    """Customers in the types of `schema.CUSTOMER_SCHEMA`; only `customer_id` is required.

    Raises:
        FrameError: The column is missing or of another type, or a number is empty or stands in two rows.
    """
    filled = ("customer_id",)
    customers = conform_frame(frame, CUSTOMER_SCHEMA, CUSTOMERS, required=filled, filled=filled)
    _refuse_repeated(customers, "customer_id", CUSTOMERS)
    return customers


def check_references(orders: pl.DataFrame, products: pl.DataFrame, customers: pl.DataFrame) -> None:
    """Make sure that each order line names a product and a customer that exist.

    Raises:
        FrameError: A product or customer has no row of its own.
    """
    for column, table, frame in (("product_id", products, PRODUCTS), ("customer_id", customers, CUSTOMERS)):
        unknown = orders.drop_nulls(column).join(table, on=column, how="anti", maintain_order="left")
        if unknown.height:
            problem = (
                f"{describe_value(unknown[column][0])} is not in {frame}, nor are the {column}s of "
                f"{unknown.height - 1:,} other rows"
                if unknown.height > 1
                else f"{describe_value(unknown[column][0])} is not in {frame}"
            )
            raise FrameError(problem, frame=ORDERS, column=column, advice=f"Give {frame} a row for each.")


def _refuse_below(lines: pl.DataFrame, column: str, *, above: float | None = None) -> None:
    values = lines[column]
    wrong = values < 0 if above is None else values <= above
    if wrong.any():
        row = int(wrong.arg_true()[0])
        expected = "zero or more" if above is None else "a quantity above zero"
        advice = "Leave returns and cancelled orders out; read_orders does." if column == "quantity" else ""
        raise FrameError(
            f"found {values[row]} in row {row}, expected {expected}", frame=ORDERS, column=column, advice=advice
        )


def _refuse_repeated(table: pl.DataFrame, column: str, frame: str) -> None:
    repeated = table[column].is_duplicated()
    if repeated.any():
        rows = repeated.arg_true()[:2].to_list()
        first = table[column][rows[0]]
        second = int((table[column] == first).arg_true()[1])
        problem = f"rows {rows[0]} and {second} have the same, {describe_value(first)}"
        raise FrameError(problem, frame=frame, column=column, advice="Keep one row for each.")
