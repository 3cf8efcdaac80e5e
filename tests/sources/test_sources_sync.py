"""Sync: what came is imported, bookmarks are committed with the rows, downloads go, and errors say what to do."""

import datetime as dt
import json

import polars as pl
import pytest
from paged_shop import TOKEN, PagedShop, add_connectors_of_tests, build_order

from frontrow.errors import CredentialError, RemoteError, SettingError, ShopError, ShopLockedError
from frontrow.remote.client import ApiClient
from frontrow.remote.secrets import SecretReference
from frontrow.remote.timing import Timing
from frontrow.service.check import check_shop
from frontrow.service.config import configure
from frontrow.service.forgetting import forget_customer
from frontrow.service.sources import add_source, check_source, list_kinds, list_sources, remove_source
from frontrow.service.stated_destinations import add_destination, list_destinations, remove_destination
from frontrow.service.status import StatusSettings, read_status
from frontrow.service.sync import SyncSettings, sync_shop
from frontrow.shop.config import ShopConfig
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.sources.downloads import open_downloads
from frontrow.sources.source import Source
from frontrow.sources.sync_record import read_records
from frontrow.storage.pointer import Pointer
from frontrow.testing.loopback.exchange import Fault
from frontrow.testing.loopback.server import LoopbackServer

NOW = dt.datetime(2025, 6, 12, 12, tzinfo=dt.UTC)
REFERENCE = SecretReference.parse("env:FRONTROW_TEST_TOKEN")


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    add_connectors_of_tests()
    monkeypatch.setenv("FRONTROW_TEST_TOKEN", TOKEN)


@pytest.fixture
def garden():
    return PagedShop()


@pytest.fixture
def server(garden):
    with LoopbackServer() as server:
        garden.add_routes(server)
        yield server


@pytest.fixture
def shop(server, tmp_path):
    folder = tmp_path / "shop"
    add_source(folder, Source("main", "paged_orders", {"url": server.url}, {"token": REFERENCE}))
    return folder


def sync(folder, days=0, **changes):
    return sync_shop(folder, SyncSettings(now=NOW + dt.timedelta(days=days), **changes))


def order_ids(folder):
    return sorted(Shop.read(folder).orders.collect()["order_id"].to_list())


def test_a_sync_brings_what_the_file_brings(shop, garden, tmp_path):
    result = sync(shop)
    assert (result.sources[0].counts, result.sources[0].is_first) == ({"orders": 10}, True)
    assert "main (The shop of tests): 10 orders came." in str(result.sections())
    assert "60 days" in str(result.sections())
    file = tmp_path / "orders.csv"
    pl.DataFrame(garden.orders).write_csv(file)
    import_files([file], tmp_path / "other")
    synced, imported = Shop.read(shop), Shop.read(tmp_path / "other")
    columns = ("order_id", "day", "quantity", "price", "product_id", "customer_id")
    assert synced.orders.select(columns).collect().equals(imported.orders.select(columns).collect())
    assert synced.customers.collect().equals(imported.customers.collect())
    assert synced.settings.time_zone == "Europe/London"


def test_a_further_sync_brings_what_changed_and_the_bookmark_goes_with_the_rows(shop, garden):
    sync(shop)
    first = read_records(shop)["main"]
    generation = Pointer.read(shop).generation
    garden.orders += [build_order(11), build_order(12)]
    garden.orders[9] = build_order(10, price=99, updated_at=(NOW + dt.timedelta(hours=1)).isoformat())
    garden.pages.clear()
    result = sync(shop, days=2)
    assert result.sources[0].counts == {"orders": 3}
    assert not result.sources[0].is_first
    assert garden.pages == [1, 2]
    assert Pointer.read(shop).generation == generation + 1
    assert read_records(shop)["main"].bookmark != first.bookmark
    assert len(order_ids(shop)) == 12
    assert Shop.read(shop).orders.filter(pl.col("order_id") == "#10").collect()["price"].to_list() == [99.0]


def test_a_sync_without_news_moves_the_bookmark_only(shop):
    sync(shop)
    before = Pointer.read(shop)
    result = sync(shop, days=5)
    after = Pointer.read(shop)
    assert result.sources[0].report is None
    assert "nothing" not in result.sources[0].problem
    assert after.tables == before.tables
    assert after.sections["sources"]["main"]["synced_at"] > before.sections["sources"]["main"]["synced_at"]


def test_a_bookmark_is_not_used_for_a_source_that_is_stated_otherwise(shop, server):
    sync(shop)
    with pytest.raises(SettingError, match="--replace"):
        add_source(shop, Source("main", "paged_orders", {"url": server.url}, {"token": REFERENCE}))
    settings = {"url": server.url, "size": "4"}
    add_source(shop, Source("main", "paged_orders", settings, {"token": REFERENCE}), replacing=True)
    assert sync(shop, days=1).sources[0].is_first
    assert not sync(shop, days=2).sources[0].is_first
    assert sync(shop, days=3, from_start=True).sources[0].is_first
    assert len(order_ids(shop)) == 10


def test_a_sync_that_is_cut_goes_on_where_it_was(shop, server, garden):
    server.add_fault(Fault(status=404, path="/orders", skip=2))
    with pytest.raises(RemoteError):
        sync(shop)
    assert not (shop / "shop.json").exists()
    content = shop / "downloads" / "main" / "content"
    assert sorted(path.name for path in content.iterdir()) == ["page-0001.json", "page-0002.json"]
    assert (shop / "downloads").stat().st_mode & 0o777 == 0o700
    sync(shop, days=0.5)
    assert garden.pages == [1, 2, 3, 4, 5]
    # the window begins where the first attempt began, although the second one came later
    assert read_records(shop)["main"].bookmark == {"modified_after": (NOW - dt.timedelta(hours=1)).isoformat()}
    assert not (shop / "downloads").exists()


def test_what_came_long_ago_is_fetched_anew(shop, server, garden):
    server.add_fault(Fault(status=404, path="/orders", skip=2))
    with pytest.raises(RemoteError):
        sync(shop)
    garden.pages.clear()
    sync(shop, days=2)
    assert garden.pages == [1, 2, 3, 4, 5]


def test_a_shop_that_cannot_be_imported_keeps_its_bookmark(shop, garden):
    sync(shop)
    before = Pointer.read(shop)
    broken = build_order(11, price="many", updated_at=(NOW + dt.timedelta(days=1)).isoformat())
    garden.orders.append(broken)
    with pytest.raises(Exception, match=r"orders\.csv, row 2, column .price."):
        sync(shop, days=2)
    assert Pointer.read(shop) == before
    garden.orders[-1] = broken | {"price": 5}
    sync(shop, days=5)
    assert len(order_ids(shop)) == 11


def test_two_syncs_of_one_source_do_not_run_at_once(shop):
    source = ShopConfig.read(shop).sources["main"]
    with open_downloads(shop, source, {}, now=NOW), pytest.raises(ShopLockedError, match='fetches from "main"'):
        sync(shop)
    sync(shop)


def test_the_other_sources_are_synced_where_one_fails(shop, server):
    wrong = SecretReference.parse("env:FRONTROW_NOT_SET")
    add_source(shop, Source("other", "paged_orders", {"url": server.url}, {"token": wrong}))
    result = sync(shop)
    assert not result.is_done
    assert [bool(source.problem) for source in result.sources] == [False, True]
    assert "FRONTROW_NOT_SET is not set" in result.sources[1].problem
    with pytest.raises(CredentialError, match="FRONTROW_NOT_SET"):
        sync(shop, source="other")
    with pytest.raises(ShopError, match="main, other"):
        sync(shop, source="shopify")


def test_an_expired_token_is_an_error_that_says_what_to_do(shop, garden):
    garden.token = "new"
    with pytest.raises(CredentialError, match="expired or been revoked: make a new one"):
        sync(shop)
    with pytest.raises(CredentialError):
        check_source(shop, "main")
    garden.token = TOKEN
    assert check_source(shop, "main").sentences == ("Reached Garden.",)


@pytest.mark.parametrize(
    ("settings", "secrets", "words"),
    [
        ({}, {"token": REFERENCE}, r"Add: --set url=… \(the shop's address\)"),
        ({"url": "https://shop.example"}, {}, "--secret token=env:VARIABLE"),
        ({"url": "https://shop.example", "token": "abc"}, {}, "Those of --set: url, size"),
        ({"url": "https://me:pw@shop.example"}, {"token": REFERENCE}, "seems to hold a token or a password"),
        ({"url": "shpat_abc"}, {"token": REFERENCE}, "seems to hold a token"),
    ],
)
def test_a_source_states_what_its_connector_needs_and_no_secret(tmp_path, settings, secrets, words):
    with pytest.raises(SettingError, match=words) as caught:
        add_source(tmp_path / "shop", Source("main", "paged_orders", settings, secrets))
    assert not any(part in str(caught.value) for part in ("abc", "pw"))
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize("name", ["../other", "Main", "", "a" * 41, ".hidden"])
def test_a_name_is_no_path(name):
    with pytest.raises(SettingError, match="small letters"):
        Source(name, "paged_orders")


def test_sources_are_listed_with_their_places_of_secrets(shop):
    sync(shop)
    result = list_sources(shop)
    assert result.to_dict()["sources"]["main"]["secrets"] == {"token": "env:FRONTROW_TEST_TOKEN"}
    assert "2025-06-12 12:00 UTC" in str(result.sections())
    assert configure(shop, "sources").to_dict()["sources"]["main"]["kind"] == "paged_orders"
    with pytest.raises(ShopError, match="frontrow source add"):
        configure(shop, "sources", "x")
    assert list_kinds("paged_orders").to_dict()["paged_orders"]["title"] == "The shop of tests"


def test_a_literal_secret_in_the_configuration_is_refused_and_not_shown(shop):
    config = json.loads((shop / "config.json").read_text())
    for secret in (TOKEN, [TOKEN]):
        config["sources"]["main"]["secrets"]["token"] = secret
        (shop / "config.json").write_text(json.dumps(config))
        with pytest.raises(ShopError) as caught:
            sync(shop)
        assert TOKEN not in str(caught.value)


def test_a_removed_source_leaves_its_orders_and_nothing_else(shop, server):
    sync(shop)
    server.add_fault(Fault(status=404, path="/orders"))
    with pytest.raises(RemoteError):
        sync(shop, days=1)
    remove_source(shop, "main")
    assert not (shop / "downloads").exists()
    assert read_records(shop) == {}
    assert len(order_ids(shop)) == 10
    with pytest.raises(ShopError, match="no source of that name"):
        remove_source(shop, "main")
    with pytest.raises(ShopError, match="states no source"):
        sync(shop)


def test_status_says_when_each_source_was_synced(shop, server):
    sync(shop)
    server.add_fault(Fault(status=404, path="/orders", skip=1))
    with pytest.raises(RemoteError):
        sync(shop, days=1, from_start=True)
    status = read_status(shop, StatusSettings(today=dt.date(2025, 7, 30)))
    (source,) = status.to_dict()["sources"]
    assert (source["name"], source["counts"], source["is_interrupted"]) == ("main", {"orders": 10}, True)
    assert "2025-06-12 12:00 UTC; one was interrupted" in str(status.sections())
    assert status.status.tasks[0].kind == "sync"
    assert status.status.tasks[0].command.startswith("frontrow sync ")


def test_to_forget_somebody_removes_what_an_interrupted_sync_left(shop, server):
    sync(shop)
    server.add_fault(Fault(status=404, path="/orders", skip=1))
    with pytest.raises(RemoteError):
        sync(shop, from_start=True)
    assert (shop / "downloads").exists()
    forget_customer(shop, "buyer1@example.com")
    assert not (shop / "downloads").exists()
    sync(shop, from_start=True)
    assert "buyer1@example.com" not in Shop.read(shop).customers.collect()["email"].to_list()


def test_downloads_of_a_running_sync_are_removed_once_it_has_ended(shop):
    sync(shop)
    source = ShopConfig.read(shop).sources["main"]
    with open_downloads(shop, source, {}, now=NOW) as downloads:
        (downloads.folder / "page-0001.json").write_text("buyer1@example.com")
        assert "being synced" in str(forget_customer(shop, "buyer1@example.com").unfinished)
    assert forget_customer(shop, "buyer1@example.com").unfinished == ()
    assert not (shop / "downloads").exists()


def test_check_verifies_what_sources_state_and_the_record_of_syncs(shop):
    sync(shop)
    assert check_shop(shop).sound
    config = json.loads((shop / "config.json").read_text())
    config["sources"]["main"]["kind"] = "pigeon"
    (shop / "config.json").write_text(json.dumps(config))
    (finding,) = check_shop(shop).findings
    assert 'no kind of source named "pigeon"' in finding.problem
    remove_source(shop, "main")
    pointer = Pointer.read(shop)
    damaged = Pointer(pointer.generation, pointer.tables, {**pointer.sections, "sources": {"main": {"bookmark": 7}}})
    (shop / "shop.json").write_text(damaged.to_text())
    assert not check_shop(shop).sound
    assert check_shop(shop, repair=True).sound
    assert check_shop(shop).sound


def test_destinations_are_stated_as_sources_are(tmp_path):
    folder = tmp_path / "shop"
    add_destination(folder, Source("news", "klaviyo"))
    with pytest.raises(SettingError, match="--replace"):
        add_destination(folder, Source("news", "klaviyo"))
    (stated,) = ShopConfig.read(folder).destinations.values()
    assert (stated.kind, str(stated.secrets["key"])) == ("klaviyo", "env:KLAVIYO_API_KEY")
    assert "synced_at" not in list_destinations(folder).to_dict()["destinations"]["news"]
    remove_destination(folder, "news")
    assert list_destinations(folder).places == {}
    with pytest.raises(ShopError, match="no destination of that name"):
        remove_destination(folder, "news")


def test_a_source_that_is_taken_back_while_it_is_synced_brings_nothing(shop, garden, server):
    source = ShopConfig.read(shop).sources["main"]
    with open_downloads(shop, source, {}, now=NOW), pytest.raises(ShopLockedError, match="being synced"):
        remove_source(shop, "main")
    assert "main" in ShopConfig.read(shop).sources

    def take_back(request):
        (shop / "config.json").unlink(missing_ok=True)
        return garden.list_orders(request)

    server.add_route("GET", "/orders", take_back)
    with pytest.raises(ShopError, match="removed or stated anew"):
        sync(shop)
    assert not (shop / "shop.json").exists()


def test_a_service_that_does_not_answer_is_asked_twice_while_somebody_waits(shop, server):
    server.add_fault(Fault(status=503, path="/shop", times=100))
    waits = []
    with pytest.raises(RemoteError, match="in 2 attempts"):
        check_source(shop, "main", opener=lambda settings: ApiClient(settings, Timing(sleep=waits.append)))
    assert len(waits) == 1
