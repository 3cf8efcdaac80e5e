"""A WooCommerce shop's REST interface on this machine, played from its published controllers (`wc/v3`, November 2026).

It knows pages and their headers, the conditions frontrow uses, a key in a header, and versions without the lists of all
refunds and of all variations. With `before_request` a test changes the shop while it is read.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from frontrow.testing.loopback.exchange import Reply, Request
from frontrow.testing.loopback.server import LoopbackServer
from frontrow.testing.woocommerce_shop import (
    CONSENT_KEY,
    POSTAGE,
    WooCustomer,
    WooItem,
    WooOrder,
    WooProduct,
    WooRefund,
    WooShop,
    WooVariation,
    pounds,
    tax_of,
)

KEY: Final = "ck_loopback"
SECRET: Final = "cs_loopback"
BASE: Final = "/wp-json"
MOST_PER_PAGE: Final = 100

Record = dict[str, Any]


class LoopbackWooCommerce(LoopbackServer):
    """The interface of a made-up shop.

    Args:
        shop: What it shows; changes of it are seen by the next request.
        is_old: Without the lists of all refunds and of all variations, as before WooCommerce 9.0 and 10.3.
        may_read: Whether the key has the permission to read.
        **limits: Of the server.

    Attributes:
        before_request: Called with the number of each request to a list, from 1.
        trash: Orders in the bin.
    """

    def __init__(self, shop: WooShop, *, is_old: bool = False, may_read: bool = True, **limits: Any) -> None:
        super().__init__(**limits)
        self.shop = shop
        self.before_request: Callable[[int], None] = lambda _: None
        self.trash: list[WooOrder] = []
        self._may_read = may_read
        self._listed = 0
        self._records: dict[int, tuple[WooOrder, Record]] = {}
        self.add_route("GET", f"{BASE}/", lambda _: Reply({"timezone_string": "Europe/London"}))
        self._add_list("/wc/v3/orders", self._orders)
        self._add_list("/wc/v3/orders/{id}/refunds", self._refunds_of_order)
        self._add_list("/wc/v3/products", lambda _: self._products())
        self._add_list("/wc/v3/products/categories", lambda _: [*_categories(self.shop.products).values()])
        self._add_list("/wc/v3/products/{id}/variations", self._variations_of_product)
        self._add_list(
            "/wc/v3/customers", lambda _: [_customer(customer) for customer in self.shop.customers if customer.account]
        )
        if not is_old:
            self._add_list("/wc/v3/refunds", lambda _: self._refunds())
            self._add_list("/wc/v3/variations", lambda _: self._variations())

    def _add_list(self, path: str, records: Callable[[Request], Sequence[Record]]) -> None:
        def answer(request: Request) -> Reply:
            pair = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
            if request.headers.get("authorization") != f"Basic {pair}" or not self._may_read:
                return Reply({"code": "woocommerce_rest_cannot_view", "data": {"status": 401}}, 401)
            self._listed += 1
            self.before_request(self._listed)
            return _give_page(records(request), request.params)

        self.add_route("GET", f"{BASE}{path}", answer)

    def _orders(self, request: Request) -> list[Record]:
        shown = self.trash if request.params.get("status") == "trash" else self.shop.orders
        return [self._render(order) for order in shown]

    def _render(self, order: WooOrder) -> Record:
        """The record of an order, made once for each state of it."""
        latest, record = self._records.get(order.id, (None, {}))
        if latest is not order:
            record = _order(order)
            self._records[order.id] = (order, record)
        return record

    def _products(self) -> list[Record]:
        categories = _categories(self.shop.products)
        return [_product(product, categories) for product in self.shop.products]

    def _refunds(self) -> list[Record]:
        return [_refund(order, refund) for order in self.shop.orders for refund in order.refunds]

    def _refunds_of_order(self, request: Request) -> list[Record]:
        number = int(request.parts["id"])
        return [record for record in self._refunds() if record["parent_id"] == number]

    def _variations(self) -> list[Record]:
        return [_variation(product, variation) for product in self.shop.products for variation in product.variations]

    def _variations_of_product(self, request: Request) -> list[Record]:
        number = int(request.parts["id"])
        return [record for record in self._variations() if record["parent_id"] == number]


def _give_page(records: Sequence[Record], params: dict[str, str]) -> Reply:
    """Answer with a page of what meets the conditions, and how much there is."""
    size = int(params.get("per_page", "10"))
    if not 1 <= size <= MOST_PER_PAGE:
        return Reply({"code": "rest_invalid_param"}, 400)
    for name, column in (("after", "date_created_gmt"), ("modified_after", "date_modified_gmt")):
        if name in params:
            if params.get("dates_are_gmt") != "true":
                return Reply({"code": "the test asks for UTC"}, 400)
            records = [record for record in records if (record.get(column) or "") > params[name]]
    if "include" in params:
        ids = {int(text) for text in params["include"].split(",")}
        records = [record for record in records if record["id"] in ids]
    column = {"date": "date_created_gmt", "id": "id"}[params.get("orderby", "date")]
    ordered = sorted(
        records, key=lambda record: (record[column] or "", record["id"]), reverse=params.get("order") == "desc"
    )
    page = int(params.get("page", "1"))
    shown = ordered[(page - 1) * size : page * size]
    headers = {"X-WP-Total": str(len(ordered)), "X-WP-TotalPages": str(-(-len(ordered) // size))}
    return Reply([_choose_fields(record, params.get("_fields", "")) for record in shown], headers=headers)


def _choose_fields(record: Record, fields: str) -> Record:
    """Leave out what was not asked for; a dot leads into a part."""
    if not fields:
        return record
    chosen: Record = {}
    for name in fields.split(","):
        outer, _, inner = name.partition(".")
        if outer in record and inner:
            chosen.setdefault(outer, {}).update({inner: record[outer][inner]} if inner in record[outer] else {})
        elif outer in record:
            chosen[outer] = record[outer]
    return chosen


def _gmt(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}"


def _address(customer: WooCustomer) -> Record:
    return {
        "first_name": "Ada",
        "last_name": "Example",
        "address_1": "1 High Street",
        "company": customer.company,
        "city": customer.city,
        "state": "",
        "country": "GB",
        "phone": customer.phone,
    }


def _consent(customer: WooCustomer) -> list[Record]:
    if customer.consent is None:
        return [{"id": 1, "key": "_other", "value": "x"}]
    return [{"id": 1, "key": CONSENT_KEY, "value": "1" if customer.consent else "0"}]


def _order(order: WooOrder) -> Record:
    tax = tax_of(order.net)
    return {
        "id": order.id,
        "number": str(order.id),
        "status": order.status,
        "currency": "GBP",
        "date_created_gmt": _gmt(order.created),
        "date_modified_gmt": _gmt(order.modified),
        "discount_total": pounds(order.discount),
        "shipping_total": pounds(POSTAGE),
        "total": pounds(order.net + tax),
        "total_tax": pounds(tax),
        "prices_include_tax": False,
        "customer_id": order.customer.account,
        "billing": _address(order.customer) | {"email": order.customer.email},
        "shipping": dict.fromkeys(("first_name", "company", "city", "state", "country", "phone"), ""),
        "meta_data": _consent(order.customer),
        "line_items": [_item(item) for item in order.items],
        "refunds": [{"id": refund.id, "reason": "", "total": f"-{pounds(refund.amount)}"} for refund in order.refunds],
    }


def _item(item: WooItem) -> Record:
    return {
        "id": item.id,
        "name": item.name,
        "product_id": item.product.id,
        "variation_id": item.variation.id if item.variation else 0,
        "quantity": item.quantity,
        "subtotal": pounds(item.subtotal),
        "subtotal_tax": pounds(tax_of(item.subtotal)),
        "total": pounds(item.total),
        "total_tax": pounds(tax_of(item.total)),
        "meta_data": [],
        "sku": item.sku,
        "price": item.total / item.quantity / 100,
    }


def _refund(order: WooOrder, refund: WooRefund) -> Record:
    lines = [
        {
            "id": refund.id * 10 + place,
            "quantity": -quantity,
            "total": f"-{pounds(amount)}",
            "total_tax": f"-{pounds(tax_of(amount))}",
            "meta_data": [{"id": 1, "key": "_refunded_item_id", "value": str(item_id)}],
        }
        for place, (item_id, (quantity, amount)) in enumerate(refund.items.items())
    ]
    postage = {"id": 1, "total": f"-{pounds(refund.postage)}", "total_tax": f"-{pounds(tax_of(refund.postage))}"}
    return {
        "id": refund.id,
        "parent_id": order.id,
        "date_created_gmt": _gmt(refund.created),
        "date_modified_gmt": _gmt(refund.created),
        "amount": pounds(refund.amount),
        "line_items": lines,
        "shipping_lines": [postage] if refund.postage else [],
    }


def _categories(products: Sequence[WooProduct]) -> dict[str, Record]:
    """Every category and those above it, by its path."""
    records: dict[str, Record] = {}
    for path in (path for product in products for path in product.categories):
        names = path.split(" > ")
        for depth in range(1, len(names) + 1):
            above = records.get(" > ".join(names[: depth - 1]))
            parent = above["id"] if above else 0
            records.setdefault(
                " > ".join(names[:depth]), {"id": 700 + len(records), "name": names[depth - 1], "parent": parent}
            )
    return records


CATALOGUE_DAY: Final = "2025-06-01T10:00:00"


def _product(product: WooProduct, categories: Mapping[str, Record]) -> Record:
    return {
        "id": product.id,
        "type": "variable" if product.variations else "simple",
        "sku": product.sku,
        "name": product.name,
        "status": product.status,
        # a draft that was never published has no date in UTC
        "date_created_gmt": None if product.status == "draft" else CATALOGUE_DAY,
        "date_modified_gmt": CATALOGUE_DAY,
        "short_description": "",
        "description": product.description,
        "sale_price": "",
        "regular_price": "" if product.variations else pounds(product.price),
        "categories": [
            {"id": record["id"], "name": record["name"]}
            for path, record in categories.items()
            if path in product.categories
        ],
        "tags": [{"id": 1, "name": tag} for tag in product.tags],
        "images": [{"id": 1, "src": f"https://garden.example/{product.id}.jpg"}],
        "attributes": [],
        "parent_id": 0,
    }


def _variation(product: WooProduct, variation: WooVariation) -> Record:
    return {
        "id": variation.id,
        "parent_id": product.id,
        # a variation without a SKU shows its product's
        "sku": variation.sku or product.sku,
        "name": ", ".join(variation.options),
        "status": "publish",
        "date_created_gmt": CATALOGUE_DAY,
        "date_modified_gmt": CATALOGUE_DAY,
        "sale_price": "",
        "regular_price": pounds(product.price),
        "attributes": [{"id": 0, "name": "Choice", "option": option} for option in variation.options],
    }


def _customer(customer: WooCustomer) -> Record:
    return {
        "id": customer.account,
        "email": customer.email,
        "date_created_gmt": "2025-01-01T10:00:00",
        "billing": _address(customer) | {"email": customer.email},
        "shipping": dict.fromkeys(("first_name", "company", "city", "state", "country", "phone"), ""),
        "meta_data": _consent(customer),
    }
