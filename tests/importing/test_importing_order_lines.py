"""Tables of order lines: workbooks, Parquet, guessed and mapped columns, ambiguous amounts."""

import datetime as dt

import polars as pl
import pytest

from frontrow.errors import FrontrowError, InputError, UnknownFormatError
from frontrow.importing.column_parsing import warn_of_ambiguous_thousands
from frontrow.importing.format import ParseSettings, get_format, recognize_format
from frontrow.importing.formats.order_lines import guess_columns
from frontrow.importing.order_amounts import spread_discounts
from frontrow.tables.table_file import open_table


def table(folder, content: bytes, name="x.csv"):
    (folder / name).write_bytes(content)
    return open_table(folder / name)


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
    parsed = recognize_format(opened).parse(opened, ParseSettings("Europe/London"))
    lines = parsed.lines
    assert lines["order_id"].to_list() == ["200900", "201000"]
    assert lines["sku"].to_list() == ["85048", "85048"]
    assert parsed.orders["source_id"].to_list() == ["13085", "13085"]
    assert parsed.orders["ordered_at"].dt.year().to_list() == [2009, 2010]
    assert lines["dropped"].null_count() == 2
    assert "2 sheets" in parsed.warnings[0]


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
    file_format = get_format("order_lines")
    files = [file_format.parse(open_table(tmp_path / name), ParseSettings("UTC")) for name in ("x.parquet", "x.csv")]
    assert files[0].lines.equals(files[1].lines)
    assert files[0].orders.equals(files[1].orders)
    assert files[0].orders["source_id"].to_list() == ["1234"]


@pytest.mark.parametrize("cell", [["a"], {"a": 1}, b"\xff", dt.time(1), dt.timedelta(1)])
def test_a_parquet_column_of_another_kind_is_named(tmp_path, cell):
    row = {"order_id": ["1"], "ordered_at": ["2026-01-01"], "product_id": [cell], "price": [1.0], "quantity": [1]}
    pl.DataFrame(row).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError, match='column "product_id": found cells of type'):
        get_format("order_lines").parse(open_table(tmp_path / "x.parquet"), ParseSettings())


def test_an_unknown_header_gets_a_proposal(tmp_path):
    opened = table(tmp_path, b"Order No,Order date,Article,Unit price,Qty\n1,2026-01-01,P,2,3\n")
    with pytest.raises(UnknownFormatError, match="--map order_id='Order No'"):
        recognize_format(opened)


def test_a_mapping_takes_precedence_over_guesses_and_guesses_are_reported(tmp_path):
    opened = table(tmp_path, b"Order No,When,Article,Unit price,Qty\n1,2026-01-01,P,2,3\n")
    parsed = get_format("order_lines").parse(
        opened, ParseSettings(mapping={"ordered_at": "when", "product_id": "Article"})
    )
    assert parsed.columns["ordered_at"] == "When"
    assert set(parsed.guessed) == {"order_id", "price", "quantity"}
    assert parsed.lines["product_id"].to_list() == ["P"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"colour": "Qty"}, "is not a field of --map"),
        ({"price": "Nope"}, "does not exist"),
        ({"price": "Qty"}, "no column was found"),
    ],
)
def test_a_bad_mapping_is_an_error(tmp_path, mapping, message):
    opened = table(tmp_path, b"Order No,Unit price,Qty\n1,2,3\n")
    with pytest.raises(FrontrowError, match=message):
        get_format("order_lines").parse(opened, ParseSettings(mapping=mapping))


def test_guesses_take_each_column_once():
    assert guess_columns(["Name", "Order"]) == {"order_id": "Order", "title": "Name"}


def test_an_ambiguous_comma_is_reported():
    doubtful = warn_of_ambiguous_thousands(
        "Each", pl.Series(["12,500", "", "3,990"]), pl.Series([12500.0, None, 3990.0])
    )
    assert doubtful[0].startswith('12,500 in the column "Each" was read as 12500;')
    assert warn_of_ambiguous_thousands("Each", pl.Series(["12.500"]), pl.Series([12.5]))
    assert warn_of_ambiguous_thousands("Each", pl.Series(["12,500", "5"]), pl.Series([12500.0, 5.0])) == ()
    assert warn_of_ambiguous_thousands("Each", pl.Series([12.5]), pl.Series([12.5])) == ()


def test_an_order_discount_without_a_subtotal_is_spread_as_it_is():
    lines = pl.DataFrame({"order_id": ["1", "1"], "quantity": [1, 1], "price": [30.0, 10.0], "discount": [0.0, 0.0]})
    spread = spread_discounts(lines.with_columns(order_discount=8.0))
    assert spread["discount"].to_list() == [6.0, 2.0]
