"""PostgreSQL: a query's rows over the binary COPY protocol, in a read-only transaction that sees one state of all.

`docs/sources/databases.md` has the role that may only read, and what comes of each type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from frontrow.sources.connector import ConnectorSetting, FetchRequest
from frontrow.sources.databases.database import QUERY_SETTINGS, DatabaseConnector
from frontrow.sources.databases.dialect import Dialect
from frontrow.sources.databases.failures import Failures
from frontrow.sources.databases.session import DriverSettings, Session

EXTRA: Final = "postgresql"
BEGIN: Final = ("BEGIN TRANSACTION READ ONLY, ISOLATION LEVEL REPEATABLE READ", "SET LOCAL TIME ZONE 'UTC'")
"""The transaction of a query. Nothing is set for the session, which behind a connection pool is others' too."""

PATIENCE: Final = {"connect_timeout": "15", "keepalives_idle": "30", "keepalives_interval": "10"}
"""Seconds after which a server that does not answer is given up; libpq's own values wait for hours."""

RIGHTS: Final = "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user"


class PostgreSql(DatabaseConnector):
    """PostgreSQL, and what speaks its protocol."""

    name = "postgresql"
    title = "PostgreSQL"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("url", "postgresql://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full", secret=True),
        *QUERY_SETTINGS,
    )
    packages: ClassVar[Mapping[str, str]] = {
        "adbc_driver_postgresql": EXTRA,
        "adbc_driver_manager": EXTRA,
        "nanoarrow": EXTRA,
    }
    dialect: ClassVar[Dialect] = Dialect(text="CAST({} AS text)", items="array_to_string({}, ', ')")

    def open_driver(self, request: FetchRequest) -> tuple[DriverSettings, Failures]:
        """See `DatabaseConnector.open_driver`."""
        import adbc_driver_postgresql

        url = request.secret("url")
        failures = Failures(self.title, str(request.source.secrets["url"]), (url,))

        def connect() -> Any:
            return adbc_driver_postgresql.connect(add_patience(url.reveal()))

        return DriverSettings(connect, before=BEGIN, has_transactions=False), failures

    def describe_access(self, session: Session) -> tuple[str, ...]:
        """See `DatabaseConnector.describe_access`."""
        if not any(may_do_more for (may_do_more,) in session.answer(RIGHTS)):
            return ()
        return ("The role may do more than read. Make one that may only read: docs/sources/databases.md has the SQL.",)


def add_patience(url: str) -> str:
    """A connection string that also says how long to wait, where it does not say so itself.

    Example:
        >>> add_patience("postgresql://me@db/shop?connect_timeout=5&keepalives_idle=9&keepalives_interval=3")
        'postgresql://me@db/shop?connect_timeout=5&keepalives_idle=9&keepalives_interval=3'
        >>> add_patience("host=db connect_timeout=5")
        'host=db connect_timeout=5 keepalives_idle=30 keepalives_interval=10'
    """
    added = [f"{name}={value}" for name, value in PATIENCE.items() if name not in url]
    if "://" not in url:
        return " ".join([url, *added])
    return url + ("&" if "?" in url else "?") + "&".join(added) if added else url


CONNECTOR = PostgreSql()
