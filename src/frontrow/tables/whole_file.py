"""What a whole file says about its columns, where a part of it is read as a table of its own.

How `12,500` or `03/04/2025` is read depends on the other cells of its column. A few cells of the file decide that; a
part is read together with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from frontrow.tables.parse import DECIMAL_COMMA, DECIMAL_POINT, EITHER_WAY, THREE_DECIMALS, bare_digits
from frontrow.tables.timestamps import DAY_OR_MONTH_FIRST


@dataclass(frozen=True)
class UnreadableCells:
    """Cells of a column in a part of a file that could not be read.

    Attributes:
        column: The column's name in the file.
        row: The first such row.
        problem: What is wrong with it.
        count: Their number.
        height: Number of rows that were looked at.
    """

    column: str
    row: int
    problem: str
    count: int
    height: int


@dataclass(frozen=True)
class MixedStates:
    """Orders in a part of a file of which nothing tells which row is of which state.

    Attributes:
        row: The first such row.
        orders: Number of these orders.
    """

    row: int
    orders: int


@dataclass(frozen=True)
class WholeFile:
    """The file that a table is a part of.

    Attributes:
        cells: By column, some cells of the file that decide how all of the column are read.
        unreadable: What could not be read, as far as parts were read: only the whole decides whether it is too much.
        mixed: What cannot be told apart, as far as parts were read: the refusal names the first row of the whole.
    """

    cells: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unreadable: list[UnreadableCells] = field(default_factory=list)
    mixed: list[MixedStates] = field(default_factory=list)


@dataclass
class AmountCells:
    """Finds the cells that decide how the amounts of a column are read, a batch at a time."""

    first: dict[str, str] = field(default_factory=dict)

    def look_at(self, cells: pl.Series) -> None:
        """Look at the next cells, text."""
        filled = cells.drop_nulls()
        self._look_for("filled", filled, pl.lit(True))
        self._look_for("one way only", filled, ~pl.col("cell").str.contains(EITHER_WAY))
        digits = bare_digits("cell")
        self._look_for("not three decimals", filled, (digits != "") & ~digits.str.contains(THREE_DECIMALS))
        if "point" not in self.first and filled.str.contains(".", literal=True).any():
            self._look_for("point", filled, digits.str.contains(DECIMAL_POINT))
        if "comma" not in self.first and filled.str.contains(",", literal=True).any():
            self._look_for("comma", filled, digits.str.contains(DECIMAL_COMMA))

    def add(self, first: Mapping[str, str]) -> None:
        """Add what another one has seen in the rows below."""
        for name, cell in first.items():
            self.first.setdefault(name, cell)

    def decisive(self) -> tuple[str, ...]:
        """The cells, the column's first one before the others."""
        return tuple(dict.fromkeys(self.first.values()))

    def _look_for(self, name: str, cells: pl.Series, condition: pl.Expr) -> None:
        if name not in self.first:
            stripped = pl.col("cell").str.strip_chars() != ""
            matching = cells.alias("cell").to_frame().lazy().filter(stripped & condition).head(1).collect()
            if matching.height:
                self.first[name] = matching.item()


@dataclass
class DateCells:
    """Finds the cells that decide whether the day or the month of a column's dates comes first."""

    highest: dict[str, tuple[int, str]] = field(default_factory=dict)

    def look_at(self, cells: pl.Series) -> None:
        """Look at the next cells, text."""
        cells = cells.filter(cells.str.contains(r"^\s*\d{1,2}[/.-]"))
        begins = cells.str.strip_chars().str.extract_groups(DAY_OR_MONTH_FIRST).struct.unnest()
        parts = begins.cast(pl.Int64, strict=False).with_columns(cells.alias("cell"))
        for name in parts.columns[:2]:
            row = parts.filter(pl.col(name) == pl.col(name).max()).head(1)
            if row.height and row[name][0] > self.highest.get(name, (-1, ""))[0]:
                self.highest[name] = (row[name][0], row["cell"][0])

    def add(self, highest: Mapping[str, tuple[int, str]]) -> None:
        """Add what another one has seen in the rows below."""
        for name, (number, cell) in highest.items():
            if number > self.highest.get(name, (-1, ""))[0]:
                self.highest[name] = (number, cell)

    def decisive(self) -> tuple[str, ...]:
        """The cells."""
        return tuple(dict.fromkeys(cell for _, cell in self.highest.values()))
