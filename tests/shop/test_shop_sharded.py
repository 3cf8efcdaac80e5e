"""An import in shards of orders gives the same shop and the same report as one in memory."""

import datetime as dt
import json
import random
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from messy_shop import MessyShop

from frontrow.engines.local import LocalEngine
from frontrow.errors import InputError
from frontrow.shop import order_blocks
from frontrow.shop.erase import forget
from frontrow.shop.import_settings import DEFAULT_SETTINGS, ImportSettings
from frontrow.shop.sharded import large_import, order_files
from frontrow.shop.sharded.split_files import FileRange, RangeRows
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.storage.pointer import ORDER_BLOCKS
from frontrow.storage.shop_tables import ShopTables
from frontrow.tables import row_ranges
from frontrow.tables.table_file import open_table

SAMPLES = Path(__file__).parents[1] / "importing" / "samples"
MESSY = MessyShop()
DOLLARS = ImportSettings(exchange_rates="CAD=0.74")


@pytest.fixture
def in_shards(monkeypatch):
    """Make the imports that follow take the road of large shops, in a few shards."""

    def begin(shards=3):
        monkeypatch.setattr(large_import, "LARGE", -1)
        monkeypatch.setattr(large_import.LargeImport, "shards", property(lambda _: shards))

    return begin


@pytest.fixture
def several_blocks(monkeypatch):
    """Store the order lines of a small shop in several blocks, and guests' lines in several files."""
    monkeypatch.setattr(order_blocks, "BLOCK_LINES", 20)
    monkeypatch.setattr(order_blocks, "STORED_LINES", 60)
    monkeypatch.setattr(order_files, "GUEST_LINES", 40)


class Elsewhere(LocalEngine):
    """An engine whose workers reach the shop's folder, and none of the exports."""

    def map_blocks(self, blocks, step):
        for block in blocks:
            part = block.read()
            yield step(replace(part, rows=None) if isinstance(part, RangeRows) else part)


def import_both(tmp_path, in_shards, *steps, settings=DEFAULT_SETTINGS, between=lambda _: None):
    """Import the files of each step in memory and in shards, and compare the shops and reports after each."""
    shops = {}
    for road in ("memory", "shards"):
        if road == "shards":
            in_shards()
        for number, files in enumerate(steps):
            folder = tmp_path / road
            report = import_files(files, folder, settings=settings).to_dict()
            shop = Shop.read(folder)
            tables = {
                "orders": shop.orders.collect(),
                "products": shop.products,
                "customers": shop.customers.collect(),
                "order_states": shop.order_states.collect(),
                "order_blocks": _read_blocks(folder),
            }
            shops[road, number] = tables, report
            between(folder)
    for number in range(len(steps)):
        (expected, expected_report), (tables, report) = shops["memory", number], shops["shards", number]
        for name, table in expected.items():
            assert tables[name].equals(table), (number, name)
        assert report.pop("revenue") == pytest.approx(expected_report.pop("revenue"))
        assert _without_order(report) == _without_order(expected_report)
    assert not (tmp_path / "shards" / "staging").exists()
    return shops["shards", len(steps) - 1]


def _read_blocks(folder):
    tables = ShopTables.open(folder, (ORDER_BLOCKS,))
    return tables.read(ORDER_BLOCKS) if ORDER_BLOCKS in tables else pl.DataFrame()


def _without_order(report):
    """The report as JSON; warnings of a file may come in another order."""
    files = [{**file, "warnings": sorted(file["warnings"])} for file in report["files"]]
    return json.loads(json.dumps({**report, "files": files}, default=str, sort_keys=True))


def write_csv(file, rows):
    """Write rows, all of them text."""
    pl.DataFrame(rows).cast(pl.String).write_csv(file)
    return file


def order_lines(orders=120, *, later=False):
    """Order lines with guests and rows that are dropped; in the later export some orders have changed."""
    rng = random.Random(3)
    rows = []
    for number in range(orders + 10 * later):
        placed = dt.datetime(2025, 1, 1, 8, tzinfo=dt.UTC) + dt.timedelta(hours=31 * number)
        person = rng.choice(["", *(f"c{one}" for one in range(25))])
        lines, refund, cancel = rng.randint(1, 3), rng.random() < 0.1, rng.random() < 0.1
        for _ in range(lines):
            product = rng.randrange(12)
            rows.append(
                {
                    "order_id": f"#{1000 + number}",
                    "ordered_at": placed.isoformat(),
                    "customer_id": person,
                    "email": f"{person}@example.com" if person else "",
                    "accepts_marketing": rng.choice(["yes", "no", ""]),
                    "sku": f"S{product}" if rng.random() < 0.8 else "",
                    "title": f"Pot {product} - {rng.choice('AB')}",
                    "vendor": rng.choice(["Fern", ""]),
                    "quantity": rng.choice(["1", "2", "2", "0"]),
                    "price": f"{product + 1}.50",
                    "refunded_amount": "1.00" if refund and later else "",
                    "cancelled_at": placed.isoformat() if cancel and later else "",
                    "city": rng.choice(["Leeds", "Bath", ""]),
                }
            )
    return rows


@pytest.mark.usefixtures("several_blocks")
def test_overlapping_exports_of_a_messy_shop(tmp_path, in_shards):
    tables, _ = import_both(tmp_path, in_shards, *([file] for file in MESSY.write(tmp_path)), settings=DOLLARS)
    assert tables["order_blocks"].height > 2
    assert tables["orders"]["customer_id"].null_count()


def test_an_export_cut_in_pieces_and_a_later_one(tmp_path, in_shards):
    first, *later = MESSY.write(tmp_path)
    lines = first.read_text(encoding="utf-8-sig").splitlines()
    pieces = []
    for number, start in enumerate(range(1, len(lines), len(lines) // 4)):
        pieces.append(tmp_path / f"piece{number}.csv")
        pieces[-1].write_text("\n".join([lines[0], *lines[start : start + len(lines) // 4]]))
    tables, report = import_both(tmp_path, in_shards, [*pieces, *later], settings=DOLLARS)
    assert len(report["files"]) == len(pieces) + len(later)
    assert tables["orders"]["order_id"].n_unique() > len(pieces)


@pytest.mark.usefixtures("several_blocks")
def test_own_layout_then_the_same_history_with_changed_orders(tmp_path, in_shards):
    first, later = write_csv(tmp_path / "a.csv", order_lines()), write_csv(tmp_path / "b.csv", order_lines(later=True))
    _, report = import_both(tmp_path, in_shards, [first], [later], [first])
    assert not report["written"]


@pytest.mark.usefixtures("several_blocks")
def test_parquet_of_two_days_together(tmp_path, in_shards, monkeypatch):
    monkeypatch.setattr(row_ranges, "PART", 50)
    files = [tmp_path / "first.parquet", tmp_path / "later.parquet"]
    for number, file in enumerate(files):
        times = pl.col("ordered_at").str.to_datetime(time_zone="UTC")
        table = pl.DataFrame(order_lines(later=bool(number)))
        table.with_columns(times, pl.col("price").cast(pl.Float64)).write_parquet(file)
    tables, report = import_both(tmp_path, in_shards, files)
    assert set(report["changed_orders"]) == {"cancelled", "refunded"}
    assert tables["order_states"].height == 130


def test_how_cells_are_read_is_decided_by_the_whole_file(tmp_path, in_shards):
    rows = [
        {
            "order_id": str(number),
            "ordered_at": f"{1 + number % 12:02}/{1 + number % 12:02}/25 10:00" if number != 3 else "13/02/2025 10:00",
            "customer_id": f"c{number % 7}",
            "title": "Pot",
            "sku": "7",
            "quantity": "1,000" if number % 2 else "2,000",
            "price": "12,500" if number != 9 else "3,20",
        }
        for number in range(40)
    ]
    rows[20]["price"] = "free"
    rows[21]["ordered_at"] = "01/01/1900 10:00"
    rows[22]["sku"] = "4.00638E+12"
    rows = [
        dict(row, order_id=f"{row['order_id']}-{copy}") for copy in range(6) for row in rows if row["price"] != "free"
    ]
    rows.append(dict(rows[0], order_id="x", price="free"))
    tables, report = import_both(tmp_path, in_shards, [write_csv(tmp_path / "orders.csv", rows)])
    assert set(tables["orders"]["price"]) == {12.5, 3.2}
    warnings = " ".join(report["files"][0]["warnings"])
    assert 'column "price": found' in warnings
    assert "6 dates lie before" in warnings
    assert "6 in all" in warnings


def test_a_file_with_too_many_unreadable_cells_is_refused_in_the_same_words(tmp_path, in_shards):
    rows = order_lines()
    for place in (60, 90, 130, 180):
        rows[place]["price"] = "dear"
    file, messages = write_csv(tmp_path / "orders.csv", rows), []
    for road in ("memory", "shards"):
        if road == "shards":
            in_shards(7)
        with pytest.raises(InputError) as refused:
            import_files([file], tmp_path / road)
        messages.append(str(refused.value))
        assert not (tmp_path / road).exists()
    assert messages[0] == messages[1]
    assert "row 62" in messages[0]


def test_states_that_stand_mixed_are_refused_in_the_same_words(tmp_path, in_shards):
    rows = [row for export in MESSY.exports for order in export for row in order]
    file, messages = tmp_path / "sorted.csv", []
    write_csv(file, sorted(rows, key=lambda row: row["Lineitem name"]))
    for road in ("memory", "shards"):
        if road == "shards":
            in_shards(7)
        with pytest.raises(InputError, match="several states stand mixed") as refused:
            import_files([file], tmp_path / road, settings=DOLLARS)
        messages.append(str(refused.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize(
    "name", ["order_lines", "shopify_orders", "woocommerce_orders_advanced", "online_retail", "cleaned_table"]
)
def test_every_format_beside_a_catalogue_and_a_customers_export(tmp_path, in_shards, name):
    others = [SAMPLES / "shopify_products_2025.csv", SAMPLES / "shopify_customers_current.csv"]
    orders = SAMPLES / f"{name}.csv"
    tables, _ = import_both(tmp_path, in_shards, [orders, *others])
    assert all(tables[kind].height for kind in ("orders", "products", "customers", "order_states"))


def test_who_was_forgotten_comes_back_as_a_guest(tmp_path, in_shards):
    first, later = (
        write_csv(tmp_path / "first.csv", order_lines()),
        write_csv(tmp_path / "l.csv", order_lines(later=True)),
    )

    def forget_once(folder):
        if Shop.read(folder).customers.filter(pl.col("source_id") == "c3").collect().height:
            forget(folder, "c3")

    tables, _ = import_both(tmp_path, in_shards, [first], [later], between=forget_once)
    assert "c3" not in tables["customers"]["source_id"]


def test_an_interrupted_import_leaves_the_shop_as_it_was(tmp_path, in_shards, monkeypatch):
    first, later = (
        write_csv(tmp_path / "first.csv", order_lines()),
        write_csv(tmp_path / "l.csv", order_lines(later=True)),
    )
    import_files([first], tmp_path / "shop")
    before = {path: path.read_bytes() for path in (tmp_path / "shop").rglob("*") if path.is_file()}
    in_shards()

    def interrupt(*_, **__):
        assert list(tmp_path.rglob("staging/import/*/*/*.arrow"))
        raise KeyboardInterrupt

    monkeypatch.setattr(large_import, "place_lines", interrupt)
    with pytest.raises(KeyboardInterrupt):
        import_files([later], tmp_path / "shop")
    assert {path: path.read_bytes() for path in (tmp_path / "shop").rglob("*") if path.is_file()} == before
    with pytest.raises(KeyboardInterrupt):
        import_files([later], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_rows_that_name_no_order_are_read_in_memory_or_refused(tmp_path, in_shards, monkeypatch):
    table = pl.read_csv(SAMPLES / "shopify_orders.csv", infer_schema=False)
    nameless = pl.when(pl.col("Total").is_not_null()).then("Name").alias("Name")
    file = tmp_path / "orders.csv"
    table.with_columns(nameless).write_csv(file)
    expected = import_files([SAMPLES / "shopify_orders.csv"], tmp_path / "named")
    in_shards()
    report = import_files([file], tmp_path / "shop")
    assert (report.lines, report.orders) == (expected.lines, expected.orders)
    assert any("does not name its order" in warning for warning in report.warnings)
    monkeypatch.setattr(large_import, "LARGEST_IN_MEMORY", 0)
    with pytest.raises(InputError, match="does not name its order"):
        import_files([file], tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_dry_run_writes_nothing(tmp_path, in_shards):
    file = write_csv(tmp_path / "orders.csv", order_lines())
    expected = import_files([file], tmp_path / "shop")
    in_shards()
    report = import_files([file], tmp_path / "other", settings=ImportSettings(dry_run=True))
    assert (report.lines, report.customers) == (expected.lines, expected.customers)
    assert not (tmp_path / "other").exists()


def test_exports_that_workers_cannot_reach_are_split_here(tmp_path):
    file = write_csv(tmp_path / "orders.csv", order_lines())
    import_files([file], tmp_path / "memory")
    import_files([file], tmp_path / "shards", engine=Elsewhere("elsewhere", shares_memory=False))
    here, there = Shop.read(tmp_path / "memory"), Shop.read(tmp_path / "shards")
    assert there.orders.collect().equals(here.orders.collect())
    assert there.orders.collect().height > 100


def test_a_range_of_a_file_that_is_gone_is_absent(tmp_path):
    for name, write in (("orders.csv", pl.DataFrame.write_csv), ("orders.parquet", pl.DataFrame.write_parquet)):
        write(pl.DataFrame({"order_id": ["1"]}), tmp_path / name)
        part = FileRange(open_table(tmp_path / name), 0, ("order_id",))
        assert part.read().rows.height == 1
        (tmp_path / name).unlink()
        assert part.read().rows is None
