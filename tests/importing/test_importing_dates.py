"""Orders dated where no order can be are left out and counted; the others of the file stay."""

import datetime as dt

import polars as pl
import pytest

from frontrow.importing.column_parsing import parse_columns
from frontrow.schema import FIRST_DAY, last_day
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.tables.table_file import open_table

HEADER = "order_id,ordered_at,product_id,quantity,price,customer_id"
IMPOSSIBLE = ["9999-12-31 23:59:59", "0001-01-01", "1899-12-30", "1970-01-01 00:00:00", "9999-12-31 23:59:59 -1100"]
TODAY = dt.date(2026, 5, 14)


def lines_file(path, dates):
    rows = [f"{number},{date},pot,1,5,7" for number, date in enumerate(dates)]
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def test_the_days_that_are_believed_end_with_the_same_day_two_years_ahead(tmp_path):
    days = [FIRST_DAY - dt.timedelta(1), FIRST_DAY, last_day(TODAY), last_day(TODAY) + dt.timedelta(1)]
    table = open_table(lines_file(tmp_path / "lines.csv", [str(day) for day in days]))
    rows = table.read(["order_id", "ordered_at"])
    parsed, warnings = parse_columns(table, rows, {}, "Asia/Tokyo", today=TODAY)
    assert parsed["dropped"].to_list() == ["date out of range", None, None, "date out of range"]
    assert parsed["ordered_at"].dt.date().to_list() == [None, FIRST_DAY, dt.date(2028, 5, 14), None]
    assert warnings[0].startswith('row 2, column "ordered_at": 2 dates lie before 1990-01-01 or more than 2 years')


@pytest.mark.parametrize("date", IMPOSSIBLE)
def test_an_impossible_date_leaves_a_shop_that_answers(tmp_path, date):
    report = import_files([lines_file(tmp_path / "lines.csv", ["2026-01-02 10:00", date])], tmp_path / "shop")
    assert report.files[0].dropped == {"date out of range": 1}
    assert (report.orders, report.last_day) == (1, dt.date(2026, 1, 2))
    assert Shop.read(tmp_path / "shop").as_of().cutoff.date() == dt.date(2026, 1, 3)


def test_an_impossible_date_of_one_line_does_not_move_the_order(tmp_path):
    text = "\n".join([HEADER, "1,2026-01-02,pot,1,5,7", "1,1970-01-01,bulb,1,5,7"])
    (tmp_path / "lines.csv").write_text(text, "utf-8")
    report = import_files([tmp_path / "lines.csv"], tmp_path / "shop")
    assert (report.first_day, report.lines) == (dt.date(2026, 1, 2), 1)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_parquet_timestamps_at_the_limits_of_their_type(tmp_path, unit):
    stamps = pl.Series([2**63 - 1, -(2**63)], dtype=pl.Int64).cast(pl.Datetime(unit))
    good = pl.Series([dt.datetime(2026, 1, 2)]).cast(pl.Datetime(unit))
    rows = pl.DataFrame({"order_id": ["1", "2", "3"], "ordered_at": pl.concat([good, stamps])})
    rows.with_columns(product_id=pl.lit("pot"), quantity=1, price=5.0).write_parquet(tmp_path / "lines.parquet")
    report = import_files([tmp_path / "lines.parquet"], tmp_path / "shop")
    assert report.files[0].dropped == {"date out of range": 2}


def test_an_offset_of_hours_as_databases_export_it_is_read(tmp_path):
    dates = [
        "2026-01-02 10:00:00+01",
        "2026-01-02 09:00:00.000+00",
        "2026-01-02 14:30:00+05:30",
        "2026-01-02 04:00:00-05",
    ]
    import_files([lines_file(tmp_path / "lines.csv", dates)], tmp_path / "shop")
    instants = Shop.read(tmp_path / "shop").orders.collect()["ordered_at"].dt.convert_time_zone("UTC")
    assert set(instants.to_list()) == {dt.datetime(2026, 1, 2, 9, tzinfo=dt.UTC)}
