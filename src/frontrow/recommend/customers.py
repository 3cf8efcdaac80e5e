"""Who lists are made for, where a person names them in a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import InputError
from frontrow.storage.folder import CUSTOMERS
from frontrow.tables.text_table import filled_rows, read_text_table

KEYS = ("customer_id", "source_id")


@dataclass(frozen=True)
class Named:
    """Customers of a file.

    Attributes:
        customer_ids: Of those the shop knows, each once, in the order of the file; int64.
        unknown: Rows that name nobody the shop knows.
    """

    customer_ids: NDArray[np.int64]
    unknown: int


def known_customers(folder: str | Path) -> pl.DataFrame:
    """`customer_id` and `source_id` of a shop's customers, its orders unread.

    Raises:
        InputError: The folder holds no customers.
    """
    file = Path(folder) / CUSTOMERS
    if not file.is_file():
        raise InputError("is not there", file=file, advice=f"Is {folder} a shop? frontrow import makes one.")
    return pl.read_parquet(file, columns=list(KEYS), glob=False)


def read_customers(file: str | Path, known: pl.DataFrame) -> Named:
    r"""Read whom lists are wanted for.

    Args:
        file: CSV with a column `customer_id` (the shop's numbers) or `source_id` (the ids of the shop's own system, as
            in `audience.csv`); other columns are passed over.
        known: `known_customers`.

    Raises:
        InputError: There is no such file, neither column, a `customer_id` that is no number, or nobody known.

    Example:
        >>> import tempfile
        >>> known = pl.DataFrame({"customer_id": [7, 8], "source_id": ["A-1", "a@example.com"]})
        >>> with tempfile.TemporaryDirectory() as there:
        ...     file = Path(there) / "who.csv"
        ...     _ = file.write_text("source_id\nA@example.com \nA-1\nZ-9\nA-1\n")
        ...     read_customers(file, known)
        Named(customer_ids=array([8, 7]), unknown=1)
    """
    file = Path(file)
    told = _table(file)
    if "customer_id" in told.columns:
        asked = _numbers(file, told)
        found = asked.to_frame("customer_id").join(known.select("customer_id", yes=True), on="customer_id", how="left")
    else:
        found = _by_source_id(told["source_id"], known)
    here = found.filter(pl.col("yes"))["customer_id"].unique(maintain_order=True)
    if here.len() == 0:
        raise InputError("names no customer of this shop", file=file, advice="Are the ids those of this shop?")
    return Named(here.cast(pl.Int64).to_numpy(), found.height - int(found["yes"].sum()))


def _by_source_id(asked: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
    """As written; else in lower case, as e-mail addresses are kept."""
    told = pl.DataFrame({"source_id": asked})
    exact = known.select("source_id", exact="customer_id").unique("source_id")
    lower = known.select(lower_id="source_id", lower="customer_id").unique("lower_id")
    return (
        told.with_columns(lower_id=pl.col("source_id").str.to_lowercase())
        .join(exact, on="source_id", how="left", maintain_order="left")
        .join(lower, on="lower_id", how="left", maintain_order="left")
        .select(pl.coalesce("exact", "lower").alias("customer_id"))
        .with_columns(yes=pl.col("customer_id").is_not_null())
    )


def _numbers(file: Path, told: pl.DataFrame) -> pl.Series:
    numbers = told["customer_id"].cast(pl.Int64, strict=False)
    if numbers.null_count():
        raise InputError(
            "is no customer number",
            file=file,
            row=told["row"][int(numbers.is_null().arg_true()[0])],
            column="customer_id",
            advice="Name the column source_id where it holds the ids of your own system.",
        )
    return numbers


def _table(file: Path) -> pl.DataFrame:
    """The key that the file has, the first where it has both, and its rows; blank ones are passed over."""
    told = read_text_table(file, 'Give a CSV file with customer_id or source_id, "returning" or "new".')
    keys = [name for name in KEYS if name in told.columns]
    if not keys:
        # what stands there may be the first e-mail address of a file without names
        problem = "names no column customer_id or source_id"
        raise InputError(problem, file=file, row=1, advice="Write one of the two above the ids.")
    return filled_rows(told, keys[:1])
