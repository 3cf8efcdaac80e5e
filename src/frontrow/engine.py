"""Where the frames run: the embedded engine (Polars) here, any other that narwhals speaks (Spark) elsewhere.

Features are narwhals lazy expressions, written once. This module is the only one that knows the embedded engine's
name for them, and the one that walks a shop in blocks of customers so that memory does not grow with the shop.
"""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw
import polars as pl

BLOCK_LINES = 1_500_000
"""Order lines of one block, about: what one step holds in memory at a time."""


def lazy(frame: pl.DataFrame | pl.LazyFrame) -> nw.LazyFrame:
    """A Polars frame as the engine-neutral lazy frame that features are written on."""
    return nw.from_native(frame.lazy())


def collect(frame: nw.LazyFrame) -> pl.DataFrame:
    """Run a lazy frame on the embedded engine.

    Example:
        >>> collect(lazy(pl.DataFrame({"day": [3]})).select(nw.col("day") + 1)).item()
        4
    """
    native: pl.LazyFrame = frame.to_native()
    return native.collect(engine="in-memory")


def customer_blocks(lines: pl.LazyFrame, block_lines: int = BLOCK_LINES) -> Iterator[pl.DataFrame]:
    """Order lines of known customers, each customer whole in one block.

    Args:
        lines: Order lines (`schema.order_line_schema`).
        block_lines: Lines in a block, about.

    Yields:
        The lines of the customers whose `customer_id` has one remainder; guests are left out.
    """
    known = lines.filter(pl.col("customer_id").is_not_null())
    blocks = max(1, -(-known.select(pl.len()).collect().item() // block_lines))
    for block in range(blocks):
        yield known.filter(pl.col("customer_id") % blocks == block).collect()
