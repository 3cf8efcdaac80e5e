"""Shops made by hand: a few order lines as tuples, everything else filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.schema import order_line_schema
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.storage.pointer import Pointer

DAY_ZERO = 20_000
"""Days of hand-made lines are counted from this day, so that they are small numbers."""

Line = tuple[int | None, str, int]
"""Customer (None for a guest), product, days after `DAY_ZERO`."""


def hand_made_shop(lines: Iterable[Line], products: Mapping[str, Mapping[str, Any]] | None = None) -> Shop:
    """Build a shop of one-line orders, each of one unit at 10.00 and at noon of its day.

    Args:
        lines: In any order; the n-th line has order id `n`.
        products: Columns of `schema.PRODUCT_SCHEMA` by product id; without a title, the id is the title.

    Example:
        >>> shop = hand_made_shop([(1, "red pot", 0), (None, "red pot", 4)])
        >>> shop.as_of().cutoff_day - DAY_ZERO
        5
    """
    lines = list(lines)
    ids = dict.fromkeys([*(products or {}), *(product for _, product, _ in lines)])
    table = [{"product_id": id_, "title": id_, **(products or {}).get(id_, {})} for id_ in ids]
    customers = sorted({customer for customer, _, _ in lines if customer is not None})
    return Shop.from_tables(
        orders=order_lines(lines),
        products=pl.DataFrame(table, infer_schema_length=None) if table else pl.DataFrame({"product_id": []}),
        customers=pl.DataFrame({"customer_id": customers, "source_id": [f"c{customer}" for customer in customers]}),
        settings=ShopSettings(time_zone="UTC"),
    )


def order_lines(lines: Iterable[Line], *, first_order: int = 0, **columns: Any) -> pl.DataFrame:
    """Build the order lines (`schema.order_line_schema`) of one-line orders.

    Args:
        lines: Customer, product, days after `DAY_ZERO`.
        first_order: Number of the first order.
        columns: Values of other columns: one value for all lines, or a list with one per line.

    Example:
        >>> order_lines([(1, "red pot", 3)], price=2.5).select("day", "price").row(0)
        (20003, 2.5)
    """
    lines = list(lines)
    noon = dt.datetime.combine(EPOCH, dt.time(12), dt.UTC)
    defaults: dict[str, Any] = {
        "order_id": [f"{first_order + number:06d}" for number in range(len(lines))],
        "line_number": 1,
        "customer_id": [customer for customer, _, _ in lines],
        "ordered_at": [noon + dt.timedelta(days=DAY_ZERO + day) for _, _, day in lines],
        "day": [DAY_ZERO + day for _, _, day in lines],
        "product_id": [product for _, product, _ in lines],
        "quantity": 1,
        "price": 10.0,
        "discount": 0.0,
        "refunded": 0.0,
        "partially_refunded": False,
        "country": None,
        "province": None,
        "city": None,
    }
    filled = {
        name: value if isinstance(value, list) else [value] * len(lines)
        for name, value in {**defaults, **columns}.items()
    }
    return pl.DataFrame(filled, schema=order_line_schema("UTC"))


def table_file(folder: Path, name: str) -> Path:
    """The file that holds a table of the shop in `folder` now.

    Args:
        folder: The shop's folder.
        name: Of the table, such as "orders".
    """
    return folder / Pointer.read(folder).tables[name].file


def read_table(folder: Path, name: str) -> pl.DataFrame:
    """The rows of a table of the shop in `folder`, read without any check.

    Args:
        folder: The shop's folder.
        name: Of the table, such as "orders".
    """
    return pl.read_parquet(table_file(folder, name), glob=False)
