"""New order lines before they are saved: each column of the table is put together when it is needed, and not before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from frontrow.importing.order_assembly import ORDER


@dataclass(frozen=True)
class NewLines:
    """Order lines that come in, with what an order says of all its lines in a table of orders.

    The table that is saved repeats that on every line, and takes several times the memory.

    Attributes:
        lines: In order of time, with `order`, the place of their order in `orders`.
        orders: One row an order, with `customer_id`.
        schema: Of the table that is saved (`schema.order_line_schema`).
    """

    lines: pl.DataFrame
    orders: pl.DataFrame
    schema: Mapping[str, pl.DataType]

    def filter(self, chosen: pl.Series) -> NewLines:
        """Some of the lines.

        Args:
            chosen: Of each order, whether its lines are among them.
        """
        return replace(self, lines=self.lines.filter(chosen.gather(self.lines[ORDER])))

    def column(self, name: str) -> pl.Series:
        """A column of the table that is saved."""
        if name == "day":
            column = self.column("ordered_at").dt.date().cast(pl.Int32)
        elif name == "partially_refunded":
            column = self._of_orders(name).fill_null(False) | (self.lines["refunded"] > 0)
        elif name in self.lines.columns:
            column = self.lines[name]
        else:
            column = self._of_orders(name)
        return column.cast(self.schema[name]).alias(name)

    def table(self) -> pl.DataFrame:
        """The table that is saved."""
        return pl.DataFrame([self.column(name) for name in self.schema])

    def _of_orders(self, name: str) -> pl.Series:
        if name not in self.orders.columns:
            return pl.Series(name, [], self.schema[name]).extend_constant(None, self.lines.height)
        # cast before the rows are repeated, which then share the text
        return self.orders[name].cast(self.schema[name]).gather(self.lines[ORDER])
