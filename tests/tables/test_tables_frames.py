"""Frames of other libraries: what is read, and what an error says about what is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from frame_kinds import kinds
from frontrow.errors import FrameError
from frontrow.tables.frames import conform_frame, read_frame

SCHEMA = {
    "id": pl.String(),
    "number": pl.Int64(),
    "price": pl.Float64(),
    "agreed": pl.Boolean(),
    "at": pl.Datetime("us", "Europe/London"),
    "names": pl.List(pl.String()),
}
ROWS = pl.DataFrame(
    {
        "id": ["a", "b", None],
        "number": [1, 2**40, None],
        "price": [1.5, 0.0, None],
        "agreed": [True, False, None],
        "at": [dt.datetime(2026, 3, 1, 9), dt.datetime(2026, 7, 1, 9), None],
        "names": [["x", "y"], [], None],
    }
)


@kinds
def test_the_same_rows_of_every_library_give_the_same_table(make: Callable[[pl.DataFrame], Any]) -> None:
    assert conform_frame(make(ROWS), SCHEMA, "rows").equals(conform_frame(ROWS, SCHEMA, "rows"))


def test_a_time_without_a_zone_is_read_in_the_schemas_and_another_zone_is_converted() -> None:
    at = conform_frame(ROWS, SCHEMA, "rows")["at"]
    assert [value.isoformat() for value in at.drop_nulls()] == [
        "2026-03-01T09:00:00+00:00",
        "2026-07-01T09:00:00+01:00",
    ]
    utc = ROWS.with_columns(pl.col("at").dt.replace_time_zone("UTC"))
    assert conform_frame(utc, SCHEMA, "rows")["at"][1].isoformat() == "2026-07-01T10:00:00+01:00"
    days = pl.DataFrame({"at": [dt.date(2026, 7, 1)]})
    assert conform_frame(days, SCHEMA, "rows")["at"][0].isoformat() == "2026-07-01T00:00:00+01:00"


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("id", [17, 18], ["17", "18"]),
        ("id", [17.0, None], ["17", None]),
        ("id", pl.Series(["a", "b"], dtype=pl.Categorical), ["a", "b"]),
        ("number", [17.0, float("nan")], [17, None]),
        ("number", ["17"], [17]),
        ("number", [None], [None]),
        ("price", [Decimal("1.50")], [1.5]),
        ("price", [2], [2.0]),
        ("agreed", [1, 0], [True, False]),
    ],
)
def test_values_that_mean_the_same_are_read(column: str, values: Any, expected: list[Any]) -> None:
    frame = pl.DataFrame({column: values})
    assert conform_frame(frame, {column: SCHEMA[column]}, "rows")[column].to_list() == expected


def test_numbers_that_pandas_made_fractions_are_whole_again() -> None:
    frame = pd.DataFrame({"id": [17, None], "number": [3, None]})
    assert conform_frame(frame, {name: SCHEMA[name] for name in ("id", "number")}, "rows").rows() == [
        ("17", 3),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("number", [1, 1.5], 'rows, column "number": found "1.5" in row 1, expected a whole number'),
        ("number", ["7", "x"], 'column "number": found text like "a" in row 1, expected a whole number'),
        ("number", ["ann@example.com"], 'found text like "aaa@aaaaaaa.aaa" in row 0, expected a whole number'),
        ("id", [0.5], 'column "id": found "0.5" in row 0, expected text'),
        ("id", [dt.date(2026, 1, 1)], 'column "id": found Date, expected text'),
        ("id", [True], 'column "id": found Boolean, expected text'),
        ("price", [["a"]], 'column "price": found List(String), expected a number'),
        ("at", ["2026-03-01"], 'column "at": found String, expected a date and time. Turn the column into dates'),
        ("at", [5], 'column "at": found Int64, expected a date and time'),
        ("at", [dt.datetime(2026, 3, 29, 1, 30)], 'column "at": found "2026-03-29 01:30:00" in row 0'),
        ("agreed", ["perhaps"], 'column "agreed": found '),
    ],
)
def test_another_value_is_an_error_that_names_column_row_and_type(column: str, values: list[Any], message: str) -> None:
    with pytest.raises(FrameError) as error:
        conform_frame(pl.DataFrame({column: pl.Series(values, strict=False)}), {column: SCHEMA[column]}, "rows")
    assert message in str(error.value)
    assert error.value.column == column


def test_a_missing_column_is_named_with_those_that_exist() -> None:
    with pytest.raises(FrameError) as error:
        conform_frame(pl.DataFrame({"order": [1], "Jane Smith": [2]}), SCHEMA, "rows", required=("price",))
    assert str(error.value) == 'rows, column "price": is missing, expected a number. The columns are: order, column 2.'


def test_an_empty_cell_where_a_value_is_needed_is_named() -> None:
    with pytest.raises(FrameError, match=r'rows, column "id": row 2 is empty, expected text'):
        conform_frame(ROWS, SCHEMA, "rows", filled=("id",))
    with pytest.raises(FrameError, match='column "id": row 0 is empty'):
        conform_frame(pl.DataFrame({"id": [float("nan")]}), {"id": pl.String()}, "rows", filled=("id",))


@pytest.mark.parametrize("frame", [{"id": [1]}, [{"id": 1}], "orders.csv", None, pl.Series([1])])
def test_what_is_no_frame_is_refused(frame: Any) -> None:
    with pytest.raises(FrameError, match="expected pandas, Polars, PyArrow or a DuckDB relation"):
        read_frame(frame, "rows")


def test_a_lazy_frame_that_fails_is_an_error_without_its_values() -> None:
    lazy = pl.LazyFrame({"a": ["ann@example.com"]}).with_columns(pl.col("a").str.to_integer(strict=True))
    with pytest.raises(
        FrameError, match=r"^rows: the frame could not be read: \w+Error\. Give each column a name"
    ) as error:
        read_frame(lazy, "rows")
    assert "ann" not in str(error.value)


def test_an_empty_frame_is_a_table_without_rows() -> None:
    assert conform_frame(ROWS.clear(), SCHEMA, "rows").schema == pl.Schema(SCHEMA)
    assert conform_frame(pl.DataFrame(), SCHEMA, "rows").height == 0


def test_numbers_among_text_in_a_column_of_pandas_are_text() -> None:
    """As pandas reads invoices from a workbook: 489434 beside C489449."""
    frame = pd.DataFrame({"id": [489434, "C489449", None, float("nan")], "price": [1.0, 2.0, 3.0, 4.0]})
    table = read_frame(frame, "rows")
    assert table["id"].to_list() == ["489434", "C489449", None, None]
    assert table["price"].to_list() == [1.0, 2.0, 3.0, 4.0]


def test_cells_that_are_no_values_name_their_column_and_type() -> None:
    with pytest.raises(
        FrameError, match=r'rows, column "id": found cells of type \w*Path, expected text, numbers or dates'
    ):
        read_frame(pd.DataFrame({"price": [1.0], "id": [Path("x")]}), "rows")


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(FrameError, match=r"rows: the frame could not be read.*Give each column a name of its own"):
        read_frame(pd.DataFrame([[1, 2]], columns=["a", "a"]), "rows")
