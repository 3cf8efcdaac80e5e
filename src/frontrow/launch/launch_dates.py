"""Launch days a shop states itself, where the first sale is not the launch."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from frontrow.errors import InputError
from frontrow.shop.shop import EPOCH


def read_launch_dates(file: str | Path) -> dict[str, int]:
    """Read a CSV file with the columns `product_id` and `launch_date` (YYYY-MM-DD).

    Returns:
        Launch day by product id, as days since 1970-01-01.

    Raises:
        InputError: The file or a column is missing, or a date cannot be read.
    """
    file = Path(file)
    advice = "Write a CSV file with the columns product_id and launch_date."
    try:
        told = pl.read_csv(file, infer_schema=False)
    except FileNotFoundError as error:
        raise InputError("is not there", file=file, advice=advice) from error
    except pl.exceptions.PolarsError as error:
        raise InputError("is not a CSV table", file=file, advice=advice) from error
    for column in ("product_id", "launch_date"):
        if column not in told.columns:
            raise InputError(f"has no column {column}", file=file, advice=advice)
    days = {}
    for row, (product_id, text) in enumerate(told.select("product_id", "launch_date").iter_rows(), 2):
        try:
            days[str(product_id).strip()] = (dt.date.fromisoformat(str(text).strip()) - EPOCH).days
        except ValueError as error:
            raise InputError(
                f'"{text}" is not a date', file=file, row=row, column="launch_date", advice="Write 2026-03-01, say."
            ) from error
    return days
