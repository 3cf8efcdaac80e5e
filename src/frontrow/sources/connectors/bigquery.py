"""BigQuery: a query's rows through its ADBC driver.

Written by the driver's documented options (Apache Arrow ADBC, adbc_driver_bigquery 1.11, December 2026), and not run
against BigQuery itself: `docs/sources/databases.md` says what was tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from frontrow.sources.connector import ConnectorSetting, FetchRequest
from frontrow.sources.databases.database import QUERY_SETTINGS, DatabaseConnector
from frontrow.sources.databases.dialect import Dialect
from frontrow.sources.databases.failures import Failures
from frontrow.sources.databases.files import require_private
from frontrow.sources.databases.session import DriverSettings

EXTRA: Final = "bigquery"
OPTION: Final = "adbc.bigquery.sql."


class BigQuery(DatabaseConnector):
    """Google BigQuery."""

    name = "bigquery"
    title = "BigQuery"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("project", "the id of the project that pays for the query"),
        ConnectorSetting(
            "key_file",
            "the whole path of a service account's JSON key that only you may read; else Google's own sign-in counts",
            required=False,
        ),
        ConnectorSetting("location", "where the data lies, such as EU", required=False),
        *QUERY_SETTINGS,
    )
    packages: ClassVar[Mapping[str, str]] = {
        "adbc_driver_bigquery": EXTRA,
        "adbc_driver_manager": EXTRA,
        "nanoarrow": EXTRA,
    }
    dialect: ClassVar[Dialect] = Dialect(
        text="TO_JSON_STRING({})",
        items="ARRAY_TO_STRING(ARRAY(SELECT CAST(item AS STRING) FROM UNNEST({}) AS item), ', ')",
        quote="`",
        escaped_quote="\\`",
    )

    def open_driver(self, request: FetchRequest) -> tuple[DriverSettings, Failures]:
        """See `DatabaseConnector.open_driver`."""
        options = choose_options(request)

        def connect() -> Any:
            import adbc_driver_bigquery

            return adbc_driver_bigquery.connect(db_kwargs=options)

        place = f"project {request.setting('project')}"
        return DriverSettings(connect, has_transactions=False), Failures(self.title, place)


def choose_options(request: FetchRequest) -> dict[str, str]:
    """What the driver is told.

    Args:
        request: Names the source.

    Raises:
        SettingError: Others than its owner may read the key.
    """
    options = {
        f"{OPTION}project_id": request.setting("project"),
        f"{OPTION}auth_type": f"{OPTION}auth_type.auth_bigquery",
    }
    if location := request.setting("location"):
        options[f"{OPTION}location"] = location
    if key_file := request.setting("key_file"):
        options[f"{OPTION}auth_type"] = f"{OPTION}auth_type.json_credential_file"
        options[f"{OPTION}auth_credentials"] = str(require_private(Path(key_file), "key_file"))
    return options


CONNECTOR = BigQuery()
