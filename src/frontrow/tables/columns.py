"""Which column of a file holds which field: found by name, in any order, in upper or lower case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.tables.table_file import ROW, Table

BETWEEN_WORDS: Final = re.compile(r"[\s_\-./]+")


def normalize_name(name: str) -> str:
    """Return a column name in the form in which names are compared: lower case, one space between words.

    Example:
        >>> normalize_name(" Lineitem_SKU ")
        'lineitem sku'
    """
    return BETWEEN_WORDS.sub(" ", name.strip().casefold()).strip()


def match_columns(header: Iterable[str], fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the column of each field that the header contains.

    Args:
        header: Column names of the file.
        fields: The possible column names of each field, the preferred one first.

    Example:
        >>> fields = {"sku": ("Lineitem sku",), "void": ("Cancelled at", "Canceled at")}
        >>> match_columns(["LINEITEM SKU", "Canceled at"], fields)
        {'sku': 'LINEITEM SKU', 'void': 'Canceled at'}
    """
    columns: dict[str, str] = {}
    for name in header:
        columns.setdefault(normalize_name(name), name)
    matches = {}
    for field, names in fields.items():
        column = next((columns[normalize_name(name)] for name in names if normalize_name(name) in columns), None)
        if column is not None:
            matches[field] = column
    return matches


def require_columns(table: Table, fields: Mapping[str, tuple[str, ...]], required: Iterable[str]) -> dict[str, str]:
    """Return the column of each field, as `match_columns` does, and make sure that no required one is missing.

    Args:
        table: The file.
        fields: The possible column names of each field, the preferred one first.
        required: Fields that must have a column.

    Raises:
        InputError: A required column is missing.
    """
    columns = match_columns(table.header, fields)
    for field in required:
        if field not in columns:
            names = " or ".join(f'"{name}"' for name in fields[field][:2])
            raise InputError(
                f"the column is missing; expected {names}",
                file=table.file,
                row=1,
                column=fields[field][0],
                advice="Export the file with all its columns.",
            )
    return columns


def read_fields(table: Table, fields: Iterable[str], columns: Mapping[str, str]) -> pl.DataFrame:
    """Read a table with the fields as column names; a field without a column is null text.

    Args:
        table: The file.
        fields: All fields.
        columns: The column of each field that the file has.

    Returns:
        `row` and the fields.
    """
    rows = table.read(columns.values()).select(ROW, *(pl.col(column).alias(field) for field, column in columns.items()))
    return rows.with_columns(pl.lit(None, pl.String).alias(field) for field in fields if field not in columns)
