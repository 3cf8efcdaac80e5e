"""Shopify shops for tests: their CSV exports, the server that plays their API, and sources that name it."""

import datetime as dt
from pathlib import Path

from frontrow.remote.client import ApiClient
from frontrow.remote.secrets import SecretReference
from frontrow.remote.timing import Timing
from frontrow.shop.shop import Shop
from frontrow.sources.connector import FetchRequest
from frontrow.sources.connectors.shopify import CONNECTOR
from frontrow.sources.source import Source
from frontrow.testing.loopback.shopify_nodes import customer_nodes, order_nodes, product_nodes, read_export

NOW = dt.datetime(2026, 12, 2, 9, tzinfo=dt.UTC)
TABLES = ("orders", "products", "customers")


class Clock:
    """Time that passes only by waiting."""

    def __init__(self, now=NOW):
        self.start, self.seconds, self.waits = now, 0.0, []

    def now(self):
        return self.start + dt.timedelta(seconds=self.seconds)

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.seconds += seconds

    def open_client(self, settings):
        return ApiClient(settings, Timing(lambda: self.seconds, self.sleep, self.now))


def make_nodes(orders, products, customers):
    """The objects of the shop that exported these files."""
    return {
        "orders": order_nodes(read_export(orders)),
        "products": product_nodes(read_export([products])),
        "customers": customer_nodes(read_export([customers])),
    }


def by_token(server, monkeypatch):
    """A source that signs in with a token."""
    monkeypatch.setenv("TEST_SHOPIFY_TOKEN", server.token)
    return Source("main", "shopify", {"shop": server.url}, {"token": SecretReference.parse("env:TEST_SHOPIFY_TOKEN")})


def by_exchange(server, monkeypatch):
    """A source that signs in with a client id and secret."""
    monkeypatch.setenv("TEST_SHOPIFY_SECRET", server.client_secret)
    secret = SecretReference.parse("env:TEST_SHOPIFY_SECRET")
    return Source("main", "shopify", {"shop": server.url, "client_id": server.client_id}, {"client_secret": secret})


def fetch(source, folder, clock, bookmark=None):
    """Fetch into a folder, which may hold what an earlier attempt left."""
    Path(folder).mkdir(exist_ok=True)
    return CONNECTOR.fetch(FetchRequest(source, bookmark or {}, Path(folder), clock.now(), opener=clock.open_client))


def read_tables(folder):
    """The tables of a shop by name."""
    shop = Shop.read(folder)
    return {name: getattr(shop, name).lazy().collect() for name in TABLES}


def find_differences(first, second):
    """The columns in which the tables of two shops differ, row for row."""
    differences = []
    for name in TABLES:
        left, right = first[name], second[name]
        if left.shape != right.shape:
            differences.append((name, left.shape, right.shape))
            continue
        differences += [(name, column) for column in left.columns if not left[column].equals(right[column])]
    return differences
