"""Where the frames run: the embedded engine (Polars) here, any other that narwhals speaks (Spark) elsewhere.

Features are narwhals lazy expressions, written once. This module is the only one that knows the embedded engine's
name for them, and the one that walks a shop in blocks of customers so that memory does not grow with the shop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import narwhals as nw
import polars as pl

Frame: TypeAlias = nw.LazyFrame[Any]
"""A lazy frame of any engine."""

BLOCK_LINES = 300_000
"""Order lines of one block, about: what one step holds in memory at a time."""

BLOCK_ROWS = 500_000
"""Rows of features of one block, about."""

LINES_IN_MEMORY = 5_000_000
"""Histories up to this size are read once; larger ones are read again for each block."""

_ORDERED = pl.QueryOptFlags(check_order_observe=False, join_order=False)
# Left to itself, Polars drops sorts that a later step relies on, and joins in an order of its own.


def lazy(frame: pl.DataFrame | pl.LazyFrame) -> Frame:
    """A Polars frame as the engine-neutral lazy frame that features are written on."""
    return nw.from_native(frame.lazy())


def collect(frame: Frame) -> pl.DataFrame:
    """Run a lazy frame on the embedded engine.

    Example:
        >>> collect(lazy(pl.DataFrame({"day": [3]})).select(nw.col("day") + 1)).item()
        4
    """
    native: pl.LazyFrame = frame.to_native()
    return native.collect(engine="in-memory", optimizations=_ORDERED)


def customer_blocks(lines: pl.LazyFrame, *, rows_per_customer: int = 1) -> Iterator[pl.DataFrame]:
    """Order lines of known customers, each customer whole in one block.

    Args:
        lines: Order lines (`schema.order_line_schema`).
        rows_per_customer: Rows a step makes of each customer, such as the number of products scored; the more, the
            smaller the blocks.

    Yields:
        The lines of the customers whose `customer_id` has one remainder; guests are left out.
    """
    of_customers = lines.filter(pl.col("customer_id").is_not_null())
    height, customers = of_customers.select(pl.len(), pl.col("customer_id").n_unique().alias("n")).collect().row(0)
    blocks = max(1, -(-height // BLOCK_LINES), -(-customers * rows_per_customer // BLOCK_ROWS))
    if height <= LINES_IN_MEMORY:
        of_customers = of_customers.collect().lazy()
    for block in range(blocks):
        yield of_customers.filter(pl.col("customer_id") % blocks == block).collect()
