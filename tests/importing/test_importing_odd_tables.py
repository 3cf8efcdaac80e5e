"""Tables with odd headers and odd types of columns are read, or refused with an error that names the column."""

import datetime as dt
import decimal

import polars as pl
import pytest

from frontrow.errors import InputError
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.tables.table_file import open_table

LINES = {
    "order_id": ["1", "2"],
    "ordered_at": ["2026-01-02 10:00", "2026-01-03 10:00"],
    "product_id": ["pot", "bulb"],
    "quantity": ["1", "2"],
    "price": ["5", "7"],
}


@pytest.mark.parametrize("name", ["row", "row ", " row", "row_duplicated_0", "row______________", "Row"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_a_column_may_be_called_row(tmp_path, name, suffix):
    frame = pl.DataFrame({**LINES, name: ["a", "b"]})
    file = tmp_path / f"lines{suffix}"
    {".csv": frame.write_csv, ".parquet": frame.write_parquet, ".xlsx": frame.write_excel}[suffix](file)
    table = open_table(file)
    rows = table.read(table.header)
    assert rows["row"].to_list() == [2, 3]
    assert rows[table.header[-1]].to_list() == ["a", "b"]
    assert import_files([file], tmp_path / "shop").lines == 2


READ = {
    "price as categories": ("price", pl.Categorical()),
    "price as a choice": ("price", pl.Enum(["5", "7"])),
    "price as a decimal": ("price", pl.Decimal(10, 2)),
    "price as a small number": ("price", pl.UInt8()),
    "quantity as a choice": ("quantity", pl.Enum(["1", "2"])),
    "quantity as a decimal": ("quantity", pl.Decimal(10, 0)),
    "quantity as a fraction": ("quantity", pl.Float32()),
    "date as categories": ("ordered_at", pl.Categorical()),
    "product as categories": ("product_id", pl.Categorical()),
    "order number as a decimal": ("order_id", pl.Decimal(20, 0)),
}


@pytest.mark.parametrize("name", READ)
def test_columns_of_parquet_of_many_types_are_read(tmp_path, name):
    column, dtype = READ[name]
    pl.DataFrame(LINES).with_columns(pl.col(column).cast(dtype)).write_parquet(tmp_path / "lines.parquet")
    report = import_files([tmp_path / "lines.parquet"], tmp_path / "shop")
    assert (report.orders, report.lines) == (2, 2)


REFUSED = {
    "bytes": pl.Series("price", [b"5", b"7"]),
    "lists": pl.Series("price", [["5"], ["7"]]),
    "records": pl.Series("price", [{"a": 5}, {"a": 7}]),
    "times of day": pl.Series("price", [dt.time(1), dt.time(2)]),
    "durations": pl.Series("price", [dt.timedelta(1), dt.timedelta(2)]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_columns_that_hold_no_amount_are_refused_by_name(tmp_path, name):
    pl.DataFrame(LINES).with_columns(REFUSED[name]).write_parquet(tmp_path / "lines.parquet")
    with pytest.raises(InputError, match='column "price": found cells of type'):
        import_files([tmp_path / "lines.parquet"], tmp_path / "shop")
    assert not (tmp_path / "shop" / "shop.json").exists()


def test_a_number_that_is_no_price_is_left_out(tmp_path):
    amounts = pl.Series("price", [decimal.Decimal("99999999999999999999999999.99"), decimal.Decimal("5")])
    pl.DataFrame(LINES).with_columns(amounts.cast(pl.Decimal(38, 2))).write_parquet(tmp_path / "lines.parquet")
    report = import_files([tmp_path / "lines.parquet"], tmp_path / "shop")
    assert (report.lines, report.files[0].dropped) == (1, {"price out of range": 1})
    assert Shop.read(tmp_path / "shop").orders.collect()["price"].to_list() == [5.0]
