"""The files a person writes about launches: the new products, and launch days that the shop states itself."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.masking import describe_cell, describe_value
from frontrow.schema import conform
from frontrow.shop.cutoff import EPOCH
from frontrow.tables.parse import parse_numbers
from frontrow.tables.text_table import filled_rows, read_text_table

NEW_PRODUCT_COLUMNS: Final = (
    *("product_id", "sku", "title", "product_type", "vendor", "price", "tags", "description", "launch_date"),
    *("margin", "stock"),
)
"""Columns looked for, by name, in any order and case; only the title is required."""

NEW_PRODUCT_SCHEMA: Final = {
    "product_id": pl.String(),
    # by which a product that is on sale already is recognised
    "sku": pl.String(),
    "title": pl.String(),
    "product_type": pl.String(),
    "vendor": pl.String(),
    "tags": pl.String(),
    "description": pl.String(),
    "price": pl.Float64(),
    "launch_day": pl.Int32(),
    # profit per unit, and units in stock: no model learns from them, a campaign's economics use them
    "margin": pl.Float64(),
    "stock": pl.Float64(),
}

AMOUNTS: Final = {"price": ("a price", "24.90"), "margin": ("a margin", "24.90"), "stock": ("a number of units", "120")}
"""What each is called in an error, and an example of it."""

LAUNCH_DATE_COLUMNS: Final = ("product_id", "launch_date")
LAUNCH_DATES_ADVICE: Final = "Write a CSV file with the columns product_id and launch_date."
DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})([ T].*)?")


@dataclass(frozen=True)
class NewProductsFile:
    """A file of new products, and where each of them stands in it.

    Attributes:
        file: Its path.
        products: `NEW_PRODUCT_SCHEMA`, one row a product.
        rows: The row of the file of each product; the header is row 1.
        unread_columns: Names of the columns that are not read, in lower case with underscores.
    """

    file: Path
    products: pl.DataFrame
    rows: tuple[int, ...]
    unread_columns: tuple[str, ...] = ()


def read_new_products(file: str | Path, *, launch_day: int) -> pl.DataFrame:
    """Read the products to be launched, without comparing them with the shop.

    Args:
        file: See `open_new_products`.
        launch_day: For products with no `launch_date` (days since 1970-01-01).

    Returns:
        `NEW_PRODUCT_SCHEMA`, one row a product; a product without an id gets one made of its title.

    Raises:
        InputError: See `open_new_products`.
    """
    return open_new_products(file, launch_day=launch_day).products


def open_new_products(file: str | Path, *, launch_day: int) -> NewProductsFile:
    """Read the products to be launched, with the row of each and the columns that are not read.

    Args:
        file: A CSV file with a header row (`tables.text_table.read_text_table`); blank rows are ignored.
        launch_day: For products with no `launch_date` (days since 1970-01-01).

    Raises:
        InputError: There is no such file or no title column, a title is empty or given twice, or a number or date
            cannot be read; rows are counted with the header as row 1.
    """
    file = Path(file)
    columns = ", ".join(NEW_PRODUCT_COLUMNS)
    advice = f"Give a CSV file with one row a new product and the columns {columns}; only title is required."
    table = read_text_table(file, advice, required=("title",))
    rows = filled_rows(table, NEW_PRODUCT_COLUMNS)
    if rows.height == 0:
        raise InputError("has no product", file=file, advice="Write one row a new product below the header.")
    _check_titles(file, rows)
    days = [
        launch_day if date is None else _parse_date(date, file, row)
        for row, date in rows.select("row", "launch_date").iter_rows()
    ]
    products = rows.with_columns(
        _ids(file, rows), *(_amounts(file, rows, name) for name in AMOUNTS), pl.Series("launch_day", days, pl.Int32)
    )
    unread = tuple(name for name in table.columns if name not in NEW_PRODUCT_COLUMNS)
    return NewProductsFile(file, conform(products, NEW_PRODUCT_SCHEMA), tuple(rows["row"]), unread)


def read_launch_dates(file: str | Path) -> dict[str, int]:
    """Read a CSV file with the columns `product_id` and `launch_date` (YYYY-MM-DD); other columns are ignored.

    Returns:
        Launch day by product id, as days since 1970-01-01.

    Raises:
        InputError: The file or a column is missing, a cell is empty, a date cannot be read, or a product has two.
    """
    file = Path(file)
    days: dict[str, int] = {}
    table = read_text_table(file, LAUNCH_DATES_ADVICE, required=LAUNCH_DATE_COLUMNS)
    for row, product_id, date in filled_rows(table, LAUNCH_DATE_COLUMNS).iter_rows():
        if product_id is None:
            raise InputError("is empty", file=file, row=row, column="product_id", advice=LAUNCH_DATES_ADVICE)
        day = _parse_date(date, file, row)
        if days.setdefault(product_id, day) != day:
            problem = f"gives {describe_value(product_id)} another date than a row above"
            raise InputError(problem, file=file, row=row, column="launch_date", advice="Keep one of the two.")
    return days


def make_product_id(title: str) -> str:
    """The id of a new product that has none.

    Example:
        >>> make_product_id("Blue Pot, 20 cm")
        'new:blue-pot-20-cm'
    """
    return "new:" + re.sub(r"\W+", "-", title.lower()).strip("-")


def _parse_date(date: str | None, file: Path, row: int) -> int:
    """A cell of the column `launch_date` as days since 1970-01-01; a time of day after it is ignored."""
    match = DATE.fullmatch(date or "")
    try:
        return (dt.date.fromisoformat(match[1] if match else "") - EPOCH).days
    except ValueError as error:
        problem = f"{describe_cell(date)} is not a date" if date else "is empty"
        advice = "Write 2026-03-01, say."
        raise InputError(problem, file=file, row=row, column="launch_date", advice=advice) from error


def _check_titles(file: Path, rows: pl.DataFrame) -> None:
    empty = rows.filter(pl.col("title").is_null())["row"]
    if empty.len():
        advice = "Every new product needs a title."
        raise InputError("is empty", file=file, row=empty[0], column="title", advice=advice)


def _ids(file: Path, rows: pl.DataFrame) -> pl.Series:
    ids: dict[str, None] = {}
    for row, given_id, title in rows.select("row", "product_id", "title").iter_rows():
        product_id = given_id or make_product_id(title)
        if product_id in ids:
            column = "title" if given_id is None else "product_id"
            advice = "Keep one row, or give each a product_id."
            raise InputError("is given twice", file=file, row=row, column=column, advice=advice)
        ids[product_id] = None
    return pl.Series("product_id", list(ids), pl.String)


def _amounts(file: Path, rows: pl.DataFrame, name: str) -> pl.Series:
    values = parse_numbers(rows, name)
    wrong = rows.filter(pl.col(name).is_not_null() & (values.is_null() | (values < 0)))
    if wrong.height:
        row, text = wrong.select("row", name).row(0)
        noun, example = AMOUNTS[name]
        problem = f"{describe_cell(text)} is not {noun}"
        raise InputError(problem, file=file, row=row, column=name, advice=f"Write {example}, say.")
    return values
