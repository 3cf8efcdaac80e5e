"""Queries of databases: the shop is that of the database's own CSV export, and nothing secret is ever shown."""

from __future__ import annotations

import csv
import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from cut_connection import CutConnection
from order_table import COLUMNS, CREATE, CREATE_DUCKDB, CREATE_SQLITE, MAP, QUERY, insert, make_rows
from polars.testing import assert_frame_equal
from postgresql_server import PASSWORD, READER_PASSWORD, Server, reason_to_skip, run_server

from frontrow.errors import CredentialError, FrontrowError, RemoteError, ShopError
from frontrow.remote.secrets import SecretReference
from frontrow.service.sources import add_source, check_source
from frontrow.service.sync import SyncSettings, sync_shop
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.sources.source import Source

NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
NEW_SHOP = ImportSettings(time_zone="Europe/Berlin", currency="EUR")
VARIABLE = "FRONTROW_TEST_DATABASE"
CHANGED = "R-00004"
KINDS = ("postgresql", "duckdb", "sqlite")
SKIPPED = reason_to_skip()
needs_postgresql = pytest.mark.skipif(bool(SKIPPED), reason=SKIPPED or "PostgreSQL is there")


@dataclass(frozen=True)
class Database:
    """A database with the table of order lines.

    Attributes:
        kind: Of its source.
        settings: How it is reached, without the query.
        run: Runs statements that change it.
        export: Writes the answer to a query as the database's own CSV export does.
    """

    kind: str
    settings: dict[str, str]
    run: Callable[..., None]
    export: Callable[[str, Path], None]

    def source(self, query: str = QUERY, **settings: str) -> Source:
        secrets = {"url": SecretReference.parse(f"env:{VARIABLE}")} if self.kind == "postgresql" else {}
        return Source("main", self.kind, {**self.settings, "query": query, "map": MAP, **settings}, secrets)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if SKIPPED:
        pytest.skip(SKIPPED)
    with run_server() as server:
        server.run(
            f"CREATE ROLE frontrow LOGIN PASSWORD '{READER_PASSWORD}'",
            "ALTER ROLE frontrow SET default_transaction_read_only = on",
            "CREATE TABLE hidden (a integer)",
            "CREATE TABLE counted (a integer)",
            "GRANT INSERT, SELECT ON counted TO frontrow",
            "CREATE FUNCTION count_up() RETURNS integer LANGUAGE sql AS 'INSERT INTO counted VALUES (1) RETURNING a'",
        )
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    kind: str = request.param
    return BUILDERS[kind](request, tmp_path, monkeypatch)


def build_postgresql(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    del tmp_path  # of use to another database
    server: Server = request.getfixturevalue("server")
    monkeypatch.setenv(VARIABLE, server.url("frontrow", READER_PASSWORD))
    server.run(
        "DROP TABLE IF EXISTS order_lines", CREATE, "GRANT SELECT ON order_lines TO frontrow", insert(make_rows())
    )

    def export(query: str, file: Path) -> None:
        place = server.folder / "export.csv"
        place.unlink(missing_ok=True)
        server.run(f"COPY ({query}) TO '{place}' (FORMAT csv, HEADER)")
        file.write_bytes(place.read_bytes())

    return Database("postgresql", {}, server.run, export)


def build_duckdb(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    del request, monkeypatch
    file = tmp_path / "shop.duckdb"

    def run(*statements: str) -> None:
        with duckdb.connect(str(file)) as connection:
            for statement in statements:
                connection.execute(statement)

    run(CREATE_DUCKDB, insert(make_rows()))
    return Database(
        "duckdb", {"path": str(file)}, run, lambda query, csv_file: run(f"COPY ({query}) TO '{csv_file}' (HEADER)")
    )


def build_sqlite(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    del request, monkeypatch  # of use to another database
    file = tmp_path / "shop & co.sqlite"

    def run(*statements: str) -> None:
        with sqlite3.connect(file) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def export(query: str, csv_file: Path) -> None:
        connection = sqlite3.connect(file)
        rows = connection.execute(query).fetchall()
        connection.close()
        with csv_file.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([COLUMNS, *rows])

    run(CREATE_SQLITE, insert(make_rows()))
    return Database("sqlite", {"path": str(file)}, run, export)


BUILDERS = {"postgresql": build_postgresql, "duckdb": build_duckdb, "sqlite": build_sqlite}
each_database = pytest.mark.parametrize("database", KINDS, indirect=True)
in_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
in_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def sync(folder: Path, source: Source | None = None, days: int = 0) -> dict[str, int]:
    if source is not None:
        add_source(folder, source, replacing=True)
    now = NOW + dt.timedelta(days=days)
    (result,) = sync_shop(folder, SyncSettings(new_shop=NEW_SHOP, now=now)).sources
    return dict(result.counts)


def assert_same(first: Path, second: Path) -> None:
    """Two shops are the same, row for row."""
    for name in ("orders", "products", "customers", "order_states"):
        tables = [getattr(Shop.read(folder), name).lazy().collect() for folder in (first, second)]
        assert_frame_equal(*tables)


def fail(action: Callable[[], object], kind: type[FrontrowError] = ShopError) -> str:
    """The message of an error, once neither it nor what it refers to holds a secret."""
    with pytest.raises(kind) as failure:
        action()
    parts: list[BaseException] = [failure.value]
    for part in parts:
        parts += [other for other in (part.__cause__, part.__context__) if other is not None and other not in parts]
    shown = "".join(traceback.format_exception(failure.value)) + "".join(map(repr, parts))
    for secret in (PASSWORD, READER_PASSWORD, "s3cr3t", "p@ss", "re@der", "der/secret", "postgresql://"):
        assert secret not in shown
    return str(failure.value)


@each_database
def test_the_database_gives_the_shop_of_its_own_export_row_for_row(database: Database, tmp_path: Path) -> None:
    """Nulls, decimals, timestamps with and without a clock change, quotes, line breaks, formulas, 300 kB in a cell."""
    file = tmp_path / "export.csv"
    database.export(QUERY, file)
    rows = len(make_rows())
    assert sync(tmp_path / "synced", database.source()) == {"rows": rows}
    mapping = dict(pair.strip().split("=") for pair in MAP.split(","))
    settings = ImportSettings("order_lines", mapping, NEW_SHOP.time_zone, NEW_SHOP.currency)
    report = import_files([file], tmp_path / "imported", settings=settings)
    assert report.files[0].rows == rows
    assert 0 < sum(report.files[0].dropped.values()) < rows / 2
    assert_same(tmp_path / "synced", tmp_path / "imported")
    assert sync(tmp_path / "synced", days=1) == {"rows": rows}
    assert_same(tmp_path / "synced", tmp_path / "imported")


@each_database
def test_a_changed_line_brings_its_whole_order_and_nothing_else(database: Database, tmp_path: Path) -> None:
    source = database.source(changed_column="Changed_At", overlap_days="1")
    sync(tmp_path / "shop", source)
    order = [row for row in make_rows() if row["receipt"] == CHANGED]
    assert len(order) > 1
    change = (
        "UPDATE order_lines SET given_back = 0.3, changed_at = '2026-07-01 10:00:00+00' WHERE line = 1 AND receipt = "
    )
    database.run(f"{change}'{CHANGED}'")
    latest = max(row["changed_at"] for row in make_rows())  # type: ignore[type-var]
    recent = {row["receipt"] for row in make_rows() if row["changed_at"] >= latest - dt.timedelta(days=2)}  # type: ignore[operator]
    counts = sync(tmp_path / "shop", days=1)
    assert len(order) < counts["rows"] <= len(order) + 4 * len(recent)
    sync(tmp_path / "anew", database.source())
    assert_same(tmp_path / "shop", tmp_path / "anew")
    # from then on the order itself lies within the overlap
    database.run("UPDATE order_lines SET changed_at = NULL WHERE receipt = 'R-00005'")
    nulls = len([row for row in make_rows() if row["receipt"] == "R-00005"])
    assert sync(tmp_path / "shop", days=3) == {"rows": len(order) + nulls}


@in_sqlite
def test_another_query_is_read_whole(database: Database, tmp_path: Path) -> None:
    sql = tmp_path / "orders.sql"
    sql.write_text(f"{QUERY};\n", "utf-8")
    settings = database.source(changed_column="changed_at").settings
    source = Source("main", database.kind, {**settings, "query": "", "query_file": str(sql)}, database.source().secrets)
    rows = sync(tmp_path / "shop", source)["rows"]
    assert sync(tmp_path / "shop", days=1)["rows"] < rows
    sql.write_text(f"{QUERY} -- all of them", "utf-8")
    assert sync(tmp_path / "shop", days=2)["rows"] == rows


@each_database
def test_an_error_says_what_to_change_and_shows_no_cell(database: Database, tmp_path: Path) -> None:
    def syncing(query: str, **settings: str) -> Callable[[], object]:
        return lambda: sync(tmp_path / "shop", database.source(query, **settings))

    assert "nope" in fail(syncing("SELECT nope FROM order_lines"))
    assert "nowhere" in fail(syncing("SELECT * FROM nowhere"))
    assert "syntax error" in fail(syncing("SELEC 1"))
    if database.kind == "postgresql":
        assert 'Two columns are named "a"' in fail(syncing("SELECT 1 AS a, 2 AS A"))
    assert not (tmp_path / "shop" / "shop.json").exists()
    wrong = QUERY.replace("*", "*, CAST(name AS integer) AS number")
    if database.kind != "sqlite":
        message = fail(syncing(wrong), RemoteError)
        assert not any(word in message for word in ("Pot", "Vase", "Töpfchen", "Herbs"))


@in_sqlite
def test_a_setting_that_cannot_be_used_is_said(database: Database, tmp_path: Path) -> None:
    wrong: list[tuple[str, str, dict[str, str]]] = [
        ("no column was found", "SELECT 1 AS a", {"map": ""}),
        ("names a column that does not exist", "SELECT 1 AS a", {}),
        ('no column "gone"', QUERY, {"changed_column": "gone"}),
        ("does not say when", QUERY, {"changed_column": "country"}),
        ("is not field=column", QUERY, {"map": "nonsense"}),
        ("not both", "", {}),
    ]
    for part, query, settings in wrong:
        source = database.source(query, **settings)
        assert part in fail(lambda source=source: sync(tmp_path / "shop", source)).casefold()  # type: ignore[misc]


@each_database
def test_a_query_changes_nothing(database: Database, tmp_path: Path) -> None:
    queries = {
        "postgresql": f"SELECT *, count_up() AS a FROM ({QUERY}) AS rows",
        "duckdb": "DELETE FROM order_lines RETURNING *",
        "sqlite": "DELETE FROM order_lines RETURNING *",
    }
    message = fail(lambda: sync(tmp_path / "shop", database.source(queries[database.kind])))
    assert ("changes data" if database.kind == "postgresql" else "syntax error") in message
    database.export(QUERY, tmp_path / "after.csv")
    assert (tmp_path / "after.csv").read_text("utf-8").count("R-0") == len(make_rows())


@each_database
def test_a_test_of_a_source_names_the_columns_and_fetches_nothing(database: Database, tmp_path: Path) -> None:
    add_source(tmp_path / "shop", database.source())
    (sentence,) = check_source(tmp_path / "shop", "main").sentences
    assert "order_id=receipt" in sentence
    assert not (tmp_path / "shop" / "downloads").exists()


@in_sqlite
def test_an_empty_answer_is_no_error(database: Database, tmp_path: Path) -> None:
    add_source(tmp_path / "shop", database.source(QUERY.replace("ORDER", "WHERE 1 = 0 ORDER")))
    (result,) = sync_shop(tmp_path / "shop", SyncSettings(new_shop=NEW_SHOP, now=NOW)).sources
    assert "no row" in result.warnings[0]


@in_postgresql
def test_types_that_no_field_has_come_as_text(database: Database, tmp_path: Path) -> None:
    import polars as pl

    columns = {
        "tags": "ARRAY['garden', 'clay, red', NULL]", "customer": "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid",
        "price": "12.30::money", "quantity": "2::bigint", "range": "int4range(1, 5)", "wait": "interval '1 day'",
        "facts": "'{\"a\": [1, 2]}'::jsonb", "at": "time '12:30'", "nothing": "NULL", "raw": "'\\x00ff'::bytea",
        "order_id": "12345678901234567890123::numeric", "ordered_at": "timestamp '2026-03-29 02:30:00'",
        "title": "'Pot'", "record": "ROW(1, 'a')", "ratio": "12.3::real", "sku": "'a'::char(4)",
        "address": "inet '10.0.0.1'",
    }  # fmt: skip
    selected = [f'{value} AS "{name}"' for name, value in columns.items()]
    query = f"SELECT {', '.join(selected)}"
    source = Source("main", "postgresql", {"query": query}, database.source().secrets)
    kept: list[Path] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("frontrow.sources.downloads.Downloads.remove", lambda self: kept.append(self.folder))
        assert sync(tmp_path / "shop", source) == {"rows": 1}
    (row,) = pl.read_parquet(kept[0] / "order_lines.parquet").to_dicts()
    assert row == {
        "tags": "garden, clay, red", "customer": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "price": "$12.30",
        "quantity": 2, "range": "[1,5)", "wait": "1 day", "facts": '{"a": [1, 2]}', "at": "12:30:00", "nothing": None,
        "raw": "\\x00ff", "order_id": "12345678901234567890123", "ordered_at": dt.datetime(2026, 3, 29, 2, 30),
        "title": "Pot", "record": "(1,a)", "ratio": "12.3", "sku": "a   ", "address": "10.0.0.1/32",
    }  # fmt: skip
    (line,) = Shop.read(tmp_path / "shop").orders.collect().to_dicts()
    assert (line["order_id"], line["price"], line["quantity"]) == ("12345678901234567890123", 12.3, 2)


@in_postgresql
def test_a_table_that_the_role_may_not_read_is_named_with_what_to_do(database: Database, tmp_path: Path) -> None:
    hidden = database.source(f"SELECT *, (SELECT max(a) FROM hidden) AS a FROM ({QUERY}) AS rows")
    assert "Grant it SELECT" in fail(lambda: sync(tmp_path / "shop", hidden), CredentialError)
    assert "Grant it SELECT" in fail(lambda: check_source(tmp_path / "shop", "main"), CredentialError)


@in_postgresql
def test_a_role_that_may_do_more_is_named(
    database: Database, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, server.url())
    add_source(tmp_path / "shop", database.source())
    assert "may do more than read" in check_source(tmp_path / "shop", "main").sentences[1]


@in_postgresql
def test_no_message_shows_a_secret_whatever_is_wrong_with_it(
    database: Database,
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    right = server.url()
    host = f"127.0.0.1:{server.port}"
    wrong = {
        right.replace("admin", "nobody"): CredentialError,
        server.url(password="s3cr3t wrong"): CredentialError,
        f"postgresql://admin:s3cr3t p@ss@{host}/postgres": RemoteError,
        f"postgresql://admin:s3cr3t%zz@{host}/postgres": RemoteError,
        f"postgresql://admin:s3cr3t/p@ss@{host}/postgres": RemoteError,
        f"host=127.0.0.1 port={server.port} password=s3cr3t p@ss": RemoteError,
        right.replace("/postgres?", "/nowhere?"): RemoteError,
        right.replace(str(server.port), "1"): RemoteError,
        "s3cr3t": RemoteError,
    }
    for url, kind in wrong.items():
        monkeypatch.setenv(VARIABLE, url)
        message = fail(lambda: sync(tmp_path / "shop", database.source()), kind)
        assert VARIABLE in message, url
    monkeypatch.setenv(VARIABLE, right)
    sync(tmp_path / "shop", database.source())
    stored = b"".join(path.read_bytes() for path in (tmp_path / "shop").rglob("*") if path.is_file())
    assert all(secret.encode() not in stored + caplog.text.encode() for secret in (PASSWORD, "s3cr3t", "p%40ss"))


@in_postgresql
def test_a_connection_that_is_cut_leaves_the_shop_as_it_was(
    database: Database, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for after in (10, 700, 3_000, 100_000):
        with CutConnection(server.port, after, "cut") as way:
            monkeypatch.setenv(VARIABLE, server.url("frontrow", READER_PASSWORD, way.port))
            message = fail(lambda: sync(tmp_path / "shop", database.source()), RemoteError)
            assert way.is_reached.is_set()
            assert "broke off" in message or "cannot be reached" in message
        assert not (tmp_path / "shop" / "shop.json").exists()
    monkeypatch.setenv(VARIABLE, server.url("frontrow", READER_PASSWORD))
    assert sync(tmp_path / "shop") == {"rows": len(make_rows())}


@in_postgresql
def test_a_killed_sync_loses_nothing_and_leaves_nothing(
    database: Database, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = tmp_path / "shop"
    add_source(shop, database.source())
    with CutConnection(server.port, 100_000, "silence") as way:
        environment = {**os.environ, VARIABLE: server.url("frontrow", READER_PASSWORD, way.port)}
        command = [sys.executable, "-m", "frontrow.cli", "sync", str(shop)]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as running:
            assert way.is_reached.wait(20)
            time.sleep(0.1)
            running.send_signal(signal.SIGKILL)
    assert not (shop / "shop.json").exists()
    left = list((shop / "downloads").rglob("*"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in left)
    monkeypatch.setenv(VARIABLE, server.url("frontrow", READER_PASSWORD))
    assert sync(shop) == {"rows": len(make_rows())}
    assert not [path for path in (shop / "downloads").rglob("*") if path.is_file()]


@pytest.mark.parametrize("database", ["duckdb", "sqlite"], indirect=True)
def test_a_file_that_is_none_or_is_in_use_is_said(database: Database, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    for path in ("relative.db", str(tmp_path / "gone.db")):
        message = fail(lambda path=path: sync(shop, database.source(path=path)))
        assert "path" in message or "no file" in message
    assert not (tmp_path / "gone.db").exists()
    other = tmp_path / "text.db"
    other.write_text("no database " * 1_000, "utf-8")
    fail(lambda: sync(shop, database.source(path=str(other))), RemoteError)
