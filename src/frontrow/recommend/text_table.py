"""A small CSV file that a person has written, as text."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from frontrow.errors import InputError


def read_text_table(file: Path, advice: str) -> pl.DataFrame:
    r"""Read every cell as text; columns have their names in lower case, without spaces around them.

    Args:
        file: CSV in UTF-8.
        advice: What to give where there is no such file.

    Raises:
        InputError: There is no such file, it is no table, or two columns have one name.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     file = Path(there) / "stock.csv"
        ...     _ = file.write_text("Product_ID, Stock\npot,0\n")
        ...     read_text_table(file, "").to_dicts()
        [{'product_id': 'pot', 'stock': '0'}]
    """
    if not file.is_file():
        raise InputError("is not there", file=file, advice=advice)
    try:
        told = pl.read_csv(file.read_bytes(), infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InputError("is not a CSV table in UTF-8", file=file, advice="Save it again as CSV UTF-8.") from error
    names = {name: name.lstrip("\ufeff").strip().lower() for name in told.columns}
    if len(set(names.values())) < len(names):
        raise InputError("names a column twice", file=file, row=1, advice="Keep one of them.")
    return told.rename(names)
