"""Shops made by hand: a few lines as tuples, everything else filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from frontrow.schema import order_line_schema
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import EPOCH, Shop

DAY_ZERO = 20_000
"""Days of hand-made lines count from here, so that they read as small numbers."""

Line = tuple[int | None, str, int]
"""Customer (None for a guest), product, day after `DAY_ZERO`."""


def hand_made_shop(lines: Iterable[Line], products: Mapping[str, Mapping[str, Any]] | None = None) -> Shop:
    """A shop of one-line orders, each of one unit at 10.00 and at noon of its day.

    Args:
        lines: In any order; the n-th has order id `n`.
        products: Columns of `schema.PRODUCT_SCHEMA` by product id; a title left out is the id.

    Example:
        >>> shop = hand_made_shop([(1, "red pot", 0), (None, "red pot", 4)])
        >>> shop.as_of().cutoff_day - DAY_ZERO
        5
    """
    told = list(lines)
    ids = dict.fromkeys([*(products or {}), *(product for _, product, _ in told)])
    table = [{"product_id": one, "title": one, **(products or {}).get(one, {})} for one in ids]
    customers = sorted({customer for customer, _, _ in told if customer is not None})
    return Shop.from_tables(
        orders=order_lines(told),
        products=pl.DataFrame(table, infer_schema_length=None) if table else pl.DataFrame({"product_id": []}),
        customers=pl.DataFrame({"customer_id": customers, "source_id": [f"c{one}" for one in customers]}),
        settings=ShopSettings(time_zone="UTC"),
    )


def order_lines(lines: Iterable[Line], *, first_order: int = 0, **columns: Any) -> pl.DataFrame:
    """Order lines (`schema.order_line_schema`) of one-line orders.

    Args:
        lines: Customer, product, day after `DAY_ZERO`.
        first_order: Number of the first order.
        columns: Values of other columns, one for all lines or one a line.

    Example:
        >>> order_lines([(1, "red pot", 3)], price=2.5).select("day", "price").row(0)
        (20003, 2.5)
    """
    told = list(lines)
    noon = dt.datetime.combine(EPOCH, dt.time(12), dt.UTC)
    defaults: dict[str, Any] = {
        "order_id": [f"{first_order + number:06d}" for number in range(len(told))],
        "line_number": 1,
        "customer_id": [customer for customer, _, _ in told],
        "ordered_at": [noon + dt.timedelta(days=DAY_ZERO + day) for _, _, day in told],
        "day": [DAY_ZERO + day for _, _, day in told],
        "product_id": [product for _, product, _ in told],
        "quantity": 1,
        "price": 10.0,
        "discount": 0.0,
        "partially_refunded": False,
        "country": None,
        "province": None,
        "city": None,
    }
    filled = {
        name: value if isinstance(value, list) else [value] * len(told)
        for name, value in {**defaults, **columns}.items()
    }
    return pl.DataFrame(filled, schema=order_line_schema("UTC"))
