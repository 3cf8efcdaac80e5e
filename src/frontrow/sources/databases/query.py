"""A query as a person wrote it, and the queries that are made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from frontrow.errors import SettingError
from frontrow.sources.databases.changes import Begin
from frontrow.sources.databases.dialect import Column, Dialect

LONGEST: Final = 100_000
"""Characters of a query."""


@dataclass(frozen=True)
class Query:
    """A query.

    Attributes:
        sql: What selects the rows; it stands in brackets in every query that is sent, so that it can only select.
        dialect: How the database writes it.
    """

    sql: str
    dialect: Dialect

    @classmethod
    def read(cls, settings: Mapping[str, str], dialect: Dialect) -> Query:
        """Read the query that settings state.

        Args:
            settings: `query`, or `query_file` with the path of a file that holds it.
            dialect: How the database writes it.

        Raises:
            SettingError: There is none, or both, or the file cannot be read.
        """
        text, file = settings.get("query", ""), settings.get("query_file", "")
        if bool(text.strip()) == bool(file):
            problem = "Give the query either as query=SELECT... or as query_file=/PATH, and not both."
            raise SettingError("query", problem)
        sql = text or _read_file(Path(file))
        # the semicolon that ends a statement in a console
        sql = sql.strip().rstrip(";").rstrip()
        if not sql or len(sql) > LONGEST:
            raise SettingError("query", f"The query is empty, or longer than {LONGEST:,} characters.")
        return cls(sql, dialect)

    @property
    def digest(self) -> str:
        """Tells whether the query has changed since the last sync."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def without_rows(self) -> str:
        """The query whose answer has the columns and no row.

        Example:
            >>> print(Query("SELECT 1 AS a", Dialect("{}", "{}")).without_rows())
            SELECT * FROM (
            SELECT 1 AS a
            ) AS source_rows WHERE 1 = 0
        """
        return f"SELECT * FROM {self._rows('source_rows')} WHERE 1 = 0"

    def with_rows(self, columns: Sequence[Column], begin: Begin | None = None) -> str:
        """The query whose answer is written to a file.

        Args:
            columns: The columns of its answer.
            begin: Where to begin: whole orders of which some line has changed since; None for all.
        """
        selected = ", ".join(self.dialect.select(column) for column in columns)
        sql = f"SELECT {selected} FROM {self._rows('source_rows')}"
        if begin is not None:
            order, changed = self.dialect.name(begin.order_column), self.dialect.name(begin.changed_column)
            cell = self.dialect.text.format(changed) if self.dialect.is_text_only else changed
            condition = f"{cell} >= {begin.literal} OR {changed} IS NULL"
            # an order whose one line has changed comes with its other lines, without which it would lose them
            orders = f"SELECT {order} FROM {self._rows('changed_rows')} WHERE {condition}"
            sql += f" WHERE {order} IN ({orders})"
        if not self.dialect.is_text_only:
            return sql
        # a first row of texts: the driver takes the kind of a column from the first rows, which may all be empty
        texts = ", ".join(f"'' AS {self.dialect.name(column.name)}" for column in columns)
        return f"SELECT {texts} UNION ALL {sql}"

    def _rows(self, name: str) -> str:
        # on lines of its own: the query may end in a comment
        return f"(\n{self.sql}\n) AS {name}"


def _read_file(file: Path) -> str:
    if not file.is_absolute():
        raise SettingError("query_file", "Give the whole path of the query's file, such as /home/me/orders.sql.")
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        problem = f"The query's file {file} cannot be read as text in UTF-8. Check the path, and who may read it."
        raise SettingError("query_file", problem) from None
