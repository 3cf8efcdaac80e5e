"""Which column of a file is which field: by name, in any order, spelled in upper or lower case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.tables.table_file import ROW, Table

BETWEEN_WORDS: Final = re.compile(r"[\s_\-./]+")


def spelled(name: str) -> str:
    """A column name as it is compared: lower case, words apart by one space.

    Example:
        >>> spelled(" Lineitem_SKU ")
        'lineitem sku'
    """
    return BETWEEN_WORDS.sub(" ", name.strip().casefold()).strip()


def match(header: Iterable[str], fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The column of each field that the header has; earlier spellings of a field go first.

    Example:
        >>> match(["LINEITEM SKU", "Canceled at"], {"sku": ("Lineitem sku",), "void": ("Cancelled at", "Canceled at")})
        {'sku': 'LINEITEM SKU', 'void': 'Canceled at'}
    """
    there: dict[str, str] = {}
    for name in header:
        there.setdefault(spelled(name), name)
    found = {}
    for field, spellings in fields.items():
        column = next((there[spelled(name)] for name in spellings if spelled(name) in there), None)
        if column is not None:
            found[field] = column
    return found


def require(table: Table, fields: Mapping[str, tuple[str, ...]], needed: Iterable[str]) -> dict[str, str]:
    """Like `match`, but every needed field has to be there.

    Raises:
        InputError: A needed column is missing.
    """
    found = match(table.header, fields)
    for field in needed:
        if field not in found:
            spellings = " or ".join(f'"{name}"' for name in fields[field][:2])
            raise InputError(
                f"the column is missing; expected {spellings}",
                file=table.file,
                row=1,
                column=fields[field][0],
                advice="Export the file with all its columns.",
            )
    return found


def read_fields(table: Table, fields: Iterable[str], columns: Mapping[str, str]) -> pl.DataFrame:
    """The rows under the fields' names; a field without a column is empty text."""
    taken = table.read(columns.values()).select(
        ROW, *(pl.col(column).alias(field) for field, column in columns.items())
    )
    return taken.with_columns(pl.lit(None, pl.String).alias(field) for field in fields if field not in columns)
