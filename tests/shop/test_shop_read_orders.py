"""A shop from a frame of order lines: what an import of the same rows as a file gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from frame_kinds import KINDS, kinds
from frontrow.errors import FrameError
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.read_orders import read_orders
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files

SETTINGS = ImportSettings(time_zone="Europe/London", currency="GBP")
MARCH = dt.datetime(2026, 3, 1, 9, 30)
LINES = pl.DataFrame(
    {
        "order_id": [1001, 1001, 1002, 1003, 1004],
        "customer_id": ["c1", "c1", None, "c2", "c2"],
        "ordered_at": [MARCH, MARCH, *(MARCH + dt.timedelta(days=day) for day in (1, 2, 150))],
        "title": ["Red pot", "Tin cup", "Red pot", "Tin cup", "Postage"],
        "quantity": [2, 1, 1, -1, 1],
        "price": [9.5, 3.0, 9.5, 3.0, 4.0],
        "country": pl.Series(["UK", "UK", "FR", "UK", "UK"], dtype=pl.Categorical),
    }
)


def assert_equal(shop: Shop, other: Shop) -> None:
    assert shop.orders.collect().equals(other.orders.collect())
    assert shop.products.equals(other.products)
    assert shop.customers.collect().equals(other.customers.collect())


def test_it_gives_what_an_import_of_the_same_rows_gives(tmp_path: Path) -> None:
    LINES.with_columns(pl.col("ordered_at").dt.to_string()).write_csv(tmp_path / "lines.csv")
    report = import_files([tmp_path / "lines.csv"], tmp_path / "shop", settings=SETTINGS)
    read = read_orders(LINES, SETTINGS)
    assert_equal(read.shop, Shop.read(tmp_path / "shop"))
    assert read.report.files[0].dropped == report.files[0].dropped == {"returned (negative quantity)": 1}
    assert read.report.files[0].not_products == {"postage": 1}
    assert read.shop.settings.currency == "GBP"
    read.shop.write(tmp_path / "written")
    assert_equal(Shop.read(tmp_path / "written"), read.shop)


@kinds
def test_every_library_gives_the_same_shop(make: Callable[[pl.DataFrame], Any]) -> None:
    assert_equal(read_orders(make(LINES), SETTINGS).shop, read_orders(LINES, SETTINGS).shop)


@pytest.mark.parametrize("make", [KINDS["polars"], KINDS["pandas"], KINDS["pyarrow"]])
def test_text_is_read_as_in_a_file(make: Callable[[pl.DataFrame], Any]) -> None:
    text = LINES.with_columns(pl.all().cast(pl.String))
    assert_equal(read_orders(make(text), SETTINGS).shop, read_orders(LINES, SETTINGS).shop)


def test_columns_of_other_names_are_mapped_or_guessed() -> None:
    renamed = LINES.rename({"customer_id": "klant", "title": "Product name", "country": "row"})
    settings = ImportSettings(
        mapping={"customer_id": "klant", "country": "row (2)"}, time_zone="Europe/London", currency="GBP"
    )
    read = read_orders(renamed, settings)
    assert_equal(read.shop, read_orders(LINES, SETTINGS).shop)
    assert read.report.files[0].guessed == ("title",)


def test_decimals_of_a_database_are_numbers() -> None:
    decimals = LINES.with_columns(pl.col("price").cast(pl.Decimal(12, 2)))
    assert_equal(read_orders(decimals, SETTINGS).shop, read_orders(LINES, SETTINGS).shop)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            LINES.drop("quantity"),
            'orders: no column was found for quantity. Choose one with mapping={"quantity": COLUMN}',
        ),
        (LINES.drop("title"), "orders: no column was found for product_id"),
        (
            LINES.with_columns(quantity=pl.lit("two")),
            'orders, column "quantity": row 0: found "two", expected a whole number',
        ),
        (LINES.with_columns(ordered_at=pl.lit("soon")), 'orders, column "ordered_at": row 0: found "soon"'),
        (LINES.with_columns(price=pl.lit([1.0])), 'orders, column "price": found cells of type List(Float64)'),
        ([1, 2], "orders: found a list, expected pandas, Polars, PyArrow or a DuckDB relation"),
    ],
)
def test_a_wrong_frame_is_an_error_that_names_the_column(frame: Any, message: str) -> None:
    with pytest.raises(FrameError) as error:
        read_orders(frame, SETTINGS)
    assert message in str(error.value)


def test_a_mapping_of_a_column_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FrameError, match=r"mapping customer_id names a column that does not exist"):
        read_orders(LINES, ImportSettings(mapping={"customer_id": "client"}))


def test_pandas_with_gaps_is_read() -> None:
    frame = pd.DataFrame(
        {
            "order_id": [1, 2, 3],
            "customer_id": [7, None, 9],
            "ordered_at": pd.to_datetime(["2026-03-01", "2026-03-02", None]),
            "product_id": [11, 12, 13],
            "quantity": [1, 1, 1],
            "price": [2.0, float("nan"), 2.0],
        }
    )
    read = read_orders(frame, SETTINGS)
    assert read.report.files[0].dropped == {"no date": 1, "no price": 1}
    assert read.shop.customers.collect()["source_id"].to_list() == ["7"]
    assert read.shop.products["skus"].to_list() == [["11"]]
