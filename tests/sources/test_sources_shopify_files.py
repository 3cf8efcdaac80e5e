"""The files of bulk operations, and what the server that plays Shopify refuses as Shopify does."""

import json

import polars as pl
import pytest

from frontrow.sources.shopify.export_orders import LINE_FIELDS, ORDER_FIELDS, export_orders, order_layout
from frontrow.sources.shopify.file_check import FileCheck, IncompleteFileError
from frontrow.sources.shopify.jsonl import read_nodes
from frontrow.testing.loopback.graphql import GraphQLError, check_fields, parse_document
from frontrow.testing.loopback.shopify import check_bulk
from frontrow.testing.loopback.shopify_schema import SCHEMA

LAYOUT = order_layout("Europe/Berlin")


def money(amount):
    return {"shopMoney": {"amount": str(amount)}}


def order(number, **fields):
    amounts = ("subtotalPriceSet", "totalPriceSet", "currentSubtotalPriceSet", "currentTotalPriceSet")
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "createdAt": f"2026-05-{number:02d}T08:00:00Z",
        "processedAt": f"2026-05-{number:02d}T08:00:00Z",
        "updatedAt": "2026-06-01T00:00:00Z",
        **dict.fromkeys(amounts, money(10)),
        **fields,
    }


def line(number, parent, **fields):
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "__parentId": f"gid://shopify/Order/{parent}",
        "name": f"item {number}",
        "quantity": 2,
        "currentQuantity": 2,
        "originalUnitPriceSet": money(5),
        **fields,
    }


def read(tmp_path, objects, *, roots, end="\n"):
    file = tmp_path / "orders.jsonl"
    file.write_text("\n".join(json.dumps(value) for value in objects) + end)
    return read_nodes(file, FileCheck(len(objects), roots, file.stat().st_size), LAYOUT)


def test_children_find_their_parent_wherever_they_stand(tmp_path):
    nodes = read(tmp_path, [line(3, 2), order(1), line(4, 1), order(2), line(1, 2)], roots=2)
    rows = export_orders(nodes)
    # the newest order first, its lines in the order in which they were added
    assert rows["Lineitem name"].to_list() == ["item 1", "item 3", "item 4"]
    assert rows["Name"].to_list() == ["#2", "#2", "#1"]
    assert rows["Created at"].to_list() == ["2026-05-02 10:00:00 +0200", None, "2026-05-01 10:00:00 +0200"]


def test_of_an_object_that_comes_twice_the_newest_state_counts(tmp_path):
    newer = order(1, email="new@example.com", updatedAt="2026-06-02T00:00:00Z")
    nodes = read(tmp_path, [newer, line(1, 1), order(1, email="old@example.com"), line(1, 1)], roots=2)
    assert (nodes.repeated, export_orders(nodes)["Email"].to_list()) == (2, ["new@example.com"])


def test_children_without_a_parent_are_left_out_and_counted(tmp_path):
    nodes = read(tmp_path, [order(1), line(1, 1), line(2, 7)], roots=1)
    assert (nodes.orphans, nodes.children.height) == (1, 1)


def test_an_order_without_a_line_still_says_that_it_was_cancelled(tmp_path):
    nodes = read(tmp_path, [order(1, cancelledAt="2026-05-02T08:00:00Z")], roots=1)
    assert export_orders(nodes).select("Cancelled at", "Lineitem name").row(0) == ("2026-05-02 10:00:00 +0200", None)


def test_units_that_were_given_back_stay_and_units_that_were_never_paid_for_go(tmp_path):
    removed, given_back = order(1, edited=True), order(2, edited=True, totalRefundedSet=money(5))
    nodes = read(tmp_path, [removed, line(1, 1, currentQuantity=1), given_back, line(2, 2, currentQuantity=1)], roots=2)
    assert export_orders(nodes)["Lineitem quantity"].to_list() == [2, 1]


@pytest.mark.parametrize(
    ("objects", "roots", "end"),
    [
        ([order(1), line(1, 1)], 2, "\n"),
        ([order(1), line(1, 1)], 1, ""),
        ([order(1), "no object"], 1, "\n"),
        ([order(1), {"id": "gid://shopify/Order/2", "currencyCode": {"nested": 1}, "test": "perhaps"}], 3, "\n"),
    ],
    ids=["a root is missing", "the last line has no end", "no object", "other fields"],
)
def test_a_file_that_is_not_what_shopify_says_is_refused(objects, roots, end, tmp_path):
    with pytest.raises(IncompleteFileError):
        read(tmp_path, objects, roots=roots, end=end)


def test_a_file_of_nothing_has_the_columns_of_an_export(tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    rows = export_orders(read_nodes(tmp_path / "empty.jsonl", FileCheck(0, 0), LAYOUT))
    assert rows.height == 0
    assert {"Name", "Created at", "Updated at", "Lineitem quantity", "Lineitem price"} <= set(rows.columns)


def test_what_is_asked_for_is_what_is_read():
    assert set(ORDER_FIELDS) <= set(SCHEMA["Order"])
    assert set(LINE_FIELDS) <= set(SCHEMA["LineItem"])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ orders { edges { node { id birthday } } } }", "doesn't exist on type 'Order'"),
        (
            "{ orders { edges { node { id refunds { refundLineItems { edges { node { quantity } } } } } } } }",
            "list field",
        ),
        ("{ orders { edges { node { name } } } }", "must have their id"),
        ("{ shop { name } }", "one connection"),
        ("{ orders { edges { node { id", "end of file"),
    ],
)
def test_the_server_of_tests_refuses_what_shopify_refuses(query, message):
    with pytest.raises(GraphQLError, match=message):
        check_query(query)


def check_query(query):
    _, fields = parse_document(query)
    check_fields(fields, "QueryRoot", SCHEMA)
    check_bulk(fields)


def test_rows_of_an_export_have_numbers_and_texts_only(tmp_path):
    rows = export_orders(read(tmp_path, [order(1), line(1, 1)], roots=1))
    assert {dtype.base_type() for dtype in rows.dtypes} <= {pl.String, pl.Int64, pl.Float64}
