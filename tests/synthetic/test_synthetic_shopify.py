"""The raw exports: Shopify's columns, the irregularities of real files, and the same shop after an import."""

import csv
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.synthetic import SyntheticShop
from frontrow.synthetic.shopify_export import CUSTOMERS_HEADER, PRODUCTS_HEADER
from frontrow.synthetic.shopify_orders import ORDERS_HEADER

GARDEN = SyntheticShop(customers=2_500, seed=11)
REPEATED = {"Name", "Email", "Created at", "Vendor"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return GARDEN.write_shopify(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def rows(files: list[Path]) -> list[dict[str, str]]:
    with files[0].open(encoding="utf-8", newline="") as older, files[1].open(encoding="utf-8-sig", newline="") as newer:
        return list(csv.DictReader(newer)) + list(csv.DictReader(older))


def header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return tuple(next(csv.reader(handle)))


def test_the_headers_are_shopifys(files: list[Path]) -> None:
    names = ["orders_export_1.csv", "orders_export_2.csv", "products_export.csv", "customers_export.csv"]
    assert [path.name for path in files] == names
    headers = (ORDERS_HEADER, ORDERS_HEADER, PRODUCTS_HEADER, CUSTOMERS_HEADER)
    assert [header(path) for path in files] == list(headers)
    assert [len(columns) for columns in headers[1:]] == [79, 54, 20]
    assert ORDERS_HEADER[0] == "Name"
    assert ORDERS_HEADER[-1] == "Payment References"


def test_order_fields_are_on_the_first_row_only(rows: list[dict[str, str]]) -> None:
    orders: set[str] = set()
    for row in rows[: len(rows) // 3]:
        if row["Name"] in orders:
            filled = {name for name, cell in row.items() if cell and not name.startswith("Lineitem")}
            assert filled <= REPEATED
        else:
            assert row["Total"]
            assert row["Currency"] == "USD"
        orders.add(row["Name"])


def test_one_file_has_a_byte_order_mark_and_dos_line_ends(files: list[Path]) -> None:
    older, newer = files[0].read_bytes(), files[1].read_bytes()
    assert newer.startswith(b"\xef\xbb\xbf")
    assert not older.startswith(b"\xef\xbb\xbf")
    assert newer.count(b"\r\n") > 1_000
    assert b"\r\n" not in older


def test_the_two_exports_overlap(files: list[Path]) -> None:
    older, newer = (set(pl.read_csv(path, infer_schema=False)["Name"]) for path in files[:2])
    overlap = older & newer
    assert 0.02 < len(overlap) / len(older | newer) < 0.10
    assert older - overlap
    assert newer - overlap


def test_the_irregularities_of_real_exports_occur(rows: list[dict[str, str]]) -> None:
    first = [row for row in rows if row["Total"]]
    assert {row["Created at"][-5:] for row in first} == {"-0500", "-0400"}
    assert all(row["Shipping Zip"].startswith("'") for row in first)
    assert all(row["Phone"].startswith("'") for row in first if row["Phone"])
    assert any("\n" in row["Notes"] and '"' in row["Notes"] for row in first)
    statuses = {row["Financial Status"] for row in first}
    assert statuses == {"paid", "partially_refunded", "refunded", "voided"}
    assert any(row["Cancelled at"] for row in first)
    assert any("Bogus" in row["Payment Method"] for row in first)
    assert any(not row["Email"] for row in first)
    assert any(row["Email"] != row["Email"].lower() for row in first)
    assert {row["Discount Code"] for row in first} == {"", "GARDEN10", "FREESHIP"}
    names = {row["Lineitem name"] for row in rows}
    assert {"Shipping Protection", "Gift Card - $50.00", "Tip"} <= names
    assert any(" - " in name and "Gift Card" not in name for name in names)


def test_amounts_add_up(rows: list[dict[str, str]]) -> None:
    lines_total: dict[str, float] = {}
    for row in {(row["Name"], row["Lineitem sku"], row["Lineitem name"]): row for row in rows}.values():
        lines_total[row["Name"]] = lines_total.get(row["Name"], 0) + float(row["Lineitem price"]) * int(
            row["Lineitem quantity"]
        )
    for row in rows:
        if row["Total"]:
            parts = sum(float(row[name]) for name in ("Subtotal", "Shipping", "Taxes"))
            assert float(row["Total"]) == pytest.approx(parts, abs=0.006)
            off = float(row["Discount Amount"]) if row["Discount Code"] == "GARDEN10" else 0.0
            assert float(row["Subtotal"]) == pytest.approx(lines_total[row["Name"]] - off, abs=0.006)


def test_an_import_gives_the_shop_again(files: list[Path], tmp_path: Path) -> None:
    import_files(files, tmp_path / "shop", settings=ImportSettings(time_zone=GARDEN.time_zone))
    imported, shop = Shop.read(tmp_path / "shop"), GARDEN.shop()
    # a returning product has a new id in the garden, but the importer identifies products by title
    assert_frame_equal(lines_by_title(imported), lines_by_title(shop), abs_tol=1e-5)
    customers = imported.customers.collect().sort("customer_id")
    assert (
        customers.head(GARDEN.customers)
        .select("customer_id", "source_id", "phone")
        .equals(shop.customers.collect().select("customer_id", "source_id", "phone"))
    )
    joined = customers.join(shop.customers.collect(), on="customer_id", suffix="_true")
    assert (joined["accepts_email"].fill_null(False) == joined["accepts_email_true"].fill_null(False)).all()
    assert (joined["accepts_sms"].fill_null(False) == joined["accepts_sms_true"].fill_null(False)).all()


def lines_by_title(shop: Shop) -> pl.DataFrame:
    titles = shop.products.select("product_id", "title").lazy()
    lines = shop.orders.join(titles, on="product_id").drop("product_id").collect()
    return lines.sort("order_id", "line_number", "title")


def test_the_same_seed_writes_the_same_bytes(files: list[Path], tmp_path: Path) -> None:
    again = SyntheticShop(customers=2_500, seed=11).write_shopify(tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in files]
