"""Orders and refunds of the interface, as rows of the export with one row for each item.

The columns are named as the plug-in Advanced Order Export names them, so that both roads into a shop are read by the
format `woocommerce_orders`. Times are in UTC, with their offset. An order without an item has one row, which says in
what state the order is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from frontrow.sources.woocommerce.meta import CONSENT, find_consent
from frontrow.sources.woocommerce.pages import Record

COLUMNS: Final = (
    *("Order Number", "Order Status", "Order Date", "Modification Date", "Currency", "Email (Billing)"),
    *("Phone (Billing)", "Company (Billing)", "City (Billing)", "State Code (Billing)", "Country Code (Billing)"),
    *("Company (Shipping)", "City (Shipping)", "State Code (Shipping)", "Country Code (Shipping)"),
    *("Cart Discount Amount", "Order Refund Amount", "Order Shipping Amount Refunded", "Order Shipping Tax Refunded"),
    *("Order Total Amount", "Order Total Tax Amount", "SKU", "Product Id", "Item Name", "Quantity", "Item Cost"),
    *("Order Line Subtotal", "Order Line Total", "Order Line Total Refunded", "Order Line Tax Refunded"),
)
REFUNDED_ITEM: Final = "_refunded_item_id"


@dataclass
class RefundParts:
    """What was given back of an order, by its parts; all amounts are positive.

    Attributes:
        lines: Without and with taxes, by the id of the order's item: the amount and its tax.
        postage: Postage and its tax.
    """

    lines: dict[int, tuple[float, float]] = field(default_factory=dict)
    postage: tuple[float, float] = (0.0, 0.0)

    def add(self, refund: Record) -> None:
        """Add one refund, an order of its own whose items name the items they give back."""
        for item in refund.get("line_items") or ():
            item_id = _refunded_item(item)
            self.lines[item_id] = _add(self.lines.get(item_id, (0.0, 0.0)), item)
        for item in refund.get("shipping_lines") or ():
            self.postage = _add(self.postage, item)


def collect_refunds(refunds: Iterable[Record]) -> dict[int, RefundParts]:
    """Return what was given back, by the id of the order.

    Args:
        refunds: With `parent_id`; each once.

    Example:
        >>> item = {"id": 9, "total": "-10.00", "total_tax": "-2.00"}
        >>> item["meta_data"] = [{"key": "_refunded_item_id", "value": "11"}]
        >>> collect_refunds([{"id": 5, "parent_id": 1, "line_items": [item]}])[1].lines
        {11: (10.0, 2.0)}
    """
    parts: dict[int, RefundParts] = {}
    for refund in refunds:
        parts.setdefault(int(refund["parent_id"]), RefundParts()).add(refund)
    return parts


def export_orders(
    orders: Iterable[Record], refunds: Mapping[int, RefundParts], consent_keys: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Return the rows of some orders; all cells are text.

    Args:
        orders: Each once.
        refunds: By the id of the order; one without refunds may be absent.
        consent_keys: The names under which a plug-in keeps whether somebody may be written to; none where nothing does.
    """
    columns = (*COLUMNS, *((CONSENT,) if consent_keys else ()))
    rows: list[dict[str, str | None]] = []
    for order in orders:
        given_back = refunds.get(int(order["id"]), RefundParts())
        shared = {**_order_cells(order, given_back), CONSENT: find_consent(order, consent_keys)}
        items = order.get("line_items") or [None]
        rows += [shared | (_item_cells(item, given_back) if item else {}) for item in items]
    cells = {name: [row.get(name) for row in rows] for name in columns}
    return pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))


def _order_cells(order: Record, given_back: RefundParts) -> dict[str, str | None]:
    billing, shipping = order.get("billing") or {}, order.get("shipping") or {}
    refunded = sum(abs(_number(refund.get("total"))) for refund in order.get("refunds") or ())
    return {
        "Order Number": str(order.get("number") or order["id"]),
        "Order Status": order.get("status"),
        "Order Date": _utc(order.get("date_created_gmt")),
        "Modification Date": _utc(order.get("date_modified_gmt")),
        "Currency": order.get("currency"),
        "Email (Billing)": billing.get("email"),
        "Phone (Billing)": billing.get("phone"),
        **{
            f"{column} ({kind})": address.get(name)
            for kind, address in (("Billing", billing), ("Shipping", shipping))
            for column, name in ADDRESS.items()
        },
        "Cart Discount Amount": order.get("discount_total"),
        "Order Refund Amount": _amount(refunded),
        "Order Shipping Amount Refunded": _amount(given_back.postage[0]),
        "Order Shipping Tax Refunded": _amount(given_back.postage[1]),
        "Order Total Amount": order.get("total"),
        "Order Total Tax Amount": order.get("total_tax"),
    }


ADDRESS: Final = {"Company": "company", "City": "city", "State Code": "state", "Country Code": "country"}


def _item_cells(item: Record, given_back: RefundParts) -> dict[str, str | None]:
    amount, tax = given_back.lines.get(int(item["id"]), (0.0, 0.0))
    return {
        "SKU": item.get("sku") or None,
        "Product Id": str(item.get("product_id") or 0),
        "Item Name": item.get("name"),
        "Quantity": str(item.get("quantity")),
        "Item Cost": str(item.get("price")),
        "Order Line Subtotal": item.get("subtotal"),
        "Order Line Total": item.get("total"),
        "Order Line Total Refunded": _amount(amount),
        "Order Line Tax Refunded": _amount(tax),
    }


def _refunded_item(item: Record) -> int:
    """The id of the order's item that a refund's item gives back; 0 where it does not say."""
    values = [meta.get("value") for meta in item.get("meta_data") or () if meta.get("key") == REFUNDED_ITEM]
    return int(values[-1]) if values and str(values[-1]).isdecimal() else 0


def _add(amounts: tuple[float, float], item: Record) -> tuple[float, float]:
    return amounts[0] + abs(_number(item.get("total"))), amounts[1] + abs(_number(item.get("total_tax")))


def _number(text: Any) -> float:
    try:
        return float(text or 0.0)
    except (TypeError, ValueError):
        return 0.0


def _amount(number: float) -> str:
    return f"{number:.6f}"


def _utc(text: str | None) -> str | None:
    return f"{text}+00:00" if text else None
