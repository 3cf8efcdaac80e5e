"""What is read of a shop, in which order: everything the first time, later what changed since, with some overlap."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from frontrow.progress import Progress
from frontrow.remote.client import ApiClient
from frontrow.sources.woocommerce import calls
from frontrow.sources.woocommerce.pages import (
    PER_PAGE,
    Collection,
    PageFolder,
    Record,
    began_at,
    fetch_collection,
    was_missing,
)

OVERLAP: Final = dt.timedelta(minutes=10)
"""What a shop changed while its pages were made may carry a time a little before them."""

CUSTOMERS_AGAIN: Final = dt.timedelta(days=7)
"""WooCommerce does not say which customers changed, so all of them are read again after that time."""

READ_BY_IDS: Final = ("refunded", "parents")
"""Collections whose records are asked for by their ids: each hundred of them is a collection of its own."""

VARIABLE: Final = ("variable", "variable-subscription")


@dataclass(frozen=True)
class Plan:
    """How a shop is read.

    Attributes:
        client: Of the shop.
        pages: Where its pages are kept.
        bookmark: Of the last sync that was imported; empty the first time.
        now: When this sync began.
        consent_keys: Names of the meta fields with consent.
        progress: Told how far the orders are.
    """

    client: ApiClient
    pages: PageFolder
    bookmark: Mapping[str, Any]
    now: dt.datetime
    consent_keys: tuple[str, ...]
    progress: Progress

    def fetch_orders(self) -> None:
        """Read the orders, those in the bin, and what was given back."""
        fields = self._fields(calls.ORDER_FIELDS, with_meta=True)
        changed = self._changed_since("orders")
        orders = Collection("orders", calls.ORDERS, {"status": "any", **fields, **changed}, is_dated=True)
        done = 0
        for position in fetch_collection(self.client, self.pages, orders):
            done += PER_PAGE
            self.progress(min(done, position.total or 0), max(position.total or 0, 1))
        if changed:
            # an order that was thrown away is in no other list
            self._read(Collection("bin", calls.ORDERS, {"status": "trash", **fields, **changed}, is_dated=True))
        self._fetch_refunds(fields, changed)

    def _fetch_refunds(self, order_fields: Mapping[str, str], changed: Mapping[str, str]) -> None:
        """Read refunds: all at once the first time, then those of each order that changed.

        The list of changed refunds says of which orders they are, should such an order not count as changed.
        """
        params = {**self._fields(calls.REFUND_FIELDS), **changed}
        self._read(Collection("refunds", calls.REFUNDS, params, is_dated=True, may_be_missing=True))
        known_ids = {record["id"] for record in self.orders()}
        parents = {int(refund["parent_id"]) for refund in self._records("refunds")} - known_ids
        self._read_by_ids("refunded", calls.ORDERS, {"status": "any", **order_fields}, parents)
        if changed or was_missing(self.pages, "refunds"):
            for order in self.orders():
                if order.get("refunds"):
                    path = calls.ORDER_REFUNDS.replace("{id}", str(int(order["id"])))
                    self._read(Collection(f"refunds-of-{int(order['id'])}", path, {}))

    def fetch_products(self) -> None:
        """Read products with all variations of each; a variation that changed brings its product along."""
        fields, changed = self._fields(calls.PRODUCT_FIELDS), self._changed_since("products")
        self._read(Collection("products", calls.PRODUCTS, {"status": "any", **fields, **changed}))
        variation_fields = self._fields(calls.VARIATION_FIELDS)
        params = {"status": "any", **variation_fields, **changed}
        self._read(Collection("variations", calls.VARIATIONS, params, may_be_missing=True))
        listed = {int(product["id"]) for product in self._records("products")}
        parents = {int(variation["parent_id"]) for variation in self._records("variations")} - listed
        self._read_by_ids("parents", calls.PRODUCTS, {"status": "any", **fields}, parents)
        if changed or was_missing(self.pages, "variations"):
            for product in self.products():
                if product.get("type") in VARIABLE:
                    path = calls.PRODUCT_VARIATIONS.replace("{id}", str(int(product["id"])))
                    self._read(Collection(f"variations-of-{int(product['id'])}", path, {"status": "any"}))
        if next(self.products(), None) is not None:
            self._read(Collection("categories", calls.CATEGORIES, self._fields(calls.CATEGORY_FIELDS)))

    def fetch_customers(self) -> None:
        """Read all customers the first time, once a week, and always where they hold consent; else the new ones."""
        fields = self._fields(calls.CUSTOMER_FIELDS, with_meta=True)
        self._read(Collection("customers", calls.CUSTOMERS, fields, first_page=self._first_page_of_customers()))

    def orders(self) -> Iterator[Record]:
        """The orders that came, each once in its latest state."""
        seen: set[int] = set()
        for name in ("refunded", "bin", "orders"):
            for record in self._records(name):
                if record["id"] not in seen:
                    seen.add(record["id"])
                    yield record

    def refunds(self) -> Iterator[Record]:
        """What was given back, each refund once, with the id of its order."""
        of_orders = [int(order["id"]) for order in self.orders() if order.get("refunds")]
        seen: set[int] = set()
        for number in of_orders:
            for record in self._records(f"refunds-of-{number}"):
                seen.add(record["id"])
                yield {**record, "parent_id": number}
        yield from (record for record in self._records("refunds") if record["id"] not in seen)

    def products(self) -> Iterator[Record]:
        """The products that came, each once."""
        yield from self._records("products")
        yield from self._records("parents")

    def variations(self) -> Iterator[Record]:
        """All variations of the products that came, with the id of their product."""
        if not self._changed_since("products") and not was_missing(self.pages, "variations"):
            yield from self._records("variations")
            return
        for product in self.products():
            number = int(product["id"])
            for record in self._records(f"variations-of-{number}"):
                yield {**record, "parent_id": number}

    def categories(self) -> Iterator[Record]:
        """All categories of products."""
        return self._records("categories")

    def customers(self) -> Iterator[Record]:
        """The customers that came; where only new ones are looked for, those that came before are left out."""
        latest = int(self.bookmark.get("latest_customer", 0)) if self._seeks_new_customers() else 0
        return (record for record in self._records("customers") if int(record["id"]) > latest)

    def next_bookmark(self, *, with_customers: bool) -> dict[str, Any]:
        """What the next sync begins from: the server's own clock, less an overlap when it is used.

        Args:
            with_customers: Whether customers were read.
        """
        began = {name: began_at(self.pages, name) or self.now.isoformat() for name in ("orders", "products")}
        if not with_customers:
            return dict(began)
        total = max((position.total or 0 for position, _ in self.pages.read("customers")), default=0)
        read_at = self.bookmark.get("customers_read_at") if self._seeks_new_customers() else self.now.isoformat()
        ids = [int(self.bookmark.get("latest_customer", 0)), *(int(item["id"]) for item in self._records("customers"))]
        return {**began, "customers": total, "latest_customer": max(ids), "customers_read_at": read_at}

    def _seeks_new_customers(self) -> bool:
        """Whether only new customers are looked for, because all were read not long ago and hold no consent."""
        read_at = self.bookmark.get("customers_read_at")
        if not read_at or self.consent_keys:
            return False
        return self.now - dt.datetime.fromisoformat(str(read_at)) < CUSTOMERS_AGAIN

    def _first_page_of_customers(self) -> int:
        if not self._seeks_new_customers():
            return 1
        # one page before where they ended, in case some were removed
        return max(1, int(self.bookmark.get("customers", 0)) // PER_PAGE)

    def _changed_since(self, name: str) -> dict[str, str]:
        """The condition that only what changed since the last sync comes; empty the first time."""
        since = self.bookmark.get(name)
        if not since:
            return {}
        moment = dt.datetime.fromisoformat(str(since)).astimezone(dt.UTC) - OVERLAP
        return {"modified_after": moment.replace(tzinfo=None, microsecond=0).isoformat(), "dates_are_gmt": "true"}

    def _fields(self, fields: Iterable[str], *, with_meta: bool = False) -> dict[str, str]:
        """Ask for some fields only; meta fields, which plug-ins fill with anything, only where consent is in them."""
        meta = ("meta_data",) if with_meta and self.consent_keys else ()
        return {"_fields": ",".join((*fields, *meta))}

    def _read(self, collection: Collection) -> None:
        for _ in fetch_collection(self.client, self.pages, collection):
            pass

    def _read_by_ids(self, name: str, path: str, params: Mapping[str, str], ids: Iterable[int]) -> None:
        """Read some records by their ids, as many at once as fit on a page."""
        rows = sorted(ids)
        for number, start in enumerate(range(0, len(rows), PER_PAGE)):
            include = ",".join(str(row) for row in rows[start : start + PER_PAGE])
            self._read(Collection(f"{name}-{number}", path, {**params, "include": include}))

    def _records(self, name: str) -> Iterator[Record]:
        """The records of a collection, or of its parts that were read by id, each in its latest state."""
        for page in self.pages.latest_records(name):
            yield from page
        if name in READ_BY_IDS:
            for number in itertools.count():
                if not self.pages.has(f"{name}-{number}"):
                    break
                for page in self.pages.latest_records(f"{name}-{number}"):
                    yield from page
