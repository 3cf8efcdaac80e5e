"""What goes wrong between frontrow and Shopify, and that nothing is lost, repeated or taken for whole by it."""

import datetime as dt
import json
import re
from dataclasses import replace

import polars as pl
import pytest
from messy_shopify import write_messy_exports
from shopify_shops import Clock, by_exchange, by_token, fetch, make_nodes

from frontrow.errors import CredentialError, RemoteError, SettingError
from frontrow.remote.secrets import SecretReference
from frontrow.sources.connector import FetchRequest
from frontrow.sources.connectors.shopify import CONNECTOR, read_shop_address
from frontrow.sources.shopify.plan import PLAN
from frontrow.sources.source import Source
from frontrow.testing.loopback.exchange import Fault, throttle
from frontrow.testing.loopback.shopify import ALL_SCOPES, Behaviour, LoopbackShopify

GRAPHQL = "/admin/api/{version}/graphql.json"
FILE = "/files/{name}"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    files = write_messy_exports(tmp_path_factory.mktemp("exports"))
    return make_nodes([files["server"]], files["products"], files["customers"])


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def play(nodes, clock):
    """Start a server; it ends with the test."""
    servers = []

    def start(**settings):
        behaviour = Behaviour(**settings.pop("behaviour", {}))
        server = LoopbackShopify(nodes, behaviour=behaviour, now=clock.now, time_zone="Europe/Berlin", **settings)
        servers.append(server.__enter__())
        return server

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture(scope="module")
def whole(nodes, tmp_path_factory):
    """What a sync without faults brings."""
    clock = Clock()
    with (
        LoopbackShopify(nodes, now=clock.now, time_zone="Europe/Berlin") as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        fetched = fetch(by_token(server, patch), tmp_path_factory.mktemp("whole") / "downloads", clock)
    return [pl.read_parquet(file) for file in fetched.files]


def is_whole(fetched, whole):
    return all(pl.read_parquet(file).equals(table) for file, table in zip(fetched.files, whole, strict=True))


@pytest.mark.parametrize(
    "behaviour",
    [
        {"repeated": 2, "throttled": 3, "token_lasts": 4},
        {"others": 5, "most_running": 1, "polls": 3, "cut_files": 2},
        {"endings": ["FAILED INTERNAL_SERVER_ERROR", "CANCELED", "FAILED TIMEOUT", "EXPIRED"]},
    ],
    ids=lambda value: next(iter(value)),
)
def test_all_comes_once_whatever_the_service_does(behaviour, play, whole, clock, tmp_path, monkeypatch):
    server = play(behaviour=behaviour)
    fetched = fetch(by_exchange(server, monkeypatch), tmp_path / "downloads", clock)
    assert is_whole(fetched, whole)
    assert fetched.warnings == ()


@pytest.mark.parametrize(
    "faults",
    [
        [throttle(method="POST", times=3), Fault(status=503, method="POST", path=GRAPHQL, skip=4, times=2)],
        [Fault(cut_after=-1, method="POST", path=GRAPHQL, skip=2)],
        [Fault(status=500, method="GET", path=FILE, times=2), Fault(cut_after=900, method="GET", path=FILE, times=3)],
    ],
    ids=["refused", "answer lost", "download"],
)
def test_the_connection_may_fail_at_any_step(faults, play, whole, clock, tmp_path, monkeypatch):
    server = play()
    for fault in faults:
        server.add_fault(fault)
    assert is_whole(fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock), whole)


def test_a_download_that_was_cut_goes_on_where_it_was(play, clock, tmp_path, monkeypatch):
    server = play(behaviour={"is_shuffled": False})
    server.add_fault(Fault(cut_after=5000, method="GET", path=FILE))
    fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock)
    ranges = [request.headers.get("range") for request in server.requests if request.path.startswith("/files/")]
    assert ranges.count("bytes=5000-") == 1


def test_throttling_waits_as_long_as_the_points_need(play, clock, tmp_path, monkeypatch):
    server = play(behaviour={"throttled": 1})
    fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock)
    # 100 of 105 points are missing, and 100 come back in a second
    assert clock.waits[0] == 1.0


@pytest.mark.parametrize("ending", ["FAILED TIMEOUT", "CANCELED"])
def test_a_part_is_never_taken_for_the_whole(ending, play, clock, tmp_path, monkeypatch):
    server = play(behaviour={"endings": [ending] * 9})
    source = by_token(server, monkeypatch)
    with pytest.raises(RemoteError, match="failed 3 times") as raised:
        fetch(source, tmp_path / "downloads", clock)
    assert "nothing was taken" in str(raised.value)
    assert not list((tmp_path / "downloads").glob("*.parquet"))
    assert not any(request.method == "GET" for request in server.requests)


def test_files_that_stay_cut_are_refused(play, clock, tmp_path, monkeypatch):
    server = play(behaviour={"cut_files": 99})
    with pytest.raises(RemoteError, match="not complete"):
        fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock)


def test_operations_of_others_are_not_waited_for_without_end(play, clock, tmp_path, monkeypatch):
    server = play(behaviour={"others": 10**6})
    with pytest.raises(RemoteError, match="no further one can start"):
        fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock)
    assert 3600 <= clock.seconds < 3700


def test_a_sync_that_was_killed_starts_no_second_operation(play, whole, clock, tmp_path, monkeypatch):
    server = play(behaviour={"polls": 3})
    source, folder = by_token(server, monkeypatch), tmp_path / "downloads"
    clock.sleep = _end_after(clock, 1)
    with pytest.raises(KeyboardInterrupt):
        fetch(source, folder, clock)
    assert server.started == 3
    # killed before it could note what it had started: the operations that run are found by their query
    (folder / PLAN).unlink()
    del clock.sleep
    fetched = fetch(source, folder, clock)
    assert (server.started, is_whole(fetched, whole)) == (3, True)
    # what is finished is not fetched again
    before = len(server.requests)
    again = fetch(source, folder, clock)
    assert (len(server.requests) - before, again.files, again.bookmark) == (1, fetched.files, fetched.bookmark)


def _end_after(clock, waits):
    def sleep(seconds):
        if len(clock.waits) >= waits:
            raise KeyboardInterrupt
        clock.waits.append(seconds)

    return sleep


def test_what_was_begun_long_ago_or_for_another_bookmark_is_begun_anew(play, clock, tmp_path, monkeypatch):
    server = play()
    source, folder = by_token(server, monkeypatch), tmp_path / "downloads"
    first = fetch(source, folder, clock)
    fetch(source, folder, clock, first.bookmark)
    assert server.started == 6
    clock.start += dt.timedelta(days=2)
    fetch(source, folder, clock, first.bookmark)
    assert server.started == 9
    (folder / PLAN).write_text('{"queries": 7')
    fetch(source, folder, clock, first.bookmark)
    assert server.started == 12


def test_operations_that_shopify_forgot_are_started_again(play, whole, clock, tmp_path, monkeypatch):
    server = play(behaviour={"polls": 2})
    source, folder = by_token(server, monkeypatch), tmp_path / "downloads"
    clock.sleep = _end_after(clock, 0)
    with pytest.raises(KeyboardInterrupt):
        fetch(source, folder, clock)
    server.expire_files()
    del clock.sleep
    assert is_whole(fetch(source, folder, clock), whole)


def test_a_bookmark_is_the_services_own_time_and_a_sync_overlaps(play, clock, tmp_path, monkeypatch):
    server = play()
    source = by_token(server, monkeypatch)
    first = fetch(source, tmp_path / "downloads", clock)
    assert set(first.bookmark.values()) == {"2026-12-02T09:00:00+00:00"}
    fetch(source, tmp_path / "downloads", clock, first.bookmark)
    queries = [request.json()["variables"].get("query", "") for request in server.requests if request.body]
    assert sum("updated_at:>='2026-12-02T08:00:00Z'" in query for query in queries) == 3


def test_without_read_all_orders_a_person_is_told_that_60_days_come(play, clock, tmp_path, monkeypatch):
    source = by_token(play(scopes=[scope for scope in ALL_SCOPES if scope != "read_all_orders"]), monkeypatch)
    fetched = fetch(source, tmp_path / "downloads", clock)
    assert "Only orders of the last 60 days come, because the app has no scope read_all_orders" in fetched.warnings[0]
    names = pl.read_parquet(tmp_path / "downloads" / "orders_export.parquet")["Name"]
    # one was moved into the shop a month ago; all others are older
    assert names.to_list() == ["#1030"]
    told = CONNECTOR.check_access(FetchRequest(source, {}, tmp_path, clock.now(), opener=clock.open_client))
    assert "60 days" in told[1]


def test_a_shop_that_keeps_its_customers_addresses_back_is_noticed(nodes, clock, tmp_path, monkeypatch):
    empty = {
        "orders": [
            replace(node, line=re.sub(r'"email":"[^"]*"', '"email":null', node.line)) for node in nodes["orders"]
        ],
        "products": [],
        "customers": [],
    }
    with LoopbackShopify(empty, now=clock.now) as server:
        fetched = fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock)
    assert "None of 31 orders and customers came with an e-mail address" in fetched.warnings[0]


def test_a_missing_scope_is_named(play, clock, tmp_path, monkeypatch):
    server = play(scopes=["read_all_orders", "write_orders"])
    with pytest.raises(CredentialError, match="lacks the scopes read_products, read_customers"):
        fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock)
    assert server.started == 0


def test_a_token_that_was_revoked_is_said_to_be(play, clock, tmp_path, monkeypatch):
    server = play()
    source = by_token(server, monkeypatch)
    server.revoke_tokens()
    with pytest.raises(CredentialError, match="does not accept the access token") as raised:
        fetch(source, tmp_path / "downloads", clock)
    assert server.token not in str(raised.value)


def test_a_wrong_client_secret_is_said_to_be(play, clock, tmp_path, monkeypatch):
    source = by_exchange(play(), monkeypatch)
    monkeypatch.setenv("TEST_SHOPIFY_SECRET", "shpss_other")
    with pytest.raises(CredentialError, match="gives no token") as raised:
        fetch(source, tmp_path / "downloads", clock)
    assert "shpss_other" not in str(raised.value)


def test_a_source_says_how_to_sign_in(play, clock, tmp_path):
    source = Source("main", "shopify", {"shop": play().url})
    with pytest.raises(SettingError, match="says nothing about how to sign in"):
        fetch(source, tmp_path / "downloads", clock)


@pytest.mark.parametrize(
    "text", ["https://www.my-shop.com", "my shop", "", "https://my-shop.myshopify.com.evil.example"]
)
def test_an_address_outside_shopifys_domain_is_refused(text):
    with pytest.raises(SettingError, match=r"my-shop\.myshopify\.com"):
        read_shop_address(text)


def test_no_token_and_no_address_of_a_person_is_left_in_the_folder_beside_the_exports(
    play, clock, tmp_path, monkeypatch
):
    server = play()
    folder = tmp_path / "downloads"
    fetch(by_exchange(server, monkeypatch), folder, clock)
    assert sorted(path.name for path in folder.iterdir()) == [
        "customers_export.parquet",
        "orders_export.parquet",
        PLAN,
        "products_export.parquet",
    ]
    plan = (folder / PLAN).read_text()
    assert "@" not in plan
    assert "shp" not in plan.replace("gid://shopify", "")
    assert {path.stat().st_mode & 0o077 for path in folder.glob("*.parquet")} == {0}
    assert set(json.loads(plan)) == {"began", "queries", "started", "failures", "counts"}


def test_what_a_person_may_not_see_is_not_asked_for(play, clock, tmp_path, monkeypatch):
    server = play()
    fetch(by_token(server, monkeypatch), tmp_path / "downloads", clock)
    asked = " ".join(request.body.decode() for request in server.requests)
    assert not any(name in asked for name in ("firstName", "lastName", "address1", "zip", "note", "birth"))


def test_a_secret_reference_of_no_value_stops_before_anything_is_sent(play, clock, tmp_path, monkeypatch):
    server = play()
    monkeypatch.delenv("TEST_NOT_SET", raising=False)
    secrets = {"token": SecretReference.parse("env:TEST_NOT_SET")}
    with pytest.raises(CredentialError, match="TEST_NOT_SET"):
        fetch(Source("main", "shopify", {"shop": server.url}, secrets), tmp_path / "downloads", clock)
    assert server.requests == []
