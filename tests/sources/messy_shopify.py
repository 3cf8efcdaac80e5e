"""A small Shopify shop with everything that may happen to an order, written as the shop's own exports."""

import csv
from pathlib import Path

from frontrow.synthetic.shopify_export import CUSTOMERS_HEADER, PRODUCTS_HEADER
from frontrow.synthetic.shopify_orders import ORDERS_HEADER

EXTRA = ("Updated at", "Removed quantity", "Original subtotal", "Original total", "Moved at")
"""What the API knows and an export does not say; only the server reads these columns."""

ANN, BOB = {"Email": "ann@example.com"}, {"Email": "Bob@Example.COM", "Accepts Marketing": "yes"}
MUG = ("Fox Mug", "MUG-1", "14.00", 1)
TEE = ("Organic Tee - Blue / S", "TEE-B-S", "29.00", 1)
GONE = ("Sold-out Lamp - Brass", "", "89.90", 1)
RULES = {"exchange_rates": "CAD=0.68,USD=0.92"}


def write_messy_exports(folder):
    """Write the exports; the files by kind, and the file of orders as the server reads it."""
    folder = Path(folder)
    rows = [row for number, order in enumerate(ORDERS) for row in _rows(1001 + number, **order)]
    # an export has the newest order first
    newest = sorted(rows, key=lambda row: row["Name"], reverse=True)
    return {
        "orders": _write(folder / "orders_export.csv", ORDERS_HEADER, newest),
        "server": _write(folder / "orders_of_the_server.csv", (*ORDERS_HEADER, *EXTRA), newest),
        "products": _write(folder / "products_export.csv", PRODUCTS_HEADER, PRODUCTS),
        "customers": _write(folder / "customers_export.csv", CUSTOMERS_HEADER, CUSTOMERS),
    }


def _write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _rows(number, day, lines, fields=None, items=()):
    """The rows of an order: `day` counts from January 2026, `items` says more of each line."""
    worth = sum(float(price) * quantity for _, _, price, quantity in lines)
    month, date = divmod(day, 28)
    own = {
        "Financial Status": "paid",
        "Fulfillment Status": "fulfilled",
        "Accepts Marketing": "no",
        "Currency": "EUR",
        "Subtotal": f"{worth:.2f}",
        "Total": f"{worth + 5:.2f}",
        "Discount Amount": "0.00",
        "Refunded Amount": "0.00",
        "Payment Method": "Shopify Payments",
        "Shipping Country": "DE",
        "Shipping City": "Köln",
        "Billing Country": "AT",
        "Id": str(5_500_000_000_000 + number),
        **(fields or {}),
    }
    # midnight is near, so that the shop's own clock decides the day; its offset changes with daylight saving
    offset = "+0200" if 3 <= month < 10 else "+0100"
    stamp = f"2026-{month + 1:02d}-{date + 1:02d} 00:{number % 60:02d}:00 {offset}"
    rows = []
    for place, (title, sku, price, quantity) in enumerate(lines):
        item = {
            "Lineitem name": title,
            "Lineitem sku": sku,
            "Lineitem price": price,
            "Lineitem quantity": quantity,
            "Lineitem discount": "0.00",
            "Vendor": "Fable",
            **(items[place] if place < len(items) else {}),
        }
        shared = {"Name": f"#{number}", "Email": own.get("Email", ""), "Created at": stamp}
        rows.append({**shared, **item} if place else {**own, **shared, **item})
    return rows


ORDERS = [
    {"day": 0, "lines": [(*MUG[:3], 2), TEE], "fields": ANN},
    # guests, by phone only and with nothing at all
    {"day": 1, "lines": [MUG], "fields": {"Phone": "'+4915112345678"}},
    {"day": 2, "lines": [TEE], "fields": {"Payment Method": ""}},
    # orders that are none
    {"day": 3, "lines": [MUG], "fields": {**BOB, "Cancelled at": "2026-01-06 10:00:00 +0100"}},
    {"day": 4, "lines": [TEE, MUG], "fields": {**BOB, "Financial Status": "refunded", "Refunded Amount": "48.00"}},
    {"day": 5, "lines": [MUG], "fields": {**ANN, "Financial Status": "voided"}},
    {"day": 6, "lines": [MUG], "fields": {**ANN, "Financial Status": "expired"}},
    {"day": 7, "lines": [MUG], "fields": {**ANN, "Payment Method": "(for testing) Bogus Gateway"}},
    {"day": 8, "lines": [MUG], "fields": {**ANN, "Tags": "internal, test"}},
    # given back in part: an item, more than the items, postage only
    {
        "day": 9,
        "lines": [MUG, TEE],
        "fields": {**ANN, "Financial Status": "partially_refunded", "Refunded Amount": "14"},
    },
    {"day": 10, "lines": [MUG], "fields": {**BOB, "Financial Status": "partially_refunded", "Refunded Amount": "16.5"}},
    {"day": 11, "lines": [TEE], "fields": {**BOB, "Financial Status": "partially_refunded", "Refunded Amount": "5.0"}},
    # discounts: of the whole order, of a line, of both, and of postage
    {
        "day": 12,
        "lines": [MUG, TEE],
        "fields": {**ANN, "Discount Code": "TEN", "Discount Amount": "4.30", "Subtotal": "38.70", "Total": "43.70"},
    },
    {
        "day": 13,
        "lines": [(*MUG[:3], 3), TEE],
        "fields": {**BOB, "Discount Amount": "8.40", "Subtotal": "62.60", "Total": "67.60"},
        "items": [{"Lineitem discount": "8.40"}],
    },
    {
        "day": 14,
        "lines": [MUG, TEE],
        "fields": {**BOB, "Discount Code": "A, B", "Discount Amount": "6.10", "Subtotal": "36.90", "Total": "41.90"},
        "items": [{"Lineitem discount": "2.00"}],
    },
    {"day": 15, "lines": [MUG], "fields": {**ANN, "Discount Code": "FREESHIP", "Discount Amount": "5.00"}},
    # other currencies; one has no rate
    {"day": 16, "lines": [("Fox Mug", "MUG-1", "21.50", 1)], "fields": {**BOB, "Currency": "CAD"}},
    {"day": 17, "lines": [("Fox Mug", "MUG-1", "16.00", 2)], "fields": {**ANN, "Currency": "USD"}},
    {"day": 18, "lines": [MUG], "fields": {**ANN, "Currency": "SEK"}},
    # edited before it was paid: one unit and a whole line were taken off; another order got a line more
    {
        "day": 19,
        "lines": [(*MUG[:3], 1), (*TEE[:3], 0)],
        "fields": {**ANN, "Original subtotal": "57.00", "Original total": "62.00"},
        "items": [{"Removed quantity": "1"}, {"Removed quantity": "1"}],
    },
    {"day": 20, "lines": [MUG, TEE], "fields": {**BOB, "Updated at": "2026-03-01 12:00:00 +0100"}},
    # taken off after it was paid: what was given back says so
    {
        "day": 21,
        "lines": [(*MUG[:3], 2)],
        "fields": {**ANN, "Financial Status": "partially_refunded", "Refunded Amount": "14.00"},
    },
    # products that are not in the shop any more, with and without a variant; a title like a formula
    {"day": 22, "lines": [GONE, ("=Sum of all mugs", "", "3.00", 1)], "fields": {"Email": "zoë@example.com"}},
    {"day": 100, "lines": [("Fox Mug - Gift Edition", "MUG-G", "19.00", 1)], "fields": ANN},
    # free, gift card, tip, shipping protection
    {"day": 101, "lines": [("Sticker", "", "0.00", 1), MUG], "fields": BOB},
    {"day": 102, "lines": [("Gift Card - $50.00", "GIFT-50", "50.00", 1), ("Tip", "", "3.00", 1)], "fields": ANN},
    # on their way, and a company
    {"day": 103, "lines": [MUG], "fields": {**BOB, "Financial Status": "pending", "Fulfillment Status": "unfulfilled"}},
    {"day": 104, "lines": [TEE], "fields": {**BOB, "Financial Status": "authorized", "Fulfillment Status": "partial"}},
    {
        "day": 105,
        "lines": [(*MUG[:3], 120)],
        "fields": {"Email": "hotel@example.com", "Shipping Company": "Hôtel & Söhne", "Shipping Phone": "'+43123456"},
    },
    # from another shop system, moved in years later
    {"day": 106, "lines": [TEE], "fields": {**ANN, "Moved at": "2026-11-01 09:00:00 +0100"}},
    # placed in the same second as the one before, in another city
    {"day": 106, "lines": [TEE, GONE], "fields": {**BOB, "Shipping City": "Graz", "Shipping Country": "AT"}},
]


def _product(handle, title, variants, **fields):
    own = {"Title": title, "Vendor": "Fable", "Status": "active", "Published": "true", **fields}
    names = {f"Option{place + 1} Name": name for place, name in enumerate(variants.pop("names"))}
    rows = []
    for place, (values, sku, price) in enumerate(variants["rows"]):
        options = {f"Option{number + 1} Value": value for number, value in enumerate(values)}
        row = {"Handle": handle, **options, "Variant SKU": sku, "Variant Price": price}
        rows.append(row if place else {**own, **names, **row})
    return rows


ONE = ("Default Title",)
PRODUCTS = [
    *_product(
        "fox-mug",
        "Fox Mug",
        {"names": ["Title"], "rows": [(ONE, "MUG-1", "14.00")]},
        **{"Body (HTML)": "<p>A <b>mug</b> &amp; a fox.\nStoneware.</p>", "Tags": "fox, gift", "Type": "Mug"},
        **{"Image Src": "https://cdn.example/fox.jpg", "Cost per item": "6.10"},
    ),
    *_product(
        "organic-tee",
        "Organic Tee",
        {
            "names": ["Colour", "Size"],
            "rows": [
                (("Blue", "S"), "TEE-B-S", "29.00"),
                (("Blue", "M"), "TEE-B-M", "29.00"),
                (("Red", "S"), "", "31"),
            ],
        },
        **{"Product Category": "Apparel & Accessories > Clothing", "Tags": "cotton"},
    ),
    *_product("gift-card", "Gift Card", {"names": ["Amount"], "rows": [(("$50.00",), "GIFT-50", "50.00")]}),
    *_product("autumn-lamp", "Autumn Lamp", {"names": ["Title"], "rows": [(ONE, "", "0")]}, Status="draft"),
    *_product("old-cup", "Old Cup", {"names": ["Title"], "rows": [(ONE, "CUP", "9.5")]}, Status="archived"),
]


def _customer(number, email, accepts="no", **fields):
    return {
        "Customer ID": f"'{7_300_000_000_000 + number}",
        "First Name": "Ann",
        "Email": email,
        "Accepts Email Marketing": accepts,
        "Accepts SMS Marketing": "no",
        **fields,
    }


CUSTOMERS = [
    _customer(1, "ann@example.com", Tags="VIP, wholesale"),
    _customer(2, "bob@example.com", "yes", Phone="'+4915100000002", **{"Accepts SMS Marketing": "yes"}),
    # nobody who can be identified
    _customer(3, "", "no", Phone="'+4915112345678"),
    _customer(4, "hotel@example.com", "yes", **{"Default Address Company": "Hôtel & Söhne", "Tags": "b2b"}),
    # never ordered; a phone number of the address only
    _customer(5, "Lead@Example.com", "yes", **{"Default Address Phone": "'+43987654"}),
    # there twice, with two answers: a no is a no
    _customer(6, "lead@example.com", "no", Tags="newsletter"),
]
