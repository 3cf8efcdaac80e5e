"""A small Shopify shop whose exports hold what real ones do, with the truth beside them.

Three exports overlap. Between two of them orders are paid, edited, part-refunded, refunded and cancelled; products are
renamed and half of all lines have no SKU; some orders are in a second currency; postage protection, gift cards, tips,
free samples, test orders and guests stand among the purchases; e-mail addresses are written in several ways.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

TIME_ZONE = "America/New_York"
START = dt.date(2025, 1, 6)
DAYS = 420
EXPORTS = ((0, 200), (160, 330), (300, DAYS))
"""First day, and the day of the export, up to which orders are in it."""
CAD = 1.35
HEADER = (
    *("Name", "Email", "Financial Status", "Fulfillment Status", "Accepts Marketing", "Currency", "Subtotal"),
    *("Shipping", "Taxes", "Total", "Discount Amount", "Created at", "Lineitem quantity", "Lineitem name"),
    *("Lineitem price", "Lineitem sku", "Shipping City", "Shipping Country", "Cancelled at", "Payment Method"),
    *("Refunded Amount", "Vendor", "Lineitem discount", "Tags"),
)
KINDS = {"Mug": 15.0, "Throw": 80.0, "Candle": 24.0, "Notebook": 12.0, "Tea": 9.0}
MOODS = ("Fox", "Fern", "Coral", "Moon", "Desert", "River", "Ember", "Frost")
EXTRAS = (
    ("Shipping Protection by Route", 1.95, "ROUTEINS10", 0.06),
    ("Fable Gift Card - $50.00", 50.0, "", 0.02),
    ("Tip", 3.0, "", 0.02),
    ("Free Sticker Pack", 0.0, "", 0.03),
)


@dataclass
class Product:
    """What is sold."""

    number: int
    title: str
    price: float
    first_day: int
    variants: tuple[str, ...] = ("",)
    renamed_on: int | None = None

    def title_on(self, day: int) -> str:
        """Its title on a day."""
        return self.title if self.renamed_on is None or day < self.renamed_on else f"The {self.title} II"


@dataclass
class Order:
    """An order, and what becomes of it."""

    number: int
    day: int
    stamp: str
    email: str
    opted_in: bool
    currency: str
    lines: list[list]
    discount: float
    fate: str
    changed_on: int
    added: list | None = None
    refund: float = 0.0

    def state(self, day: int) -> str:
        """What has become of it by a day."""
        return self.fate if day >= self.changed_on else "paid"


@dataclass
class MessyShop:
    """The files of the shop, and what is true about it.

    Attributes:
        exports: The orders exports, each with the rows of its orders, the newest order first.
        titles: Number of the product of each title, without its variant.
        renamed: Number of renamed products.
    """

    seed: int = 3
    customers: int = 260
    products: list[Product] = field(default_factory=list)
    exports: list[list[list[dict]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._add_products()
        orders = self._add_orders()
        for first, until in EXPORTS:
            within = [order for order in orders if first <= order.day < until]
            self.exports.append([_rows(order, until) for order in reversed(within)])

    @property
    def titles(self) -> dict[str, int]:
        """The product of each title."""
        return {product.title_on(day): product.number for product in self.products for day in (0, DAYS)}

    @property
    def renamed(self) -> int:
        """Number of renamed products."""
        return sum(product.renamed_on is not None for product in self.products)

    def write(self, folder: Path) -> list[Path]:
        """Write the orders exports, one with a byte order mark, one with the line ends of Windows."""
        files = []
        for number, orders in enumerate(self.exports):
            rows = [row for order in orders for row in order]
            end = "\r\n" if number == 1 else "\n"
            files.append(write_rows(folder / f"orders_export_{number + 1}.csv", rows, bom=not number, end=end))
        return files

    def _add_products(self) -> None:
        for kind, price in KINDS.items():
            for mood in self.random.sample(MOODS, 5):
                first_day = self.random.choice((-1, -1, -1, self.random.randrange(90, DAYS - 60)))
                variants = ("8 oz", "12 oz") if kind == "Candle" else ("",)
                number = len(self.products)
                self.products.append(Product(number, f"{mood} {kind}", price + number / 4, first_day, variants))
        for product in self.random.sample([item for item in self.products if item.first_day < 0], 4):
            product.renamed_on = self.random.randrange(100, 300)

    def _add_orders(self) -> list[Order]:
        times = sorted((self.random.randrange(DAYS), self.random.randrange(82_800)) for _ in range(self.customers * 5))
        return [self._order(1000 + number, day, second) for number, (day, second) in enumerate(times)]

    def _order(self, number: int, day: int, second: int) -> Order:
        draw = self.random.random
        customer = self.random.randrange(self.customers)
        email = f"person{customer}@example.com"
        email = self.random.choice((email, email, email, email.upper(), f" {email} ", "" if draw() < 0.2 else email))
        currency = "CAD" if draw() < 0.05 else "USD"
        factor = CAD if currency == "CAD" else 1.0
        sold = [product for product in self.products if product.first_day <= day]
        lines = [self._line(product, day, factor) for product in self.random.sample(sold, 1 + int(draw() * 3))]
        for title, price, sku, share in EXTRAS:
            if draw() < share:
                lines.append([title, 1, round(price * factor, 2), sku])
        value = sum(quantity * price for _, quantity, price, _ in lines)
        discount = round(0.1 * value, 2) if draw() < 0.2 else 0.0
        fates = ("paid", "cancelled", "refunded", "partial", "edited", "voided", "test")
        fate = self.random.choices(fates, (80, 4, 4, 6, 3, 1, 1))[0]
        midnight = dt.datetime.combine(START + dt.timedelta(day), dt.time(), ZoneInfo(TIME_ZONE))
        instant = midnight.astimezone(dt.UTC) + dt.timedelta(seconds=second)
        stamp = instant.astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%d %H:%M:%S %z")
        order = Order(number, day, stamp, email, draw() < 0.6, currency, lines, discount, fate, day + 1)
        order.changed_on = day + self.random.randrange(1, 60)
        if fate == "partial":
            order.refund = round(lines[0][1] * lines[0][2], 2)
        if fate == "edited":
            order.added = self._line(self.random.choice(sold), day, factor)
        return order

    def _line(self, product: Product, day: int, factor: float) -> list:
        variant = self.random.choice(product.variants)
        title = product.title_on(day) + (f" - {variant}" if variant else "")
        sku = f"FB{product.number:03d}" + (f"-{variant[:2].strip()}" if variant else "")
        quantity = 2 if self.random.random() < 0.15 else 1
        return [title, quantity, round(product.price * factor, 2), self.random.choice((sku, ""))]


def _rows(order: Order, export_day: int) -> list[dict]:
    """The rows of an order in an export of a day."""
    state = order.state(export_day)
    lines = [*order.lines, *([order.added] if state == "edited" and order.added else [])]
    value = sum(quantity * price for _, quantity, price, _ in lines)
    subtotal = round(value - order.discount, 2)
    total = round(subtotal + 5.95 + 0.06 * subtotal, 2)
    statuses = {"cancelled": "refunded", "refunded": "refunded", "partial": "partially_refunded", "voided": "voided"}
    refunds = {"cancelled": total, "refunded": total, "partial": min(order.refund, total)}
    fields = {
        "Financial Status": statuses.get(state, "paid"),
        "Fulfillment Status": "unfulfilled" if state == "cancelled" else "fulfilled",
        "Accepts Marketing": "yes" if order.opted_in else "no",
        "Currency": order.currency,
        "Subtotal": f"{subtotal:.2f}",
        "Shipping": "5.95",
        "Taxes": f"{0.06 * subtotal:.2f}",
        "Total": f"{total:.2f}",
        "Discount Amount": f"{order.discount:.2f}",
        "Shipping City": "Springfield",
        "Shipping Country": "US",
        "Cancelled at": order.stamp if state == "cancelled" else "",
        "Payment Method": "Bogus (for testing)" if order.fate == "test" else "Shopify Payments",
        "Refunded Amount": f"{refunds.get(state, 0.0):.2f}",
    }
    rows = []
    for title, quantity, price, sku in lines:
        row = {"Name": f"#{order.number}", "Email": order.email, "Created at": order.stamp}
        item = {"Lineitem name": title, "Lineitem quantity": quantity, "Lineitem price": f"{price:.2f}"}
        rows.append(row | item | {"Lineitem sku": sku, "Vendor": "Fable", "Lineitem discount": "0.00"})
    rows[0] |= fields
    return rows


def write_rows(file: Path, rows: list[dict], *, bom: bool = False, end: str = "\n") -> Path:
    """Write rows of an orders export."""
    with file.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, HEADER, restval="", lineterminator=end)
        writer.writeheader()
        writer.writerows(rows)
    return file
