"""Files of product vectors: read with the place of every mistake, and written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import InputError
from frontrow.masking import describe_cell, describe_value
from frontrow.shop.product_vectors import ProductVectors, normalise_title
from frontrow.tables.archives import PARQUET
from frontrow.tables.columns import normalize_name
from frontrow.tables.text_table import FIRST_ROW, read_text_table

KEYS: Final = ("product_id", "title")
"""The columns by which a vector's product is found; one of them is enough."""

LIST: Final = "vector"
"""The column of a Parquet file that holds a whole vector in each cell."""

MOST_DIMENSIONS: Final = 4_096
"""More numbers than any model gives a product; more columns than that are another kind of table."""

ADVICE: Final = (
    "Give a CSV or Parquet file with one row a product: product_id or title, and the numbers of its vector in the "
    f'other columns; in Parquet they may be one column of lists, "{LIST}".'
)
FINITE: Final = "Write a number, such as 0.25, for every product, or leave the product's row out."


def read_vector_file(file: str | Path) -> ProductVectors:
    r"""Read product vectors from a CSV or Parquet file.

    Args:
        file: One row a product: `product_id` or `title` or both, and the numbers of its vector in all other columns, in
            their order; in Parquet, they may be lists in the column `vector`.

    Raises:
        InputError: There is no such file, it has neither id nor title or no numbers, a cell is no finite number, a
            vector is of another length than the first, or two rows are of one product; names row and column.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "vectors.csv"
        ...     _ = path.write_text("title,x,y\nRed pot,0.5,-1\n")
        ...     read_vector_file(path).values.tolist()
        [[0.5, -1.0]]
    """
    file = Path(file)
    table = _read_parquet(file) if file.suffix.lower() in PARQUET else read_text_table(file, ADVICE)
    keys = [name for name in KEYS if name in table.columns]
    if not keys:
        raise InputError("has neither a column product_id nor a column title", file=file, row=1, advice=ADVICE)
    if table.height == 0:
        raise InputError("has no product", file=file, advice=ADVICE)
    table = table.with_columns(pl.col(keys).cast(pl.String).str.strip_chars().replace("", None))
    numbers = [name for name in table.columns if name not in KEYS]
    if not numbers or len(numbers) > MOST_DIMENSIONS:
        problem = f"has {len(numbers)} columns of numbers, expected 1 to {MOST_DIMENSIONS}"
        raise InputError(problem, file=file, row=1, advice=ADVICE)
    values = _read_lists(file, table) if numbers == [LIST] and _is_list(table) else _read_numbers(file, table, numbers)
    ids, titles = (table[name].to_list() if name in keys else [None] * table.height for name in KEYS)
    _check_keys(file, ids, titles)
    return ProductVectors(ids, titles, values)


def write_vectors(vectors: ProductVectors) -> pl.DataFrame:
    """The table of product vectors, as `read_vector_file` reads it: `product_id`, `title`, and a column a number.

    Args:
        vectors: What is to be written.
    """
    keys = {name: pl.Series(name, list(column), dtype=pl.String) for name, column in _key_columns(vectors)}
    numbers = {f"v{number}": vectors.values[:, number] for number in range(vectors.dimensions)}
    return pl.DataFrame({**keys, **numbers})


def _key_columns(vectors: ProductVectors) -> list[tuple[str, Sequence[str | None]]]:
    return [("product_id", vectors.product_ids), ("title", vectors.titles)]


def _read_parquet(file: Path) -> pl.DataFrame:
    if not file.is_file():
        raise InputError("this is a folder" if file.is_dir() else "the file does not exist", file=file, advice=ADVICE)
    try:
        table = pl.read_parquet(file, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError("this is not a readable Parquet file", file=file, advice="Write it again.") from error
    names = {name: normalize_name(name).replace(" ", "_") for name in table.columns}
    renamed = {name: clean for name, clean in names.items() if clean in KEYS}
    if len(set(renamed.values())) < len(renamed):
        raise InputError("two columns have the same name", file=file, row=1, advice="Keep one of them.")
    lists = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.List | pl.Array)]
    if len(lists) == 1 and len(lists) + len(renamed) == table.width:
        renamed[lists[0]] = LIST
    return table.rename(renamed)


def _is_list(table: pl.DataFrame) -> bool:
    return isinstance(table.schema[LIST], pl.List | pl.Array)


def _read_lists(file: Path, table: pl.DataFrame) -> NDArray[np.float32]:
    """Vectors that are one cell each."""
    try:
        lists = table[LIST].cast(pl.List(pl.Float64)).to_list()
    except pl.exceptions.PolarsError as error:
        raise InputError("holds lists of something else than numbers", file=file, column=LIST, advice=ADVICE) from error
    length = len(lists[0] or [])
    if length == 0:
        raise InputError("is empty", file=file, row=FIRST_ROW, column=LIST, advice=FINITE)
    for row, vector in enumerate(lists, FIRST_ROW):
        if len(vector or []) != length:
            problem = f"is of length {len(vector or [])}, where the first vector is of length {length}"
            raise InputError(problem, file=file, row=row, column=LIST, advice="All vectors are of one length.")
        if not all(number is not None and np.isfinite(np.float32(number)) for number in vector):
            raise InputError(
                "holds something that is not a finite number", file=file, row=row, column=LIST, advice=FINITE
            )
    return np.array(lists, dtype=np.float32)


def _read_numbers(file: Path, table: pl.DataFrame, names: list[str]) -> NDArray[np.float32]:
    """Vectors whose numbers are in columns of their own."""
    nested = [name for name in names if table.schema[name].is_nested() or table.schema[name] == pl.Binary]
    if nested:
        raise InputError("holds cells of several values", file=file, column=nested[0], advice=ADVICE)
    values = table.select(pl.col(names).cast(pl.Float32, strict=False)).to_numpy().astype(np.float32)
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        cell = table[names[column]][int(row)]
        problem = "is empty" if cell is None else f"{describe_cell(cell)} is not a finite number"
        raise InputError(problem, file=file, row=int(row) + FIRST_ROW, column=names[column], advice=FINITE)
    return values


def _check_keys(file: Path, ids: Sequence[str | None], titles: Sequence[str | None]) -> None:
    """Every row names a product, and no two the same."""
    rows: dict[tuple[str, str], int] = {}
    for row, (product_id, title) in enumerate(zip(ids, titles, strict=True), FIRST_ROW):
        key = ("product_id", product_id) if product_id is not None else ("title", normalise_title(title or ""))
        if not key[1]:
            problem = "names no product: product_id and title are empty"
            raise InputError(problem, file=file, row=row, advice="Give one of them, or leave the row out.")
        if key in rows:
            problem = f"{describe_value(product_id or title)} has a vector in row {rows[key]} already"
            raise InputError(problem, file=file, row=row, column=key[0], advice="Keep one of the two rows.")
        rows[key] = row
