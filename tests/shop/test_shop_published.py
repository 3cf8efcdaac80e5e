"""A published shop: the same tables and answers as the folder's, never half a shop, and nobody who was forgotten."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from frontrow.cli.application import build
from frontrow.cli.log import build_entry
from frontrow.engines.blocks import OrderBlocks
from frontrow.errors import CredentialError, RemoteError, ShopError
from frontrow.service.forgetting import forget_customer
from frontrow.service.opening import RunSettings, open_shop
from frontrow.service.publishing import publish
from frontrow.service.status import StatusSettings, read_status
from frontrow.shop.config import ShopConfig
from frontrow.shop.erase import forget
from frontrow.shop.publish import list_outdated_addresses, publish_shop, read_publications
from frontrow.shop.published import open_published
from frontrow.shop.shop import Shop
from frontrow.storage import published_files
from frontrow.storage.address import ShopAddress
from frontrow.storage.folder import MODELS
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.store_failures import find_store_failure
from frontrow.synthetic import SyntheticShop
from frontrow.testing.loopback.exchange import Fault
from frontrow.testing.loopback.gcs import GoogleBucket
from frontrow.testing.loopback.s3 import Bucket
from frontrow.testing.loopback.server import LoopbackServer

pytest.importorskip("obstore", reason="needs frontrow[object-stores]")
cloudpickle = pytest.importorskip("cloudpickle", reason="needs frontrow[spark]")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shops") / "demo"
    SyntheticShop(customers=120, seed=1).shop().write(folder)
    return folder


@pytest.fixture
def shop(written: Path, tmp_path: Path) -> Path:
    return copytree(written, tmp_path / "demo")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackServer]:
    """One for all tests: Polars opens a store of an address once a process."""
    cache = str(tmp_path_factory.mktemp("cache"))
    with LoopbackServer() as server, pytest.MonkeyPatch.context() as monkeypatch:
        settings = {**Bucket().variables(server), "XDG_CACHE_HOME": cache, "LOCALAPPDATA": cache}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def bucket(server: LoopbackServer, tmp_path: Path) -> Bucket:
    bucket = Bucket(name=f"garden-{tmp_path.name.replace('_', '-')}")
    bucket.add_routes(server)
    server.requests.clear()
    return bucket


@pytest.fixture
def address(bucket: Bucket) -> ShopAddress:
    return ShopAddress.parse(f"s3://{bucket.name}/shops/demo/")


def test_tables_read_at_the_address_are_those_of_the_folder(shop: Path, address: ShopAddress) -> None:
    publication = publish_shop(shop, address)
    assert (publication.sent, publication.unchanged, publication.removed) == (4, 0, 0)
    published, own = Shop.read(str(address)), Shop.read(shop)
    for name in ("orders", "customers", "order_states"):
        assert_frame_equal(getattr(published, name).collect(), getattr(own, name).collect())
    assert_frame_equal(published.products, own.products)
    assert published.settings == own.settings


def test_the_pointer_is_written_after_the_tables_and_what_is_there_is_not_sent_again(
    shop: Path, address: ShopAddress, server: LoopbackServer
) -> None:
    publish_shop(shop, address)
    sent = [request.path.rpartition("/")[2] for request in server.requests if request.method == "PUT"]
    assert sent[-1] == "shop.json"
    assert len(sent) == 4 + 2
    server.requests.clear()
    again = publish_shop(shop, address)
    assert (again.sent, again.sent_bytes, again.unchanged) == (0, 0, 4)
    assert not [request for request in server.requests if request.method == "PUT" and "/tables/" in request.path]


def test_an_interrupted_publication_leaves_readers_with_the_old_state(
    shop: Path, bucket: Bucket, address: ShopAddress, server: LoopbackServer
) -> None:
    publish_shop(shop, address)
    before = Shop.read(str(address)).customers.collect()
    forget(shop, before["source_id"][0])
    server.add_fault(Fault(method="PUT", path=f"/{bucket.name}/shops/demo/shop.json", status=403))
    with pytest.raises(CredentialError):
        publish_shop(shop, address)
    assert_frame_equal(Shop.read(str(address)).customers.collect(), before)
    publish_shop(shop, address)
    assert Shop.read(str(address)).customers.collect().height == before.height - 1


def test_a_first_publication_that_was_interrupted_is_not_forgotten(
    shop: Path, bucket: Bucket, address: ShopAddress, server: LoopbackServer
) -> None:
    server.add_fault(Fault(method="PUT", path=f"/{bucket.name}/shops/demo/shop.json", status=403))
    with pytest.raises(CredentialError):
        publish_shop(shop, address)
    assert [key for key in bucket.objects if "/tables/customers" in key]
    with pytest.raises(ShopError, match="was not published before"):
        publish(shop)
    person = Shop.read(shop).customers.collect()["source_id"][0]
    assert str(address) in forget_customer(shop, person).outside[0]
    left = set(bucket.objects)
    publish_shop(shop, address)
    assert len(left - set(bucket.objects)) == 2
    assert list_outdated_addresses(shop) == []


def test_a_forgotten_person_is_gone_once_the_shop_is_published_again(
    shop: Path, bucket: Bucket, address: ShopAddress
) -> None:
    publish_shop(shop, address)
    folder = open_published(address)
    (folder / MODELS).mkdir()
    (folder / MODELS / "fitted").write_text("learned from everyone")
    bucket.objects["shops/demo/tables/notes.txt"] = b"of somebody else"
    earlier = {key for key in bucket.objects if "/tables/" in key}
    customers = Shop.read(shop).customers.collect()
    forget(shop, customers["source_id"][0])
    assert publish_shop(shop, address).removed == 2
    published = Shop.read(str(address))
    assert published.customers.collect().height == customers.height - 1
    assert customers["customer_id"][0] not in published.orders.collect()["customer_id"]
    tables = {table.file for table in published._tables.pointer.tables.values()}  # type: ignore[union-attr]
    now = {key.removeprefix("shops/demo/") for key in bucket.objects if "/tables/" in key}
    assert now == {*tables, "tables/notes.txt"}
    assert len(earlier - set(bucket.objects)) == 2
    assert not (folder / MODELS / "fitted").exists()


def test_reading_leaves_no_table_on_the_machine(shop: Path, address: ShopAddress) -> None:
    ShopConfig(horizon_days=21).write(shop)
    publish_shop(shop, address)
    Shop.read(str(address)).customers.collect()
    files = {path.name for path in open_published(address).rglob("*")}
    assert files == {"shop.json", "config.json", "product_rules.json", "address.json"}
    assert ShopConfig.read(open_published(address)).horizon_days == 21
    ShopConfig().write(shop)
    (shop / "config.json").unlink()
    publish_shop(shop, address)
    assert ShopConfig.read(open_published(address)).horizon_days is None


def test_a_block_crosses_to_a_worker_without_keys(shop: Path, bucket: Bucket, address: ShopAddress) -> None:
    publish_shop(shop, address)
    (block,) = OrderBlocks(Shop.read(str(address)).orders).split(may_hold=False)
    sent = cloudpickle.dumps(block)
    assert address.text.encode() in sent
    for secret in (bucket.key, bucket.key_id, os.environ["AWS_ENDPOINT_URL"]):
        assert secret.encode() not in sent
    assert_frame_equal(cloudpickle.loads(sent).read(), block.read())


def test_a_published_shop_is_only_read(shop: Path, address: ShopAddress) -> None:
    publish_shop(shop, address)
    folder = open_published(address)
    with (
        pytest.raises(ShopError, match=rf"only read.*frontrow publish SHOP {address}"),
        lock_shop(folder, "import"),
    ):
        pass
    with pytest.raises(ShopError, match="Write it to one"):
        Shop.read(shop).write(address.text)


def test_another_shop_and_a_later_state_stay_as_they_are(
    shop: Path, bucket: Bucket, address: ShopAddress, tmp_path: Path
) -> None:
    earlier = copytree(shop, tmp_path / "earlier")
    forget(shop, Shop.read(shop).customers.collect()["source_id"][0])
    publish_shop(shop, address)
    before = dict(bucket.objects)
    with pytest.raises(ShopError, match=r"later state of this shop \(change 2; .* is at 1\)"):
        publish_shop(earlier, address)
    settings = Shop.read(shop).settings
    other = Shop.read(shop).with_settings(type(settings)(imports=({"file": "other.csv"},)))
    other.write(tmp_path / "other")
    with pytest.raises(ShopError, match="another shop"):
        publish_shop(tmp_path / "other", address)
    assert bucket.objects == before


def test_two_that_publish_at_once_do_not_mix(
    shop: Path, bucket: Bucket, address: ShopAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_shop(shop, address)
    send = published_files.PublishedFiles.send

    def publish_meanwhile(self: published_files.PublishedFiles, name: str, content: bytes | Path) -> None:
        send(self, name, content)
        bucket.objects["shops/demo/shop.json"] += b" "

    monkeypatch.setattr(published_files.PublishedFiles, "send", publish_meanwhile)
    with pytest.raises(ShopError, match="at the same moment"):
        publish_shop(shop, address)
    assert bucket.objects["shops/demo/shop.json"].endswith(b" ")


def test_where_a_shop_is_published_is_remembered(shop: Path, bucket: Bucket, address: ShopAddress) -> None:
    assert read_publications(shop) == {}
    publish_shop(shop, address)
    publish_shop(shop, ShopAddress.parse(f"s3://{bucket.name}/b/demo/"))
    assert read_publications(shop) == {address: 1, ShopAddress.parse(f"s3://{bucket.name}/b/demo"): 1}


def test_a_table_that_goes_while_it_is_read_is_explained(shop: Path, address: ShopAddress) -> None:
    publish_shop(shop, address)
    opened = Shop.read(str(address))
    forget(shop, opened.customers.collect()["source_id"][0])
    publish_shop(shop, address)
    with pytest.raises(FileNotFoundError) as raised:
        opened.customers.collect()
    assert "published again" in str(find_store_failure(raised.value))
    assert find_store_failure(FileNotFoundError("orders.csv")) is None


def test_a_shop_in_google_cloud_storage(
    shop: Path, server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = GoogleBucket("google")
    bucket.add_routes(server)
    (tmp_path / "key.json").write_text(bucket.key_file(server))
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "key.json"))
    monkeypatch.setenv("GOOGLE_ALLOW_HTTP", "true")
    address = ShopAddress.parse("gs://google/shops/demo")
    publish_shop(shop, address)
    customers = Shop.read(str(address)).customers.collect()
    assert_frame_equal(customers, Shop.read(shop).customers.collect())
    forget(shop, customers["source_id"][0])
    assert publish_shop(shop, address).removed == 2
    assert Shop.read(str(address)).customers.collect().height == customers.height - 1
    monkeypatch.setattr(published_files, "_state_of", lambda _: {"version": "1"})
    with pytest.raises(ShopError, match="at the same moment"):
        publish_shop(shop, address)


def test_what_a_store_refuses_is_said_without_its_words(
    shop: Path, bucket: Bucket, address: ShopAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ShopError, match="holds no shop"):
        Shop.read(str(address))
    publish_shop(shop, address)
    key = next(key for key in bucket.objects if "products" in key and key.endswith(".parquet"))
    content = bucket.objects.pop(key)
    with pytest.raises(ShopError, match="is not there as it was published"):
        Shop.read(str(address))
    bucket.objects[key] = content
    bucket.objects["shops/demo/shop.json"] = b"{}"
    with pytest.raises(ShopError, match="is damaged"):
        Shop.read(str(address))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(CredentialError, match="least rights") as raised:
        Shop.read(str(address))
    assert "wrong" not in str(raised.value)


@pytest.mark.parametrize("value", ["objects.example.com", "http://", "not an address"])
def test_a_variable_that_names_no_address_says_so(
    address: ShopAddress, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", value)
    with pytest.raises(RemoteError, match="AWS_ENDPOINT_URL must be the address"):
        Shop.read(str(address))


@pytest.mark.parametrize("text", ["hdfs://host:8020/shop", "s3://bucket", "s3://b/a b", "s3://b/../c", "ftp://h/shop"])
def test_what_is_no_address_of_a_shop_says_what_to_write(text: str) -> None:
    with pytest.raises(ShopError, match="s3://"):
        ShopAddress.parse(text)


def test_addresses_of_all_stores() -> None:
    texts = ("s3://b/shop", "gs://b/a/shop", "az://c/shop", "abfss://c@account.dfs.core.windows.net/shop")
    assert {(address.name, address.store) for address in map(ShopAddress.parse, texts)} == {
        ("shop", "Amazon S3"),
        ("shop", "Google Cloud Storage"),
        ("shop", "Azure Blob Storage"),
        ("shop", "Azure Data Lake Storage"),
    }


def test_commands_take_the_address_in_the_place_of_the_folder(shop: Path, address: ShopAddress) -> None:
    def run(*arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(build(), [*map(str, arguments)])
        return result.exit_code, result.stdout, str(result.exception)

    assert "was not published before" in run("publish", shop)[2]
    assert json.loads(run("publish", shop, address, "--json")[1]) == {
        "address": str(address),
        "generation": 1,
        "sent": 4,
        "sent_bytes": sum(path.stat().st_size for path in (shop / "tables").iterdir()),
        "unchanged": 0,
        "removed": 0,
    }
    assert run("publish", shop, "--quiet")[:2] == (0, "")
    assert run("launches", address, "--json") == run("launches", shop, "--json")
    for command in (["config", address, "margin", 5], ["import", address, shop / "orders.csv"]):
        assert "is a published shop, which is only read" in run(*command)[2]
    assert [path.name for path in Path.cwd().glob("s3:*")] == []


@pytest.mark.parametrize(
    "text", ["s3://key:SECRET@bucket", "s3://key:SECRET@bucket/shop", "s3://bucket/shop?sig=SECRET"]
)
def test_a_secret_in_what_is_no_address_is_not_logged(text: str) -> None:
    result = CliRunner().invoke(build(), ["launches", text, "--log-format", "json"])
    assert isinstance(result.exception, ShopError)
    entry = build_entry("error", "error", str(result.exception))
    assert entry["command"] == "launches"
    assert "SECRET" not in str(entry)


def test_forget_and_status_say_where_an_earlier_state_is(shop: Path, address: ShopAddress) -> None:
    publish_shop(shop, address)
    assert [task.kind for task in read_status(shop, StatusSettings()).status.tasks].count("publish") == 0
    person = Shop.read(shop).customers.collect()["source_id"][0]
    outside = forget_customer(shop, person).outside
    assert outside == (f"The person is still in what is published at {address}: frontrow publish {shop} {address}",)
    (task,) = [task for task in read_status(shop, StatusSettings()).status.tasks if task.kind == "publish"]
    assert task.command == f"frontrow publish {shop} {address}"
    publish_shop(shop, address)
    assert list_outdated_addresses(shop) == []


def test_a_cluster_reads_the_order_lines_of_a_folder_where_they_are_published(shop: Path, address: ShopAddress) -> None:
    def is_at_the_address(engine: str | None) -> bool:
        return str(address) in open_shop(shop, RunSettings(engine=engine)).history.lines.explain(optimized=False)

    publish_shop(shop, address)
    assert is_at_the_address("spark://127.0.0.1:7077")
    assert not is_at_the_address(None)
    forget(shop, Shop.read(shop).customers.collect()["source_id"][0])
    assert not is_at_the_address("spark://127.0.0.1:7077")
    publish_shop(shop, address)
    assert is_at_the_address("spark://127.0.0.1:7077")
