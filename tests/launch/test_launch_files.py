"""The list of new products: the accepted notations, and the messages when it cannot be read."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontrow.errors import FrontrowError, InputError
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA, read_launch_dates, read_new_products


def write_file(folder: Path, text: str) -> Path:
    file = folder / "new.csv"
    file.write_text(text, "utf-8")
    return file


def test_only_a_title_is_required(tmp_path: Path) -> None:
    products = read_new_products(write_file(tmp_path, "Title\nBlue Pot\n"), launch_day=20_000)
    assert products.schema == NEW_PRODUCT_SCHEMA
    assert products.row(0, named=True) == {
        "product_id": "new:blue-pot",
        "sku": None,
        "title": "Blue Pot",
        "product_type": None,
        "vendor": None,
        "tags": None,
        "description": None,
        "price": None,
        "launch_day": 20_000,
        "margin": None,
        "stock": None,
    }


def test_columns_come_in_any_order_and_case(tmp_path: Path) -> None:
    text = '\ufeffPrice,Launch Date,TITLE,product_id\n"1,024.50",1970-01-11,Pot,p1\n'
    products = read_new_products(write_file(tmp_path, text), launch_day=0)
    assert products.select("product_id", "price", "launch_day").row(0) == ("p1", 1024.5, 10)


def test_a_file_from_a_spreadsheet_with_semicolons_and_blank_rows_is_read(tmp_path: Path) -> None:
    text = "\ufeffTitle;Price;Launch-Date;\r\nPot;1.024,50;1970-01-11;\r\n;;;\r\n\r\nCup;;;\r\n"
    products = read_new_products(write_file(tmp_path, text), launch_day=3)
    assert products.select("title", "price", "launch_day").rows() == [("Pot", 1024.5, 10), ("Cup", None, 3)]


def test_an_inch_mark_is_part_of_a_title(tmp_path: Path) -> None:
    products = read_new_products(write_file(tmp_path, 'title,price\n12" pot,3\n8" pot,2\n'), launch_day=0)
    assert products["title"].to_list() == ['12" pot', '8" pot']


def test_margin_and_stock_are_numbers(tmp_path: Path) -> None:
    products = read_new_products(write_file(tmp_path, 'title,margin,stock\nPot,"4,50",120\nCup,,\n'), launch_day=0)
    assert products.select("margin", "stock").rows() == [(4.5, 120.0), (None, None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nPot\n", "row 1: there is no column title; found name. Give a CSV file"),
        ("title;price\nPot;3\n;4\n", 'row 3, column "title": is empty'),
        ("title\n", "has no product"),
        ("title,price\nPot,cheap\n", 'row 2, column "price": "cheap" is not a price'),
        ("title,price\nCup,1\nPot,-3\n", 'row 3, column "price"'),
        ("title,margin\nPot,much\n", 'row 2, column "margin": "much" is not a margin'),
        ("title,stock\nPot,few\n", 'row 2, column "stock": "few" is not a number of units'),
        ("title,launch_date\nPot,soon\n", 'row 2, column "launch_date": "soon" is not a date'),
        ("title,price\nPot,1\n,2\n", 'row 3, column "title": is empty'),
        ("title\nPot\npot\n", 'row 3, column "title": is given twice'),
        ("product_id,title\np1,Pot\np1,Cup\n", 'row 3, column "product_id": is given twice'),
        ("title,Title\nPot,Pot\n", 'row 1, column "title": two columns have this name'),
        ("title\nPot, blue\n", "row 2: the row has 2 cells where the header has 1. Put quotation marks"),
    ],
)
def test_errors_name_the_row_and_column(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_new_products(write_file(tmp_path, text), launch_day=0)
    assert message in str(error.value)
    assert str(error.value).startswith("new.csv")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=string.printable + "é\ufeff\x00", max_size=200))
def test_any_text_is_read_or_refused_in_words(tmp_path: Path, text: str) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(("title,price\n" + text).encode("utf-8"))
    try:
        products = read_new_products(file, launch_day=0)
    except FrontrowError:
        return
    assert products.height > 0
    assert products["title"].str.strip_chars().str.len_chars().min() > 0


@pytest.mark.parametrize(
    "text",
    [
        "product_id,launch_date\np1,1970-01-03\n",
        "\ufeffLaunch Date;Product ID;note\r\n1970-01-03 00:00:00;p1;soft\r\n;;\r\n",
        "product_id,launch_date\np1,1970-01-03\np1,1970-01-03\n",
    ],
)
def test_launch_dates_are_read_as_days(tmp_path: Path, text: str) -> None:
    file = tmp_path / "dates.csv"
    file.write_text(text, "utf-8")
    assert read_launch_dates(file) == {"p1": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("product_id\np1\n", "there is no column launch_date"),
        ("product_id,launch_date\np1,later\n", 'row 2, column "launch_date": "later" is not a date'),
        ("product_id,launch_date\np1,\n", 'row 2, column "launch_date": is empty'),
        ("product_id,launch_date\n,2026-03-01\n", 'row 2, column "product_id": is empty'),
        ("product_id,launch_date\np1,2026-03-01\np1,2026-03-02\n", 'row 3.*gives "p1" another date'),
    ],
)
def test_launch_dates_errors_say_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "dates.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        read_launch_dates(file)


def test_a_missing_launch_dates_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the file does not exist"):
        read_launch_dates(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "price"),
    [("12,50", 12.5), ("1,250", 1250.0), ("1,250.5", 1250.5), ("1.250,50", 1250.5), ("€ 9", 9.0), ("7", 7.0)],
)
def test_a_decimal_comma_is_read(tmp_path: Path, text: str, price: float) -> None:
    products = read_new_products(write_file(tmp_path, f'title,price\nPot,"{text}"\n'), launch_day=0)
    assert products["price"].item() == price


def test_titles_of_any_script_have_distinct_ids(tmp_path: Path) -> None:
    products = read_new_products(write_file(tmp_path, "title\nНовый горшок\nБелая лампа\n"), launch_day=0)
    assert products["product_id"].n_unique() == 2
