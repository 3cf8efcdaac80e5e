"""Customers of the Admin API as rows of Shopify's export of customers, for the format `shopify_customers`.

Only a customer who is subscribed may be contacted: not one who was asked and has not confirmed (`PENDING`), nor one
whose address is invalid. `First Name` is empty: the format is known by it, and no name is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.sources.shopify.jsonl import ID, NUMBER, Layout, Nodes
from frontrow.sources.shopify.money import TEXTS, joined, yes_or_no

CUSTOMER_FIELDS: Final[Mapping[str, pl.DataType]] = {
    "id": pl.String(),
    "tags": TEXTS,
    "updatedAt": pl.String(),
    "defaultEmailAddress": pl.Struct({"emailAddress": pl.String(), "marketingState": pl.String()}),
    "defaultPhoneNumber": pl.Struct({"phoneNumber": pl.String(), "marketingState": pl.String()}),
    "defaultAddress": pl.Struct({"company": pl.String(), "phone": pl.String()}),
}
SUBSCRIBED: Final = "SUBSCRIBED"


def customer_layout() -> Layout:
    """Return how customers come, and what is kept of them."""
    email, phone, address = (
        pl.col(name).struct for name in ("defaultEmailAddress", "defaultPhoneNumber", "defaultAddress")
    )
    columns = {
        "First Name": pl.lit(None, pl.String),
        "Email": email.field("emailAddress"),
        "Accepts Email Marketing": _is_subscribed(email.field("marketingState")),
        "Default Address Company": address.field("company"),
        "Default Address Phone": address.field("phone"),
        "Phone": phone.field("phoneNumber"),
        "Accepts SMS Marketing": _is_subscribed(phone.field("marketingState")),
        "Tags": joined("tags"),
    }
    return Layout(CUSTOMER_FIELDS, {ID: pl.String()}, [value.alias(name) for name, value in columns.items()])


def export_customers(nodes: Nodes) -> pl.DataFrame:
    """Return the rows of the export, one a customer.

    Args:
        nodes: Customers in their layout.
    """
    return nodes.roots.drop(ID, NUMBER)


def _is_subscribed(state: pl.Expr) -> pl.Expr:
    return yes_or_no((state == SUBSCRIBED).fill_null(False))
