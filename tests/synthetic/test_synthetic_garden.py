"""The synthetic shop: same seed, same shop; on disk as in memory; ids, sizes and shapes as in real shops."""

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, order_line_schema
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from frontrow.synthetic.customers import BLOCK

GARDEN = SyntheticShop(customers=4_000, seed=7)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return GARDEN.shop()


def test_tables_have_the_schema(shop: Shop) -> None:
    assert dict(shop.orders.collect_schema()) == order_line_schema("America/New_York")
    assert dict(shop.products.schema) == dict(PRODUCT_SCHEMA)
    assert dict(shop.customers.collect_schema()) == dict(CUSTOMER_SCHEMA)
    assert shop.settings.currency == "USD"


def test_the_same_seed_repeats_and_another_does_not(shop: Shop) -> None:
    again, another_seed = SyntheticShop(customers=4_000, seed=7).shop(), SyntheticShop(customers=4_000, seed=8).shop()
    assert_frame_equal(shop.orders.collect(), again.orders.collect())
    assert_frame_equal(shop.products, again.products)
    assert_frame_equal(shop.customers.collect(), again.customers.collect())
    assert not shop.orders.collect().equals(another_seed.orders.collect())


def test_global_seeds_do_not_matter(shop: Shop) -> None:
    np.random.seed(1)
    assert_frame_equal(shop.orders.collect(), GARDEN.shop().orders.collect())


@pytest.mark.parametrize("customers", [1, 1_000, BLOCK + 500])
def test_on_disk_as_in_memory(tmp_path: Path, customers: int) -> None:
    garden = SyntheticShop(customers=customers, seed=3)
    garden.write(tmp_path / "shop")
    on_disk, in_memory = Shop.read(tmp_path / "shop"), garden.shop()
    assert_frame_equal(on_disk.orders.collect(), in_memory.orders.collect())
    assert_frame_equal(on_disk.products, in_memory.products)
    assert_frame_equal(on_disk.customers.collect(), in_memory.customers.collect())
    assert on_disk.settings == in_memory.settings
    assert on_disk.rules == in_memory.rules
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
    assert in_memory.customers.collect().height == customers


@pytest.mark.parametrize("customers", [4_000, BLOCK + 500])
def test_customers_are_numbered_by_first_order_then_source_id(customers: int) -> None:
    shop = SyntheticShop(customers=customers, seed=7).shop()
    first = shop.orders.drop_nulls("customer_id").group_by("customer_id").agg(pl.col("ordered_at").min())
    order = first.join(shop.customers, on="customer_id").sort("ordered_at", "source_id").collect()
    assert order["customer_id"].to_list() == list(range(1, customers + 1))
    assert order["source_id"].n_unique() == customers


def test_orders_are_one_customer_at_one_time_and_grow_with_the_days(shop: Shop) -> None:
    orders = shop.orders.group_by("order_id").agg(
        pl.col("customer_id", "ordered_at").n_unique(), pl.col("day").first(), pl.len(), pl.col("line_number").max()
    )
    table = orders.with_columns(number=pl.col("order_id").str.strip_prefix("#").cast(pl.Int64)).collect()
    assert table.filter((pl.col("customer_id") > 1) | (pl.col("ordered_at") > 1)).is_empty()
    assert table["len"].equals(table["line_number"].cast(table["len"].dtype))
    assert table.sort("number")["day"].is_sorted()


def test_days_are_those_of_the_shop_calendar(shop: Shop) -> None:
    lines = shop.orders.collect()
    days = (lines["ordered_at"].dt.date() - dt.date(1970, 1, 1)).dt.total_days()
    assert days.cast(pl.Int32).equals(lines["day"])
    assert lines["ordered_at"].dt.date().min() >= GARDEN.first_day


def test_magnitudes_are_those_of_a_shop() -> None:
    shop = SyntheticShop(customers=20_000, seed=0).shop()
    lines = shop.orders.collect()
    of_each = lines.drop_nulls("customer_id").group_by("customer_id").len()["len"]
    assert 3.2 < len(lines) / 20_000 < 4.0
    assert 0.03 < lines["customer_id"].is_null().mean() < 0.10
    assert of_each.median() <= 2
    assert of_each.quantile(0.99) > 8 * of_each.median()  # a heavy tail
    orders_of_customers = (
        lines.drop_nulls("customer_id").group_by("customer_id").agg(pl.col("order_id").n_unique())["order_id"]
    )
    assert 0.4 < (orders_of_customers == 1).mean() < 0.7


def test_lines_a_year_sets_the_size() -> None:
    lines = [SyntheticShop(customers=4_000, lines_a_year=size).shop().orders.collect().height for size in (1.85, 5.0)]
    assert lines[1] / 4_000 == pytest.approx(10.0, rel=0.15)
    assert lines[0] < lines[1] / 2


def test_launches_come_in_a_steady_stream_of_small_ranges() -> None:
    launches = GARDEN.launches()
    assert launches["launch_day"].is_sorted()
    gaps = launches["launch_day"].unique().sort().diff().drop_nulls()
    assert gaps.max() < 40
    assert launches.group_by("launch_day").len()["len"].max() > 1
    assert 60 < len(launches) < 140
    returning = launches.filter("returning")
    assert 4 <= len(returning) <= 8
    products = GARDEN.shop().products.filter(pl.col("title").is_in(returning["title"].to_list()))
    assert products.group_by("title").agg(pl.col("product_id").n_unique() == pl.len()).to_series(1).all()
    assert (products.group_by("title").len()["len"] > 1).all()


def test_upcoming_products_are_unknown_to_the_shop(tmp_path: Path, shop: Shop) -> None:
    upcoming = GARDEN.upcoming()
    assert len(upcoming) >= 2
    assert not set(upcoming["product_id"]) & set(shop.products["product_id"])
    last_day = GARDEN.first_day + dt.timedelta(days=GARDEN.days - 1)
    assert upcoming["launch_date"].min() > last_day
    GARDEN.write_upcoming(tmp_path / "new.csv")
    rows = list(csv.DictReader((tmp_path / "new.csv").read_text("utf-8").splitlines()))
    assert list(rows[0]) == ["title", "product_type", "vendor", "price", "tags", "description", "launch_date"]
    assert dt.date.fromisoformat(rows[0]["launch_date"]) == upcoming["launch_date"][0]


def test_words_mostly_name_the_true_style() -> None:
    from frontrow.synthetic.vocabulary import STYLES

    catalogue = GARDEN.world.catalogue
    worded = catalogue.frame["tags"].str.split(", ").list.first()
    true = pl.Series([style.name for style in STYLES]).gather(catalogue.style)
    assert 0.8 < (worded == true).mean() < 0.97


def test_contact_details_are_made_up(shop: Shop) -> None:
    customers = shop.customers.collect()
    assert customers["email"].str.ends_with("@example.com").all()
    assert customers["source_id"].str.to_lowercase().equals(customers["source_id"])
    assert customers["phone"].drop_nulls().str.contains(r"^\+1\d{3}55501\d\d$").all()
    assert 0.6 < customers["accepts_email"].mean() < 0.85
    assert customers["accepts_email"].null_count() > 0


def test_traits_line_up_with_the_shop(shop: Shop) -> None:
    traits = GARDEN.traits()
    assert traits.select("customer_id", "source_id").equals(shop.customers.collect().select("customer_id", "source_id"))
    assert traits["taste"].list.sum().is_between(0.999, 1.001).all()
    lines = shop.orders.join(shop.products.lazy(), on="product_id").join(traits.lazy(), on="customer_id").collect()
    assert (lines["product_type"] == lines["favourite"]).mean() > 0.25  # of 12 types


def test_other_days_and_time_zones() -> None:
    shop = SyntheticShop(
        customers=300, seed=1, first_day=dt.date(2023, 3, 5), days=120, time_zone="Europe/London", currency="GBP"
    ).shop()
    assert shop.settings.time_zone == "Europe/London"
    assert shop.orders.select(pl.col("ordered_at").dt.date().max()).collect().item() < dt.date(2023, 7, 3)


@pytest.mark.parametrize("settings", [{"customers": 0}, {"days": 10}, {"products": 3}, {"launches_a_month": 0}])
def test_impossible_settings_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        SyntheticShop(**settings)
