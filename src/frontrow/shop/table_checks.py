"""Whether the tables of a shop are those of a shop: their columns, no gaps where there may be none, values in range.

A checksum says that a table is the one that was written. This says that it was written by frontrow: a table that
somebody else put in its place, with its checksum, is an error here and not later, in the middle of an answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA, FIRST_DAY, PRODUCT_SCHEMA, order_line_schema

MAY_BE_MISSING: Final = ("customer_id", "country", "province", "city")
"""Columns of order lines with gaps."""

EPOCH: Final = dt.date(1970, 1, 1)
LAST_DAY: Final = dt.date(2200, 1, 1)
"""After every date that an import believes."""

_CHECKED: Final[set[tuple[str, str]]] = set()
"""Checksums of order lines that this process has looked at, with the time zone."""


def check_orders(rows: pl.LazyFrame, time_zone: str, sha256: str) -> None:
    """Look at every order line once a process.

    Args:
        rows: The table.
        time_zone: The shop's.
        sha256: Of the table's file.

    Raises:
        ValueError: It is not a table of order lines.
        PolarsError: It cannot be read.
    """
    if (sha256, time_zone) in _CHECKED:
        return
    schema = order_line_schema(time_zone)
    _require_schema(rows, schema)
    first, last = ((day - EPOCH).days for day in (FIRST_DAY, LAST_DAY))
    required = [pl.col(name).is_not_null().all() for name in schema if name not in MAY_BE_MISSING]
    in_range = [
        pl.col("day").is_between(first, last).all(),
        # the day may be another one in UTC
        (pl.col("ordered_at").to_physical() // 86_400_000_000 - pl.col("day")).is_between(-1, 1).all(),
        (pl.col("quantity") >= 1).all(),
        *((pl.col(name).is_finite() & (pl.col(name) >= 0)).all() for name in ("price", "discount")),
        # reads the columns that may be missing too
        pl.len() >= pl.sum_horizontal(pl.col(name).null_count() for name in MAY_BE_MISSING) // len(MAY_BE_MISSING),
    ]
    conditions = {f"{number}": condition for number, condition in enumerate([*required, *in_range])}
    if not all(rows.select(**conditions).collect(engine="streaming").row(0)):
        raise ValueError("an order line has a value that no import writes")
    _CHECKED.add((sha256, time_zone))


def check_products(products: pl.DataFrame) -> None:
    """Make sure that a table is one of products, each once.

    Raises:
        ValueError: It is not.
    """
    _require_schema(products.lazy(), PRODUCT_SCHEMA)
    _require_key(products["product_id"])


def check_customers(customers: pl.LazyFrame) -> None:
    """Make sure that a table is one of customers, each once.

    Raises:
        ValueError: It is not.
        PolarsError: It cannot be read.
    """
    _require_schema(customers, CUSTOMER_SCHEMA)
    rows = customers.collect(engine="streaming")
    _require_key(rows["customer_id"])
    if (rows["customer_id"] < 0).any():
        raise ValueError("a customer has no number")


def _require_schema(rows: pl.LazyFrame, schema: Mapping[str, pl.DataType]) -> None:
    if dict(rows.collect_schema()) != dict(schema):
        raise ValueError("a table has other columns")


def _require_key(values: pl.Series) -> None:
    if values.null_count() or values.n_unique() != len(values):
        raise ValueError("a row of a table has no key, or that of another one")
