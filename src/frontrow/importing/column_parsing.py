"""The columns of order lines, from text to dates, quantities and amounts, and what could not be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.masking import describe_cell, mask_column
from frontrow.schema import FIRST_DAY, YEARS_AHEAD, last_day
from frontrow.tables.parse import EITHER_WAY, parse_integers, parse_numbers
from frontrow.tables.remark import COUNT, Remark
from frontrow.tables.table_file import Table
from frontrow.tables.timestamps import parse_timestamps
from frontrow.tables.whole_file import UnreadableCells

# above this share of unreadable cells the file is at fault, not a row
TOLERATED: Final = 0.01
AMOUNT: Final = "an amount such as 1,234.50"
TIMESTAMP: Final = "a date and time such as 2026-05-14 11:23:45 +0100"
TIMESTAMPS: Final = ("ordered_at", "updated_at")
EXPECTED: Final = {
    "ordered_at": TIMESTAMP,
    "updated_at": TIMESTAMP,
    "quantity": "a whole number",
    "price": AMOUNT,
    "discount": AMOUNT,
    "refunded": AMOUNT,
    "refunded_amount": AMOUNT,
}
OUT_OF_RANGE: Final = "date out of range"
IDENTIFIERS: Final = ("order_id", "customer_id", "product_id", "sku")
LINES: Final = "lines"
ROUNDED: Final = r"^\d(\.\d+)?[eE]\+\d+$"


def parse_columns(
    table: Table,
    rows: pl.DataFrame,
    columns: Mapping[str, str],
    time_zone: str,
    *,
    today: dt.date | None = None,
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Turn dates, quantities, prices and discounts from text into values.

    A row with a cell that cannot be read gets the reason in `dropped`, if it has none yet. So does a row with a date
    before `schema.FIRST_DAY` or after `schema.last_day`.

    Args:
        table: The file.
        rows: Its rows, with fields as column names, and `row`; with `lines` where each stands for that many rows.
        columns: The file's column of each field.
        time_zone: IANA name; timestamps are converted to it.
        today: Decides which dates lie too far ahead; None reads the clock.

    Returns:
        The rows, and warnings for the data report.

    Raises:
        InputError: Too many cells of a column cannot be read.
    """
    warnings = warn_of_rounded_identifiers(rows, columns)
    values: dict[str, pl.Series] = {}
    reasons = [pl.col("dropped")] if "dropped" in rows.columns else []
    for field in (name for name in EXPECTED if name in rows.columns):
        column = columns.get(field, field)
        others = table.cells_elsewhere(column)
        if field in TIMESTAMPS:
            values[field], more = parse_timestamps(rows[field], time_zone, others=others)
        else:
            values[field] = parse_amounts(rows[field], others)
            more = _warn_of_thousands(column, rows[field], values[field], others)
        warnings += more
        unreadable = find_unreadable(table, rows, field, column, values[field])
        if unreadable.any():
            warnings += (_warn_of_unreadable(rows, field, column, unreadable),)
            rows = rows.with_columns(unreadable.alias(f"unreadable {field}"))
            reasons.append(pl.when(f"unreadable {field}").then(pl.lit(f"unreadable {mask_column(column)}")))
        if field == "ordered_at":
            impossible = ~_lies_in_range(values[field], last_day(today or dt.datetime.now(dt.UTC).date()))
            if impossible.any():
                warnings += (_warn_of_impossible_dates(rows, column, impossible),)
                # no later step, such as the earliest date of an order, sees such a date
                values[field] = values[field].set(impossible, None)
                rows = rows.with_columns(impossible.alias("impossible date"))
                reasons.append(pl.when("impossible date").then(pl.lit(OUT_OF_RANGE)))
    dropped = pl.coalesce(*reasons) if reasons else pl.lit(None, pl.String)
    return rows.with_columns(dropped.alias("dropped")).with_columns(
        value.alias(field) for field, value in values.items()
    ), warnings


def parse_amounts(cells: pl.Series, others: Sequence[str] = ()) -> pl.Series:
    """Return the numbers in the cells of a field; of shared text each distinct one is read once.

    Args:
        cells: A column, with the field's name.
        others: See `tables.parse.parse_numbers`.
    """
    parse = parse_integers if cells.name == "quantity" else parse_numbers
    if cells.dtype != pl.Categorical:
        return parse(cells.to_frame(), cells.name, others=others)
    distinct = cells.unique()
    values = parse(distinct.cast(pl.String).to_frame(), cells.name, others=others)
    parsed = pl.DataFrame([distinct, values.alias("value")])
    return cells.to_frame().join(parsed, on=cells.name, how="left", maintain_order="left")["value"].alias(cells.name)


def _warn_of_thousands(column: str, cells: pl.Series, values: pl.Series, others: Sequence[str] = ()) -> tuple[str, ...]:
    """Warn of thousands that may be decimals; of shared text each distinct one is looked at once."""
    if cells.dtype == pl.Categorical:
        first = cells.to_frame().select(pl.arg_where(pl.first().is_first_distinct())).to_series()
        cells, values = cells.gather(first).cast(pl.String), values.gather(first)
    if others and cells.dtype == pl.String:
        # the first of them is the column's first cell, which the warning shows
        elsewhere = pl.Series(cells.name, others, pl.String)
        cells, values = pl.concat([elsewhere, cells]), pl.concat([parse_amounts(elsewhere), values])
    return warn_of_ambiguous_thousands(column, cells, values)


def _lies_in_range(values: pl.Series, last: dt.date) -> pl.Series:
    """Return whether each timestamp lies in the days that are believed; a missing one does."""
    return values.dt.date().is_between(FIRST_DAY, last).fill_null(True)


def _warn_of_impossible_dates(rows: pl.DataFrame, column: str, impossible: pl.Series) -> str:
    row = rows["row"].filter(impossible)[0]
    sentence = (
        f'row {row}, column "{mask_column(column)}": {{dates}} before {FIRST_DAY} or more than {YEARS_AHEAD} years '
        "ahead; rows with such a date were left out"
    )
    sentences = (sentence.replace("{dates}", "1 date lies"), sentence.replace("{dates}", f"{COUNT} dates lie"))
    return Remark(f"impossible {column}", sentences, _count(rows, impossible), row)


def _warn_of_unreadable(rows: pl.DataFrame, field: str, column: str, unreadable: pl.Series) -> str:
    row, problem = _first_unreadable(rows, field, unreadable)
    sentence = f'row {row}, column "{mask_column(column)}": {problem}; rows with such a cell were left out'
    return Remark(f"unreadable {column}", (sentence, sentence), 1, row)


def find_unreadable(table: Table, rows: pl.DataFrame, field: str, column: str, values: pl.Series) -> pl.Series:
    """Return which cells of a field hold something that could not be read.

    Args:
        table: The file.
        rows: Its rows; those with a reason in `dropped` are not looked at.
        field: The field's name, a column of `rows`.
        column: Its name in the file.
        values: What was read from its cells.

    Raises:
        InputError: They are 1 % of the rows or more; shows the first.
    """
    unreadable = rows[field].is_not_null() & values.is_null()
    if not unreadable.any():
        if table.whole is not None:
            table.whole.unreadable.append(UnreadableCells(column, 0, "", 0, _count(rows)))
        return unreadable
    if "dropped" in rows.columns:
        unreadable &= rows["dropped"].is_null()
    if rows.schema[field] in (pl.String, pl.Categorical):
        unreadable &= rows[field].cast(pl.String).str.strip_chars() != ""
    count, height = _count(rows, unreadable), _count(rows)
    row, problem = _first_unreadable(rows, field, unreadable) if count else (0, "")
    cells = UnreadableCells(column, row, problem, count, height)
    if table.whole is None:
        refuse_unreadable(table, [cells])
    else:
        table.whole.unreadable.append(cells)
    return unreadable


def refuse_unreadable(table: Table, parts: Sequence[UnreadableCells]) -> None:
    """Refuse a file of which too many cells of a column could not be read.

    Args:
        table: The file.
        parts: What could not be read in each part of it, the columns in the order in which they were read.

    Raises:
        InputError: They are 1 % of a column's rows or more; shows the first.
    """
    for column in dict.fromkeys(part.column for part in parts):
        of_column = [part for part in parts if part.column == column]
        count, height = sum(part.count for part in of_column), sum(part.height for part in of_column)
        if count and count >= TOLERATED * height:
            first = min((part for part in of_column if part.count), key=lambda part: part.row)
            share = f", as {count} of {height} rows" if count > 1 else ""
            advice = "Correct the cell, or export the file again."
            problem = f"{first.problem}{share}"
            raise InputError(problem, file=table.file, row=first.row, column=column, advice=advice)


def _count(rows: pl.DataFrame, chosen: pl.Series | None = None) -> int:
    """Return the number of rows of the file, where a row may stand for the `lines` below it that say the same."""
    if LINES in rows.columns:
        return int((rows[LINES] if chosen is None else rows[LINES].filter(chosen)).sum())
    return rows.height if chosen is None else int(chosen.sum())


def _first_unreadable(rows: pl.DataFrame, field: str, unreadable: pl.Series) -> tuple[int, str]:
    """Return the row of the first cell that cannot be read, and what is wrong with it."""
    row, cell = rows.select("row", field).filter(unreadable).row(0)
    return row, f"found {describe_cell(cell)}, expected {EXPECTED.get(field, AMOUNT)}"


def warn_of_ambiguous_thousands(column: str, cells: pl.Series, values: pl.Series) -> tuple[str, ...]:
    """Warn of a column in which every cell looks like 12,500 or 12.500: thousands, or three decimals.

    Args:
        column: Its name in the file.
        cells: Its cells as in the file.
        values: The numbers read from them.
    """
    if cells.dtype != pl.String:
        return ()
    filled = cells.is_not_null() & (cells.str.strip_chars() != "")
    if not filled.any() or not cells.filter(filled).str.contains(EITHER_WAY).all():
        return ()
    cell, value = cells.filter(filled)[0], values.filter(filled)[0]
    if value is None:
        return ()
    example = f'{cell.strip()} in the column "{mask_column(column)}" was read as {value:.10g}'
    return (f"{example}; nothing in the column says whether those are thousands",)


def warn_of_rounded_identifiers(rows: pl.DataFrame, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Warn of identifiers that a spreadsheet turned into 4.00638E+12, which stands for many.

    Args:
        rows: Rows with fields as column names.
        columns: The file's column of each field.

    Example:
        >>> warn_of_rounded_identifiers(pl.DataFrame({"sku": ["4.00638E+12", "A-1"]}), {"sku": "EAN"})[0][:56]
        'the column "EAN" holds numbers that a spreadsheet rounde'
    """
    warnings: list[str] = []
    for field in (name for name in IDENTIFIERS if rows.schema.get(name) in (pl.String, pl.Categorical)):
        rounded = _find_rounded(rows[field])
        if rounded is not None:
            example, row = (
                rows[field].filter(rounded)[0],
                rows["row"].filter(rounded)[0] if "row" in rows.columns else 0,
            )
            column = columns.get(field, field)
            sentence = _describe_rounded(mask_column(column), example)
            sentences = (sentence.replace(COUNT, "1"), sentence)
            warnings.append(Remark(f"rounded {column}", sentences, _count(rows, rounded), row))
    return tuple(warnings)


def _describe_rounded(column: str, example: str) -> str:
    return (
        f'the column "{column}" holds numbers that a spreadsheet rounded, such as {example} ({COUNT} in all): several '
        "may have become one; export the file again, and do not save it in a spreadsheet"
    )


def _find_rounded(cells: pl.Series) -> pl.Series | None:
    """Return which cells were rounded by a spreadsheet; None where none was."""
    # searched in the distinct ones first, which are few where the text is shared
    texts = cells.unique().cast(pl.String) if cells.dtype == pl.Categorical else cells
    if not texts.str.contains(ROUNDED).any():
        return None
    return cells.cast(pl.String).str.contains(ROUNDED).fill_null(False)
