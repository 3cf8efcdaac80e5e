"""WooCommerce's interface: the same shop as its exports, whatever happens while it is read."""

import datetime as dt
import json
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("httpx", reason="the extra frontrow[connect] is not installed")

from frontrow.errors import CredentialError, FrontrowError, RemoteError, SettingError
from frontrow.remote.client import ApiClient
from frontrow.remote.secrets import SecretReference
from frontrow.remote.timing import Timing
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.update import import_files
from frontrow.sources.connector import Fetched, FetchRequest, get_connector
from frontrow.sources.source import Source
from frontrow.sources.woocommerce.meta import read_consent_keys
from frontrow.sources.woocommerce.pages import PageFolder
from frontrow.storage.pointer import CUSTOMERS, ORDERS, PRODUCTS
from frontrow.testing.loopback.exchange import Fault, throttle
from frontrow.testing.loopback.woocommerce import KEY, SECRET, LoopbackWooCommerce
from frontrow.testing.shops import read_table
from frontrow.testing.woocommerce_shop import WooRefund, make_shop

TABLES = (ORDERS, PRODUCTS, CUSTOMERS)
HASTY = Timing(sleep=lambda _: None)


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setenv("WOO_KEY", KEY)
    monkeypatch.setenv("WOO_SECRET", SECRET)


def fetch(server: LoopbackWooCommerce, folder: Path, bookmark=None, **settings: str) -> Fetched:
    folder.mkdir(exist_ok=True, mode=0o700)
    return get_connector("woocommerce").fetch(request_of(server, folder, bookmark, **settings))


def request_of(server, folder, bookmark=None, **settings) -> FetchRequest:
    source = Source(
        "main",
        "woocommerce",
        {"url": server.url, "consent": "mailchimp", "customers": "yes", **settings},
        {"key": SecretReference.parse("env:WOO_KEY"), "secret": SecretReference.parse("env:WOO_SECRET")},
    )
    now = dt.datetime.now(dt.UTC)
    return FetchRequest(source, bookmark or {}, folder, now, opener=lambda settings: ApiClient(settings, HASTY))


def tables_of(files, shop: Path):
    import_files(list(files), shop, settings=ImportSettings(time_zone="Europe/London"))
    return {name: read_table(shop, name) for name in TABLES}


def assert_same_shop(made, exports, folder: Path) -> None:
    """The shop made of what came equals that of the exports, row for row."""
    by_file = tables_of(exports, folder / "by_file")
    for name in TABLES:
        assert made[name].height == by_file[name].height > 0
        assert made[name].equals(by_file[name]), name


@pytest.mark.parametrize(("is_old", "consent"), [(False, "mailchimp"), (True, "")])
def test_the_interface_gives_the_same_shop_as_the_exports(tmp_path, is_old, consent):
    shop = make_shop(130)
    with LoopbackWooCommerce(shop, is_old=is_old) as server:
        fetched = fetch(server, tmp_path / "pages", consent=consent)
    assert fetched.counts["orders"] == 130
    assert fetched.counts["refunds"] == sum(len(order.refunds) for order in shop.orders)
    assert fetched.time_zone == "Europe/London"
    assert len(fetched.warnings) == (0 if consent else 1)
    made = tables_of(fetched.files, tmp_path / "by_interface")
    assert made[ORDERS]["refunded"].sum() > 0 < made[ORDERS]["discount"].sum()
    assert made[CUSTOMERS]["accepts_email"].n_unique() == (3 if consent else 1)
    assert_same_shop(made, shop.write_exports(tmp_path / "exports", with_consent=bool(consent)), tmp_path)


def test_only_what_changed_comes_the_next_time(tmp_path):
    shop = make_shop(60)
    with LoopbackWooCommerce(shop) as server:
        first = fetch(server, tmp_path / "first")
        tables_of(first.files, tmp_path / "by_interface")

        kept = next(order for order in shop.orders if order.status == "completed" and not order.refunds)
        gone = next(order for order in shop.orders if order.status == "processing")
        refund = WooRefund(90_000, dt.datetime.now(dt.UTC), {kept.items[0].id: (1, kept.items[0].total)})
        # the interface does not always count an order as changed when something is given back
        refunded = next(order for order in shop.orders if order.status == "completed" and order.refunds)
        shop.change_order(kept.id, refunds=(refund,))
        later = WooRefund(90_001, dt.datetime.now(dt.UTC), unnamed=100)
        place = shop.orders.index(refunded)
        shop.orders[place] = type(refunded)(**{**vars(refunded), "refunds": (*refunded.refunds, later)})
        server.trash.append(gone)
        shop.change_order(gone.id, status="trash")
        server.trash[0] = next(order for order in shop.orders if order.id == gone.id)
        shop.orders.remove(server.trash[0])
        second = fetch(server, tmp_path / "second", json.loads(json.dumps(first.bookmark)))
    assert second.counts["orders"] == 3
    assert second.counts["products"] == second.counts["variations"] == 0

    made = tables_of(second.files, tmp_path / "by_interface")
    exports = shop.write_exports(tmp_path / "exports")
    by_file = tables_of(exports, tmp_path / "by_file")
    columns = [name for name in made[ORDERS].columns if name != "customer_id"]
    assert made[ORDERS].select(columns).equals(by_file[ORDERS].select(columns))


def test_a_shop_that_sells_while_it_is_read_loses_nothing(tmp_path):
    shop = make_shop(330)
    whole = sorted(str(order.id) for order in shop.orders)

    def change(number: int) -> None:
        # an early order is thrown away for good, and another one is changed: what comes after moves a place
        if number in (2, 3):
            shop.orders.pop(0)
            shop.change_order(shop.orders[number].id, status="completed")

    with LoopbackWooCommerce(shop) as server:
        server.before_request = change
        fetched = fetch(server, tmp_path / "pages")
        later = fetch(server, tmp_path / "later", fetched.bookmark)
    # both had been read before they were thrown away
    assert sorted(set(read_parquet_column(fetched, "orders", "Order Number"))) == whole
    today = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    changed = {str(order.id) for order in shop.orders if order.modified > today}
    assert len(changed) == 2
    assert changed <= set(read_parquet_column(later, "orders", "Order Number"))


def test_only_new_customers_come_for_a_week_where_they_hold_no_consent(tmp_path):
    shop = make_shop(30)
    with LoopbackWooCommerce(shop) as server:
        first = fetch(server, tmp_path / "first", consent="")
        again = fetch(server, tmp_path / "again", first.bookmark, consent="")
        customer = shop.customers[0]
        shop.customers.append(type(customer)(**{**vars(customer), "account": 9_000, "email": "new@example.com"}))
        later = fetch(server, tmp_path / "later", again.bookmark, consent="")
        old = {**first.bookmark, "customers_read_at": "2026-01-01T00:00:00+00:00"}
        whole = fetch(server, tmp_path / "whole", old, consent="")
        with_consent = fetch(server, tmp_path / "consent", first.bookmark)
    assert (first.counts["customers"], again.counts["customers"], later.counts["customers"]) == (7, 0, 1)
    assert again.files == ()
    assert list(read_parquet_column(later, "customers", "Email")) == ["new@example.com"]
    assert whole.counts["customers"] == with_consent.counts["customers"] == 8


def test_a_list_that_becomes_shorter_is_read_again(tmp_path):
    shop = make_shop(30)
    customer = shop.customers[0]
    shop.customers += [
        type(customer)(**{**vars(customer), "account": 2000 + number, "email": f"more{number}@example.com"})
        for number in range(150)
    ]

    def remove(_: int) -> None:
        if requests_of(server, "/wc/v3/customers") == 2 and len(shop.customers) > 150:
            del shop.customers[0:8]

    with LoopbackWooCommerce(shop) as server:
        server.before_request = remove
        fetched = fetch(server, tmp_path / "pages")
        left = {customer.email for customer in shop.customers if customer.account}
    emails = set(read_parquet_column(fetched, "customers", "Email"))
    assert left <= emails


def requests_of(server: LoopbackWooCommerce, path: str) -> int:
    return sum(request.path.endswith(path) for request in server.requests)


def read_parquet_column(fetched: Fetched, name: str, column: str):
    file = next(file for file in fetched.files if file.name.startswith(name))
    return pl.read_parquet(file)[column]


def test_a_fetch_that_was_killed_goes_on_where_it_was(tmp_path):
    shop = make_shop(320)
    with LoopbackWooCommerce(shop) as server:
        fetch(server, tmp_path / "undisturbed")
        whole = requests_of(server, "/orders")
        server.requests.clear()
        for _ in range(2):
            server.add_fault(Fault(status=500, path="/wp-json/wc/v3/orders", skip=1, times=99))
            with pytest.raises(RemoteError, match="it goes on where it was"):
                fetch(server, tmp_path / "pages")
            server._faults.clear()
        fetch(server, tmp_path / "pages")
        requests = [request for request in server.requests if request.path.endswith("/orders")]
    answered = {(request.params.get("after"), request.params["page"]) for request in requests}
    assert len(answered) == whole, "each page was asked for again only where it had not come"


@pytest.mark.parametrize("is_kept", [False, True], ids=["before a page is kept", "after a page is kept"])
def test_a_fetch_that_is_killed_at_every_page_loses_and_repeats_nothing(tmp_path, monkeypatch, is_kept):
    shop = make_shop(110)
    write = PageFolder.write
    fresh: list[str] = []

    def die(pages, name, number, position, records):
        page = f"{name} {number}"
        if is_kept or page in fresh:
            write(pages, name, number, position, records)
        if page not in fresh:
            fresh.append(page)
            raise KeyboardInterrupt

    with LoopbackWooCommerce(shop) as server:
        monkeypatch.setattr(PageFolder, "write", die)
        attempts, fetched = 0, None
        while fetched is None:
            attempts += 1
            with suppress(KeyboardInterrupt):
                fetched = fetch(server, tmp_path / "pages")
        undisturbed = fetch(server, tmp_path / "undisturbed")
    assert attempts == len(fresh) + 1 > 6
    for file, other in zip(fetched.files, undisturbed.files, strict=True):
        assert pl.read_parquet(file).equals(pl.read_parquet(other))


def test_a_page_that_was_cut_and_a_shop_that_is_busy_are_asked_again(tmp_path):
    shop = make_shop(120)
    with LoopbackWooCommerce(shop) as server:
        for fault in (throttle("1"), Fault(cut_after=40), Fault(status=503), Fault(cut_after=-1)):
            server.add_fault(fault)
        fetched = fetch(server, tmp_path / "pages")
    assert fetched.counts["orders"] == 120


def test_nothing_that_names_a_person_is_asked_for_and_the_key_is_in_no_address(tmp_path):
    shop = make_shop(40)
    with LoopbackWooCommerce(shop) as server:
        fetch(server, tmp_path / "pages", consent="")
        sent = [f"{request.path}?{request.query}" for request in server.requests]
    assert not any(KEY in address or SECRET in address for address in sent)
    texts = b"".join(file.read_bytes() for file in (tmp_path / "pages").rglob("*") if file.suffix == ".json")
    for personal in (b"High Street", b"first_name", b"Ada", b'meta_data": [{"id": 1, "key": "_other'):
        assert personal not in texts
    for secret in (KEY, SECRET):
        assert all(
            secret.encode() not in file.read_bytes() for file in (tmp_path / "pages").rglob("*") if file.is_file()
        )
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "pages").iterdir())


def test_a_key_without_the_permission_is_explained(tmp_path):
    with LoopbackWooCommerce(make_shop(10), may_read=False) as server, pytest.raises(CredentialError) as caught:
        fetch(server, tmp_path / "pages")
    assert KEY not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_shop_without_a_field_of_consent_says_that_nobody_may_be_written_to(tmp_path):
    with LoopbackWooCommerce(make_shop(10)) as server:
        unstated = fetch(server, tmp_path / "first", consent="")
        wrong = fetch(server, tmp_path / "second", consent="no_such_field")
        sentences = get_connector("woocommerce").check_access(request_of(server, tmp_path / "third", consent=""))
        requests = server.requests[-3:]
    assert "keep whether a customer may be written to" in unstated.warnings[0]
    assert "no_such_field" in wrong.warnings[0]
    assert "10 orders can be read." in sentences
    assert all(request.params == {"per_page": "1", "_fields": "id"} for request in requests)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"url": "garden.example"}, SettingError),
        ({"url": "https://garden.example/?page=1"}, SettingError),
        ({"url": "http://garden.example"}, FrontrowError),
        ({"customers": "some"}, SettingError),
        ({"consent": "a" * 300}, SettingError),
    ],
)
def test_settings_that_cannot_be_used(tmp_path, settings, error):
    with LoopbackWooCommerce(make_shop(4)) as server, pytest.raises(error):
        fetch(server, tmp_path / "pages", **settings)
    assert not server.requests


def test_consent_is_a_plug_in_or_names():
    assert read_consent_keys(" Klaviyo ")[0] == "kl_newsletter_checkbox"
    with pytest.raises(SettingError):
        read_consent_keys(",".join(f"name{number}" for number in range(11)))
