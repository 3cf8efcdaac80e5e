"""What a shop has in stock: a CSV file with `product_id` and `stock`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from frontrow.errors import InputError
from frontrow.recommend.text_table import read_text_table


def read_out_of_stock(file: str | Path, product_ids: Collection[str]) -> tuple[str, ...]:
    r"""The products of which nothing is left.

    Args:
        file: CSV with the columns `product_id` and `stock` (units; others are passed over). A product told in several
            rows, as variants are, is out of stock when none of them has any; one not told is in stock.
        product_ids: The shop's; the file may name others too.

    Raises:
        InputError: There is no such file, a column is missing, a stock is no number (the header is row 1), or every
            product is another's, as where the file has the codes of variants.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     file = Path(there) / "stock.csv"
        ...     _ = file.write_text("product_id,stock\npot,0\nbulb,3\npot,-1\n")
        ...     read_out_of_stock(file, ["pot", "bulb"])
        ('pot',)
    """
    file = Path(file)
    told = _table(file)
    stock = told["stock"].str.strip_chars().cast(pl.Float64, strict=False)
    wrong = stock.is_null() | stock.is_nan()
    if wrong.any():
        row = int(wrong.arg_true()[0])
        problem = f'"{told["stock"][row]}" is no number' if told["stock"][row] is not None else "is empty"
        raise InputError(problem, file=file, row=row + 2, column="stock", advice="Write the units left, 0 for none.")
    ids = told["product_id"].str.strip_chars()
    if told.height and not ids.is_in(list(product_ids)).any():
        advice = "frontrow launches --all lists the ids."
        raise InputError("names no product of this shop", file=file, column="product_id", advice=advice)
    most = told.select(ids, stock=stock).group_by("product_id").agg(pl.max("stock"))
    return tuple(most.filter((pl.col("stock") <= 0) & pl.col("product_id").is_not_null())["product_id"].sort())


def _table(file: Path) -> pl.DataFrame:
    told = read_text_table(file, "Give a CSV file with the columns product_id and stock.")
    for name in ("product_id", "stock"):
        if name not in told.columns:
            found = f"found {', '.join(told.columns) or 'nothing'}"
            raise InputError(f"has no column {name}; {found}", file=file, advice="Name the columns product_id, stock.")
    return told
