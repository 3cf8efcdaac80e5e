"""Object stores: new and changed objects come once, in one state, and no message shows a key."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import traceback
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.errors import CredentialError, FrontrowError, RemoteError, SettingError
from frontrow.remote.secrets import Secret, SecretReference
from frontrow.service.file_arguments import gather_files
from frontrow.service.sources import add_source, check_source
from frontrow.service.sync import SyncSettings, sync_shop
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.sources.objects import store as store_module
from frontrow.sources.objects.address import ObjectAddress
from frontrow.sources.objects.credentials import StoreSettings
from frontrow.sources.objects.store import ObjectStore, StoredObject
from frontrow.sources.source import Source
from frontrow.testing.loopback.exchange import Fault
from frontrow.testing.loopback.s3 import Bucket
from frontrow.testing.loopback.server import LoopbackServer

NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
NEW_SHOP = ImportSettings(time_zone="Europe/Berlin", currency="EUR")
HEADER = "order_id,ordered_at,sku,title,quantity,price"
SECRETS = {"access_key_id": "FRONTROW_TEST_KEY_ID", "secret_access_key": "FRONTROW_TEST_KEY"}
REFERENCES = {name: SecretReference.parse(f"env:{variable}") for name, variable in SECRETS.items()}


def table(*numbers: int, price: float = 9.5) -> bytes:
    return "\n".join([HEADER, *(f"{number},2026-03-01 10:00,A-1,Pot,1,{price}" for number in numbers), ""]).encode()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket()
    monkeypatch.setenv("FRONTROW_TEST_KEY_ID", bucket.key_id)
    monkeypatch.setenv("FRONTROW_TEST_KEY", bucket.key)
    return bucket


@pytest.fixture
def server(bucket: Bucket) -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        bucket.add_routes(server)
        yield server


@pytest.fixture
def shop(server: LoopbackServer, tmp_path: Path) -> Path:
    return state(tmp_path / "shop", server)


def state(shop: Path, server: LoopbackServer, path: str = "s3://garden/exports/*", **settings: str) -> Path:
    settings = {"path": path, "endpoint": server.url, "region": "eu-central-1", **settings}
    add_source(shop, Source("bucket", "object_store", settings, REFERENCES), replacing=True)
    return shop


def sync(shop: Path) -> int:
    (result,) = sync_shop(shop, SyncSettings(new_shop=NEW_SHOP, now=NOW)).sources
    return result.counts["files"]


def order_ids(shop: Path) -> list[str]:
    return sorted(Shop.read(shop).orders.collect()["order_id"].to_list())


def fail(action: Callable[[], object], kind: type[FrontrowError], bucket: Bucket) -> str:
    with pytest.raises(kind) as failure:
        action()
    assert failure.value.__context__ is None or isinstance(failure.value.__context__, FrontrowError)
    assert bucket.key not in "".join(traceback.format_exception(failure.value))
    return str(failure.value)


def test_every_file_of_a_bucket_comes_whatever_its_kind_and_gives_the_shop_of_the_files(
    shop: Path, bucket: Bucket, tmp_path: Path
) -> None:
    parquet, archive = io.BytesIO(), io.BytesIO()
    pl.read_csv(io.BytesIO(table(3)), try_parse_dates=True).write_parquet(parquet)
    with zipfile.ZipFile(archive, "w") as together:
        together.writestr("4.csv", table(4))
    contents = {"1.csv": table(1), "2 ü+&.csv.gz": gzip.compress(table(2)), "3.parquet": parquet.getvalue()}
    contents["4.zip"] = archive.getvalue()
    bucket.objects = {f"exports/{name}": content for name, content in contents.items()}
    bucket.objects |= {
        "exports/old/5.csv": table(5),
        "other/6.csv": table(6),
        "exports/_SUCCESS": b"",
        "exports/a.pdf": b"x",
    }
    assert sync(shop) == 4
    files = []
    for name, content in contents.items():
        files.append(tmp_path / name)
        files[-1].write_bytes(content)
    import_files(files, tmp_path / "other", settings=NEW_SHOP)
    assert_frame_equal(Shop.read(shop).orders.collect(), Shop.read(tmp_path / "other").orders.collect())


def test_a_further_sync_brings_new_and_changed_objects_only(shop: Path, bucket: Bucket, server: LoopbackServer) -> None:
    bucket.objects = {f"exports/{number}.csv": table(number) for number in range(1, 6)}
    assert (sync(shop), sync(shop)) == (5, 0)
    bucket.objects["exports/6.csv"] = table(6)
    bucket.objects["exports/2.csv"] = table(2, price=4.0)
    del bucket.objects["exports/1.csv"]
    before = len(server.requests)
    assert sync(shop) == 2
    fetched = [request.path for request in server.requests[before:] if request.path != "/garden"]
    assert sorted(fetched) == ["/garden/exports/2.csv", "/garden/exports/6.csv"]
    assert order_ids(shop) == ["1", "2", "3", "4", "5", "6"]
    assert Shop.read(shop).orders.filter(pl.col("order_id") == "2").collect()["price"].item() == 4.0
    assert sync(shop) == 0


def test_what_the_bookmark_holds_is_no_name(shop: Path, bucket: Bucket) -> None:
    bucket.objects = {"exports/jane@example.com.csv": table(1)}
    sync(shop)
    stored = (shop / "shop.json").read_text("utf-8")
    assert '"objects"' in stored
    assert "exports/jane" not in stored


def test_a_source_finds_its_files_by_pattern_or_folder_or_name(
    shop: Path, bucket: Bucket, server: LoopbackServer
) -> None:
    bucket.objects = {f"a/{year}/{number}.csv": table(number) for year, number in ((2025, 1), (2026, 2), (2026, 3))}
    settings = StoreSettings(
        {"endpoint": server.url}, {"access_key_id": Secret(bucket.key_id), "secret_access_key": Secret(bucket.key)}
    )
    counts = {"a/2026/*.csv": 2, "a/**.csv": 3, "a/": 3, "a/*/1.csv": 1, "a/2026/?.csv": 2, "a/2025/1.csv": 1, "b/*": 0}
    for pattern, count in counts.items():
        assert len(ObjectStore(ObjectAddress.parse(f"s3://garden/{pattern}"), settings).find()) == count, pattern
    assert "3 files of 0.0 MB" in check_source(state(shop, server, "s3://garden/a/**"), "bucket").sentences[0]


def test_a_download_that_is_cut_goes_on_where_it_was(
    shop: Path, bucket: Bucket, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "CHUNK", 50)
    bucket.objects = {"exports/1.csv": table(*range(20))}
    size = len(bucket.objects["exports/1.csv"])
    server.add_fault(Fault(status=400, path="/garden/exports/1.csv", skip=4))
    with pytest.raises(RemoteError, match="goes on where it was"):
        sync(shop)
    assert not (shop / "shop.json").exists()
    before = len(server.requests)
    assert sync(shop) == 1
    assert len([request for request in server.requests[before:] if request.path != "/garden"]) == -(-size // 50) - 4
    assert len(order_ids(shop)) == 20
    assert not list((shop / "downloads").rglob("*.csv"))


def test_a_busy_store_and_a_cut_connection_are_tried_again(shop: Path, bucket: Bucket, server: LoopbackServer) -> None:
    bucket.objects = {"exports/1.csv": table(1, 2)}
    server.add_fault(Fault(status=503, path="/garden"))
    server.add_fault(Fault(cut_after=20, path="/garden/exports/1.csv"))
    assert sync(shop) == 1
    assert order_ids(shop) == ["1", "2"]


def test_an_object_that_changes_while_it_is_read_is_not_mixed(
    shop: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "CHUNK", 50)
    bucket.objects = {"exports/1.csv": table(*range(20))}
    etag, requests = bucket.etag, []

    def change(key: str) -> str:
        requests.append(key)
        if len(requests) == 6:
            bucket.objects[key] = table(*range(30))
        return etag(key)

    monkeypatch.setattr(bucket, "etag", change)
    assert "written anew" in fail(lambda: sync(shop), RemoteError, bucket)
    assert sync(shop) == 1
    assert len(order_ids(shop)) == 30


def test_no_message_shows_a_key_and_each_says_what_to_check(
    shop: Path, bucket: Bucket, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "lets" not in fail(lambda: sync(state(shop, server, "s3://garden/exports/none.csv")), RemoteError, bucket)
    state(shop, server)
    monkeypatch.setenv("FRONTROW_TEST_KEY", "s3cr3t/wrong")
    assert "does not let this key" in fail(lambda: sync(shop), CredentialError, bucket)
    monkeypatch.delenv("FRONTROW_TEST_KEY")
    assert "FRONTROW_TEST_KEY" in fail(lambda: sync(shop), CredentialError, bucket)
    monkeypatch.setenv("FRONTROW_TEST_KEY", bucket.key)
    with pytest.raises(FrontrowError, match="https://"):
        sync(state(shop, server, endpoint="http://store.example"))
    with pytest.raises(FrontrowError, match="Name objects as"):
        sync(state(shop, server, "s3:/garden"))
    with pytest.raises(FrontrowError, match="of no use with gs"):
        sync(state(shop, server, "gs://garden/a.csv"))
    stored = b"".join(path.read_bytes() for path in shop.rglob("*") if path.is_file())
    assert b"s3cr3t" not in stored


def test_the_command_line_names_objects_among_files(
    bucket: Bucket, server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"AWS_ENDPOINT_URL": server.url, "AWS_REGION": "eu-central-1"}
    environment |= {"AWS_ACCESS_KEY_ID": bucket.key_id, "AWS_SECRET_ACCESS_KEY": bucket.key}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    bucket.objects = {"exports/1.csv": table(1), "exports/2.csv": table(2)}
    file = tmp_path / "3.csv"
    file.write_bytes(table(3))
    with gather_files(["s3://garden/exports/*", str(file)], io.BytesIO()) as files:
        import_files(files, tmp_path / "shop", settings=NEW_SHOP)
    assert order_ids(tmp_path / "shop") == ["1", "2", "3"]
    assert [path.exists() for path in files] == [False, False, True]
    with pytest.raises(RemoteError, match="Nothing in the bucket"), gather_files(["s3://garden/x/*"], io.BytesIO()):
        pass


def test_names_of_objects_are_no_paths(tmp_path: Path) -> None:
    for key in ("../../x.csv", "a/..", "a\\..\\x.csv", "\x00", "a" * 900 + ".csv", ".hidden", "c:x"):
        name = StoredObject(key, 1, '"a"').file_name
        assert (tmp_path / name).resolve().parent == tmp_path
        assert len(name) <= 80


def test_stores_of_every_scheme_open_with_what_is_stated(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    values = {"private_key": "x", "private_key_id": "x", "client_email": "x", "disable_oauth": True}
    key.write_text(json.dumps({**values, "gcs_base_url": "https://127.0.0.1:1"}), "utf-8")
    accounts: tuple[dict[str, Secret], ...] = ({"account_key": Secret("c2VjcmV0")}, {"sas_token": Secret("sv=1&sig=a")})
    for secrets in accounts:
        ObjectStore(ObjectAddress.parse("az://garden/x.csv"), StoreSettings({"account_name": "garden"}, secrets))
    ObjectStore(ObjectAddress.parse("gs://garden/x.csv"), StoreSettings({"key_file": str(key)}))
    with pytest.raises(SettingError, match="of no use with s3"):
        ObjectStore(ObjectAddress.parse("s3://garden/x.csv"), StoreSettings({"key_file": str(key)}))
