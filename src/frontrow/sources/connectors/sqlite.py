"""SQLite: a query's rows of a database file, which is opened for reading only.

A cell of SQLite may be of another kind than its column, and it has no dates. So every cell is read as the text that
SQLite's own CSV export writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import quote

from frontrow.sources.connector import ConnectorSetting, FetchRequest
from frontrow.sources.databases.database import QUERY_SETTINGS, DatabaseConnector
from frontrow.sources.databases.dialect import Dialect
from frontrow.sources.databases.failures import Failures
from frontrow.sources.databases.files import find_database
from frontrow.sources.databases.session import DriverSettings

EXTRA: Final = "sqlite"


class Sqlite(DatabaseConnector):
    """A file of SQLite."""

    name = "sqlite"
    title = "SQLite"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("path", "the whole path of the database's file, such as /srv/shop.sqlite"),
        *QUERY_SETTINGS,
    )
    packages: ClassVar[Mapping[str, str]] = {
        "adbc_driver_sqlite": EXTRA,
        "adbc_driver_manager": EXTRA,
        "nanoarrow": EXTRA,
    }
    dialect: ClassVar[Dialect] = Dialect(
        text="CASE typeof({0}) WHEN 'blob' THEN hex({0}) ELSE CAST({0} AS TEXT) END", items="{}", is_text_only=True
    )

    def open_driver(self, request: FetchRequest) -> tuple[DriverSettings, Failures]:
        """See `DatabaseConnector.open_driver`."""
        import adbc_driver_sqlite

        path = find_database(request.setting("path"))

        def connect() -> Any:
            return adbc_driver_sqlite.connect(f"file:{quote(str(path))}?mode=ro")

        return DriverSettings(connect), Failures(self.title, path.name)


CONNECTOR = Sqlite()
