"""A shop from frames of any library, and what an error says about a wrong one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frame_kinds import HAS_DUCKDB, KINDS, kinds
from frontrow.errors import FrameError
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop

START = dt.datetime(2026, 3, 1, 23, 30)
ORDERS = pl.DataFrame(
    {
        "order_id": ["1001", "1001", "1002"],
        "customer_id": [1, 1, None],
        "ordered_at": [START, START, START + dt.timedelta(days=4)],
        "product_id": ["pot", "cup", "pot"],
        "quantity": [2, 1, 1],
        "price": [9.5, 3.0, 9.5],
    }
)
PRODUCTS = pl.DataFrame({"product_id": ["pot", "cup"], "title": ["Red pot", "Cup"], "product_type": ["Pot", None]})
CUSTOMERS = pl.DataFrame({"customer_id": [1], "source_id": ["c1"], "accepts_email": [True]})
ZONE = "Europe/London"


def build(orders: Any = ORDERS, products: Any = PRODUCTS, customers: Any = CUSTOMERS) -> Shop:
    return Shop.from_tables(orders, products, customers, settings=ShopSettings(time_zone=ZONE))


def assert_equal(shop: Shop, other: Shop) -> None:
    assert shop.orders.collect().equals(other.orders.collect())
    assert shop.products.equals(other.products)
    assert shop.customers.collect().equals(other.customers.collect())


@kinds
def test_every_library_gives_the_same_shop(make: Callable[[pl.DataFrame], Any]) -> None:
    assert_equal(build(make(ORDERS), make(PRODUCTS), make(CUSTOMERS)), build())


def test_day_line_number_and_discount_are_made() -> None:
    lines = build().orders.collect()
    assert lines["line_number"].to_list() == [1, 2, 1]
    assert [dt.date(1970, 1, 1) + dt.timedelta(days=day) for day in lines["day"]] == [
        dt.date(2026, 3, 1),
        dt.date(2026, 3, 1),
        dt.date(2026, 3, 5),
    ]
    assert lines.select("discount", "partially_refunded").unique().rows() == [(0.0, False)]
    assert build().end() == dt.datetime(2026, 3, 6, tzinfo=build().time_zone)


def test_a_column_of_days_without_values_is_made_and_the_shop_has_its_lines() -> None:
    shop = build(ORDERS.with_columns(day=pl.lit(None, pl.Int32)))
    assert shop.as_of().lines.collect().height == 3


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        (ORDERS.drop("quantity"), 'orders, column "quantity": is missing, expected a whole number. The columns are:'),
        (ORDERS.drop("customer_id"), 'orders, column "customer_id": is missing'),
        (ORDERS.with_columns(quantity=pl.lit("x")), 'column "quantity": found text like "a" in row 0'),
        (ORDERS.with_columns(quantity=-1), "found -1 in row 0, expected a quantity above zero. Leave returns"),
        (ORDERS.with_columns(price=-0.5), 'column "price": found -0.5 in row 0, expected zero or more'),
        (ORDERS.with_columns(discount=-0.5), 'column "discount": found -0.5 in row 0, expected zero or more'),
        (ORDERS.with_columns(product_id=None), 'column "product_id": row 0 is empty, expected text'),
        (ORDERS.with_columns(product_id=pl.lit("vase")), '"vase" is not in products, nor are the product_ids of 2'),
        (ORDERS.with_columns(customer_id=7).head(1), 'column "customer_id": "7" is not in customers. Give customers'),
        (ORDERS.with_columns(ordered_at=pl.lit("2026-03-01")), 'column "ordered_at": found String, expected a date'),
        ({"order_id": ["1"]}, "orders: found a dict, expected pandas"),
    ],
)
def test_a_wrong_frame_of_orders_is_an_error(orders: Any, message: str) -> None:
    with pytest.raises(FrameError) as error:
        build(orders)
    assert message in str(error.value)


def test_products_and_customers_have_one_row_each() -> None:
    with pytest.raises(FrameError, match='products, column "product_id": rows 0 and 2 have the same, "pot"'):
        build(products=pl.concat([PRODUCTS, PRODUCTS]))
    with pytest.raises(FrameError, match='customers, column "customer_id": rows 0 and 1 have the same'):
        build(customers=pl.concat([CUSTOMERS, CUSTOMERS]))
    with pytest.raises(FrameError, match='products, column "title": is missing'):
        build(products=PRODUCTS.drop("title"))


row = st.tuples(
    st.integers(1, 9),
    st.one_of(st.none(), st.just(1)),
    st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2026, 1, 1)).filter(lambda at: not 1 <= at.hour <= 2),
    st.sampled_from(["pot", "cup"]),
    st.integers(1, 1_000_000),
    st.floats(0, 1e9),
)


@settings(max_examples=25)
@given(st.lists(row, min_size=1, max_size=12))
def test_any_rows_give_equal_shops_in_every_library(rows: list[tuple[Any, ...]]) -> None:
    orders = pl.DataFrame(rows, schema=ORDERS.schema, orient="row", strict=False)
    shop = build(orders)
    for name, make in KINDS.items():
        if name != "duckdb" or HAS_DUCKDB:
            assert_equal(build(make(orders)), shop)
