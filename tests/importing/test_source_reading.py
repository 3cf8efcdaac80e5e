"""Files to tables: encodings, separators, ragged rows, workbooks."""

import datetime as dt

import polars as pl
import pytest

from frontrow.errors import FrontrowError, InputError, UnknownFormatError
from frontrow.importing.format import Wishes, recognise, source_named
from frontrow.importing.formats.order_lines import guess
from frontrow.importing.warnings import doubtful_thousands
from frontrow.tables.parse import number, whole_number
from frontrow.tables.table_file import open_table
from frontrow.tables.timestamps import stamps


def table(folder, content: bytes, name="x.csv"):
    (folder / name).write_bytes(content)
    return open_table(folder / name)


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,caf\xc3\xa9\n",
        b"\xef\xbb\xbfa,b\r\n1,caf\xc3\xa9\r\n",
        b"a;b\n1;caf\xe9\n",
        "a\tb\n1\tcafé\n".encode("utf-16"),
        b"a,b\r1,caf\xc3\xa9\r",
        b"\n\na,b\n1,caf\xc3\xa9",
        b'"a","b"\n"1","caf\xc3\xa9"',
    ],
)
def test_encodings_separators_and_line_ends(tmp_path, content):
    assert table(tmp_path, content).read(["a", "b"]).rows()[0][1:] == ("1", "café")


def test_another_encoding_than_utf8_is_said(tmp_path):
    assert "Windows-1252" in table(tmp_path, b"a,b\n1,caf\xe9\n").notes[0]


def test_rows_are_numbered_as_records_with_the_header_as_row_1(tmp_path):
    read = table(tmp_path, b'a,b\n"x\ny",1\nz,2\n').read(["a"])
    assert read.rows() == [(2, "x\ny"), (3, "z")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n1,2,3\n", "row 3: the row has 3 cells where the header has 2"),
        (b'a,b\n"1,\n5",2\n1\n', "row 3: the row has 1 cells where the header has 2"),
        (b'a,b\n1,2\n1,"2\n3,4\n', "row 3: a quotation mark opens and never closes"),
        (b'a,b\n1,x"y\n3,4"\n', "quotation mark"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,\x81\xff\n", "none of UTF-8"),
    ],
)
def test_a_malformed_file_is_an_error_that_names_the_row(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        table(tmp_path, content).read(["a", "b"])


def test_an_archive_is_to_be_unpacked(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "orders.zip", "w") as archive:
        archive.writestr("orders.csv", "a,b\n1,2\n")
    with pytest.raises(InputError, match="Unpack it"):
        open_table(tmp_path / "orders.zip")


def test_a_large_file_with_quoted_cells_across_blocks_is_counted_right(tmp_path):
    row = b'"quoted, with a comma and a ""mark"" and\na break",' + b"x" * 90 + b"\n"
    assert table(tmp_path, b"a,b\n" + row * 60_000).read(["b"]).height == 60_000


def test_a_repeated_column_name_keeps_the_first(tmp_path):
    assert table(tmp_path, b"a,a,row\n1,2,3\n").header == ("a", "a (2)", "row (2)")


def test_the_workbook_with_two_year_sheets(tmp_path):
    import xlsxwriter

    header = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"]
    path = tmp_path / "online_retail_II.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for year in (2009, 2010):
            sheet = book.add_worksheet(f"Year {year}")
            sheet.write_row(0, 0, header)
            sheet.write_row(1, 0, [year * 100, 85048, "BALL", 12])
            sheet.write_datetime(1, 4, dt.datetime(year, 12, 1, 7, 45), stamp)
            sheet.write_row(1, 5, [6.95, 13085, "United Kingdom"])
    opened = open_table(path)
    reading = recognise(opened).read(opened, Wishes("Europe/London"))
    lines = reading.lines
    assert lines["order_id"].to_list() == ["200900", "201000"]
    assert lines["sku"].to_list() == ["85048", "85048"]
    assert lines["source_id"].to_list() == ["13085", "13085"]
    assert lines["ordered_at"].dt.year().to_list() == [2009, 2010]
    assert lines["dropped"].null_count() == 2
    assert "2 sheets" in reading.notes[0]


def test_parquet_keeps_its_types_and_gives_what_the_csv_gives(tmp_path):
    frame = pl.DataFrame(
        {
            "order_id": ["1"],
            "customer_id": [1234.0],
            "ordered_at": [dt.datetime(2026, 1, 2, 3, 4, 5)],
            "product_id": [7],
        }
        | {"title": ["Pens"], "price": [1.5], "quantity": [2]}
    )
    frame.write_parquet(tmp_path / "x.parquet")
    frame.write_csv(tmp_path / "x.csv")
    source = source_named("order_lines")
    both = [source.read(open_table(tmp_path / name), Wishes("UTC")).lines for name in ("x.parquet", "x.csv")]
    assert both[0].equals(both[1])
    assert both[0]["source_id"].to_list() == ["1234"]


@pytest.mark.parametrize("cell", [["a"], {"a": 1}, b"\xff", dt.time(1), dt.timedelta(1)])
def test_a_parquet_column_of_another_kind_is_named(tmp_path, cell):
    row = {"order_id": ["1"], "ordered_at": ["2026-01-01"], "product_id": [cell], "price": [1.0], "quantity": [1]}
    pl.DataFrame(row).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError, match='column "product_id": found cells of type'):
        source_named("order_lines").read(open_table(tmp_path / "x.parquet"), Wishes())


def test_an_unknown_header_gets_a_proposal(tmp_path):
    opened = table(tmp_path, b"Order No,Order date,Article,Unit price,Qty\n1,2026-01-01,P,2,3\n")
    with pytest.raises(UnknownFormatError, match="--map order_id='Order No'"):
        recognise(opened)


def test_a_mapping_goes_before_guesses_and_guesses_are_said(tmp_path):
    opened = table(tmp_path, b"Order No,When,Article,Unit price,Qty\n1,2026-01-01,P,2,3\n")
    reading = source_named("order_lines").read(opened, Wishes(mapping={"ordered_at": "when", "product_id": "Article"}))
    assert reading.columns["ordered_at"] == "When"
    assert set(reading.guessed) == {"order_id", "price", "quantity"}
    assert reading.lines["product_id"].to_list() == ["P"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"colour": "Qty"}, "no field of --map"),
        ({"price": "Nope"}, "not there"),
        ({"price": "Qty"}, "no column was found"),
    ],
)
def test_a_bad_mapping_is_an_error(tmp_path, mapping, message):
    opened = table(tmp_path, b"Order No,Unit price,Qty\n1,2,3\n")
    with pytest.raises(FrontrowError, match=message):
        source_named("order_lines").read(opened, Wishes(mapping=mapping))


def test_guesses_take_each_column_once():
    assert guess(["Name", "Order"]) == {"order_id": "Order", "title": "Name"}


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1,234.50", 1234.5),
        ("1,23,456.78", 123456.78),
        ("12,50", 12.5),
        ("1.234,56", 1234.56),
        ("£3", 3.0),
        ("-1,234", -1234.0),
        ("1e3", 1000.0),
        *((cell, None) for cell in ("nan", "inf", "1,2,3", "", "twelve")),
    ],
)
def test_amounts(cell, amount):
    assert number(pl.DataFrame({"a": [cell]}), "a").to_list() == [amount]


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (["12,500", "3,20"], [12.5, 3.2]),
        (["0,125", "2,500"], [0.125, 2.5]),
        (["1.234", "1.234,50"], [1234.0, 1234.5]),
        (["1,000", "12,000"], [1000.0, 12000.0]),
        (["1,234", "5"], [1234.0, 5.0]),
        (["1,234", "12,50", "3.20"], [1234.0, 12.5, 3.2]),
        (["1,234.50", "2,000"], [1234.5, 2000.0]),
    ],
)
def test_the_other_cells_tell_whether_a_comma_groups_thousands(cells, amounts):
    assert number(pl.DataFrame({"a": cells}), "a").to_list() == amounts


def test_whole_numbers():
    cells = pl.DataFrame({"a": ["2", "2.0", "2.5", "1e30", "-3", None]})
    assert whole_number(cells, "a").to_list() == [2, 2, None, None, -3, None]
    assert whole_number(pl.DataFrame({"a": ["1,000", "12,000", ""]}), "a").to_list() == [1, 12, None]
    assert whole_number(pl.DataFrame({"a": ["1,000", "12"]}), "a").to_list() == [1000, 12]


def test_a_comma_of_which_nothing_tells_is_said():
    doubtful = doubtful_thousands("Each", pl.Series(["12,500", "", "3,990"]), pl.Series([12500.0, None, 3990.0]))
    assert doubtful[0].startswith('12,500 in the column "Each" was read as 12500;')
    assert doubtful_thousands("Each", pl.Series(["12.500"]), pl.Series([12.5]))
    assert doubtful_thousands("Each", pl.Series(["12,500", "5"]), pl.Series([12500.0, 5.0])) == ()
    assert doubtful_thousands("Each", pl.Series([12.5]), pl.Series([12.5])) == ()


@pytest.mark.parametrize(
    ("cell", "stamp"),
    [
        ("2026-05-14 11:23:45 +0100", "2026-05-14 11:23:45"),
        ("2026-05-14T11:23:45+02:00", "2026-05-14 10:23:45"),
        ("2026-05-14T10:23:45.5Z", "2026-05-14 11:23:45"),
        ("2026-05-14 10:23:45 UTC", "2026-05-14 11:23:45"),
        ("2026-05-14 11:23", "2026-05-14 11:23:00"),
        ("2026-05-14", "2026-05-14 00:00:00"),
        ("14/05/2026 11:23", "2026-05-14 11:23:00"),
        ("5/14/2026 11:23", "2026-05-14 11:23:00"),
        ("14.05.2026 11:23", "2026-05-14 11:23:00"),
        ("2026-03-29 01:30:00", "2026-03-29 02:30:00"),
        ("2026-10-25 01:30:00", "2026-10-25 01:30:00"),
        ("14.05.26 11:23", "2026-05-14 11:23:00"),
        ("5/14/26", "2026-05-14 00:00:00"),
        ("13/04/99", "1999-04-13 00:00:00"),
        ("0001-01-01 00:00:00", None),
        ("14/05/202", None),
        ("14 May", None),
    ],
)
def test_stamps_of_many_spellings(cell, stamp):
    read, _ = stamps(pl.Series([cell, None]), "Europe/London")
    assert read.dt.to_string("%Y-%m-%d %H:%M:%S").to_list() == [stamp, None]


def test_changed_hours_and_doubtful_months_are_said():
    assert "2 stamps" in stamps(pl.Series(["2026-03-29 01:30:00", "2026-10-25 01:30:00"]), "Europe/London")[1][0]
    assert "day/month" in stamps(pl.Series(["03/04/2026"]), "UTC")[1][0]
    assert "two digits" in stamps(pl.Series(["13/04/26"]), "UTC")[1][0]
