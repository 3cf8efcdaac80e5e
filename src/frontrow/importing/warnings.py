"""What a file of orders shows besides its orders: its currencies, and identifiers that a spreadsheet has spoiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

IDENTIFIERS: Final = ("order_id", "customer_id", "product_id", "sku")
EITHER_WAY: Final = r"^\D{0,3}\d{1,3}[.,]\d{3}\D{0,3}$"
ROUNDED: Final = r"^\d(\.\d+)?[eE]\+\d+$"


def currencies(rows: pl.DataFrame) -> tuple[str, tuple[str, ...]]:
    """The most common currency of the rows kept, and the others; an empty text and nothing where there is none.

    Args:
        rows: With `dropped`, and `currency` where the file has it.

    Example:
        >>> currencies(pl.DataFrame({"currency": ["usd", "EUR", "EUR"], "dropped": [None] * 3}))
        ('EUR', ('USD',))
    """
    if "currency" not in rows.columns:
        return "", ()
    named = rows.filter(pl.col("dropped").is_null())["currency"].cast(pl.String).str.to_uppercase().drop_nulls()
    counts = named.alias("name").value_counts().sort(["count", "name"], descending=[True, False])["name"].to_list()
    return next(iter(counts), ""), tuple(counts[1:])


def doubtful_thousands(column: str, cells: pl.Series, read: pl.Series) -> tuple[str, ...]:
    """A note on a column in which every cell looks like 12,500 or 12.500: thousands, or three decimals.

    Args:
        column: What the file calls it.
        cells: As they stand in the file.
        read: What was made of them.
    """
    if cells.dtype != pl.String:
        return ()
    filled = cells.is_not_null() & (cells.str.strip_chars() != "")
    if not filled.any() or not cells.filter(filled).str.contains(EITHER_WAY).all():
        return ()
    cell, value = cells.filter(filled)[0], read.filter(filled)[0]
    if value is None:
        return ()
    told = f'{cell.strip()} in the column "{column}" was read as {value:.10g}'
    return (f"{told}; nothing in the column says whether those are thousands",)


def rounded_identifiers(rows: pl.DataFrame, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Notes on identifiers that were turned into 4.00638E+12, which stands for many.

    Example:
        >>> rounded_identifiers(pl.DataFrame({"sku": ["4.00638E+12", "A-1"]}), {"sku": "EAN"})[0][:56]
        'the column "EAN" holds numbers that a spreadsheet rounde'
    """
    notes = []
    for field in (name for name in IDENTIFIERS if rows.schema.get(name) == pl.String):
        rounded = rows[field].filter(rows[field].str.contains(ROUNDED).fill_null(False))
        if len(rounded):
            notes.append(
                f'the column "{columns.get(field, field)}" holds numbers that a spreadsheet rounded, such as '
                f"{rounded[0]} ({len(rounded)} in all): several may have become one; export the file again, and do not "
                "save it in a spreadsheet"
            )
    return tuple(notes)
