"""Cells to values: amounts, quantities and timestamps in many notations."""

import polars as pl
import pytest

from frontrow.tables.parse import parse_integers, parse_numbers
from frontrow.tables.timestamps import parse_timestamps


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
    assert parse_numbers(pl.DataFrame({"a": [cell]}), "a").to_list() == [amount]


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
def test_the_other_cells_decide_whether_a_comma_groups_thousands(cells, amounts):
    assert parse_numbers(pl.DataFrame({"a": cells}), "a").to_list() == amounts


def test_whole_numbers():
    cells = pl.DataFrame({"a": ["2", "2.0", "2.5", "1e30", "-3", None]})
    assert parse_integers(cells, "a").to_list() == [2, 2, None, None, -3, None]
    assert parse_integers(pl.DataFrame({"a": ["1,000", "12,000", ""]}), "a").to_list() == [1, 12, None]
    assert parse_integers(pl.DataFrame({"a": ["1,000", "12"]}), "a").to_list() == [1000, 12]


@pytest.mark.parametrize(
    ("cell", "timestamp"),
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
        ("0001-01-01 00:00:00", "0001-01-01 00:00:00"),
        ("0000-00-00 00:00:00", None),
        ("14/05/202", None),
        ("14 May", None),
    ],
)
def test_timestamps_in_many_notations(cell, timestamp):
    values, _ = parse_timestamps(pl.Series([cell, None]), "Europe/London")
    assert values.dt.to_string("%Y-%m-%d %H:%M:%S").to_list() == [timestamp, None]


def test_changed_hours_and_doubtful_months_are_reported():
    assert (
        "2 times fall"
        in parse_timestamps(pl.Series(["2026-03-29 01:30:00", "2026-10-25 01:30:00"]), "Europe/London")[1][0]
    )
    assert "day/month" in parse_timestamps(pl.Series(["03/04/2026"]), "UTC")[1][0]
    assert "two digits" in parse_timestamps(pl.Series(["13/04/26"]), "UTC")[1][0]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_timestamps_that_are_no_date_are_the_nearest_one(unit, zone, number):
    cells = pl.Series([number, 0, None], dtype=pl.Int64).cast(pl.Datetime(unit, zone))
    values, _ = parse_timestamps(cells, "America/Los_Angeles")
    years = values.dt.year().to_list()
    assert years[0] in (1, 2, 1677, 2262, 9997, 9998)
    assert years[1] in (1969, 1970)
    assert years[2] is None
