"""A WooCommerce shop made by chance, for both roads into frontrow: the interface's records and the exports' files.

The two are written from the same orders by code that has nothing in common, so that a test may ask whether they give
the same shop. Amounts are whole pennies; all times lie at day, when no clock is changed.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from frontrow.tables.csv_output import write_csv

ZONE: Final = ZoneInfo("Europe/London")
TAX: Final = 20
"""Per cent."""

POSTAGE: Final = 500
REFUND_IDS: Final = 10_000_000
"""Refunds are orders with numbers of their own."""

STATUSES: Final = (
    *("completed",) * 14,
    *("processing", "on-hold", "pending", "failed", "cancelled", "refunded", "checkout-draft"),
)
LABELS: Final = {
    "on-hold": "On hold",
    "pending": "Pending payment",
    "checkout-draft": "Draft",
}
CONSENT_KEY: Final = "mailchimp_woocommerce_is_subscribed"


@dataclass(frozen=True)
class WooVariation:
    """One choice of a product: its id, SKU (empty for none) and the values of its attributes."""

    id: int
    sku: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class WooProduct:
    """A product; one without variations is a simple one. Prices are pennies."""

    id: int
    name: str
    sku: str
    price: int
    categories: tuple[str, ...]
    variations: tuple[WooVariation, ...] = ()
    status: str = "publish"
    tags: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class WooItem:
    """An item of an order; `subtotal` is before and `total` after coupons, in pennies without taxes."""

    id: int
    product: WooProduct
    variation: WooVariation | None
    quantity: int
    subtotal: int
    total: int

    @property
    def name(self) -> str:
        """As WooCommerce writes it on an order."""
        options = ", ".join(self.variation.options) if self.variation else ""
        return f"{self.product.name} - {options}" if options else self.product.name

    @property
    def sku(self) -> str:
        """Of the variation, else of its product."""
        return (self.variation.sku if self.variation else "") or self.product.sku


@dataclass(frozen=True)
class WooRefund:
    """Given back: pennies without taxes by item, of the postage, and an amount with taxes that names no item."""

    id: int
    created: dt.datetime
    items: dict[int, tuple[int, int]] = field(default_factory=dict)
    postage: int = 0
    unnamed: int = 0

    @property
    def amount(self) -> int:
        """All of it, with taxes."""
        net = sum(amount for _, amount in self.items.values()) + self.postage
        return net + tax_of(net) + self.unnamed


@dataclass(frozen=True)
class WooCustomer:
    """Somebody who buys; a guest has no account."""

    account: int
    email: str
    phone: str
    company: str
    city: str
    consent: bool | None


@dataclass(frozen=True)
class WooOrder:
    """An order with its refunds; times are in UTC."""

    id: int
    customer: WooCustomer
    created: dt.datetime
    modified: dt.datetime
    status: str
    items: tuple[WooItem, ...]
    refunds: tuple[WooRefund, ...] = ()

    @property
    def net(self) -> int:
        """What is paid for items and postage, without taxes."""
        return sum(item.total for item in self.items) + POSTAGE

    @property
    def discount(self) -> int:
        """What coupons took off, without taxes."""
        return sum(item.subtotal - item.total for item in self.items)


@dataclass
class WooShop:
    """The shop; tests change its orders and let the server show them."""

    products: list[WooProduct]
    customers: list[WooCustomer]
    orders: list[WooOrder]

    def change_order(self, number: int, **changes: Any) -> None:
        """Put an order into another state, as of now."""
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        place = next(place for place, order in enumerate(self.orders) if order.id == number)
        self.orders[place] = replace(self.orders[place], modified=now, **changes)

    def write_exports(self, folder: Path, *, with_consent: bool = True) -> list[Path]:
        """Write the files that a person would bring: orders by a plug-in, products and customers by WooCommerce.

        Args:
            folder: Is made.
            with_consent: Add the plug-in's field of consent to orders and to customers with an account, who are then
                the only ones: WooCommerce's own report has guests too, and no consent.
        """
        folder.mkdir(parents=True)
        orders, customers = self._order_rows(), self._customer_rows(with_consent=with_consent)
        if not with_consent:
            orders = [{name: cell for name, cell in row.items() if name != CONSENT_KEY} for row in orders]
        tables = {"orders": orders, "products": self._product_rows(), "customers": customers}
        for name, rows in tables.items():
            write_csv(pl.DataFrame(rows, infer_schema_length=None), folder / f"{name}.csv", byte_order_mark=True)
        return [folder / f"{name}.csv" for name in tables]

    def _order_rows(self) -> list[dict[str, Any]]:
        """What Advanced Order Export writes, with the columns that docs/sources/woocommerce.md asks to tick."""
        rows = []
        for order in sorted(self.orders, key=lambda order: order.id, reverse=True):
            customer = order.customer
            shared = {
                "Order Number": order.id,
                "Order Status": LABELS.get(order.status, order.status.capitalize()),
                "Order Date": f"{order.created.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
                "Modification Date": f"{order.modified.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
                "Currency": "GBP",
                "First Name (Billing)": "Ada",
                "Company (Billing)": customer.company,
                "City (Billing)": customer.city,
                "State Code (Billing)": "",
                "Country Code (Billing)": "GB",
                "Email (Billing)": customer.email,
                "Phone (Billing)": customer.phone,
                CONSENT_KEY: {None: "", True: "1", False: "0"}[customer.consent],
                "Cart Discount Amount": pounds(order.discount),
                "Order Subtotal Amount": pounds(sum(item.subtotal for item in order.items)),
                "Order Shipping Amount": pounds(POSTAGE),
                "Order Refund Amount": pounds(sum(refund.amount for refund in order.refunds)),
                "Order Shipping Amount Refunded": pounds(sum(refund.postage for refund in order.refunds)),
                "Order Shipping Tax Refunded": pounds(tax_of(sum(refund.postage for refund in order.refunds))),
                "Order Total Amount": pounds(order.net + tax_of(order.net)),
                "Order Total Tax Amount": pounds(tax_of(order.net)),
            }
            for place, item in enumerate(order.items, 1):
                back = sum(refund.items.get(item.id, (0, 0))[1] for refund in order.refunds)
                rows.append(
                    shared
                    | {
                        "Item #": place,
                        "SKU": item.sku,
                        "Product Id": item.product.id,
                        "Item Name": item.name,
                        "Quantity": item.quantity,
                        "Item Cost": f"{item.total / item.quantity / 100:.2f}",
                        "Order Line Subtotal": pounds(item.subtotal),
                        "Order Line Total": pounds(item.total),
                        "Order Line Total Refunded": pounds(back),
                        "Order Line Tax Refunded": pounds(tax_of(back)),
                    }
                )
        return rows

    def _product_rows(self) -> list[dict[str, Any]]:
        """What Products > Export writes, of the columns that matter here."""
        rows = []
        published = {"publish": 1, "private": 0, "draft": -1}
        for product in self.products:
            common = {"Published": published[product.status], "Is featured?": 0}
            rows.append(
                {
                    "ID": product.id,
                    "Type": "variable" if product.variations else "simple",
                    "SKU": product.sku,
                    "Name": product.name,
                    **common,
                    "Short description": "",
                    "Description": product.description.replace("\n", "\\n"),
                    "Sale price": "",
                    "Regular price": "" if product.variations else pounds(product.price),
                    "Categories": ", ".join(category.replace(",", "\\,") for category in product.categories),
                    "Tags": ", ".join(product.tags),
                    "Images": f"https://garden.example/{product.id}.jpg",
                    "Parent": "",
                    "Attribute 1 value(s)": "",
                    "Attribute 2 value(s)": "",
                }
            )
            for variation in product.variations:
                options = (*variation.options, "")
                rows.append(
                    {
                        **dict.fromkeys(rows[-1], ""),
                        **common,
                        "ID": variation.id,
                        "Type": "variation",
                        "SKU": variation.sku,
                        "Name": f"{product.name} - {', '.join(variation.options)}",
                        "Regular price": pounds(product.price),
                        "Parent": product.sku or f"id:{product.id}",
                        "Attribute 1 value(s)": options[0],
                        "Attribute 2 value(s)": options[1],
                    }
                )
        return [{name: str(cell) for name, cell in row.items()} for row in rows]

    def _customer_rows(self, *, with_consent: bool) -> list[dict[str, Any]]:
        """What Analytics > Customers > Download writes, or the same of accounts with their field of consent."""
        buyers = {order.customer.email for order in self.orders}
        return [
            {
                "Name": "Ada Example",
                "Username": "ada" if customer.account else "",
                "Last Active": "2026-05-01 10:00:00",
                "Sign Up": "2025-01-01 10:00:00" if customer.account else "",
                "Email": customer.email,
                "Orders": 1,
                "Total Spend": "0",
                "AOV": "0",
                "Country / Region": "GB",
                "Billing Phone": customer.phone,
                **(
                    {"Accepts Marketing": {None: "", True: "yes", False: "no"}[customer.consent]}
                    if with_consent
                    else {}
                ),
            }
            for customer in self.customers
            if customer.account or (customer.email in buyers and not with_consent)
        ]


def pounds(pennies: int) -> str:
    """An amount as WooCommerce writes it.

    Example:
        >>> pounds(1205)
        '12.05'
    """
    return f"{pennies // 100}.{pennies % 100:02d}"


def tax_of(pennies: int) -> int:
    """The tax on an amount without it, in whole pennies.

    Example:
        >>> tax_of(1250)
        250
    """
    return (pennies * TAX + 50) // 100


def make_shop(orders: int = 60, *, seed: int = 7) -> WooShop:
    """Make a shop with simple and variable products, guests, coupons, refunds of each kind and all statuses.

    Args:
        orders: How many.
        seed: Of the generator.
    """
    chance = random.Random(seed)
    products = _make_products()
    customers = [_make_customer(chance, number) for number in range(max(4, orders // 3))]
    first = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
    made = [_make_order(chance, number, products, customers, first, orders) for number in range(orders)]
    return WooShop(products, customers, made)


def _make_products() -> list[WooProduct]:
    sizes = [WooVariation(130 + place, f"SHIRT-{size}", ("Blue", size)) for place, size in enumerate(("S", "M", "L"))]
    pots = [WooVariation(140, "", ("20 cm",)), WooVariation(141, "", ("30 cm",))]
    return [
        WooProduct(11, "Linen shirt", "SHIRT", 4200, ("Clothing", "Clothing > Shirts, tops"), tuple(sizes)),
        WooProduct(12, "Terracotta pot", "POT", 1250, ("Garden",), tuple(pots), description="<p>Clay</p>\n<p>red</p>"),
        WooProduct(13, "Herb seed mix", "SEED", 320, ("Garden > Seeds",), tags=("herbs", "seeds")),
        WooProduct(14, "Watering can", "", 2799, ("Garden",)),
        WooProduct(15, "Seed spoon", "SPOON", 999, (), status="draft"),
    ]


def _make_customer(chance: random.Random, number: int) -> WooCustomer:
    return WooCustomer(
        account=0 if number % 3 == 2 else 500 + number,
        email=f"buyer{number}@example.com",
        phone=f"0770090{number % 1000:04d}" if number % 2 else "",
        company="Fern & Co" if number % 5 == 0 else "",
        city=chance.choice(("Bath", "York", "Ely")),
        consent=chance.choice((True, False, None)),
    )


def _make_order(
    chance: random.Random,
    number: int,
    products: list[WooProduct],
    customers: list[WooCustomer],
    first: dt.datetime,
    orders: int,
) -> WooOrder:
    # three orders share each second, so that pages end in the middle of one
    created = first + dt.timedelta(days=(number // 3) * 100 // max(orders // 3, 1), seconds=(number // 3) % 7200)
    items = tuple(_make_item(chance, number * 10 + place, products) for place in range(chance.randint(1, 3)))
    order = WooOrder(1000 + number, chance.choice(customers), created, created, chance.choice(STATUSES), items)
    refunds = _make_refunds(chance, order)
    modified = max((refund.created for refund in refunds), default=created + dt.timedelta(hours=1))
    return replace(order, refunds=refunds, modified=modified)


def _make_item(chance: random.Random, number: int, products: list[WooProduct]) -> WooItem:
    product = chance.choice(products[:4])
    variation = chance.choice(product.variations) if product.variations else None
    quantity = chance.randint(1, 3)
    subtotal = product.price * quantity
    total = subtotal - subtotal * chance.choice((0, 0, 0, 10)) // 100
    return WooItem(number, product, variation, quantity, subtotal, total)


def _make_refunds(chance: random.Random, order: WooOrder) -> tuple[WooRefund, ...]:
    later = order.created + dt.timedelta(days=2)
    first = order.items[0]
    if order.status == "refunded":
        items = {item.id: (item.quantity, item.total) for item in order.items}
        return (WooRefund(order.id * 10 + REFUND_IDS, later, items, POSTAGE),)
    if order.status != "completed" or chance.random() > 0.3:
        return ()
    kind = chance.randint(0, 2)
    if kind == 0:
        return (WooRefund(order.id * 10 + REFUND_IDS, later, {first.id: (1, first.total // first.quantity)}),)
    if kind == 1:
        return (WooRefund(order.id * 10 + REFUND_IDS, later, unnamed=240),)
    again = WooRefund(order.id * 10 + 1 + REFUND_IDS, later + dt.timedelta(days=1), postage=POSTAGE)
    return (WooRefund(order.id * 10 + REFUND_IDS, later, {first.id: (1, first.total // first.quantity)}), again)
