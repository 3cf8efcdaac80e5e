"""What is known of a whole file after its shards were parsed one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from frontrow.importing.cut_files import FileLines
from frontrow.importing.format import LINE_FIELDS, ORDER_FIELDS, ParsedFile
from frontrow.tables.clock import Clock
from frontrow.tables.remark import Remark, add_up

CURRENCIES: Final = {"currency": pl.String(), "orders": pl.UInt32()}
"""Numbers of orders that are purchases."""


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

    def add(self, facts: Mapping[str, Any]) -> None:
        """Add what a further shard says (`describe_shard`)."""
        clocks = [clock for clock in (self.summary.clock, _read_clock(facts["clock"])) if clock is not None]
        warnings = [
            text if sentences is None else Remark(text, sentences, *rows) for text, sentences, rows in facts["warnings"]
        ]
        self.summary = ParsedFile(
            clock=_merge_clocks(clocks),
            warnings=add_up((*self.summary.warnings, *warnings)),
            columns=facts["columns"],
            guessed=tuple(facts["guessed"]),
        )
        self.line_columns |= set(facts["line_columns"])
        self.order_columns |= set(facts["order_columns"])
        if facts["ends"]:
            first, last = (tuple(end) for end in facts["ends"])
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)
        self.orders += facts["orders"]
        self.newest = max((time for time in (self.newest, facts["newest"]) if time is not None), default=None)
        self.currencies.append(pl.DataFrame(facts["currencies"], schema=CURRENCIES, orient="row"))

    @property
    def lines(self) -> FileLines | None:
        """What the file begins and ends with; None for a file without an order."""
        if self.first is None or self.last is None:
            return None
        return FileLines(self.first[1], self.last[1], self.orders)

    def currency_counts(self, currency: str) -> pl.DataFrame:
        """Number of orders that are purchases by `currency`; `currency` is the format's own, where it has one."""
        counts = pl.concat([pl.DataFrame(schema=CURRENCIES), *self.currencies])
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


def describe_shard(parsed: ParsedFile) -> dict[str, object]:
    """What a shard of a file says, as plain values.

    Args:
        parsed: What it holds.
    """
    lines = pl.DataFrame() if parsed.lines is None else parsed.lines
    orders = pl.DataFrame() if parsed.orders is None else parsed.orders
    return {
        "clock": None if parsed.clock is None else _write_clock(parsed.clock),
        "warnings": [
            (text.kind, text.sentences, (text.rows, text.row)) if isinstance(text, Remark) else (text, None, ())
            for text in parsed.warnings
        ],
        "columns": dict(parsed.columns),
        "guessed": parsed.guessed,
        "line_columns": lines.columns,
        "order_columns": orders.columns,
        "ends": _find_ends(lines) if lines.width else [],
        "orders": orders.height,
        "newest": orders["ordered_at"].to_physical().max() if orders.width else None,
        "currencies": _count_currencies(orders) if orders.width else [],
    }


def _find_ends(lines: pl.DataFrame) -> list[tuple[Any, ...]]:
    named = lines.lazy().select("row", "order_id").filter(pl.col("order_id").is_not_null())
    return pl.concat([named.head(1), named.tail(1)]).collect().rows()


def _count_currencies(orders: pl.DataFrame) -> list[tuple[Any, ...]]:
    if "currency" not in orders.columns:
        orders = orders.with_columns(currency=pl.lit(None, pl.String))
    return orders.filter(pl.col("dropped").is_null()).group_by("currency").len("orders").cast(dict(CURRENCIES)).rows()  # type: ignore[arg-type]


def _write_clock(clock: Clock) -> dict[str, object]:
    offsets = clock.offsets.select(pl.col("instant").to_physical(), "offset_minutes")
    return {"offsets": offsets.rows(), "has_local_times": clock.has_local_times}


def _read_clock(clock: Mapping[str, Any] | None) -> Clock | None:
    if clock is None:
        return None
    schema = {"instant": pl.Int64, "offset_minutes": pl.Int64}
    offsets = pl.DataFrame(clock["offsets"], schema=schema, orient="row")
    return Clock(offsets.cast({"instant": pl.Datetime("us", "UTC")}), has_local_times=clock["has_local_times"])


def _merge_clocks(clocks: Sequence[Clock]) -> Clock | None:
    if not clocks:
        return None
    offsets = pl.concat([clock.offsets for clock in clocks]).unique()
    return Clock(offsets, has_local_times=any(clock.has_local_times for clock in clocks))


def _complete(rows: pl.DataFrame, fields: Sequence[tuple[str, pl.DataType]]) -> pl.DataFrame:
    return rows.select(
        pl.col(name) if name in rows.columns else pl.lit(None, dtype).alias(name) for name, dtype in fields
    )
