"""Shopify's orders export: one row per line item, the order's own fields on one of its rows only.

Rows of one order need not be together, and a continuation row may leave the order's name blank. So rows are grouped
by order first, and the order's fields come from the row that has them and from no other order's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.importing.column_parsing import parse_amounts, parse_columns
from frontrow.importing.format import SHARED_TEXT, Format, ParsedFile, ParseSettings
from frontrow.importing.order_lines import (
    FULLY_REFUNDED,
    NOT_REFUNDED,
    PARTLY_REFUNDED,
    extract_contacts,
    first_reason,
    normalize_lines,
    normalize_orders,
    validate_lines,
)
from frontrow.importing.shopify_rows import read_order_rows
from frontrow.tables.clock import read_clock
from frontrow.tables.columns import require_columns
from frontrow.tables.parse import clean_currency, clean_email, clean_quoted_text, clean_text, parse_flag
from frontrow.tables.table_file import Table

ORDER_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("Email",),
    "ordered_at": ("Created at",),
    "financial_status": ("Financial Status",),
    "cancelled_at": ("Cancelled at", "Canceled at"),
    "fulfilment_status": ("Fulfillment Status", "Fulfilment Status"),
    "accepts_marketing": ("Accepts Marketing", "Buyer Accepts Marketing", "Accepts Email Marketing"),
    "currency": ("Currency",),
    "subtotal": ("Subtotal",),
    "total": ("Total",),
    "order_discount": ("Discount Amount",),
    "refunded_amount": ("Refunded Amount",),
    "payment_method": ("Payment Method",),
    "order_tags": ("Tags",),
    "shipping_country": ("Shipping Country",),
    "shipping_province": ("Shipping Province",),
    "shipping_city": ("Shipping City",),
    "shipping_company": ("Shipping Company",),
    "shipping_phone": ("Shipping Phone",),
    "billing_country": ("Billing Country",),
    "billing_province": ("Billing Province",),
    "billing_city": ("Billing City",),
    "billing_company": ("Billing Company",),
    "billing_phone": ("Billing Phone",),
    "phone": ("Phone",),
    # no export of Shopify has it; a sync does, and it tells which state of an order is the later one
    "updated_at": ("Updated at",),
}
LINE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "order_id": ("Name", "Order", "Order Name"),
    "title": ("Lineitem name",),
    "sku": ("Lineitem sku",),
    "quantity": ("Lineitem quantity",),
    "price": ("Lineitem price",),
    "discount": ("Lineitem discount",),
    "vendor": ("Vendor", "Lineitem vendor"),
}
AMOUNTS: Final = ("subtotal", "total", "order_discount", "refunded_amount")
# the further an order has come, the later the export that says so
FULFILMENT_STATES: Final = {"unfulfilled": 0, "pending": 0, "partial": 1, "fulfilled": 2, "restocked": 3}
PAYMENT_STATES: Final = {"pending": 0, "authorized": 1, "partially_paid": 2, "paid": 3, "partially_refunded": 4}
FINAL_STATES: Final = {"refunded": 5, "voided": 5, "expired": 5}


class ShopifyOrders(Format):
    """Shopify's orders export, older and newer, up to 79 columns."""

    name = "shopify_orders"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {**LINE_COLUMNS, **ORDER_COLUMNS}
    identifying_fields = ("order_id", "title", "price", "quantity", "ordered_at")
    amounts = (*Format.amounts, *AMOUNTS)
    continues_orders = True

    def order_key(self, column: str, dtype: pl.DataType) -> pl.Expr:  # noqa: ARG002
        """Return the name of each row's order; see `Format.order_key`."""
        return clean_text(column)

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, self.identifying_fields)
        rows = read_order_rows(table, columns, self.fields, LINE_COLUMNS, _clean_orders)
        orders, warnings = _parse_orders(table, rows.orders, columns, settings.time_zone)
        lines = rows.lines.select("row", *LINE_COLUMNS, "version", "dropped")
        lines, more = parse_columns(table, lines, columns, settings.time_zone)
        lines = lines.with_columns(product_id=pl.lit(None, SHARED_TEXT))
        return ParsedFile(
            lines=normalize_lines(validate_lines(lines)),
            orders=normalize_orders(orders, settings.time_zone),
            clock=read_clock(rows.orders["ordered_at"]),
            contacts=extract_contacts(orders, settings.time_zone),
            warnings=(*table.warnings, *warnings, *more),
            columns=columns,
        )


def _clean_orders(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with what is needed of the order's own fields; amounts and dates stay text."""
    return rows.select(
        *("position", "row", "opens", "state", "ordered_at", "updated_at"),
        *(pl.col(name) if rows.schema[name].is_numeric() else pl.col(name).cast(SHARED_TEXT) for name in AMOUNTS),
        *(clean_text(name).str.to_lowercase().cast(SHARED_TEXT) for name in ("financial_status", "fulfilment_status")),
        clean_email("email"),
        parse_flag("accepts_marketing"),
        clean_currency("currency").cast(SHARED_TEXT),
        *(_either(name).cast(SHARED_TEXT) for name in ("country", "province", "city", "company")),
        pl.coalesce(clean_quoted_text("phone"), _either("phone")).alias("phone"),
        is_cancelled=clean_text("cancelled_at").is_not_null(),
        is_test=_is_test(clean_text("payment_method"), clean_text("order_tags")),
    )


def _either(part: str) -> pl.Expr:
    """A part of the shipping address, else of the billing address."""
    shipping, billing = clean_quoted_text(f"shipping_{part}"), clean_quoted_text(f"billing_{part}")
    return pl.coalesce(shipping, billing).alias(part)


def _parse_orders(
    table: Table, orders: pl.DataFrame, columns: Mapping[str, str], time_zone: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return one row an order and version, with the reason why it is not a purchase, and warnings."""
    orders = orders.with_columns(
        parse_amounts(orders[name], table.cells_elsewhere(columns.get(name))) for name in AMOUNTS
    )
    orders, warnings = parse_columns(table, orders, columns, time_zone)
    orders = orders.with_columns(refund_state=_refund_state())
    reason = first_reason(
        {
            "test order": pl.col("is_test"),
            "cancelled": pl.col("is_cancelled"),
            "voided": pl.col("financial_status") == "voided",
            "refunded in full": pl.col("refund_state") == FULLY_REFUNDED,
            "payment expired": pl.col("financial_status") == "expired",
        }
    )
    payment = pl.col("financial_status").replace_strict({**PAYMENT_STATES, **FINAL_STATES}, default=None)
    fulfilment = pl.col("fulfilment_status").replace_strict(FULFILMENT_STATES, default=None)
    return orders.with_columns(
        dropped=pl.coalesce(reason, "dropped", pl.when(pl.col("ordered_at").is_null()).then(pl.lit("no date"))),
        partially_refunded=pl.col("refund_state") == PARTLY_REFUNDED,
        payment=payment,
        fulfilment=fulfilment,
        source_id="email",
    ), warnings


def _refund_state() -> pl.Expr:
    """How much of an order was given back: nothing, a part or all of it."""
    refunded, status = pl.col("refunded_amount"), pl.col("financial_status")
    fully = (refunded > 0) & (refunded >= pl.col("total") - 0.005) & (status != "partially_refunded").fill_null(True)
    partially = (refunded > 0) | (status == "partially_refunded")
    state = (
        pl.when((status == "refunded") | fully)
        .then(FULLY_REFUNDED)
        .when(partially)
        .then(PARTLY_REFUNDED)
        .otherwise(NOT_REFUNDED)
    )
    return state.cast(pl.Int8)


def _is_test(payment_method: pl.Expr, tags: pl.Expr) -> pl.Expr:
    """Shopify marks test orders by their payment gateway; shops mark their own with a tag."""
    gateway = payment_method.str.contains(r"(?i)\bbogus\b|\(for testing\)")
    tag = tags.str.contains(r"(?i)(^|,)\s*test([ -]?order)?\s*(,|$)")
    return (gateway | tag).fill_null(False)


FORMAT = ShopifyOrders()
