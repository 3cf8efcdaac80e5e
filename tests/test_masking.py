"""Messages show ordinary column names, amounts and dates, and no person."""

import csv
from pathlib import Path

import pytest

from frontrow.errors import FrontrowError, InputError
from frontrow.importing.format import format_names, get_format
from frontrow.importing.formats.order_lines import GUESSES
from frontrow.masking import describe_cell, describe_value, list_columns, mask_column
from frontrow.service.shop_data import import_exports
from frontrow.shop.import_settings import ImportSettings
from frontrow.tables.text_table import read_text_table

SAMPLES = Path(__file__).parent / "importing" / "samples"
PERSONS = [
    *("jane@example.com", "Zebulon Quizzard", "ZEBULON QUIZZARD", "Zebulon", "+44 7700 900123", "07700900123"),
    *("12 High Street", "(212) 555-0123", "123-45-6789", "zebulon@", "SW1A 1AA London", "O'Brien, Zoë"),
]
DIGITS_SHOWN = 4


def shows(message: str, person: str) -> bool:
    words = [word for word in person.replace("@", " ").split() if len(word) > 2]
    return any(word in message for word in words if word.isalpha() or sum(map(str.isdigit, word)) > DIGITS_SHOWN)


@pytest.mark.parametrize("person", PERSONS)
def test_no_person_is_shown_as_a_header_or_a_cell(person):
    for text in (mask_column(person), describe_cell(person), list_columns(["Name", person, "qty"])):
        assert not shows(text, person)
    assert not shows(str(InputError("is empty", file="x.csv", column=person)), person)


@pytest.mark.parametrize("person", ["jane@example.com", "+44 7700 900123", "07700900123", "(212) 555-0123"])
def test_no_address_is_shown_in_the_place_of_a_title(person):
    assert not shows(describe_value(f"Pot for {person}"), person)


def test_columns_of_every_format_and_sample_are_shown():
    names = {name for each in format_names() for columns in get_format(each).fields.values() for name in columns}
    names |= {name for guesses in GUESSES.values() for name in guesses}
    for sample in SAMPLES.iterdir():
        with sample.open(encoding="utf-8-sig", newline="") as handle:
            names |= {*next(csv.reader(handle))}
    assert {name for name in names if mask_column(name) != name} == set()


@pytest.mark.parametrize("cell", ["12.5O", "soon", "free", "n/a", "2026-13-45", "31/12/2025 10:00", "-1", "£3 "])
def test_amounts_and_dates_are_shown(cell):
    assert describe_cell(cell) == f'"{cell}"'


FIRST_ROWS = [
    "#1001,Zebulon Quizzard,zebulon@example.org,2026-03-01,2,9.99",
    "Zebulon,Quizzard,London",
    "+44 7700 900123,Zebulon Quizzard",
    "order,zebulon@example.org,quantity,Zebulon Quizzard",
]


@pytest.mark.parametrize("row", FIRST_ROWS)
@pytest.mark.parametrize("mapping", [{}, {"price": "Total"}])
def test_a_table_without_a_header_shows_nobody(tmp_path, row, mapping):
    file = tmp_path / "orders.csv"
    file.write_text(f"{row}\n{row}\n", "utf-8")
    messages = []
    for settings in (ImportSettings(mapping=mapping), ImportSettings(format="order_lines", mapping=mapping)):
        with pytest.raises(FrontrowError) as caught:
            import_exports(tmp_path / "shop", [file], settings)
        messages.append(str(caught.value))
    with pytest.raises(FrontrowError) as caught:
        read_text_table(file, "", required=["title"])
    for message in (*messages, str(caught.value)):
        assert not any(person in message.lower() for person in ("zebulon", "quizzard", "900123", "example.org"))
    assert any("column 1" in message or "order" in message for message in messages)
