"""The customers of lists: files of customers and of first orders, and their errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.errors import InputError
from frontrow.recommend.customers import (
    build_first_order_queries,
    build_usual_contexts,
    read_contexts,
    read_customers,
)
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.shop import Shop
from frontrow.testing.shops import hand_made_shop, order_lines

CUSTOMERS = pl.DataFrame({"customer_id": [7, 8, 9], "source_id": ["A-1", "a-1", "b@example.com"]})


def write_file(folder: Path, text: str) -> Path:
    (folder / "who.csv").write_text(text, "utf-8")
    return folder / "who.csv"


def test_numbers_are_read_in_their_order_each_once(tmp_path: Path) -> None:
    customers = read_customers(write_file(tmp_path, "Customer_ID,name\n9,x\n 7 ,y\n9,z\n12,q\n"), CUSTOMERS)
    assert customers.customer_ids.tolist() == [9, 7]
    assert customers.unknown == 1


def test_ids_match_exactly_before_they_match_in_lower_case(tmp_path: Path) -> None:
    customers = read_customers(write_file(tmp_path, "source_id\na-1\nA-1\n B@EXAMPLE.com\nnobody\n"), CUSTOMERS)
    assert customers.customer_ids.tolist() == [8, 7, 9]
    assert customers.unknown == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("customer_id\n7\nb@example.com\n", r'who\.csv, row 3, column "customer_id": is not a customer number'),
        ("email\nb@example.com\n", r"row 1: there is no column customer_id or source_id"),
        ("b@example.com\na@example.com\n", r"row 1: there is no column customer_id or source_id"),
        ("customer_id, Customer_ID\n7,8\n", r"row 1, column .*: two columns have this name"),
        ("customer_id\n77\n", r"names no customer of this shop"),
        ("", r"is not a CSV table"),
    ],
)
def test_an_unusable_file_of_customers_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read_customers(write_file(tmp_path, text), CUSTOMERS)
    assert "@" not in str(raised.value)


def test_first_orders_are_read_with_missing_values(tmp_path: Path) -> None:
    contexts = read_contexts(write_file(tmp_path, "City,hour,Country\nBonn, 23,DE\n,,\n"), month=3)
    assert contexts.rows() == [("DE", None, "Bonn", 23, 3), (None, None, None, None, 3)]
    assert build_first_order_queries(contexts).rows.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hour\n24\n", r'row 2, column "hour": "24" is not from 0 to 23'),
        ("month\n\n0\n", r'"0" is not from 1 to 12'),
        ("month\nMay\n", r'"May" is not from 1 to 12'),
        ("email\nx\n", r'row 1: has the unknown column "email"'),
        ("country,ann@example.com\nx\n", "row 1: has the unknown column .aaa@aaa"),
        ("country\n", r"has no row"),
        ("country,Country\nDE,\n", r"row 1, column .*: two columns have this name"),
    ],
)
def test_an_unusable_file_of_first_orders_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_contexts(write_file(tmp_path, text), month=3)


def test_usual_first_orders_are_the_countries_of_most_customers_first() -> None:
    lines = [(1, "pot", 0), (2, "pot", 0), (3, "pot", 0)]
    plain_shop = hand_made_shop(lines)
    orders = order_lines(lines, country=["FR", "DE", "FR"])
    shop = Shop.from_tables(orders, plain_shop.products, plain_shop.customers.collect(), settings=plain_shop.settings)
    trained = TrainedRecommender.fit(shop.as_of(), "popular")
    contexts = build_usual_contexts(trained.contexts, trained.month)
    assert contexts["country"].to_list() == ["FR", "DE"]
    assert contexts["month"].to_list() == [trained.month] * 2
    lists = trained.recommend(build_first_order_queries(contexts), k=1)
    np.testing.assert_array_equal(lists.columns, [[0], [0]])
