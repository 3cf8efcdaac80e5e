"""What is known of an order before its products are."""

from __future__ import annotations

import numpy as np
import polars as pl

CONTEXT = ("country", "province", "city", "company", "hour", "month")
"""What is known of an order before its products are: where it goes, for which company, when it is placed."""

CONTEXT_SCHEMA = {
    "country": pl.String(),
    "province": pl.String(),
    "city": pl.String(),
    "company": pl.String(),
    "hour": pl.Int8(),
    "month": pl.Int8(),
}


def last_contexts(lines: pl.DataFrame, asked: pl.Series, day: int) -> pl.DataFrame:
    """What is known of the next order of some customers: the context of the last one, but in the month of a day.

    Args:
        lines: By customer or not, each customer's by time: a column named as `asked` is, and `CONTEXT`.
        asked: Customers, in any order; of one without a line, only the month is known.
        day: When they are asked about, as days since 1970-01-01.

    Returns:
        `CONTEXT_SCHEMA`, one row each.

    Example:
        >>> lines = pl.DataFrame({"customer": [7, 7], "hour": [9, 12], "month": [4, 5]})
        >>> lines = lines.with_columns(pl.lit(None).alias(name) for name in CONTEXT[:4])
        >>> last_contexts(lines, pl.Series("customer", [7, 8]), day=0).select("hour", "month").rows()
        [(12, 1), (None, 1)]
    """
    month = int(np.datetime64(day, "D").astype("datetime64[M]").astype(int) % 12 + 1)
    last = lines.group_by(asked.name).agg(pl.col(CONTEXT).last())
    return _beside(asked, last).with_columns(month=pl.lit(month, pl.Int8))


def first_contexts(lines: pl.DataFrame, asked: pl.Series) -> pl.DataFrame:
    """The context of the first order of some customers among the lines; see `last_contexts`."""
    return _beside(asked, lines.group_by(asked.name).agg(pl.col(CONTEXT).first()))


def _beside(asked: pl.Series, contexts: pl.DataFrame) -> pl.DataFrame:
    found = asked.to_frame().join(contexts, on=asked.name, how="left", maintain_order="left")
    return found.select(pl.col(name).cast(dtype) for name, dtype in CONTEXT_SCHEMA.items())
