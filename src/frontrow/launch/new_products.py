"""The list of new products a shop asks about: `new.csv`, one row a product."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.shop.shop import EPOCH

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


def read_new_products(file: str | Path, *, launch_day: int) -> pl.DataFrame:
    """Read what is to be launched.

    Args:
        file: A CSV file with a header row.
        launch_day: For products with no `launch_date` (days since 1970-01-01).

    Returns:
        `NEW_PRODUCT_SCHEMA`, one row a product; a product without an id gets one made of its title.

    Raises:
        InputError: There is no such file or no title column, a title is empty or told twice, or a number or date
            cannot be read; the row is counted with the header as row 1.
    """
    file = Path(file)
    told = _table(file)
    if "title" not in told.columns:
        raise InputError(
            f"has no title column; found {', '.join(told.columns) or 'nothing'}",
            file=file,
            advice=f"Name the columns {', '.join(COLUMNS)}; only title is required.",
        )
    titles = [_title(file, row, value) for row, value in enumerate(told["title"], 2)]
    products = pl.DataFrame(
        {
            **{name: _texts(told, name) for name in ("product_type", "vendor", "tags", "description")},
            "title": titles,
            "product_id": _ids(file, told, titles),
            **{name: _amounts(file, told, name) for name in ("price", "margin", "stock")},
            "launch_day": [
                _day(file, row, value, launch_day) for row, value in enumerate(_texts(told, "launch_date"), 2)
            ],
        },
        schema_overrides=NEW_PRODUCT_SCHEMA,
    )
    return products.select(list(NEW_PRODUCT_SCHEMA))


def _table(file: Path) -> pl.DataFrame:
    if not file.exists() or file.is_dir():
        raise InputError("is not there", file=file, advice="Give a CSV file with one row a new product.")
    try:
        told = pl.read_csv(file.read_bytes(), infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InputError("is not a CSV table in UTF-8", file=file, advice="Save it again as CSV UTF-8.") from error
    if told.height == 0:
        raise InputError("has no product", file=file, advice="Write one row a new product below the header.")
    names = {name: name.lstrip("\ufeff").strip().lower().replace(" ", "_") for name in told.columns}
    if len(set(names.values())) < len(names):
        raise InputError("names a column twice", file=file, row=1, advice="Keep one of them.")
    return told.rename(names)


def _texts(told: pl.DataFrame, name: str) -> list[str | None]:
    if name not in told.columns:
        return [None] * told.height
    return told.select(pl.col(name).str.strip_chars().replace("", None)).to_series().to_list()


def _title(file: Path, row: int, value: str | None) -> str:
    if value is None or not value.strip():
        raise InputError("is empty", file=file, row=row, column="title", advice="Every new product needs a title.")
    return value.strip()


def _ids(file: Path, told: pl.DataFrame, titles: list[str]) -> list[str]:
    made = ["new:" + re.sub(r"\W+", "-", title.lower()).strip("-") for title in titles]
    ids = [given or own for given, own in zip(_texts(told, "product_id"), made, strict=True)]
    for row, product_id in enumerate(ids, 2):
        if product_id in ids[: row - 2]:
            raise InputError(
                "is told twice", file=file, row=row, column="title", advice="Keep one row, or give each a product_id."
            )
    return ids


def _amounts(file: Path, told: pl.DataFrame, name: str) -> list[float | None]:
    return [_amount(file, row, name, value) for row, value in enumerate(_texts(told, name), 2)]


def _amount(file: Path, row: int, name: str, value: str | None) -> float | None:
    if value is None:
        return None
    # 12,50 is a decimal comma; 1,234 and 1,234.50 group thousands.
    plain = value.replace(",", ".") if re.fullmatch(r"\d+,\d{1,2}", value) else value.replace(",", "")
    try:
        amount = float(plain)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        what = "a number of units" if name == "stock" else f"a {name}"
        advice = "Write 120, say." if name == "stock" else "Write 24.90, say."
        raise InputError(f'"{value}" is not {what}', file=file, row=row, column=name, advice=advice)
    return amount


def _day(file: Path, row: int, value: str | None, default: int) -> int:
    if value is None:
        return default
    try:
        return (dt.date.fromisoformat(value[:10]) - EPOCH).days
    except ValueError as error:
        raise InputError(
            f'"{value}" is not a date', file=file, row=row, column="launch_date", advice="Write 2026-03-01, say."
        ) from error
