"""How WooCommerce is spoken to: the calls that may be made, the key in a header, and what is asked of each record."""

from __future__ import annotations

import base64
from typing import Final
from urllib.parse import urlsplit

from frontrow.errors import SettingError
from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.client import ClientSettings
from frontrow.remote.secrets import Secret

SERVICE: Final = "WooCommerce"
SITE: Final = "/"
ORDERS: Final = "/wc/v3/orders"
ORDER_REFUNDS: Final = "/wc/v3/orders/{id}/refunds"
REFUNDS: Final = "/wc/v3/refunds"
PRODUCTS: Final = "/wc/v3/products"
PRODUCT_VARIATIONS: Final = "/wc/v3/products/{id}/variations"
VARIATIONS: Final = "/wc/v3/variations"
CATEGORIES: Final = "/wc/v3/products/categories"
CUSTOMERS: Final = "/wc/v3/customers"

ALLOWED: Final = AllowedCalls(
    tuple(
        ("GET", path)
        for path in (
            *(SITE, ORDERS, ORDER_REFUNDS, REFUNDS, PRODUCTS, PRODUCT_VARIATIONS, VARIATIONS, CATEGORIES, CUSTOMERS),
        )
    )
)
"""Everything is read; nothing that WooCommerce can change can be reached."""

REQUESTS_PER_SECOND: Final = 4.0
"""WooCommerce states no limit; a small shop's server has other visitors."""

# names and streets are not asked for: nothing needs them
ORDER_FIELDS: Final = (
    *("id", "number", "status", "currency", "date_created_gmt", "date_modified_gmt"),
    *("discount_total", "total", "total_tax", "line_items", "refunds"),
    *("billing.email", "billing.phone", "billing.company", "billing.city", "billing.state", "billing.country"),
    *("shipping.company", "shipping.city", "shipping.state", "shipping.country"),
)
REFUND_FIELDS: Final = ("id", "parent_id", "date_created_gmt", "amount", "line_items", "shipping_lines")
PRODUCT_FIELDS: Final = (
    *("id", "type", "sku", "name", "status", "short_description", "description", "sale_price", "regular_price"),
    *("categories", "tags", "brands", "images", "attributes", "parent_id", "cost_of_goods_sold"),
)
VARIATION_FIELDS: Final = ("id", "parent_id", "sku", "name", "status", "sale_price", "regular_price", "attributes")
CATEGORY_FIELDS: Final = ("id", "name", "parent")
CUSTOMER_FIELDS: Final = ("id", "email", "billing.phone", "shipping.phone")


def client_settings(address: str, key: Secret, secret: Secret) -> ClientSettings:
    """How to speak to a shop; the key goes in a header, never in the address, which servers write to their logs.

    Args:
        address: Of the shop's site, such as https://garden.example.
        key: The consumer key, `ck_...`.
        secret: The consumer secret, `cs_...`.

    Raises:
        SettingError: The address is none.
    """
    parts = urlsplit(address.strip())
    if not parts.scheme or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingError("url", "The address of the shop looks like https://garden.example, with nothing after it.")
    pair = base64.b64encode(f"{key.reveal()}:{secret.reveal()}".encode()).decode()
    base = address.strip().rstrip("/").removesuffix("/wp-json")
    return ClientSettings(
        base_url=f"{base}/wp-json",
        service=SERVICE,
        allowed=ALLOWED,
        headers={"Authorization": Secret(f"Basic {pair}"), "Accept": "application/json"},
        requests_per_second=REQUESTS_PER_SECOND,
    )
