"""What is known of a whole file after its shards were parsed one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from frontrow.importing.cut_files import FileLines
from frontrow.importing.format import LINE_FIELDS, ORDER_FIELDS, ParsedFile
from frontrow.tables.clock import Clock
from frontrow.tables.remark import add_up


@dataclass
class FileFacts:
    """What the shards of a file that were parsed so far say together.

    Attributes:
        summary: What was parsed, without the rows; of all shards once they are parsed.
        line_columns: Columns of `LINE_FIELDS` that some line has a value in.
        order_columns: Columns of `ORDER_FIELDS` that some order has a value in.
        first: Row and order of the first line of an order.
        last: Row and order of the last such line.
        orders: Number of orders.
        newest: When the newest order was placed, in microseconds since 1970.
        currencies: Number of orders that are purchases, by what the file says of their currency.
    """

    summary: ParsedFile = field(default_factory=ParsedFile)
    line_columns: set[str] = field(default_factory=set)
    order_columns: set[str] = field(default_factory=set)
    first: tuple[int, str] | None = None
    last: tuple[int, str] | None = None
    orders: int = 0
    newest: int | None = None
    currencies: list[pl.DataFrame] = field(default_factory=list)

    def add(self, parsed: ParsedFile) -> None:
        """Add what a further shard says."""
        clocks = [clock for clock in (self.summary.clock, parsed.clock) if clock is not None]
        self.summary = ParsedFile(
            clock=_merge_clocks(clocks),
            warnings=add_up((*self.summary.warnings, *parsed.warnings)),
            columns=parsed.columns,
            guessed=parsed.guessed,
        )
        if parsed.lines is not None:
            self._add_lines(parsed.lines)
        if parsed.orders is not None:
            self._add_orders(parsed.orders)

    @property
    def lines(self) -> FileLines | None:
        """What the file begins and ends with; None for a file without an order."""
        if self.first is None or self.last is None:
            return None
        return FileLines(self.first[1], self.last[1], self.orders)

    def currency_counts(self, currency: str) -> pl.DataFrame:
        """Number of orders that are purchases by `currency`; `currency` is the format's own, where it has one."""
        counts = pl.concat([pl.DataFrame(schema={"currency": pl.String, "orders": pl.UInt32}), *self.currencies])
        if "currency" in self.order_columns:
            return counts
        return counts.with_columns(currency=pl.lit(currency or None, pl.String))

    def complete_lines(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The lines of a shard with every column that the whole file has."""
        return _complete(lines, [(name, LINE_FIELDS[name]) for name in LINE_FIELDS if name in self.line_columns])

    def complete_orders(self, orders: pl.DataFrame, time_zone: str) -> pl.DataFrame:
        """The orders of a shard with every column that the whole file has, on the clock of a time zone."""
        orders = orders.with_columns(pl.selectors.datetime().dt.convert_time_zone(time_zone))
        fields = {**ORDER_FIELDS, **dict.fromkeys(("ordered_at", "updated_at"), pl.Datetime("us", time_zone))}
        return _complete(orders, [(name, fields[name]) for name in fields if name in self.order_columns])

    def _add_lines(self, lines: pl.DataFrame) -> None:
        self.line_columns |= set(lines.columns)
        named = lines.lazy().select("row", "order_id").filter(pl.col("order_id").is_not_null())
        ends = pl.concat([named.head(1), named.tail(1)]).collect().rows()
        if ends:
            self.first = ends[0] if self.first is None else min(self.first, ends[0])
            self.last = ends[1] if self.last is None else max(self.last, ends[1])

    def _add_orders(self, orders: pl.DataFrame) -> None:
        self.order_columns |= set(orders.columns)
        self.orders += orders.height
        newest = orders["ordered_at"].to_physical().max()
        self.newest = max((time for time in (self.newest, newest) if isinstance(time, int)), default=None)
        if "currency" not in orders.columns:
            orders = orders.with_columns(currency=pl.lit(None, pl.String))
        self.currencies.append(
            orders.filter(pl.col("dropped").is_null()).group_by("currency").len("orders").cast({"orders": pl.UInt32})
        )


def _merge_clocks(clocks: Sequence[Clock]) -> Clock | None:
    if not clocks:
        return None
    offsets = pl.concat([clock.offsets for clock in clocks]).unique()
    return Clock(offsets, has_local_times=any(clock.has_local_times for clock in clocks))


def _complete(rows: pl.DataFrame, fields: Sequence[tuple[str, pl.DataType]]) -> pl.DataFrame:
    return rows.select(
        pl.col(name) if name in rows.columns else pl.lit(None, dtype).alias(name) for name, dtype in fields
    )
