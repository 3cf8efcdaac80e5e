"""A forgotten person is recognised in later imports, and nothing on disk says who it was."""

import csv
import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.errors import ShopError
from frontrow.shop.erase import forget
from frontrow.shop.forgotten import FORGOTTEN, FORGOTTEN_SCHEMA, Forgotten
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.storage.commit import commit
from frontrow.testing.shops import read_table

DAY = dt.date(2026, 12, 1)
ANN = {"customer_id": "17", "email": "Ann@example.com", "phone": "+44 20 7946 0958"}
BOB = {"customer_id": "18", "email": "bob@example.com", "phone": "+44 20 7946 0001"}


def orders_file(folder: Path, *orders: dict) -> Path:
    path = folder / "orders.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, ["order_id", "customer_id", "email", "phone", "ordered_at", "title", "price", "quantity"], restval=""
        )
        writer.writeheader()
        writer.writerows(
            {"ordered_at": "2026-01-01", "title": "Pot", "price": "5", "quantity": "1"} | o for o in orders
        )
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    import_files([orders_file(tmp_path, {"order_id": "1", **ANN}, {"order_id": "2", **BOB})], tmp_path / "shop")
    return tmp_path / "shop"


def buyers(folder: Path) -> list[int | None]:
    return Shop.read(folder).orders.collect().sort("order_id")["customer_id"].to_list()


@pytest.mark.parametrize(
    "again",
    [
        ANN,
        {"customer_id": "17"},
        {"customer_id": "90", "email": " ANN@EXAMPLE.COM"},
        {"customer_id": "91", "phone": "0044-2079460958"},
    ],
)
def test_a_later_order_of_a_forgotten_person_is_a_guests(folder, tmp_path, again):
    assert forget(folder, "17") == 1
    import_files([orders_file(tmp_path, {"order_id": "3", **again}, {"order_id": "4", **BOB})], folder)
    assert buyers(folder) == [None, 2, None, 2]
    assert Shop.read(folder).customers.collect()["source_id"].to_list() == ["18"]


def test_a_shop_in_blocks_stays_in_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("frontrow.shop.order_blocks.BLOCK_LINES", 10)
    monkeypatch.setattr("frontrow.shop.order_blocks.STORED_LINES", 8)
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_LINES", 10)
    orders = [{"order_id": str(number), "customer_id": str(number % 7 or "")} for number in range(40)]
    import_files([orders_file(tmp_path, *orders)], tmp_path / "shop")
    blocks = Shop.read(tmp_path / "shop").as_of().order_blocks.sizes["block"].to_list()
    assert len(blocks) > 3
    assert forget(tmp_path / "shop", "3") == 6
    shop = Shop.read(tmp_path / "shop")
    parts = shop.as_of().order_blocks
    # the person's block had nobody else
    assert parts.sizes["block"].to_list() == [block for block in blocks if block != 3]
    lines = pl.concat([block.read() for block in parts.split(guests=True)])
    assert_frame_equal(lines, shop.orders.collect())
    assert lines["customer_id"].null_count() == 6 + 6
    shop.write(tmp_path / "again")
    assert_frame_equal(Shop.read(tmp_path / "again").orders.collect(), lines)


def test_a_person_forgotten_by_address_is_recognised_by_the_id_alone(folder, tmp_path):
    forget(folder, "ann@example.com")
    import_files([orders_file(tmp_path, {"order_id": "3", "customer_id": "17"})], folder)
    assert buyers(folder) == [None, 2, None]


def test_a_customers_export_does_not_bring_a_person_back(folder, tmp_path):
    export = tmp_path / "customers.csv"
    export.write_text("First Name,Email,Accepts Email Marketing\nAnn,ann@example.com,yes\nDan,dan@example.com,yes\n")
    forget(folder, "17")
    import_files([export], folder)
    customers = Shop.read(folder).customers.collect()
    assert customers["source_id"].to_list() == ["18", "dan@example.com"]
    assert "ann@example.com" not in customers["email"].to_list()


def test_nothing_on_disk_says_who_was_forgotten(folder):
    forget(folder, "17")
    contents = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    rows = str(read_table(folder, FORGOTTEN).rows()) + str(contents)
    for value in ("ann@example.com", "Ann@example.com", "442079460958"):
        assert value not in rows


def test_two_shops_keep_different_digests_of_the_same_person():
    first, second = (Forgotten().add(["ann@example.com"], DAY) for _ in range(2))
    assert not set(first.rows["digest"]) & set(second.rows["digest"])
    assert dict(first.rows.schema) == dict(FORGOTTEN_SCHEMA)


def test_persons_add_up_and_keep_their_day():
    later = Forgotten().add(["ann@example.com"], DAY).add(["ann@example.com", "18"], DAY + dt.timedelta(days=1))
    assert later.rows["forgotten_on"].sort().to_list() == [DAY, DAY + dt.timedelta(days=1)]
    assert later.matches(pl.Series(["18", "19"])).to_list() == [True, False]


def test_a_number_is_no_phone_number_unless_it_stands_as_one():
    forgotten = Forgotten().add(["0079460958"], DAY)
    assert forgotten.matches(pl.Series(["79460958"]), phones=True).to_list() == [False]
    assert Forgotten().add([], DAY, phones=["0079460958"]).matches(pl.Series(["79460958"]), phones=True).item()


@pytest.mark.parametrize("section", [{}, {"key": 3}, None])
def test_a_lost_key_is_an_error(folder, section):
    forget(folder, "17")
    commit(folder, {}, {FORGOTTEN: section})
    with pytest.raises(ShopError, match="lacks the key"):
        Forgotten.read(folder)


def test_a_forgotten_number_is_not_given_again_in_a_shop_that_was_never_imported(folder, tmp_path):
    Shop.read(folder).write(tmp_path / "written")
    forget(tmp_path / "written", "18")
    import_files([orders_file(tmp_path, {"order_id": "3", "customer_id": "19"})], tmp_path / "written")
    assert buyers(tmp_path / "written") == [1, None, 3]
    forget(tmp_path / "written", "19")
    import_files([orders_file(tmp_path, {"order_id": "4", "customer_id": "20"})], tmp_path / "written")
    assert buyers(tmp_path / "written") == [1, None, None, 4]
