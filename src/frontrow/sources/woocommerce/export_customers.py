"""Customers of the interface, in the columns of WooCommerce's own report of customers; names are left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from frontrow.sources.woocommerce.meta import CONSENT, find_consent
from frontrow.sources.woocommerce.pages import Record

COLUMNS: Final = ("Email", "Last Active", "Sign Up", "Billing Phone", "Shipping Phone")


def export_customers(
    customers: Iterable[Record], orders: Iterable[Record] = (), consent_keys: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Return one row a customer; all cells are text.

    WooCommerce's report has guests too, so their addresses are taken from their orders. Where consent is read, guests
    are left out: what they last said is in their orders, and a row here would count more.

    Args:
        customers: Those with an account, each once.
        orders: Those that came with them.
        consent_keys: See `export_orders`.

    Example:
        >>> export_customers([{"id": 1, "email": "ada@example.com"}]).select("Email", "Billing Phone").row(0)
        ('ada@example.com', None)
    """
    columns = (*COLUMNS, *((CONSENT,) if consent_keys else ()))
    rows = [_cells(customer, consent_keys) for customer in customers]
    if not consent_keys:
        listed = {str(row["Email"]).lower() for row in rows}
        ordered = {str((order.get("billing") or {}).get("email") or "").lower() for order in orders}
        rows += [{"Email": email} for email in sorted(ordered - listed - {""})]
    cells = {name: [row.get(name) for row in rows] for name in columns}
    return pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))


def _cells(customer: Record, consent_keys: tuple[str, ...]) -> dict[str, str | None]:
    billing, shipping = customer.get("billing") or {}, customer.get("shipping") or {}
    return {
        "Email": customer.get("email"),
        "Billing Phone": billing.get("phone"),
        "Shipping Phone": shipping.get("phone"),
        CONSENT: find_consent(customer, consent_keys),
    }
