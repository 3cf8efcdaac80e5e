"""A shop that is synced from Shopify's API is the shop that its CSV exports give, row for row."""

import datetime as dt

import polars as pl
import pytest
from messy_shopify import RULES, write_messy_exports
from shopify_shops import NOW, Clock, by_exchange, by_token, fetch, find_differences, make_nodes, read_tables

from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.synthetic.garden import SyntheticShop
from frontrow.testing.loopback.shopify import Behaviour, LoopbackShopify
from frontrow.testing.loopback.shopify_changes import change_orders
from frontrow.testing.loopback.shopify_nodes import order_nodes, read_export


@pytest.fixture(scope="module")
def garden(tmp_path_factory):
    return SyntheticShop(customers=120, seed=4).write_shopify(tmp_path_factory.mktemp("exports"))


def test_a_synthetic_shop_is_the_same_by_both_roads(garden, tmp_path, monkeypatch):
    import_files(garden, tmp_path / "by_files")
    clock = Clock()
    with LoopbackShopify(make_nodes(garden[:2], *garden[2:]), behaviour=Behaviour(repeated=9), now=clock.now) as server:
        fetched = fetch(by_exchange(server, monkeypatch), tmp_path / "downloads", clock)
    import_files(fetched.files, tmp_path / "by_api")
    assert find_differences(read_tables(tmp_path / "by_files"), read_tables(tmp_path / "by_api")) == []
    assert (fetched.time_zone, fetched.currency) == ("America/New_York", "USD")
    assert Shop.read(tmp_path / "by_api").settings.time_zone == "America/New_York"


def test_a_messy_shop_is_the_same_by_both_roads(tmp_path, monkeypatch):
    files = write_messy_exports(tmp_path)
    settings = ImportSettings(time_zone="Europe/Berlin", currency="EUR", **RULES)
    by_files = import_files(
        [files[kind] for kind in ("orders", "products", "customers")], tmp_path / "a", settings=settings
    )
    clock = Clock()
    nodes = make_nodes([files["server"]], files["products"], files["customers"])
    with LoopbackShopify(nodes, time_zone="Europe/Berlin", currency="EUR", now=clock.now) as server:
        fetched = fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock)
    by_api = import_files(fetched.files, tmp_path / "b", settings=settings)
    assert find_differences(read_tables(tmp_path / "a"), read_tables(tmp_path / "b")) == []
    # every row of the exports is a row of the sync, kept or dropped for the same reason
    for from_file, from_api in zip(by_files.files, by_api.files, strict=True):
        assert (from_file.rows, from_file.kept, from_file.dropped) == (from_api.rows, from_api.kept, from_api.dropped)
    dropped = by_api.files[0].dropped
    reasons = (
        "cancelled",
        "refunded in full",
        "voided",
        "test order",
        "payment expired",
        "zero quantity",
        "zero price",
    )
    assert {reason: dropped.get(reason) for reason in reasons} == {
        **dict.fromkeys(reasons, 1),
        "refunded in full": 2,
        "test order": 2,
    }


def test_a_second_sync_brings_the_changes_and_nothing_else(garden, tmp_path, monkeypatch):
    before = read_export(garden[:2])
    at = NOW + dt.timedelta(days=3)
    after, changed = change_orders(before, 0.08, at)
    new_file = tmp_path / "orders_export_3.csv"
    after.drop("Updated at").write_csv(new_file)
    import_files(garden, tmp_path / "by_files")
    import_files([new_file], tmp_path / "by_files")

    clock = Clock()
    with LoopbackShopify(make_nodes(garden[:2], *garden[2:]), now=clock.now) as server:
        source = by_token(server, monkeypatch)
        first = fetch(source, tmp_path / "first", clock)
        import_files(first.files, tmp_path / "by_api")
        clock.start = at + dt.timedelta(days=1)
        server.put("orders", order_nodes(after))
        second = fetch(source, tmp_path / "second", clock, first.bookmark)
        import_files(second.files, tmp_path / "by_api")
        third = fetch(source, tmp_path / "third", clock, second.bookmark)
    assert (second.counts, len(changed)) == ({"orders": len(changed), "products": 0, "customers": 0}, len(changed))
    assert [file.name for file in second.files] == ["orders_export.parquet"]
    assert (third.files, third.counts["orders"]) == ((), 0)
    assert find_differences(read_tables(tmp_path / "by_files"), read_tables(tmp_path / "by_api")) == []


def test_an_edited_old_order_replaces_the_state_of_a_newer_export(garden, tmp_path, monkeypatch):
    """Without the time of the change, a sync of old orders would count as an export made before."""
    before = read_export(garden[:2])
    # the oldest open order gets one unit more, and nothing else changes
    name = before.filter(pl.col("Financial Status") == "paid")["Name"][-1]
    rows = before.filter(pl.col("Name") == name).with_columns(
        pl.lit("2026-12-03 08:00:00 +0000").alias("Updated at"),
        pl.when(pl.int_range(pl.len()) == 0)
        .then(pl.lit("9"))
        .otherwise("Lineitem quantity")
        .alias("Lineitem quantity"),
    )
    clock = Clock()
    with LoopbackShopify(make_nodes(garden[:2], *garden[2:]), now=clock.now) as server:
        source = by_token(server, monkeypatch)
        first = fetch(source, tmp_path / "first", clock)
        import_files(first.files, tmp_path / "shop")
        server.put("orders", order_nodes(rows))
        second = fetch(source, tmp_path / "second", clock, first.bookmark)
    report = import_files(second.files, tmp_path / "shop")
    quantity = read_tables(tmp_path / "shop")["orders"].filter(pl.col("order_id") == name)["quantity"]
    assert (second.counts["orders"], 9 in quantity.to_list(), report.changed_orders) == (1, True, {"edited": 1})
