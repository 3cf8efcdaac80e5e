"""WooCommerce's layouts: amounts before and after coupons, refunds, statuses, variations."""

from pathlib import Path

import polars as pl
import pytest

from frontrow.importing.woocommerce_amounts import add_line_amounts, add_refunds
from frontrow.shop.update import import_files
from frontrow.storage.pointer import CUSTOMERS, ORDERS, PRODUCTS
from frontrow.testing.shops import read_table

SAMPLES = Path(__file__).parent / "samples"
AMOUNTS = ("price", "full_price", "line_subtotal", "line_total", "refunded", "refunded_tax", "refunded_shipping")
ORDER_AMOUNTS = ("order_total", "order_tax", "goods", "cart_discount", "refunded_amount", "refunded_shipping_tax")
HEADER = "Order Number,Order Status,Order Date,Modification Date,Email (Billing),Item Name,Quantity,Item Cost\n"


def lines(*rows: dict[str, float]) -> pl.DataFrame:
    """Lines of one order; amounts that are not given are null."""
    schema = {"order_id": pl.String, "quantity": pl.Int64, **dict.fromkeys((*AMOUNTS, *ORDER_AMOUNTS), pl.Float64)}
    return pl.DataFrame([{"order_id": "1", "quantity": 1, **row} for row in rows], schema=schema)


def refunds(*rows: dict[str, float], is_left: bool = False) -> float:
    table = add_refunds(add_line_amounts(lines(*rows)), is_left=is_left)
    assert table["refunded_amount"].n_unique() == 1
    return float(table["refunded_amount"][0])


def test_a_price_is_before_coupons_where_the_file_knows_it():
    rows = add_line_amounts(
        lines(
            {"quantity": 3, "line_subtotal": 10.0, "line_total": 9.0},
            {"quantity": 2, "price": 4.0, "full_price": 5.0},
            {"quantity": 2, "price": 4.0},
            {"quantity": 2, "line_total": 8.0},
            {"quantity": 0, "price": 4.0},
        )
    )
    assert rows["price"].to_list() == [3.33333333, 5.0, 4.0, 4.0, 4.0]
    assert rows["discount"].to_list() == [1.0, 2.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("order", "line", "expected"),
    [
        # only an amount for the whole order, with 20 % tax in it
        ({"refunded_amount": 12.0, "order_total": 60.0, "order_tax": 10.0}, {"line_total": 50.0}, 10.0),
        # all of it is known of the lines: nothing is spread
        (
            {"refunded_amount": 12.0, "order_total": 60.0, "order_tax": 10.0},
            {"refunded": 10.0, "refunded_tax": 2.0},
            10,
        ),
        # the taxes of what was given back for the lines are worked out where the file does not state them
        ({"refunded_amount": 12.0, "order_total": 60.0, "order_tax": 10.0}, {"refunded": 10.0}, 10.0),
        # postage is no part of a line
        (
            {"refunded_amount": 18.0, "order_total": 60.0, "refunded_shipping": 6.0, "order_tax": 0.0},
            {"refunded": 12},
            12,
        ),
        # an order without a total has no taxes that are known
        ({"refunded_amount": 5.0}, {"line_total": 50.0}, 5.0),
        ({}, {"line_total": 50.0}, 0.0),
    ],
)
def test_refunds_are_brought_to_amounts_without_taxes(order, line, expected):
    assert refunds({**order, **line}) == pytest.approx(expected)


def test_units_that_were_sent_back_are_not_counted_twice():
    order = {"refunded_amount": 12.0, "order_total": 48.0, "order_tax": 8.0, "goods": 40.0}
    assert refunds({**order, "quantity": 3, "price": 10.0}, is_left=True) == pytest.approx(0.0)
    assert refunds({**order, "quantity": 4, "price": 10.0}, is_left=True) == pytest.approx(10.0)


def test_a_payment_that_failed_and_was_made_later_is_a_purchase_where_changes_are_dated(tmp_path):
    first, later = tmp_path / "first.csv", tmp_path / "later.csv"
    row = "7,{},2026-03-02 10:00:00,{},ada@example.com,Pot,1,12.50\n"
    first.write_text(HEADER + row.format("Cancelled", "2026-03-02 11:00:00"))
    later.write_text(HEADER + row.format("Processing", "2026-03-03 09:00:00"))
    shop = tmp_path / "shop"
    import_files([first, later], shop)
    assert read_table(shop, ORDERS).height == 1
    back = tmp_path / "back.csv"
    back.write_text(HEADER + row.format("Refunded", "2026-03-05 09:00:00"))
    import_files([back], shop)
    assert read_table(shop, ORDERS).height == 0
    import_files([first, later], shop)
    assert read_table(shop, ORDERS).height == 0, "what the shop knows is later"


def test_a_shop_of_all_samples(tmp_path):
    files = sorted(SAMPLES.glob("woocommerce_*.csv"))
    report = import_files(files, tmp_path / "shop")
    dropped = {reason for file in report.files for reason in file.dropped}
    assert {"cancelled", "not paid", "refunded in full", "payment failed", "a group of products"} <= dropped
    orders = read_table(tmp_path / "shop", ORDERS).filter(pl.col("order_id") == "2002")
    assert orders.select("product_id", "price", "refunded").rows() == [("32", 12.5, 12.5), ("33", 12.5, 0.0)]
    products = read_table(tmp_path / "shop", PRODUCTS)
    assert products["product_id"].to_list() == ["31", "32", "33"]
    assert products["product_type"].to_list() == ["Shirts", "Pots, bowls", None]
    assert products["description"].to_list()[0] == "Cool & light for summer"
    customers = read_table(tmp_path / "shop", CUSTOMERS)
    assert customers["accepts_email"].to_list() == [None] * 3, "WooCommerce itself keeps no consent"


def test_a_column_of_consent_is_read_and_a_no_on_any_row_is_a_no(tmp_path):
    file = tmp_path / "customers.csv"
    file.write_text(
        "Email,Last Active,Sign Up,mailchimp_woocommerce_is_subscribed\n"
        "ada@example.com,,,1\nben@example.com,,,1\nBen@example.com,,,archived\ncy@example.com,,,\n"
    )
    orders = tmp_path / "orders.csv"
    orders.write_text(HEADER + "1,completed,2026-03-02 10:00,2026-03-02 10:00,cy@example.com,Pot,1,5\n")
    import_files([file, orders], tmp_path / "shop")
    customers = read_table(tmp_path / "shop", CUSTOMERS).sort("email")
    assert dict(customers.select("email", "accepts_email").iter_rows()) == {
        "ada@example.com": True,
        "ben@example.com": False,
        "cy@example.com": False,
    }


def test_rows_without_an_order_number_are_counted_and_explained(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "1,completed,2026-03-02 10:00,2026-03-02 10:00,a@example.com,Pot,1,5\n,,,,,Cup,1,3\n")
    report = import_files([file], tmp_path / "shop")
    assert report.files[0].dropped == {"no order number": 1}
    assert any("filled on every row" in warning for warning in report.files[0].warnings)
