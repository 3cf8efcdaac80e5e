"""Frames of other libraries: pandas, Polars, PyArrow and DuckDB become one Polars frame of stated columns and types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Final

import narwhals as nw
import polars as pl

from frontrow.errors import FrameError
from frontrow.masking import describe_cell, list_columns

KINDS: Final = "pandas, Polars, PyArrow or a DuckDB relation"

SIMPLE: Final = (str, int, float, Decimal, dt.date, type(None))
"""Types of cells that can be text in a column that holds several of them."""

EXPECTED: Final = (
    (pl.String, "text"),
    (pl.Boolean, "true or false"),
    (pl.Datetime, "a date and time"),
    (pl.List, "a list of texts"),
)
"""What each type is called in an error; all others are numbers."""


def read_frame(frame: Any, name: str) -> pl.DataFrame:
    """Return a frame of another library as a Polars frame; text that is encoded as categories becomes text again.

    Args:
        frame: pandas, Polars (eager or lazy) or PyArrow, or a DuckDB relation.
        name: What it holds, for errors.

    Raises:
        FrameError: It is none of these, or a lazy frame fails when it is collected.

    Example:
        >>> read_frame(pl.LazyFrame({"title": ["Pot"]}), "new products").rows()
        [('Pot',)]
        >>> read_frame({"title": ["Pot"]}, "new products")
        Traceback (most recent call last):
        ...
        frontrow.errors.FrameError: new products: found a dict, expected pandas, Polars, PyArrow or a DuckDB relation.
    """
    try:
        native = nw.from_native(frame)
        collected = native.collect(backend="polars") if isinstance(native, nw.LazyFrame) else native
    except TypeError as error:
        raise FrameError(f"found a {type(frame).__name__}, expected {KINDS}", frame=name) from error
    except Exception as error:  # a lazy frame runs somebody's query, in a library of its own
        raise _unreadable(error, name) from error
    try:
        table = collected.to_polars()
    except ModuleNotFoundError as error:
        raise _unreadable(error, name) from error
    except Exception:  # a column of pandas may hold anything
        table = pl.DataFrame([_read_column(collected[column], name) for column in collected.columns])
    return table.with_columns(pl.selectors.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))


def _unreadable(error: Exception, name: str) -> FrameError:
    if isinstance(error, ModuleNotFoundError):
        advice = f"Install it with: pip install {error.name}"
        return FrameError(f"{error.name} is needed to read this kind of frame", frame=name, advice=advice)
    problem = f"the frame could not be read: {type(error).__name__}"
    return FrameError(problem, frame=name, advice="Give each column a name of its own, and look at what it holds.")


def _read_column(values: nw.Series[Any], name: str) -> pl.Series:
    """One column of a frame, some of whose columns hold several kinds of values: numbers among text become text."""
    try:
        return values.to_polars()
    except Exception as error:
        cells = [
            None if is_null else cell
            for cell, is_null in zip(values.to_list(), values.is_null().to_list(), strict=True)
        ]
        strange = next((type(cell).__name__ for cell in cells if not isinstance(cell, SIMPLE)), None)
        if strange is not None:
            problem = f"found cells of type {strange}, expected text, numbers or dates"
            raise FrameError(problem, frame=name, column=values.name) from error
        return pl.Series(values.name, [None if cell is None else str(cell) for cell in cells], pl.String)


def conform_frame(
    frame: Any,
    schema: Mapping[str, pl.DataType],
    name: str,
    *,
    required: Collection[str] = (),
    filled: Collection[str] = (),
) -> pl.DataFrame:
    """Return exactly a schema's columns, in its order and types; columns that the frame lacks are null.

    Args:
        frame: See `read_frame`.
        schema: Column names and types. A date and time without a time zone is read in the schema's.
        name: What the frame holds, for errors.
        required: Columns that must exist.
        filled: Columns that must have a value in every row, where they exist.

    Raises:
        FrameError: A required column is missing, a value is not of the column's type, or a cell of `filled` is empty;
            rows are counted from 0.

    Example:
        >>> conform_frame(pl.DataFrame({"price": ["2.5", "x"]}), {"price": pl.Float64()}, "new products")
        Traceback (most recent call last):
        ...
        frontrow.errors.FrameError: new products, column "price": found text like "a" in row 1, expected a number.
    """
    table = read_frame(frame, name)
    for column in required:
        if column not in table.columns:
            advice = f"The columns are: {list_columns(table.columns) or 'none'}."
            raise FrameError(
                f"is missing, expected {_describe(schema[column])}", frame=name, column=column, advice=advice
            )
    columns = [
        _convert(table[column], dtype, name)
        if column in table.columns
        else pl.Series(column, [None] * table.height, dtype)
        for column, dtype in schema.items()
    ]
    conformed = pl.DataFrame(columns)
    for column in filled:
        if conformed[column].null_count() and (column in table.columns or column in required):
            row = int(conformed[column].is_null().arg_true()[0])
            raise FrameError(f"row {row} is empty, expected {_describe(schema[column])}", frame=name, column=column)
    return conformed


def _convert(values: pl.Series, dtype: pl.DataType, name: str) -> pl.Series:
    """The values in another type; a value that has none in it is an error."""
    if values.dtype == dtype:
        return values
    if values.dtype.is_float():
        values = values.fill_nan(None)
    if isinstance(dtype, pl.Datetime):
        return _to_instants(values, dtype, name)
    whole = dtype.is_integer() or dtype == pl.String
    if values.dtype.is_float() and whole:
        # 17.0 is how pandas keeps a whole number in a column with gaps
        _refuse(values, values != values.round(), dtype, name)
        values = values.cast(pl.Int64, strict=False)
    if dtype == pl.String and not (values.dtype == pl.String or values.dtype.is_integer() or values.dtype == pl.Null):
        raise FrameError(f"found {values.dtype}, expected text", frame=name, column=values.name)
    try:
        converted = values.cast(dtype, strict=False)
    except pl.exceptions.PolarsError as error:
        problem = f"found {values.dtype}, expected {_describe(dtype)}"
        raise FrameError(problem, frame=name, column=values.name) from error
    _refuse(values, converted.is_null() & values.is_not_null(), dtype, name)
    return converted


def _to_instants(values: pl.Series, dtype: pl.Datetime, name: str) -> pl.Series:
    """Dates and times in the schema's time zone; where clocks went back, the first of two equal times."""
    if values.dtype == pl.Null:
        return values.cast(dtype)
    if values.dtype == pl.Date:
        values = values.cast(pl.Datetime("us"))
    if not isinstance(values.dtype, pl.Datetime):
        advice = "Turn the column into dates and times first; read_orders reads them from text."
        raise FrameError(
            f"found {values.dtype}, expected a date and time", frame=name, column=values.name, advice=advice
        )
    zone = dtype.time_zone
    instants = values.dt.cast_time_unit("us")
    if zone is not None and values.dtype.time_zone is None:
        instants = instants.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        _refuse(values, instants.is_null() & values.is_not_null(), dtype, name)
        return instants
    return instants if zone is None else instants.dt.convert_time_zone(zone)


def _refuse(values: pl.Series, wrong: pl.Series, dtype: pl.DataType, name: str) -> None:
    if wrong.any():
        row = int(wrong.arg_true()[0])
        problem = f"found {describe_cell(values[row])} in row {row}, expected {_describe(dtype)}"
        raise FrameError(problem, frame=name, column=values.name)


def _describe(dtype: pl.DataType) -> str:
    for kind, described in EXPECTED:
        if dtype == kind:
            return described
    return "a whole number" if dtype.is_integer() else "a number"
