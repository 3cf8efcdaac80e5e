"""A shop is compared with what was written and with what a shop can have; what can be repaired is."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.errors import FrontrowError, ShopError
from frontrow.launch.model.calibrated_model import FOLDER
from frontrow.schema import last_day
from frontrow.service.campaign import write_plan
from frontrow.service.check import check_shop
from frontrow.service.forgetting import forget_customer
from frontrow.service.opening import RunSettings
from frontrow.service.plan_settings import PlanSettings
from frontrow.shop.erase import UNFINISHED
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.storage.artifact import write_artifact
from frontrow.storage.commit import commit
from frontrow.storage.pointer import POINTER
from frontrow.storage.shop_lock import LOCK, lock_shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import hand_made_shop, order_lines, read_table, table_file

SOLD = [(1, "pot", 0), (2, "pot", 3), (None, "bulb", 5), (1, "bulb", 50)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hand_made_shop(SOLD).write(tmp_path / "shop")
    return tmp_path / "shop"


def problems(folder: Path, **settings: object) -> list[str]:
    return [finding.problem for finding in check_shop(folder, **settings).findings]  # type: ignore[arg-type]


def test_a_sound_shop_is_said_to_be_sound(folder: Path) -> None:
    result = check_shop(folder)
    assert (result.sound, result.tables, result.rows) == (True, 4, 12)
    assert "is sound" in str(result.sections())
    assert result.to_dict()["findings"] == []


def test_every_flipped_bit_of_a_shop_is_noticed(folder: Path) -> None:
    """Of each file the first and last bytes, and many between; reading a shop fails or gives an error as well."""
    forget_customer(folder, "c2")
    for file in sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name not in (LOCK, "product_rules.json")
    ):
        content = file.read_bytes()
        for position in {*range(0, len(content), 97), *range(12), *range(len(content) - 12, len(content))}:
            changed = bytearray(content)
            changed[position] ^= 1 << position % 8
            file.write_bytes(changed)
            try:
                assert not check_shop(folder).sound
            except FrontrowError:
                continue
        file.write_bytes(content)
    assert check_shop(folder).sound


@pytest.mark.parametrize("day", [dt.date(9999, 12, 31), dt.date(1970, 1, 1), dt.date(2040, 1, 1)])
def test_a_shop_with_an_order_of_an_odd_date_opens_and_heals(folder: Path, day: dt.date) -> None:
    shop = Shop.read(folder)
    end = shop.end()
    odd = order_lines([(1, "pot", 0)], first_order=70).with_columns(
        ordered_at=pl.lit(dt.datetime.combine(day, dt.time(12)), pl.Datetime("us", "UTC")),
        day=pl.lit((day - dt.date(1970, 1, 1)).days, pl.Int32),
    )
    replace(shop, orders=pl.concat([shop.orders, odd.lazy()])).write(folder)
    assert Shop.read(folder).end() == end
    assert Shop.read(folder).as_of().lines.collect().height == 4
    assert problems(folder) == [f"1 order is dated outside 1990-01-01 to {last_day(dt.date.today())}."]
    assert not check_shop(folder).sound
    assert check_shop(folder, repair=True).sound
    assert read_table(folder, "orders").height == 4
    assert check_shop(folder).findings == ()


@pytest.mark.parametrize(
    ("change", "problem", "left"),
    [
        ({"quantity": 0}, "1 order is of a quantity that is not above zero.", 3),
        ({"price": -1.0}, "1 order is of a price or discount below zero, or that is no number.", 3),
        ({"discount": float("nan")}, "1 order is of a price or discount below zero, or that is no number.", 3),
        ({"price": float("inf")}, "1 order is of a price or discount below zero, or that is no number.", 3),
        ({"product_id": "gone"}, "1 order is of a product that the table of products lacks.", 3),
        ({"day": 20_001}, "1 order is on another day than their time says.", 3),
        ({"order_id": None}, "1 order is without an id, a date, a product or an amount.", 3),
        ({"customer_id": 77}, "1 rows of orders have a customer number that no customer has.", 4),
        ({"order_id": "000000"}, "1 order is there twice.", 2),
    ],
)
def test_what_a_shop_cannot_have_is_found_and_repaired(
    folder: Path, change: dict[str, object], problem: str, left: int
) -> None:
    orders = read_table(folder, "orders")
    last = orders.row(-1, named=True) | change
    commit(folder, {"orders": pl.concat([orders[:-1], pl.DataFrame([last], schema=orders.schema)]).lazy()}, {})
    assert problem in problems(folder)
    assert check_shop(folder, repair=True).sound
    assert read_table(folder, "orders").height == left
    assert problems(folder) == []
    Shop.read(folder).as_of().lines.collect()


def test_an_order_that_a_repair_left_out_comes_back_with_an_export_of_any_age(tmp_path: Path) -> None:
    header = "order_id,email,ordered_at,title,price,quantity\n"
    order, newer = ("{},ann@example.com,2026-03-0{} 10:00,Pot,10,1\n".format(*numbers) for numbers in ((1, 1), (2, 5)))
    (tmp_path / "old.csv").write_text(header + order)
    (tmp_path / "new.csv").write_text(header + order + newer)
    folder, settings = tmp_path / "shop", ImportSettings(time_zone="UTC")
    import_files([tmp_path / "new.csv"], folder, settings=settings)
    orders = read_table(folder, "orders")
    commit(folder, {"orders": orders.with_columns(price=pl.when(pl.col("order_id") != "1").then("price")).lazy()}, {})
    check_shop(folder, repair=True)
    assert import_files([tmp_path / "old.csv"], folder).new_lines == 1
    assert read_table(folder, "orders").equals(orders)
    assert check_shop(folder).sound


def test_repeated_customers_and_products_are_left_out(folder: Path) -> None:
    customers, products = read_table(folder, "customers"), read_table(folder, "products")
    commit(
        folder,
        {"customers": pl.concat([customers, customers[:1]]).lazy(), "products": pl.concat([products] * 2).lazy()},
        {},
    )
    assert len(problems(folder)) == 2
    assert check_shop(folder, repair=True).sound
    assert read_table(folder, "customers").equals(customers)
    assert read_table(folder, "products").equals(products)


def test_a_table_of_other_columns_cannot_be_repaired(folder: Path) -> None:
    commit(folder, {"products": pl.LazyFrame({"product_id": ["pot"]})}, {})
    result = check_shop(folder, repair=True)
    assert [finding.repair for finding in result.findings] == [None]
    assert not result.sound
    assert "cannot be repaired" in str(result.sections())


@pytest.mark.parametrize("name", ["orders", "products", "customers", "forgotten"])
def test_a_lost_table_is_named_with_what_to_do(folder: Path, name: str) -> None:
    forget_customer(folder, "c2")
    file = table_file(folder, name)
    content = file.read_bytes()
    for damage in (lambda: file.write_bytes(content[:-1]), file.unlink):
        damage()
        result = check_shop(folder, repair=True)
        assert [finding.problem.split()[0] for finding in result.findings] == [f"tables/{file.name}"]
        assert "Put the file back from a copy" in result.findings[0].advice
        assert not result.sound
    file.write_bytes(content)
    assert check_shop(folder).sound


def test_a_pointer_that_a_person_changed_is_taken_when_everything_else_fits(folder: Path) -> None:
    changed = (folder / POINTER).read_text().replace('"currency": ""', '"currency": "EUR"')
    (folder / POINTER).write_text(changed)
    with pytest.raises(ShopError, match="is damaged"):
        Shop.read(folder)
    assert problems(folder) == ["shop.json is not as it was written."]
    assert check_shop(folder, repair=True).sound
    assert Shop.read(folder).settings.currency == "EUR"
    (folder / POINTER).write_text("{")
    with pytest.raises(ShopError, match="nothing else says which files are the shop"):
        check_shop(folder, repair=True)


def test_leftovers_are_counted_and_removed(folder: Path) -> None:
    (folder / "tables" / "orders.new").write_text("left")
    (folder / ".shop.json-frontrow-a1b2c3d4").mkdir()
    left = ["An interrupted command left 2 files or folders."]
    assert problems(folder) == left
    # only a repair changes anything
    assert problems(folder) == problems(folder, repair=True) == left
    assert problems(folder) == []


def test_what_another_command_writes_meanwhile_is_not_left_over(folder: Path) -> None:
    writes, checks = threading.Event(), threading.Event()

    def write() -> None:
        with lock_shop(folder, "import"):
            (folder / "tables" / "orders.new").write_text("being written")
            writes.set()
            checks.wait(0.5)

    with ThreadPoolExecutor(1) as other:
        written = other.submit(write)
        writes.wait(10)
        assert problems(folder) == []
        written.result()


def test_damaged_models_are_removed(folder: Path) -> None:
    for name in ("whole", "broken"):
        write_artifact(folder / FOLDER / name, "example", {"a.txt": "tree"}, {})
    next((folder / FOLDER / "broken").glob("a*.txt")).write_text("tre")
    (folder / FOLDER / "weights.json").write_text("[1")
    assert len(problems(folder)) == 2
    assert check_shop(folder, repair=True).sound
    assert [path.name for path in (folder / FOLDER).iterdir()] == ["whole"]


def test_files_that_a_person_edits_are_named(folder: Path) -> None:
    (folder / "config.json").write_text('{"margin": -3}')
    (folder / "product_rules.json").write_text("{")
    result = check_shop(folder, repair=True)
    assert len(result.findings) == 2
    assert not result.sound


def test_an_order_is_removed(folder: Path) -> None:
    result = check_shop(folder, remove_orders=["000000"])
    assert result.removed_lines == 1
    assert "000000" not in read_table(folder, "orders")["order_id"].to_list()
    with pytest.raises(ShopError, match='no order "000000"'):
        check_shop(folder, remove_orders=["000000"])
    with pytest.raises(ShopError, match='no order text like "aaa@') as refused:
        check_shop(folder, remove_orders=["ann@example.com"])
    assert "ann" not in str(refused.value)


def test_logs_are_made_again_from_the_campaigns(tmp_path: Path) -> None:
    garden = SyntheticShop(customers=300, seed=5, lines_a_year=8.0, days=500)
    shop = tmp_path / "shop"
    garden.write(shop)
    garden.write_upcoming(tmp_path / "new.csv")
    settings = PlanSettings(tmp_path / "new.csv", tmp_path / "spring", model="order_lines", length=60, contacted=True)
    write_plan(shop, settings, RunSettings())
    contacts, held_out = ContactLog.read(shop).rows, HeldOutLog.read(shop).rows
    for name in ("contact_log", "held_out_log"):
        table_file(shop, name).write_bytes(b"PAR1")
    assert len(problems(shop)) == 2
    assert check_shop(shop, repair=True).sound
    assert ContactLog.read(shop).rows.equals(contacts)
    assert HeldOutLog.read(shop).rows.equals(held_out)
    commit(shop, {}, {UNFINISHED: [1]})
    assert problems(shop) == ["The erasure of a person is not finished."]
    assert check_shop(shop, repair=True).sound
    assert problems(shop) == []
