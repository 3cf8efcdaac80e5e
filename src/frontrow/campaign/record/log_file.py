"""A table that a shop's folder keeps of its campaigns, read back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from frontrow.errors import ShopError


def read_log(file: Path, schema: Mapping[str, pl.DataType], *, name: str, lost: str) -> pl.DataFrame:
    """The rows of a log; none where the file is not there yet.

    Args:
        file: Parquet.
        schema: The columns, none of them empty anywhere.
        name: What the log is called in an error.
        lost: What is not known without it.

    Raises:
        ShopError: The file is damaged, or something else.

    Example:
        >>> read_log(Path("nowhere"), {"customer_id": pl.Int64()}, name="contact log", lost="").height
        0
    """
    if not file.is_file():
        return pl.DataFrame(schema=dict(schema))
    advice = f"Put the file back from a copy; {lost}"
    try:
        rows = pl.read_parquet(file, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ShopError(f"{file} is damaged. {advice}") from error
    if dict(rows.schema) != dict(schema) or rows.null_count().sum_horizontal().item():
        raise ShopError(f"{file} is no {name}: expected {', '.join(schema)}, none empty. {advice}")
    return rows
