"""Tables written by hand: read equally from every spreadsheet, or refused with file, row, column and what to do."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontrow.errors import InputError
from frontrow.tables.text_table import filled_rows, read_records, read_text_table

NAMES = ("title", "launch_date", "price")
SPELLED = {
    "title": ["title", " Title ", "TITLE"],
    "launch_date": ["launch_date", "Launch Date", "LAUNCH-DATE", " launch date"],
    "price": ["price", "Price", "PRICE\u00a0"],
}
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=12)
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")


def write_file(folder: Path, content: str | bytes) -> Path:
    file = folder / "list.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return file


def stripped(cell: str) -> str | None:
    return cell.strip() or None


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=TABLES,
    header=st.tuples(*(st.sampled_from(SPELLED[name]) for name in NAMES)),
    separator=st.sampled_from(",;\t|"),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(ENCODINGS),
)
def test_whatever_a_spreadsheet_saves_is_read_to_the_letter(tmp_path, rows, header, separator, ending, encoding):
    text = io.StringIO(newline="")
    # Python's writer does not quote a line break other than its own
    quoting = csv.QUOTE_MINIMAL if ending == "\r\n" else csv.QUOTE_ALL
    csv.writer(text, delimiter=separator, lineterminator=ending, quoting=quoting).writerows([header, *rows])
    table = read_text_table(write_file(tmp_path, text.getvalue().encode(encoding)), "")
    assert table.columns == list(NAMES)
    assert table.rows() == [tuple(map(stripped, row)) for row in rows]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80) | st.text('",;\n\r ab\u00e9', max_size=40).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_a_table_or_refused_with_a_message(tmp_path, content):
    file = write_file(tmp_path, b"title,price\n" + content)
    with suppress(InputError):
        assert read_text_table(file, "").columns == ["title", "price"]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["", "x", " "]), st.sampled_from(["", "y\nz"])), max_size=8))
def test_blank_rows_are_passed_over_and_the_others_keep_their_number(tmp_path, rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("a", "b"), *rows])
    table = filled_rows(read_text_table(write_file(tmp_path, text.getvalue()), ""), ["b", "c"])
    expected = [(row, b or None, None) for row, (a, b) in enumerate(rows, 2) if a.strip() or b]
    assert table.rows() == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "list.csv: this is not a CSV table: row 1 is empty"),
        ("\n\ntitle\nPot\n", "list.csv: this is not a CSV table: row 1 is empty"),
        (",,\nPot,1,2\n", "list.csv: this is not a CSV table: row 1 is empty"),
        ("name,cost\nPot,1\n", "list.csv, row 1: there is no column title; found name, cost. Write a title."),
        ("title,Title \nPot,1\n", 'list.csv, row 1, column "title": two columns have this name. Keep one of them.'),
        ("launch date,title,Launch-Date\n", 'column "launch_date": two columns have this name'),
        (
            "title,price\nPot,1\nCup,2,50\n",
            "list.csv, row 3: the row has 3 cells where the header has 2. Put quotation marks",
        ),
        (
            'title\n"a\nb"\n"Pot\nCup\n',
            "list.csv, row 3: the row has a quotation mark that does not close its cell. Close it",
        ),
        ('title\n"Pot" blue\n', "list.csv, row 2: the row has a quotation mark"),
        (
            b"title\nPot\n\x81\xff\n",
            "list.csv: the text is in none of UTF-8, UTF-16 and Windows-1252. Save it as CSV in",
        ),
        ("title\nCup\n".encode("utf-16-le"), "list.csv: this is not a CSV table: not all of it is text"),
        (b"\xff\xfet\x00i\x00", "list.csv, row 1: there is no column title; found column 1"),
        (b"\xff\xfet\x00i\x00t", "list.csv: the text is in none of UTF-8"),
        (b"PK\x03\x04\x14\x00", "list.csv: this is not a CSV table but a workbook. Save it as CSV in UTF-8"),
        (b"PAR1\x15", "list.csv: this is not a CSV table but a Parquet file"),
    ],
)
def test_what_cannot_be_read_is_reported_with_its_position_and_what_to_do(tmp_path, content, message):
    with pytest.raises(InputError) as error:
        read_text_table(write_file(tmp_path, content), "Write a title.", required=("title",))
    assert message in str(error.value)


def test_windows_1252_is_read_where_a_file_is_not_utf_8(tmp_path):
    table = read_text_table(write_file(tmp_path, 'title,price\n"a\nb",1\nCafé,2 €\n'.encode("cp1252")), "")
    assert table.rows() == [("a\nb", "1"), ("Café", "2 €")]


def test_a_file_that_does_not_exist_is_reported_with_what_to_give(tmp_path):
    for file, problem in ((tmp_path / "none.csv", "the file does not exist"), (tmp_path, "this is a folder")):
        with pytest.raises(InputError, match=rf"{file.name}: {problem}\. Give one\."):
            read_text_table(file, "Give one.")


@pytest.mark.parametrize("first", ["ann@example.com", "+44 7700 900123", "ann@example.com,ann@example.com"])
def test_personal_data_in_row_1_is_not_shown(tmp_path, first):
    with pytest.raises(
        InputError, match=r"row 1.*: (there is no column title; found column 1|two columns have this name)"
    ) as error:
        read_text_table(write_file(tmp_path, f"{first}\nbob@example.com\n"), "", required=("title",))
    assert "example" not in str(error.value)
    assert "900123" not in str(error.value)


def test_a_short_row_and_a_column_without_a_name_are_passed_over(tmp_path):
    table = read_text_table(write_file(tmp_path, "title,,price,\nPot\nCup,note,3,,\n"), "")
    assert table.rows(named=True) == [{"title": "Pot", "price": None}, {"title": "Cup", "price": "3"}]


def test_records_have_no_header(tmp_path):
    assert read_records(write_file(tmp_path, "a\tb\n\nc\n"), "") == [["a", "b"], [], ["c"]]
