"""The same history through Shopify's format and through its Parquet file gives the same shop."""

import runpy
import sys

import polars as pl
import pytest

from frontrow.importing.format import get_format
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.update import import_files
from frontrow.testing.shops import read_table
from real_data import find_real_data

HISTORY = find_real_data("data/online_retail_ii_to_2011-07.parquet")
TO_SHOPIFY = find_real_data("tools/online_retail_to_shopify.py")

pytestmark = pytest.mark.skipif(
    not (HISTORY.is_file() and TO_SHOPIFY.is_file()), reason="FRONTROW_REAL_DATA has no such files"
)


@pytest.fixture(scope="module")
def shop_folders(tmp_path_factory):
    """The two shops, and what their imports reported."""
    folder = tmp_path_factory.mktemp("roads")
    export, arguments = folder / "orders_export.csv", sys.argv
    sys.argv = ["online_retail_to_shopify.py", str(HISTORY), str(export)]
    try:
        runpy.run_path(str(TO_SHOPIFY), run_name="__main__")
    finally:
        sys.argv = arguments
    settings = ImportSettings(time_zone="Europe/London", parent_sku=get_format("online_retail").parent_sku)
    reports = import_files([HISTORY], folder / "parquet"), import_files([export], folder / "shopify", settings=settings)
    export.unlink()
    return folder, reports


def read_both(shop_folders, name: str) -> list[pl.DataFrame]:
    return [read_table(shop_folders[0] / source, name) for source in ("parquet", "shopify")]


def test_the_same_order_lines(shop_folders):
    parquet, shopify = read_both(shop_folders, "orders")
    assert parquet.height > 700_000
    assert shopify.with_columns(pl.col("order_id").str.strip_prefix("#")).equals(parquet)


def test_the_same_products(shop_folders):
    parquet, shopify = read_both(shop_folders, "products")
    assert shopify.drop("vendor").equals(parquet.drop("vendor"))


def test_the_same_customer_numbers(shop_folders):
    parquet, shopify = read_both(shop_folders, "customers")
    ids = shopify.select("customer_id", pl.col("source_id").str.extract(r"^shopper(\d+)@example\.com$"))
    assert ids.equals(parquet.select("customer_id", "source_id"))


def test_every_row_is_accounted_for(shop_folders):
    for report in shop_folders[1]:
        file = report.files[0]
        assert file.rows == 788_359 == file.kept + sum(file.dropped.values())


def test_lines_that_are_no_products_are_few_and_expected(shop_folders):
    file = shop_folders[1][0].files[0]
    assert set(file.not_products) <= {
        "postage",
        "adjustment",
        "gift card",
        "fee",
        "sample",
        "test",
        "discount",
        "donation",
    }
    assert sum(file.not_products.values()) < 0.006 * file.kept
