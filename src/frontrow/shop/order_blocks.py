"""Order lines in the order of blocks of customers, so that a block is read alone, and once."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.engines.blocks import BLOCK_LINES, SIZE_SCHEMA
from frontrow.shop.changed_orders import IN_TIME

STORED_LINES: Final = 100_000
"""Order lines of a stored block, about; several that lie beside each other are read as one.

A stored shop does not name its number of blocks: it follows from the number of order lines and from this. After a
change of it, `count_as_guests` is wrong for stored shops until their next import.
"""


def choose_block_count(lines: int) -> int:
    """How many blocks a table of order lines is stored in: a power of two, and 1 for a small shop.

    Example:
        >>> [choose_block_count(lines) for lines in (5_000, 300_000, 300_001, 100_000_000)]
        [1, 1, 4, 1024]
    """
    if lines <= BLOCK_LINES:
        return 1
    return int(2 ** (-(-lines // STORED_LINES) - 1).bit_length())


def sort_into_blocks(orders: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """Order lines by block, guests last, and within a block as they were.

    A customer is in block `customer_id % blocks`. A table of one block stays as it is.

    Args:
        orders: Order lines (`schema.order_line_schema`).

    Returns:
        The lines, and the sizes of the blocks (`engines.blocks.SIZE_SCHEMA`), without rows for a table of one block.

    Example:
        >>> small, sizes = sort_into_blocks(pl.LazyFrame({"customer_id": [2, 1]}))
        >>> small.collect()["customer_id"].to_list(), sizes.height
        ([2, 1], 0)
    """
    blocks = choose_block_count(orders.select(pl.len()).collect().item())
    if blocks == 1:
        return orders, pl.DataFrame(schema=SIZE_SCHEMA)
    customers = orders.select("customer_id").collect()
    keys = customers.select("customer_id", block=(pl.col("customer_id") % blocks).cast(pl.Int32))
    sizes = measure_blocks(keys)
    if keys["block"].fill_null(blocks).is_sorted():
        return orders, sizes
    places = keys.select("block").with_row_index("place").sort("block", nulls_last=True, maintain_order=True)["place"]
    # a column at a time: the table is in memory once, and not twice
    columns = [orders.select(name).collect().to_series().gather(places) for name in orders.collect_schema().names()]
    return pl.DataFrame(columns).lazy(), sizes


def measure_blocks(keys: pl.DataFrame) -> pl.DataFrame:
    """The sizes of blocks.

    Args:
        keys: `customer_id` and `block` of every order line.

    Returns:
        `engines.blocks.SIZE_SCHEMA`, guests last.
    """
    sizes = keys.group_by("block").agg(lines=pl.len(), customers=pl.col("customer_id").n_unique())
    return (
        sizes.with_columns(customers=pl.when(pl.col("block").is_null()).then(0).otherwise("customers"))
        .cast(dict(SIZE_SCHEMA))  # type: ignore[arg-type]
        .select(*SIZE_SCHEMA)
        .sort("block", nulls_last=True)
    )


def move_to_guests(orders: pl.LazyFrame, sizes: pl.DataFrame, lines: pl.DataFrame, is_moved: pl.Expr) -> pl.LazyFrame:
    """Order lines in blocks, some of them without their customer: of the lines, those of guests alone are in memory.

    Args:
        orders: Order lines in the order of blocks.
        sizes: `engines.blocks.SIZE_SCHEMA`.
        lines: Those that are to be a guest's, in the order of the table.
        is_moved: Whether a line is one of them, by its `customer_id`; false for a guest's.
    """
    named = int(sizes.filter(pl.col("block").is_not_null())["lines"].sum())
    moved = lines.with_columns(customer_id=pl.lit(None, pl.Int64))
    guests = pl.concat([moved, orders.slice(named).collect()]).sort(IN_TIME, maintain_order=True)
    return pl.concat([orders.head(named).filter(~is_moved), guests.lazy()])


def count_as_guests(sizes: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The sizes of blocks when some of their lines are a guest's.

    Args:
        sizes: `engines.blocks.SIZE_SCHEMA`.
        lines: All lines of some customers, with `customer_id`.

    Returns:
        `engines.blocks.SIZE_SCHEMA`, guests last.

    Example:
        >>> sizes = pl.DataFrame({"block": [0, 1], "lines": [200_000, 150_000], "customers": [9, 7]}, SIZE_SCHEMA)
        >>> count_as_guests(sizes, pl.DataFrame({"customer_id": [5, 5]})).rows()
        [(0, 200000, 9), (1, 149998, 6), (None, 2, 0)]
    """
    blocks = choose_block_count(int(sizes["lines"].sum()))
    block, customers = (pl.col("customer_id") % blocks).cast(pl.Int32), pl.col("customer_id").n_unique()
    gone = lines.group_by(block=block).agg(lines=-pl.len().cast(pl.Int64), customers=-customers.cast(pl.Int64))
    guests = pl.DataFrame({"block": [None], "lines": [lines.height], "customers": [0]}, SIZE_SCHEMA)
    summed = pl.concat([sizes, gone, guests]).group_by("block").agg(pl.all().sum())
    return summed.filter(pl.col("lines") > 0).sort("block", nulls_last=True)
