"""One SQLite file of what a server keeps; a kill at any moment loses nothing that was committed."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from frontrow.storage.durable import PRIVATE_FILE, PRIVATE_FOLDER

FILE: Final = "server.sqlite3"
BUSY_SECONDS: Final = 10.0
"""How long one process waits for another one's write."""


class Database:
    """The database of one server, used by the server and by the processes of its jobs.

    Each table is made by the module that owns it, by `CREATE TABLE IF NOT EXISTS`, through `prepare`.

    Attributes:
        path: The file.
    """

    def __init__(self, state: Path) -> None:
        """Open or make the database in a folder.

        Args:
            state: The server's folder; made if there is none, for its owner alone.
        """
        state.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self.path = state / FILE
        if not self.path.exists():
            # made first, so that nobody else can read it for a moment
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE))
        self._reader: sqlite3.Connection | None = None
        self._reading = threading.Lock()
        with self.connect() as connection:
            connection.execute("PRAGMA journal_mode=WAL")

    def prepare(self, *statements: str) -> None:
        """Make the tables of a module where there are none.

        Args:
            statements: `CREATE TABLE IF NOT EXISTS` and `CREATE INDEX IF NOT EXISTS`.
        """
        with self.write() as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading, closed at the end of the block; rows answer by the names of their columns."""
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            # with WAL, "normal" may lose the last commits at a loss of power
            connection.execute("PRAGMA synchronous=FULL")
            yield connection
        finally:
            connection.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer comes between; it is undone where the block raises an error."""
        with self.connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def read_row(self, query: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query, over a connection that stays open: for what every request asks.

        Args:
            query: A `SELECT`.
            values: Of its question marks.
        """
        with self._reading:
            if self._reader is None:
                self._reader = sqlite3.connect(
                    self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
                )
                self._reader.row_factory = sqlite3.Row
            row: sqlite3.Row | None = self._reader.execute(query, values).fetchone()
            return row

    def close(self) -> None:
        """Close the connection of `read_row`; the next call opens it again."""
        with self._reading:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
