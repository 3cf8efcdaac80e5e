"""The parts of database sources that need no database: what drivers are told, what is sent, what is said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from frontrow.errors import CredentialError, RemoteError, SettingError
from frontrow.remote.secrets import Secret, SecretReference
from frontrow.sources.connector import FetchRequest, get_connector
from frontrow.sources.connectors import bigquery, snowflake
from frontrow.sources.databases.changes import Begin, find_latest, read_overlap, state_begin
from frontrow.sources.databases.database import DatabaseConnector
from frontrow.sources.databases.dialect import Column
from frontrow.sources.databases.failures import Failures, mask
from frontrow.sources.databases.query import Query
from frontrow.sources.source import Source

NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
TOKEN = SecretReference.parse("env:FRONTROW_TEST_TOKEN")
URL = Secret("postgresql://garden:s3cr%40et@db.example/shop")


def ask(kind: str, settings: dict[str, str], secrets: dict[str, SecretReference] | None = None) -> FetchRequest:
    return FetchRequest(Source("main", kind, settings, secrets or {}), {}, Path(), NOW)


def test_snowflake_is_told_who_and_where_and_no_secret_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names are those of the driver's documentation."""
    monkeypatch.setenv("FRONTROW_TEST_TOKEN", "s3cr3t")
    settings = {"account": "ORG-ACCOUNT", "user": "READER", "warehouse": "SMALL", "role": "READERS", "database": "SHOP"}
    options, secrets = snowflake.choose_options(ask("snowflake", settings, {"token": TOKEN}))
    assert secrets == (Secret("s3cr3t"),)
    assert "s3cr3t" not in str(options)
    begin = "adbc.snowflake.sql."
    assert {name.removeprefix(begin): str(value) for name, value in options.items()} == {
        "account": "ORG-ACCOUNT", "username": "READER", "warehouse": "SMALL", "role": "READERS", "db": "SHOP",
        "auth_type": "auth_pat", "client_option.auth_token": "***",
        "client_option.login_timeout": "30s", "client_option.request_timeout": "600s",
    }  # fmt: skip
    key = tmp_path / "key.pem"
    key.write_text(f"{snowflake.KEY_BEGIN}\nMII\n{snowflake.KEY_END}\n", "utf-8")
    key.chmod(0o600)
    options, _ = snowflake.choose_options(ask("snowflake", {**settings, "private_key_file": str(key)}))
    assert options[f"{begin}auth_type"] == "auth_jwt"
    assert str(options[f"{begin}client_option.jwt_private_key_pkcs8_value"]) == "***"
    for change in (lambda: key.write_text("-----BEGIN RSA PRIVATE KEY-----", "utf-8"), lambda: key.chmod(0o644)):
        change()
        with pytest.raises(CredentialError):
            snowflake.choose_options(ask("snowflake", {**settings, "private_key_file": str(key)}))
    for secrets_of_both, files in (({"token": TOKEN}, {"private_key_file": str(key)}), ({}, {})):
        with pytest.raises(SettingError, match="not both"):
            snowflake.choose_options(ask("snowflake", {**settings, **files}, secrets_of_both))


def test_bigquery_is_told_who_pays_and_with_which_key(tmp_path: Path) -> None:
    begin = "adbc.bigquery.sql."
    assert bigquery.choose_options(ask("bigquery", {"project": "garden"})) == {
        f"{begin}project_id": "garden",
        f"{begin}auth_type": f"{begin}auth_type.auth_bigquery",
    }
    key = tmp_path / "key.json"
    key.write_text("{}", "utf-8")
    key.chmod(0o600)
    options = bigquery.choose_options(ask("bigquery", {"project": "garden", "key_file": str(key), "location": "EU"}))
    assert options[f"{begin}auth_credentials"] == str(key)
    assert options[f"{begin}auth_type"] == f"{begin}auth_type.json_credential_file"
    with pytest.raises(SettingError, match="no file"):
        bigquery.choose_options(ask("bigquery", {"project": "garden", "key_file": "key.json"}))


def test_each_dialect_writes_names_lists_and_odd_columns() -> None:
    columns = [Column('a"b`c', "l"), Column("tags", "+l"), Column("wait", "tin"), Column("paid", "l", "money")]
    sent = {}
    for kind in ("postgresql", "duckdb", "sqlite", "snowflake", "bigquery"):
        connector = get_connector(kind)
        assert isinstance(connector, DatabaseConnector)
        sent[kind] = Query("SELECT 1", connector.dialect).with_rows(columns).partition(" FROM (\n")[0]
    assert sent["postgresql"] == (
        'SELECT "a""b`c", array_to_string("tags", \', \') AS "tags", CAST("wait" AS text) AS "wait", '
        'CAST("paid" AS text) AS "paid"'
    )
    assert "array_to_string(CAST(\"tags\" AS VARCHAR[]), ', ')" in sent["duckdb"]
    assert sent["sqlite"].startswith('SELECT \'\' AS "a""b`c", ')
    assert 'TO_VARCHAR("wait") AS "wait"' in sent["snowflake"]
    assert sent["bigquery"].startswith('SELECT `a"b\\`c`, ARRAY_TO_STRING(ARRAY(SELECT CAST(item AS STRING)')


def test_a_query_asks_for_whole_orders_of_which_a_line_changed() -> None:
    dialect = get_connector("postgresql").dialect  # type: ignore[attr-defined]
    sql = Query.read({"query": " SELECT * FROM lines ; "}, dialect)
    begin = Begin("changed", "order", state_begin("2026-03-01", 2))
    assert sql.with_rows([Column("order", "u")], begin) == (
        'SELECT "order" FROM (\nSELECT * FROM lines\n) AS source_rows WHERE "order" IN (SELECT "order" FROM (\n'
        'SELECT * FROM lines\n) AS changed_rows WHERE "changed" >= \'2026-02-27\' OR "changed" IS NULL)'
    )


@pytest.mark.parametrize(
    ("cells", "latest"),
    [
        ([dt.datetime(2026, 3, 1, 23, 59), dt.datetime(2099, 1, 1), None], "2026-03-01"),
        ([dt.date(2026, 3, 1), dt.date(2025, 3, 1)], "2026-03-01"),
        (["2026-03-01T10:00:00Z", " 2026-02-28 10:00 ", "", None, "2099-01-01"], "2026-03-01"),
        ([1_772_323_200, 5, None], "1772323200"),
        ([4_102_444_800_000], str(int(dt.datetime(2026, 8, 1, tzinfo=dt.UTC).timestamp()) * 1_000)),
        ([None], None),
    ],
)
def test_the_latest_change_is_no_later_than_today(tmp_path: Path, cells: list[object], latest: str | None) -> None:
    file = tmp_path / "rows.parquet"
    pl.DataFrame({"changed": pl.Series(cells, dtype=pl.String if cells == [None] else None)}).write_parquet(file)
    assert find_latest(file, "changed", NOW) == latest


def test_a_column_without_times_and_an_overlap_that_is_none_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    for cells in (["2026-03-01", "soon"], [1.5], [True]):
        pl.DataFrame({"changed": cells}).write_parquet(file)
        with pytest.raises(SettingError, match="does not say when"):
            find_latest(file, "changed", NOW)
    for text in ("0", "two", "-1", "1.5"):
        with pytest.raises(SettingError, match="whole number"):
            read_overlap({"overlap_days": text})


@pytest.mark.parametrize(
    ("message", "kind", "part"),
    [
        ('IO: [libpq] Failed to connect: could not translate host name "et@db.example" to address', RemoteError, "%40"),
        ('FATAL:  password authentication failed for user "garden"', CredentialError, "does not accept"),
        ("server closed the connection unexpectedly", RemoteError, "broke off"),
        ("FATAL:  sorry, too many clients already", RemoteError, "no further connection"),
        ("IO: 390100: Incorrect username or password was specified", CredentialError, "does not accept"),
        ("SQL compilation error:\nObject 'ORDERS' does not exist", SettingError, "Object 'ORDERS' does not exist"),
        ("[BigQuery] googleapi: Error 403: Access Denied: Table p:d.t", CredentialError, "Grant it SELECT"),
        ("Unrecognized name: nope at [1:8]", SettingError, "Unrecognized name: nope"),
        ("Binder Error: Referenced column \"nope\" not found\nLINE 1: 'jane@x.example'", SettingError, "nope"),
        ("INVALID: Could not convert string 'jane@x.example' to INT32", RemoteError, "not shown"),
        ('invalid input syntax for type integer: "jane@x.example"', RemoteError, "not shown"),
        ("database is locked", RemoteError, "open"),
        ("Catalog Error: no table s3cr@et of garden", SettingError, "no table *** of ***"),
    ],
)
def test_a_driver_error_is_said_in_our_words(message: str, kind: type[Exception], part: str) -> None:
    error = Failures("PostgreSQL", "env:SHOP", (URL,)).explain(RuntimeError(message))
    assert type(error) is kind
    assert part in str(error)
    assert not any(secret in str(error) for secret in ("s3cr", "et@db", "jane"))


def test_a_mask_hides_every_spelling_of_a_secret() -> None:
    secret = Secret("host=db password='p@ss wörd/1'")
    for spelling in ("p@ss wörd/1", "p%40ss%20w%C3%B6rd%2F1", "p%40ss+w%C3%B6rd%2F1", "wörd/1", "ss wörd"):
        assert "wörd" not in mask(f"near {spelling}.", [secret, Secret("p@ss wörd/1")])
        assert "w%C3%B6rd" not in mask(f"near {spelling}.", [secret, Secret("p@ss wörd/1")])
