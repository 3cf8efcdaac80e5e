"""What the exports of WooCommerce and of its plug-ins have in common: order statuses, consent, product ids.

Facts of WooCommerce 10 (its source, read in November 2026). Its analytics leave out orders that are pending, failed,
cancelled, in the bin, or drafts of the checkout; so does frontrow. An order on hold waits for a payment by bank
transfer and counts. Statuses that a plug-in adds count too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.tables.parse import clean_text, parse_flag

CONSENT_COLUMNS: Final = (
    "Accepts Marketing",
    # what two common plug-ins for newsletters write to an order or a customer
    "mailchimp_woocommerce_is_subscribed",
    "kl_newsletter_checkbox",
)
CANCELLED: Final = "cancelled"
REFUNDED: Final = "refunded in full"
NOT_A_PURCHASE: Final[Mapping[str, str]] = {
    "cancelled": CANCELLED,
    "refunded": REFUNDED,
    "failed": "payment failed",
    "pending": "not paid",
    "checkout-draft": "checkout not finished",
    "auto-draft": "draft",
    "draft": "draft",
    "trash": "deleted",
}
"""Why an order of a status is no purchase, by status."""

# the further an order has come, the later the export that says so
PAYMENT_STATES: Final = {"pending": 0, "on-hold": 1, "processing": 3, "completed": 3, "refunded": 5}
FULFILMENT_STATES: Final = {"pending": 0, "on-hold": 0, "processing": 0, "completed": 2}
LABELS: Final = {"pending-payment": "pending"}


def clean_status(column: str) -> pl.Expr:
    """Return a status as WooCommerce stores it; exports write its label, or `wc-` in front of it.

    Example:
        >>> cells = pl.DataFrame({"status": ["On hold", "wc-completed", "Pending payment"]})
        >>> cells.select(clean_status("status"))["status"].to_list()
        ['on-hold', 'completed', 'pending']
    """
    plain = clean_text(column).str.to_lowercase().str.strip_prefix("wc-").str.replace_all(r"\s+", "-")
    return plain.replace(LABELS).alias(column)


def clean_product_id(column: str) -> pl.Expr:
    """Return a product's number; null for 0, which stands for a product that was deleted.

    Example:
        >>> pl.DataFrame({"id": ["17", "0", "id:9"]}).select(clean_product_id("id"))["id"].to_list()
        ['17', None, '9']
    """
    number = clean_text(column).str.strip_prefix("id:").str.replace(r"^(\d+)\.0+$", "$1")
    return pl.when(number != "0").then(number).alias(column)


def state_consent(column: str) -> pl.Expr:
    """Return whether a cell is a yes or a no; plug-ins write 1 and 0, yes and no, or a status; null for anything else.

    Example:
        >>> pl.DataFrame({"c": ["1", "archived", "", "unsubscribed"]}).select(state_consent("c"))["c"].to_list()
        [True, False, None, False]
    """
    refused = clean_text(column).str.to_lowercase().is_in(["archived", "cleaned", "pending", "transactional"])
    return pl.when(refused).then(False).otherwise(parse_flag(column)).alias(column)
