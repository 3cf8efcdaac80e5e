"""DuckDB: a query's rows of a database file, which is opened for reading only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from frontrow.sources.connector import ConnectorSetting, FetchRequest
from frontrow.sources.databases.database import QUERY_SETTINGS, DatabaseConnector
from frontrow.sources.databases.dialect import Dialect
from frontrow.sources.databases.failures import Failures
from frontrow.sources.databases.files import find_database
from frontrow.sources.databases.session import DriverSettings

EXTRA: Final = "duckdb"


class DuckDb(DatabaseConnector):
    """A file of DuckDB."""

    name = "duckdb"
    title = "DuckDB"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("path", "the whole path of the database's file, such as /srv/shop.duckdb"),
        *QUERY_SETTINGS,
    )
    packages: ClassVar[Mapping[str, str]] = {"duckdb": EXTRA, "adbc_driver_manager": EXTRA, "nanoarrow": EXTRA}
    dialect: ClassVar[Dialect] = Dialect(
        text="CAST({} AS VARCHAR)", items="array_to_string(CAST({} AS VARCHAR[]), ', ')"
    )

    def open_driver(self, request: FetchRequest) -> tuple[DriverSettings, Failures]:
        """See `DatabaseConnector.open_driver`."""
        from adbc_driver_duckdb import driver_path
        from adbc_driver_manager import AdbcDatabase

        path = find_database(request.setting("path"))
        options = {"path": str(path), "access_mode": "READ_ONLY"}

        def connect() -> Any:
            return AdbcDatabase(driver=driver_path(), entrypoint="duckdb_adbc_init", **options)

        return DriverSettings(connect), Failures(self.title, path.name)


CONNECTOR = DuckDb()
