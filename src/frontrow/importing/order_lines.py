"""Steps that every source of order lines takes: read the cells, judge each row, settle the columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.importing.format import CONTACT_FIELDS, LINE_FIELDS
from frontrow.importing.warnings import doubtful_thousands, rounded_identifiers
from frontrow.tables.parse import number, whole_number
from frontrow.tables.table_file import Table
from frontrow.tables.timestamps import stamps

# above this share of unreadable cells the file is at fault, not a row
TOLERATED: Final = 0.01
AMOUNT: Final = "an amount such as 1,234.50"
EXPECTED: Final = {
    "ordered_at": "a date and time such as 2026-05-14 11:23:45 +0100",
    "quantity": "a whole number",
    "price": AMOUNT,
    "discount": AMOUNT,
}
# columns that what comes after a source asks for by name
ALWAYS: Final = {
    "row",
    "order_id",
    "source_id",
    "ordered_at",
    "sku",
    "title",
    "quantity",
    "price",
    "discount",
    "dropped",
}
MAY_NAME_A_PERSON: Final = re.compile(r"@|\d{7}|[A-Z][a-z]")


def shown(value: object) -> str:
    """A cell for an error message: the value, or only its shape where it could name a person.

    Example:
        >>> shown("12.5O"), shown("jane@example.com"), shown("12 High Street")
        ('"12.5O"', 'text like "aaaa@aaaaaaa.aaa"', 'text like "99 aaaa aaaaaa"')
    """
    text = str(value)[:40]
    if MAY_NAME_A_PERSON.search(text):
        shape = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))
        return f'text like "{shape}"'
    return f'"{text}"'


def check_readable(table: Table, rows: pl.DataFrame, field: str, column: str, read: pl.Series) -> pl.Series:
    """Which cells of `rows[field]` hold something that could not be read.

    Raises:
        InputError: They are 1 % of the rows or more; names the first.
    """
    bad = rows[field].is_not_null() & read.is_null()
    if "dropped" in rows.columns:
        bad &= rows["dropped"].is_null()
    if rows.schema[field] == pl.String:
        bad &= rows[field].str.strip_chars() != ""
    if (count := int(bad.sum())) and count >= TOLERATED * rows.height:
        row, found = _first_unreadable(rows, field, bad)
        share = f", as {count} of {rows.height} rows" if count > 1 else ""
        raise InputError(
            f"{found}{share}",
            file=table.file,
            row=row,
            column=column,
            advice="Correct the cell, or export the file again.",
        )
    return bad


def _first_unreadable(rows: pl.DataFrame, field: str, bad: pl.Series) -> tuple[int, str]:
    """The row of the first cell that cannot be read, and what was found there."""
    row, cell = rows.select("row", field).filter(bad).row(0)
    return row, f"found {shown(cell)}, expected {EXPECTED.get(field, AMOUNT)}"


def read_cells(
    table: Table, rows: pl.DataFrame, columns: Mapping[str, str], time_zone: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Turn dates, quantities, prices and discounts from text into values.

    A row with a cell that cannot be read gets the reason in `dropped`, if it has none yet.

    Returns:
        The rows, and notes for the data report.

    Raises:
        InputError: Too many cells of a column cannot be read.
    """
    notes = rounded_identifiers(rows, columns)
    values: dict[str, pl.Series] = {}
    reasons = [pl.col("dropped")] if "dropped" in rows.columns else []
    for field in EXPECTED:
        if field not in rows.columns:
            continue
        if field == "ordered_at":
            values[field], more = stamps(rows[field], time_zone)
            notes += more
        else:
            values[field] = (whole_number if field == "quantity" else number)(rows, field)
        column = columns.get(field, field)
        if field != "ordered_at":
            notes += doubtful_thousands(column, rows[field], values[field])
        bad = check_readable(table, rows, field, column, values[field])
        if bad.any():
            row, found = _first_unreadable(rows, field, bad)
            notes += (f'row {row}, column "{column}": {found}; rows with such a cell were left out',)
            rows = rows.with_columns(bad.alias(f"bad {field}"))
            reasons.append(pl.when(f"bad {field}").then(pl.lit(f"unreadable {column}")))
    dropped = pl.coalesce(*reasons) if reasons else pl.lit(None, pl.String)
    return rows.with_columns(dropped.alias("dropped")).with_columns(
        value.alias(field) for field, value in values.items()
    ), notes


def repeated_header(raw: pl.DataFrame, columns: Mapping[str, str]) -> pl.Expr:
    """The reason for rows that repeat the header, as files put together by hand do."""
    text = [field for field in ("order_id", "quantity") if raw.schema[field] == pl.String and field in columns]
    repeated = pl.all_horizontal(pl.lit(bool(text)), *(pl.col(field) == columns[field] for field in text))
    return pl.when(repeated).then(pl.lit("repeated header"))


def judge(rows: pl.DataFrame) -> pl.DataFrame:
    """Say of each row why it is no purchase; rows judged already keep their reason."""
    empty = pl.all_horizontal(pl.col("order_id", "title", "sku", "price").is_null())
    return rows.with_columns(
        dropped=pl.when(empty & pl.col("dropped").is_null())
        .then(pl.lit("empty row"))
        .when(pl.col("dropped").is_not_null())
        .then("dropped")
        .when(pl.col("order_id").is_null())
        .then(pl.lit("no order number"))
        .when(pl.col("ordered_at").is_null())
        .then(pl.lit("no date"))
        .when(pl.coalesce("product_id", "sku", "title").is_null())
        .then(pl.lit("no product"))
        .when(pl.col("quantity").is_null())
        .then(pl.lit("no quantity"))
        .when(pl.col("quantity") < 0)
        .then(pl.lit("returned (negative quantity)"))
        .when(pl.col("quantity") == 0)
        .then(pl.lit("zero quantity"))
        .when(pl.col("price").is_null())
        .then(pl.lit("no price"))
        .when(pl.col("price") < 0)
        .then(pl.lit("negative price"))
        .when(pl.col("price") == 0)
        .then(pl.lit("zero price"))
    )


def settle(rows: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """The columns of `base.LINE_FIELDS`, without those in which nothing stands; no word on a discount is none."""
    absent = {"discount": 0.0, "partially_refunded": False}
    rows = rows.with_columns(pl.lit(value).alias(name) for name, value in absent.items() if name not in rows.columns)
    fields = {**LINE_FIELDS, "ordered_at": pl.Datetime("us", time_zone)}
    held = [name for name in fields if name in rows.columns and (name in ALWAYS or rows[name].count())]
    # a discount above the line's own value would make a purchase with negative revenue
    value = pl.col("price") * pl.col("quantity")
    return rows.select(pl.col(name).cast(fields[name]) for name in held).with_columns(
        pl.col("discount").fill_null(0.0).clip(0.0, value)
    )


def order_contacts(rows: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """What orders say of their customers, one row an order; fields the source does not have are null."""
    said = rows.filter(pl.col("source_id").is_not_null()).unique("order_id", keep="first", maintain_order=True)
    said = said.rename({"ordered_at": "said_at", "accepts_marketing": "accepts_email"}, strict=False)
    fields = {**CONTACT_FIELDS, "tags": pl.String(), "said_at": pl.Datetime("us", time_zone)}
    own = [
        name for name in fields if name in said.columns and name != "tags"
    ]  # an order's or product's tags are not theirs
    return said.select(
        (pl.col(name) if name in own else pl.lit(None)).cast(dtype).alias(name) for name, dtype in fields.items()
    ).filter(pl.col("said_at").is_not_null())
