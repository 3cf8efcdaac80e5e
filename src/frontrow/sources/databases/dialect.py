"""How a database writes what is put around a query: names of columns, and columns of odd kinds as text.

A column is odd if no field of an order line is of its kind: a list, a record, an interval, raw bytes. The database
itself writes such a column as text, as it does in its own exports; a list becomes its items with ", " between them, as
tags are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PLAIN: Final = frozenset("bcCsSiIlLgnuU") | {"vu", "tdD", "tdm"}
"""Kinds of Arrow columns that hold truth values, numbers, texts and dates, as the C data interface writes them.

Numbers of single precision are none of them: 12.3 would become 12.3000002, and as text it stays 12.3."""

PLAIN_PREFIXES: Final = ("ts", "d:")
"""The same: timestamps, with or without a time zone, and decimals."""

MISLEADING: Final = frozenset({"money"})
"""Types that a driver hands over as another number: PostgreSQL's money comes in cents."""

LISTS: Final = ("+l", "+L", "+vl", "+vL", "+w:")


@dataclass(frozen=True)
class Column:
    """A column of a query's answer.

    Attributes:
        name: As the query names it.
        kind: As Arrow's C data interface writes it.
        type_name: As the database writes it, where the driver says so.
    """

    name: str
    kind: str
    type_name: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether a field can be read from it as it is."""
        if self.type_name in MISLEADING:
            return False
        return self.kind in PLAIN or self.kind.startswith(PLAIN_PREFIXES)

    @property
    def is_list(self) -> bool:
        """Whether each cell is a list."""
        return self.kind.startswith(LISTS)


@dataclass(frozen=True)
class Dialect:
    r"""How one database writes it.

    Attributes:
        text: A column as text.
        items: A list as text.
        quote: Stands on both sides of a name.
        escaped_quote: The same sign within a name.
        is_text_only: Whether every column is read as text, because a cell may be of another kind than its column.

    Example:
        >>> dialect = Dialect(text="CAST({} AS text)", items="array_to_string({}, ', ')")
        >>> dialect.select(Column("wait", "tin")), dialect.select(Column("title", "u"))
        ('CAST("wait" AS text) AS "wait"', '"title"')
    """

    text: str
    items: str
    quote: str = '"'
    escaped_quote: str = '""'
    is_text_only: bool = False

    def name(self, column: str) -> str:
        """A column's name as it stands in a query."""
        return f"{self.quote}{column.replace(self.quote, self.escaped_quote)}{self.quote}"

    def select(self, column: Column) -> str:
        """A column as it is selected."""
        name = self.name(column.name)
        if column.is_list:
            return f"{self.items.format(name)} AS {name}"
        return f"{self.text.format(name)} AS {name}" if self.is_text_only or not column.is_plain else name
