"""Products sold already, in a real shop: Online Retail II (UCI), if FRONTROW_REAL_DATA names its folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from frontrow.launch.audience.audience import score_audience
from frontrow.launch.launch_files import open_new_products
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.new_products.checked_products import read_checked_products
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.history import History
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from real_data import VARIABLE, find_real_data

RETAIL = find_real_data("data/online_retail_ii_to_2011-07.parquet")
pytestmark = pytest.mark.skipif(not RETAIL.is_file(), reason=f"{VARIABLE} names no folder with Online Retail II")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("retail") / "shop"
    import_files([RETAIL], folder)
    return Shop.read(folder)


def owners_of(history: History, title: str) -> set[int]:
    """Counted from the order lines by the title alone, in pandas."""
    lines, products = history.lines.collect().to_pandas(), history.products.to_pandas()
    ids = products.loc[products["title"].str.strip().str.upper() == title, "product_id"]
    customers = lines.loc[lines["product_id"].isin(ids), "customer_id"].dropna()
    return set(customers.astype(int))


def test_owners_of_a_best_seller_are_counted_as_pandas_does_and_none_is_ranked(shop: Shop, tmp_path: Path) -> None:
    history, settings = shop.as_of(), LaunchSettings()
    title = "WHITE HANGING HEART T-LIGHT HOLDER"
    owners = owners_of(history, title)
    file = tmp_path / "new.csv"
    file.write_text(f"title,product_typ\n{title.lower()},x\n", "utf-8")
    checked = read_checked_products(file, history, settings)
    assert checked.sold.rows["owners"].to_list() == [len(owners)]
    assert [finding.column for finding in checked.findings] == ["product_typ", "title"]
    model = BaselineModel.from_name("order_lines", history, settings, seed=0)
    audience = score_audience(history, checked.products, model)
    ranked = set(audience.rows["customer_id"])
    assert len(owners) > 1_000
    assert len(ranked) > 3_000
    assert not ranked & owners


def test_in_its_first_days_the_sales_so_far_are_taken(shop: Shop, tmp_path: Path) -> None:
    settings = LaunchSettings()
    launches = compute_life_cycles(shop.as_of(), settings).filter(pl.col("verdict") == "launch")
    launch = launches.sort("buyers_in_horizon").row(-1, named=True)
    history = shop.as_of(dt.date(1970, 1, 1) + dt.timedelta(days=launch["launch_day"] + 10))
    file = tmp_path / "new.csv"
    file.write_text(f'title\n"{launch["title"]}"\n', "utf-8")
    model = BaselineModel.from_name("order_lines", history, settings, seed=0)
    products = open_new_products(file, launch_day=history.cutoff_day).products
    audience = score_audience(history, products, model)
    assert audience.sales_so_far["days_on_sale"].to_list() == [10]
    assert not set(audience.rows["customer_id"]) & owners_of(history, launch["title"].strip().upper())
