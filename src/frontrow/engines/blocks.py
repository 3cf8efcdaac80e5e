"""Blocks of whole customers: how a table of order lines of any size is read in parts that fit into memory.

Whatever frontrow learns of a customer, it learns from that customer's own lines, and what it learns of a product is a
sum of whole numbers over customers. So neither the number of blocks nor the machine that reads one changes a bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

BLOCK_LINES = 300_000
"""Order lines of one block, about: what one step holds in memory at a time."""

BLOCK_ROWS = 500_000
"""Rows that a step makes of one block, about."""

LINES_IN_MEMORY = 5_000_000
"""Tables that are not in blocks on disk are read once up to this size, and again for each block beyond it."""

SIZE_SCHEMA: Final = {"block": pl.Int32(), "lines": pl.Int64(), "customers": pl.Int64()}
"""Sizes of the blocks of a table, in its order; `block` is null for the lines of guests, which come last."""


def no_sizes() -> pl.DataFrame:
    """The sizes of a table that is in no blocks: no rows."""
    return pl.DataFrame(schema=SIZE_SCHEMA)


def is_published(rows: pl.LazyFrame) -> bool:
    """Whether a table is read at an address, and so by every machine alike, and from no disk that they share.

    Args:
        rows: The table, not read yet.

    Example:
        >>> is_published(pl.LazyFrame({"day": [3]}))
        False
    """
    return "://" in rows.explain(optimized=False)


@dataclass(frozen=True)
class Block:
    """Order lines of some customers, each of them whole; nothing is read before `read`.

    Attributes:
        rows: The table of order lines.
        first_row: Where the block begins in the table.
        height: Rows of the table that it is among; None for all of them.
        conditions: What holds for a line that is known.
        remainder: Divisor, modulus and remainder: a customer is in the block if (customer_id // divisor) % modulus is
            the remainder. None where the range holds the block's customers alone.
        guests: The block is of lines without a customer.
        columns: Names of the columns that are read; all of them if None.
    """

    rows: pl.LazyFrame
    first_row: int = 0
    height: int | None = None
    conditions: tuple[pl.Expr, ...] = ()
    remainder: tuple[int, int, int] | None = None
    guests: bool = False
    columns: tuple[str, ...] | None = None

    def read(self) -> pl.DataFrame:
        """The lines of the block."""
        rows = self.rows if self.height is None else self.rows.slice(self.first_row, self.height)
        rows = rows.filter(*self.conditions, self._is_member())
        return (rows if self.columns is None else rows.select(self.columns)).collect()

    def _is_member(self) -> pl.Expr:
        number = pl.col("customer_id")
        if self.guests:
            return number.is_null()
        if self.remainder is None:
            return number.is_not_null()
        divisor, modulus, remainder = self.remainder
        return (number // divisor) % modulus == remainder


@dataclass(frozen=True)
class OrderBlocks:
    """A table of order lines that can be read in blocks.

    Attributes:
        rows: The table, all lines of it.
        conditions: What holds for a line that is known.
        sizes: `SIZE_SCHEMA`, where the table is in the order of blocks; else empty.

    Example:
        >>> lines = pl.DataFrame({"customer_id": [1, 2, None, 1], "day": [3, 4, 5, 6]})
        >>> [block.read()["day"].to_list() for block in OrderBlocks(lines.lazy()).split(guests=True)]
        [[3, 4, 6], [5]]
    """

    rows: pl.LazyFrame
    conditions: tuple[pl.Expr, ...] = ()
    sizes: pl.DataFrame = field(default_factory=no_sizes)

    def where(self, condition: pl.Expr) -> OrderBlocks:
        """The lines of which a condition holds."""
        return replace(self, conditions=(*self.conditions, condition))

    def scan(self) -> pl.LazyFrame:
        """All lines."""
        return self.rows.filter(*self.conditions) if self.conditions else self.rows

    def split(
        self,
        columns: Sequence[str] | None = None,
        *,
        rows_per_customer: int = 1,
        guests: bool = False,
        may_hold: bool = True,
    ) -> list[Block]:
        """Blocks that together hold every line of a customer once.

        Args:
            columns: Names of the columns that are read; all of them if None.
            rows_per_customer: Rows a step makes of each customer, such as the number of products scored; the more,
                the smaller the blocks.
            guests: Whether blocks with the lines of guests follow.
            may_hold: Whether a table that is not in blocks on disk may be read here, once for all blocks.
        """
        whole = Block(self.rows, conditions=self.conditions, columns=None if columns is None else tuple(columns))
        if self.sizes.is_empty():
            return self._split_by_remainder(whole, rows_per_customer, guests, may_hold)
        return self._split_by_place(whole, rows_per_customer, guests)

    def _split_by_remainder(self, whole: Block, rows_per_customer: int, guests: bool, may_hold: bool) -> list[Block]:
        number = pl.col("customer_id")
        counts = self.scan().select(pl.len(), number.count().alias("lines"), number.drop_nulls().n_unique().alias("n"))
        height, lines, customers = counts.collect().row(0)
        if may_hold and height <= LINES_IN_MEMORY:
            rows = self.scan()
            if whole.columns is not None:
                rows = rows.select(list(dict.fromkeys(("customer_id", *whole.columns))))
            whole = replace(whole, rows=rows.collect().lazy(), conditions=())
        parts = _count_parts(lines, customers, rows_per_customer)
        blocks = [replace(whole, remainder=(1, parts, part)) for part in range(parts)]
        return [*blocks, replace(whole, guests=True)] if guests else blocks

    def _split_by_place(self, whole: Block, rows_per_customer: int, guests: bool) -> list[Block]:
        blocks: list[Block] = []
        first_row, start, lines, customers = 0, 0, 0, 0
        for stored, more_lines, more_customers in self.sizes.iter_rows():
            is_full = lines + more_lines > BLOCK_LINES or (customers + more_customers) * rows_per_customer > BLOCK_ROWS
            if first_row > start and (is_full or stored is None):
                blocks += self._divide(replace(whole, first_row=start, height=lines), customers, rows_per_customer)
                start, lines, customers = first_row, 0, 0
            if stored is None:
                blocks += _split_guests(replace(whole, first_row=first_row, height=more_lines)) if guests else []
                start = first_row + more_lines
            else:
                lines, customers = lines + more_lines, customers + more_customers
            first_row += more_lines
        if first_row > start:
            blocks += self._divide(replace(whole, first_row=start, height=lines), customers, rows_per_customer)
        return blocks

    def _divide(self, whole: Block, customers: int, rows_per_customer: int) -> list[Block]:
        """The blocks of a range of rows: one, unless a step makes too many rows of it."""
        parts = _count_parts(whole.height or 0, customers, rows_per_customer)
        if parts == 1 or customers <= 1:
            return [whole]
        # numbers of one stored block differ by multiples of how many there are
        stored = int(self.sizes["block"].count())
        return [replace(whole, remainder=(stored, parts, part)) for part in range(parts)]


def _split_guests(whole: Block) -> list[Block]:
    end = whole.first_row + (whole.height or 0)
    return [
        replace(whole, first_row=start, height=min(BLOCK_LINES, end - start), guests=True)
        for start in range(whole.first_row, end, BLOCK_LINES)
    ]


def _count_parts(lines: int, customers: int, rows_per_customer: int) -> int:
    return max(1, -(-lines // BLOCK_LINES), -(-customers * rows_per_customer // BLOCK_ROWS))
