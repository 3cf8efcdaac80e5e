"""The list of new products a shop asks about: `new.csv`, one row a product."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.launch.launch_dates import launch_day as day_of
from frontrow.schema import conform
from frontrow.tables.parse import parse_numbers
from frontrow.tables.text_table import filled_rows, read_text_table

COLUMNS: Final = (
    *("product_id", "title", "product_type", "vendor", "price", "tags", "description", "launch_date"),
    *("margin", "stock"),
)
"""Columns looked for, by name, in any order and case; only the title is required."""

NEW_PRODUCT_SCHEMA: Final = {
    "product_id": pl.String(),
    "title": pl.String(),
    "product_type": pl.String(),
    "vendor": pl.String(),
    "tags": pl.String(),
    "description": pl.String(),
    "price": pl.Float64(),
    "launch_day": pl.Int32(),
    # earned per unit, and units there are: nothing is learned from them, a campaign reckons with them
    "margin": pl.Float64(),
    "stock": pl.Float64(),
}

AMOUNTS: Final = {"price": ("a price", "24.90"), "margin": ("a margin", "24.90"), "stock": ("a number of units", "120")}
"""What each is called in an error, and an example of it."""


def read_new_products(file: str | Path, *, launch_day: int) -> pl.DataFrame:
    """Read what is to be launched.

    Args:
        file: A CSV file with a header row (`tables.text_table.read_text_table`); blank rows are passed over.
        launch_day: For products with no `launch_date` (days since 1970-01-01).

    Returns:
        `NEW_PRODUCT_SCHEMA`, one row a product; a product without an id gets one made of its title.

    Raises:
        InputError: There is no such file or no title column, a title is empty or told twice, or a number or date
            cannot be read; the row is counted with the header as row 1.
    """
    file = Path(file)
    advice = f"Give a CSV file with one row a new product and the columns {', '.join(COLUMNS)}; only title is required."
    told = filled_rows(read_text_table(file, advice, required=("title",)), COLUMNS)
    if told.height == 0:
        raise InputError("has no product", file=file, advice="Write one row a new product below the header.")
    _check_titles(file, told)
    days = [
        launch_day if date is None else day_of(date, file, row)
        for row, date in told.select("row", "launch_date").iter_rows()
    ]
    read = told.with_columns(
        _ids(file, told), *(_amounts(file, told, name) for name in AMOUNTS), pl.Series("launch_day", days, pl.Int32)
    )
    return conform(read, NEW_PRODUCT_SCHEMA)


def _check_titles(file: Path, told: pl.DataFrame) -> None:
    empty = told.filter(pl.col("title").is_null())["row"]
    if empty.len():
        advice = "Every new product needs a title."
        raise InputError("is empty", file=file, row=empty[0], column="title", advice=advice)


def _ids(file: Path, told: pl.DataFrame) -> pl.Series:
    ids: dict[str, None] = {}
    for row, given, title in told.select("row", "product_id", "title").iter_rows():
        own = given or "new:" + re.sub(r"\W+", "-", title.lower()).strip("-")
        if own in ids:
            column = "title" if given is None else "product_id"
            advice = "Keep one row, or give each a product_id."
            raise InputError("is told twice", file=file, row=row, column=column, advice=advice)
        ids[own] = None
    return pl.Series("product_id", list(ids), pl.String)


def _amounts(file: Path, told: pl.DataFrame, name: str) -> pl.Series:
    read = parse_numbers(told, name)
    wrong = told.filter(pl.col(name).is_not_null() & (read.is_null() | (read < 0)))
    if wrong.height:
        row, value = wrong.select("row", name).row(0)
        what, example = AMOUNTS[name]
        raise InputError(f'"{value}" is not {what}', file=file, row=row, column=name, advice=f"Write {example}, say.")
    return read
