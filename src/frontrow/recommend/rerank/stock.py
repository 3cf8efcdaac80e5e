"""What a shop has in stock: a CSV file with `product_id` and `stock`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.tables.parse import parse_numbers
from frontrow.tables.text_table import filled_rows, read_text_table

COLUMNS: Final = ("product_id", "stock")
ADVICE: Final = "Give a CSV file with the columns product_id and stock."


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
    told = filled_rows(read_text_table(file, ADVICE, required=COLUMNS), COLUMNS)
    stock = parse_numbers(told, "stock")
    wrong = told.filter(stock.is_null())
    if wrong.height:
        row, _, value = wrong.row(0)
        problem = "is empty" if value is None else f'"{value}" is no number'
        raise InputError(problem, file=file, row=row, column="stock", advice="Write the units left, 0 for none.")
    if told.height and not told["product_id"].is_in(list(product_ids)).any():
        advice = "frontrow launches --all lists the ids."
        raise InputError("names no product of this shop", file=file, column="product_id", advice=advice)
    most = told.select("product_id", stock=stock).group_by("product_id").agg(pl.max("stock"))
    return tuple(most.filter((pl.col("stock") <= 0) & pl.col("product_id").is_not_null())["product_id"].sort())
