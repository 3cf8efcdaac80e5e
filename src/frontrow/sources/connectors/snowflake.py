"""Snowflake: a query's rows through its ADBC driver.

Written by the driver's documented options (Apache Arrow ADBC, adbc_driver_snowflake 1.11, December 2026), and not run
against Snowflake itself: `docs/sources/databases.md` says what was tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from frontrow.errors import CredentialError, SettingError
from frontrow.remote.secrets import Secret
from frontrow.sources.connector import ConnectorSetting, FetchRequest
from frontrow.sources.databases.database import QUERY_SETTINGS, DatabaseConnector
from frontrow.sources.databases.dialect import Dialect
from frontrow.sources.databases.failures import Failures
from frontrow.sources.databases.files import require_private
from frontrow.sources.databases.session import DriverSettings

EXTRA: Final = "snowflake"
OPTION: Final = "adbc.snowflake.sql."
NAMES: Final = {"account": "account", "database": "db", "schema": "schema", "warehouse": "warehouse", "role": "role"}
"""The driver's name of each setting."""

PATIENCE: Final = {f"{OPTION}client_option.login_timeout": "30s", f"{OPTION}client_option.request_timeout": "600s"}
"""How long the driver tries; its own values are minutes for an account that does not exist."""

KEY_BEGIN: Final = "-----BEGIN PRIVATE KEY-----"
KEY_END: Final = "-----END PRIVATE KEY-----"


class Snowflake(DatabaseConnector):
    """Snowflake."""

    name = "snowflake"
    title = "Snowflake"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("account", "the account's identifier, such as MYORG-MYACCOUNT"),
        ConnectorSetting("user", "the user that may only read"),
        ConnectorSetting("token", "the user's programmatic access token", required=False, secret=True),
        ConnectorSetting(
            "private_key_file", "instead, the whole path of the user's RSA key that only you may read", required=False
        ),
        ConnectorSetting("warehouse", "the warehouse that does the work", required=False),
        ConnectorSetting("role", "the role that may only read", required=False),
        ConnectorSetting("database", "where tables without a database are looked up", required=False),
        ConnectorSetting("schema", "where tables without a schema are looked up", required=False),
        *QUERY_SETTINGS,
    )
    packages: ClassVar[Mapping[str, str]] = {
        "adbc_driver_snowflake": EXTRA,
        "adbc_driver_manager": EXTRA,
        "nanoarrow": EXTRA,
    }
    dialect: ClassVar[Dialect] = Dialect(text="TO_VARCHAR({})", items="ARRAY_TO_STRING({}, ', ')")

    def open_driver(self, request: FetchRequest) -> tuple[DriverSettings, Failures]:
        """See `DatabaseConnector.open_driver`."""
        options, secrets = choose_options(request)

        def connect() -> Any:
            import adbc_driver_snowflake

            revealed = {name: value.reveal() if isinstance(value, Secret) else value for name, value in options.items()}
            return adbc_driver_snowflake.connect(db_kwargs=revealed)

        place = f"account {request.setting('account')}"
        return DriverSettings(connect, before=("ALTER SESSION SET TIMEZONE = 'UTC'",)), Failures(
            self.title, place, secrets
        )


def choose_options(request: FetchRequest) -> tuple[dict[str, str | Secret], tuple[Secret, ...]]:
    """What the driver is told, and which of it is secret.

    Args:
        request: Names the source.

    Raises:
        CredentialError: The secret is not where the source says.
        SettingError: There is neither a token nor a key, or both.
    """
    options: dict[str, str | Secret] = {
        f"{OPTION}{name}": request.setting(setting) for setting, name in NAMES.items() if request.setting(setting)
    }
    options |= {"username": request.setting("user"), **PATIENCE}
    key_file, has_token = request.setting("private_key_file"), "token" in request.source.secrets
    if bool(key_file) == has_token:
        raise SettingError("token", "Give either the secret token or private_key_file=/PATH, and not both.")
    if has_token:
        token = request.secret("token")
        return options | {f"{OPTION}auth_type": "auth_pat", f"{OPTION}client_option.auth_token": token}, (token,)
    key = read_private_key(Path(key_file))
    return options | {f"{OPTION}auth_type": "auth_jwt", f"{OPTION}client_option.jwt_private_key_pkcs8_value": key}, (
        key,
    )


def read_private_key(file: Path) -> Secret:
    """Read an RSA key in PKCS #8, as Snowflake's documentation makes it: the driver ends with a stack for another one.

    Raises:
        CredentialError: It is none, or others may read it.
        SettingError: There is no such file.
    """
    text = require_private(file, "private_key_file").read_text("utf-8", "replace").strip()
    if not (text.startswith(KEY_BEGIN) and text.endswith(KEY_END)):
        raise CredentialError(
            f"{file} holds no unencrypted key in PKCS #8, which begins with {KEY_BEGIN}. Make one with: openssl genrsa "
            "2048 | openssl pkcs8 -topk8 -nocrypt"
        )
    return Secret(text)


CONNECTOR = Snowflake()
