"""One connection to a database over ADBC: a read-only transaction, and answers as streams of batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import polars as pl

from frontrow.errors import SettingError, require
from frontrow.sources.databases.dialect import Column
from frontrow.sources.databases.failures import Failures
from frontrow.sources.databases.query import Query

TYPE_NAME: Final = b"POSTGRESQL:type"
"""Where PostgreSQL's driver says what a column's type is called."""

T = TypeVar("T")
PART: Final = ".part"
"""Ends the name of a file that is not whole."""


ROWS_A_GROUP: Final = 100_000
"""Rows that are in memory together while a file is written."""


@dataclass(frozen=True)
class DriverSettings:
    """How a database is opened.

    Attributes:
        connect: Opens it through its driver.
        before: Statements that are run before the query.
        has_transactions: Whether the driver begins a transaction for the query by itself.
    """

    connect: Callable[[], Any]
    before: tuple[str, ...] = ()
    has_transactions: bool = True


class Session:
    """One connection; use it as a context manager.

    Args:
        driver: How to open it.
        failures: Says what its errors mean.

    Raises:
        MissingExtraError: The driver manager is not installed.
    """

    def __init__(self, driver: DriverSettings, failures: Failures) -> None:
        self._driver = driver
        self._failures = failures
        self._statements: list[Any] = []
        self._database: Any = None
        self._connection: Any = None

    def __enter__(self) -> Self:
        self._call(self._open)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # a statement that is open would keep the connection, and its transaction, open
        for opened in (*self._statements, self._connection, self._database):
            # what broke off cannot be closed in order
            with suppress(Exception):
                opened.close()

    def columns(self, query: Query) -> tuple[Column, ...]:
        """The columns of a query's answer; no row is read.

        Raises:
            SettingError: The database cannot read the query, or two columns have one name.
            RemoteError: The connection broke off.
        """
        columns = self._call(lambda: self._read_columns(query))
        names = [column.name.casefold() for column in columns]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise SettingError(
                "query", f'Two columns are named "{repeated[0]}". Name each by itself: AS {repeated[0]}_2.'
            )
        return columns

    def write(self, sql: str, file: Path, *, skipped_rows: int = 0) -> int:
        """Write the answer to a query as Parquet, a batch at a time; the file is there only once it is whole.

        Args:
            sql: The query.
            file: Where to.
            skipped_rows: First rows to be left out.

        Returns:
            The number of rows.

        Raises:
            SettingError: The database cannot read the query.
            RemoteError: The connection broke off.
        """
        part = file.with_name(file.name + PART)
        self._call(lambda: self._write(sql, part, skipped_rows))
        part.chmod(0o600)
        part.replace(file)
        return int(pl.scan_parquet(file, glob=False).select(pl.len()).collect().item())

    def answer(self, sql: str) -> Sequence[tuple[Any, ...]]:
        """The rows of a small answer.

        Raises:
            RemoteError: The connection broke off.
        """
        return self._call(lambda: self._scan(sql).collect().rows())

    def _call(self, action: Callable[[], T]) -> T:
        """Do something with the driver; its error is let go, with all it holds, before ours is raised."""
        import adbc_driver_manager

        try:
            return action()
        except (adbc_driver_manager.Error, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            failure = self._failures.explain(error)
        raise failure

    def _open(self) -> None:
        import adbc_driver_manager

        self._database = self._driver.connect()
        self._connection = adbc_driver_manager.AdbcConnection(self._database)
        for statement in self._driver.before:
            self._statement(statement).execute_update()
        if self._driver.has_transactions:
            self._connection.set_autocommit(False)

    def _statement(self, sql: str) -> Any:
        import adbc_driver_manager

        statement = adbc_driver_manager.AdbcStatement(self._connection)
        self._statements.append(statement)
        statement.set_sql_query(sql)
        return statement

    def _read_columns(self, query: Query) -> tuple[Column, ...]:
        import adbc_driver_manager
        import nanoarrow

        sql = query.without_rows()
        try:
            schema = nanoarrow.c_schema(self._statement(sql).execute_schema())
        except adbc_driver_manager.NotSupportedError:
            stream, _ = self._statement(sql).execute_query()
            schema = nanoarrow.c_array_stream(stream).get_schema()
        return tuple(Column(child.name, child.format, _type_name(child)) for child in schema.children)

    def _scan(self, sql: str) -> pl.LazyFrame:
        """The answer as a frame that is read once."""
        stream, _ = self._statement(sql).execute_query()
        rows = pl.scan_arrow_c_stream(stream)
        extensions = [name for name, dtype in rows.collect_schema().items() if isinstance(dtype, pl.BaseExtension)]
        return rows.with_columns(pl.col(name).ext.storage() for name in extensions)

    def _write(self, sql: str, part: Path, skipped_rows: int) -> None:
        rows = self._scan(sql)
        rows.slice(skipped_rows).sink_parquet(part, compression="zstd", row_group_size=ROWS_A_GROUP)


def _type_name(field: Any) -> str:
    stated = dict(field.metadata.items()) if field.metadata else {}
    return bytes(stated.get(TYPE_NAME, b"")).decode("utf-8", "replace")


def require_drivers(packages: Mapping[str, str]) -> None:
    """Make sure that a database's driver is installed.

    Args:
        packages: The extra that brings each package, by its import name.

    Raises:
        MissingExtraError: One is not.
    """
    for package, extra in packages.items():
        require(package, extra=extra)
