"""What is said about a file of new products, compared with what the shop has sold."""

from __future__ import annotations

import csv
import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontrow.errors import FrontrowError, InputError
from frontrow.launch.launch_files import open_new_products
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.new_products.checked_products import check_new_products, read_checked_products
from frontrow.launch.new_products.finding import Finding
from frontrow.launch.new_products.sold_products import find_sold_products
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.history import History
from frontrow.testing.shops import hand_made_shop

PRODUCTS: Mapping[str, Mapping[str, Any]] = {
    f"p{number}": {"title": title, "product_type": kind, "vendor": vendor, "tags": tags}
    for number, (title, kind, vendor, tags) in enumerate(
        [
            ("Blue Mug", "Mug", "Alder", "kitchen, gift"),
            ("Red Mug", "Mug", "Alder", "kitchen"),
            ("Plate of oak", "Plate", "Birch & Co", "kitchen"),
            ("Garden chair", "Furniture", "Birch & Co", "garden"),
            ("Garden table", "Furniture", "Birch & Co", "garden"),
        ]
    )
}


@cache
def history() -> History:
    return hand_made_shop([(number, f"p{number}", 10 * number) for number in range(5)], PRODUCTS).as_of()


def check(folder: Path, text: str, past: History | None = None) -> tuple[Finding, ...]:
    past = past or history()
    file = folder / "new.csv"
    file.write_text(text, "utf-8")
    given = open_new_products(file, launch_day=past.cutoff_day)
    return check_new_products(given, past, compute_life_cycles(past), find_sold_products(given.products, past))


def test_a_file_in_the_words_of_the_shop_has_no_finding(tmp_path: Path) -> None:
    text = 'title,product_type,vendor,tags,price\nGreen mug,mug,Alder,"gift,Kitchen",10\n'
    assert check(tmp_path, text) == ()


@pytest.mark.parametrize(
    ("column", "value", "severity", "sentence", "consequence"),
    [
        ("product_type", "Mugs", "warning", 'which has "Mug"', "Write Mug, else what customers bought of this type"),
        ("product_type", "furnitures", "warning", 'which has "Furniture"', "Write Furniture"),
        ("product_type", "Lamp", "note", "is new to the shop", "cannot count"),
        ("vendor", "alder", "warning", 'which has "Alder"', "Write Alder"),
        ("vendor", "Birch and Co", "warning", 'which has "Birch & Co"', "Write Birch & Co"),
        ("vendor", "Cedar", "note", "is new to the shop", "cannot count"),
        ("tags", "gifts", "warning", 'which has "gift"', "Write gift"),
        ("tags", "spring", "note", 'new to the shop: "spring"', "says nothing"),
        ("price", "10.01", "warning", "10.01 is above everything the shop has sold, 10.00 to 10.00", "no past launch"),
        ("price", "0", "warning", "0.00 is below everything the shop has sold, 10.00 to 10.00", "no past launch"),
        ("launch_date", "2020-01-01", "warning", "days before 2024-11-14", "Correct the date"),
        ("launch_date", "2031-01-01", "warning", "days after 2024-11-14", "import the orders since"),
    ],
)
def test_a_value_that_the_shop_does_not_have(
    tmp_path: Path, column: str, value: str, severity: str, sentence: str, consequence: str
) -> None:
    (finding,) = check(tmp_path, f"title,{column}\nMug of glass,\nGreen mug,{value}\n")
    assert (finding.severity, finding.row, finding.column, finding.rows) == (severity, 3, column, 1)
    assert sentence in finding.sentence
    assert consequence in finding.consequence


@pytest.mark.parametrize("date", ["2024-08-16", "2024-11-20", "2025-11-14"])
def test_a_launch_date_near_the_cutoff_is_no_finding(tmp_path: Path, date: str) -> None:
    assert check(tmp_path, f"title,launch_date\nGreen mug,{date}\n") == ()


@pytest.mark.parametrize(
    ("name", "severity", "consequence"),
    [
        ("product_typ", "warning", "Did you mean product_type?"),
        ("Titel", "warning", "Did you mean title?"),
        ("prices", "warning", "Did you mean price?"),
        ("colour", "note", "The columns that are read: product_id, sku, title"),
    ],
)
def test_a_column_that_is_not_read_is_named(tmp_path: Path, name: str, severity: str, consequence: str) -> None:
    (finding,) = check(tmp_path, f"title,{name}\nGreen mug,x\n")
    assert (finding.severity, finding.row, finding.column) == (severity, 1, name.lower())
    assert consequence in finding.consequence


def test_a_column_name_that_could_be_a_person_is_not_shown(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, "title,ann@example.com\nGreen mug,x\n")
    assert finding.column is None
    assert "ann" not in finding.sentence + finding.consequence


def test_a_title_that_resembles_nothing(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, "title\nQuantum flux\n")
    assert "shares no word with any title" in finding.sentence
    assert check(tmp_path, "title\nTall mugs\n") == ()


def test_the_words_of_a_sold_title_in_another_order_are_a_finding(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, "title\nMugs blue\n")
    assert finding.sentence == '"Mugs blue" has the words of "Blue Mug", on sale since 2024-10-04'


def test_a_value_of_several_rows_is_a_finding_once(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, "title,product_type\nGreen mug,Mugs\nTall mug,Mugs\nWide mug,Mugs\n")
    assert (finding.row, finding.rows) == (2, 3)


def test_a_product_on_sale_is_a_finding_and_its_other_cells_are_not(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, "title,product_type,price\nred mug,Mugs,99\n")
    assert finding.column == "title"
    assert finding.sentence == '"red mug" has been on sale since 2024-10-14 as "Red Mug"; 1 customer has it'
    assert "Its window is over" in finding.consequence
    (finding,) = check(tmp_path, "product_id,title\np4,Table\n")
    assert finding.column == "product_id"
    assert "ranked by its sales so far, of 1 day," in finding.consequence


def test_where_a_shop_has_no_types_the_last_words_of_titles_stand_for_them(tmp_path: Path) -> None:
    past = hand_made_shop([(1, "Blue Mug", 0), (1, "Oak Plate", 40)]).as_of()
    (finding,) = check(tmp_path, "title,product_type\nGreen mug,Mugs\n", past)
    assert "whose products have no type" in finding.sentence
    assert finding.consequence.startswith("Write mug, or leave it empty")
    assert check(tmp_path, "title,product_type\nGreen mug,Mug\n", past) == ()


def test_with_a_single_vendor_and_few_prices_nothing_is_said_of_them(tmp_path: Path) -> None:
    past = hand_made_shop([(1, "Blue Mug", 0)], {"Blue Mug": {"vendor": "Alder"}}).as_of()
    assert check(tmp_path, "title,vendor,price\nGreen mug,Cedar,999\n", past) == ()


def test_strict_makes_an_error_of_the_first_finding(tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("title,product_type\nGreen mug,Mugs\nQuantum,Mug\n", "utf-8")
    assert len(read_checked_products(file, history(), LaunchSettings()).findings) == 2
    with pytest.raises(InputError) as error:
        read_checked_products(file, history(), LaunchSettings(), strict=True)
    assert str(error.value).startswith('new.csv, row 2, column "product_type": "Mugs" is no type of the shop')
    assert str(error.value).endswith("1 more thing is to look at; without --strict all are listed.")
    file.write_text("title,product_type\nGreen mug,Mug\n", "utf-8")
    assert read_checked_products(file, history(), LaunchSettings(), strict=True).products.height == 1


def test_no_person_is_shown_where_a_list_of_customers_was_given(tmp_path: Path) -> None:
    text = (
        'title,product_type,vendor,tags\nann@example.com,+44 7700 900123,bob@example.com,"eve@example.com, Ann Lee"\n'
    )
    findings = check(tmp_path, text)
    assert len(findings) == 4
    for finding in findings:
        assert "900123" not in finding.sentence + finding.consequence
        assert "@example" not in finding.sentence


cells = st.text(alphabet=string.ascii_letters + "éß !-&,.0123456789\u200b\U0001f331", max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=4), cells)
def test_any_cells_are_checked_or_refused_in_words(tmp_path: Path, rows: list[tuple[str, ...]], name: str) -> None:
    file = tmp_path / "new.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        header = ("title", "product_type", "vendor", "tags", name)
        csv.writer(handle).writerows([header, *((*row, "x") for row in rows)])
    try:
        checked = read_checked_products(file, history(), LaunchSettings())
    except FrontrowError:
        return
    for finding in checked.findings:
        assert 1 <= finding.row <= len(rows) + 1
        assert finding.sentence
        assert finding.consequence.endswith((".", "?"))
