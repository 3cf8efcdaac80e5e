"""Shopify's orders export: one row per line item, the order's own fields on its first row only.

Rows of one order need not be together, and a continuation row may leave the order's name blank. So rows are grouped
by order first, and the order's fields come from its first row and from no other order's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.importing.column_parsing import parse_columns
from frontrow.importing.format import Format, ParsedFile, ParseSettings
from frontrow.importing.order_lines import (
    extract_contacts,
    find_currencies,
    first_reason,
    normalize_lines,
    spread_discounts,
    validate_lines,
)
from frontrow.importing.shopify_rows import read_order_rows
from frontrow.tables.columns import require_columns
from frontrow.tables.parse import clean_email, clean_quoted_text, clean_text, parse_flag, parse_numbers
from frontrow.tables.table_file import Table

ORDER_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("Email",),
    "ordered_at": ("Created at",),
    "financial_status": ("Financial Status",),
    "cancelled_at": ("Cancelled at", "Canceled at"),
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


class ShopifyOrders(Format):
    """Shopify's orders export, older and newer, up to 79 columns."""

    name = "shopify_orders"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {**LINE_COLUMNS, **ORDER_COLUMNS}
    identifying_fields = ("order_id", "title", "price", "quantity", "ordered_at")

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, self.identifying_fields)
        rows = read_order_rows(table, columns, self.fields, LINE_COLUMNS)
        orders, warnings = _parse_orders(table, rows.openings, columns, settings.time_zone)
        lines, more = _parse_lines(table, rows.lines, orders, columns, settings.time_zone)
        currency, others = find_currencies(orders)
        return ParsedFile(
            lines=normalize_lines(validate_lines(lines), settings.time_zone),
            contacts=_extract_contacts(orders, settings.time_zone),
            currency=currency,
            other_currencies=others,
            warnings=(*table.warnings, *warnings, *more),
            columns=columns,
        )


def _parse_orders(
    table: Table, openings: pl.DataFrame, columns: Mapping[str, str], time_zone: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return one row per order, from its first row, with the reason why it is not a purchase, and warnings."""
    first = openings.filter(pl.col("order_id").is_not_null() & pl.col("dropped").is_null()).unique(
        "order_id", keep="first", maintain_order=True
    )
    orders = first.select("row", "order_id", *ORDER_COLUMNS).with_columns(
        clean_text("financial_status").str.to_lowercase(),
        clean_email("email"),
        parse_flag("accepts_marketing"),
        *(clean_text(name) for name in ("cancelled_at", "currency", "payment_method", "order_tags")),
        *(clean_quoted_text(name) for name in ORDER_COLUMNS if name.startswith(("shipping", "billing", "phone"))),
        *(parse_numbers(first, name) for name in ("subtotal", "total", "order_discount", "refunded_amount")),
    )
    orders, warnings = parse_columns(table, orders, columns, time_zone)
    fully = (pl.col("refunded_amount") > 0) & (pl.col("refunded_amount") >= pl.col("total") - 0.005)
    partially = (pl.col("refunded_amount") > 0) | (pl.col("financial_status") == "partially_refunded")
    not_marked_partial = (pl.col("financial_status") != "partially_refunded").fill_null(True)
    reason = first_reason(
        {
            "test order": _is_test(),
            "cancelled": pl.col("cancelled_at").is_not_null(),
            "voided": pl.col("financial_status") == "voided",
            "refunded in full": (pl.col("financial_status") == "refunded") | (fully & not_marked_partial),
            "payment expired": pl.col("financial_status") == "expired",
        }
    )
    return orders.with_columns(
        dropped=pl.coalesce(reason, "dropped"),
        partially_refunded=partially.fill_null(False),
    ), warnings


def _is_test() -> pl.Expr:
    """Shopify marks test orders by their payment gateway; shops mark their own with a tag."""
    gateway = pl.col("payment_method").str.contains(r"(?i)\bbogus\b|\(for testing\)")
    tag = pl.col("order_tags").str.contains(r"(?i)(^|,)\s*test([ -]?order)?\s*(,|$)")
    return (gateway | tag).fill_null(False)


def _parse_lines(
    table: Table, rows: pl.DataFrame, orders: pl.DataFrame, columns: Mapping[str, str], time_zone: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return all rows, each with its order's fields and its share of the order's discount, and warnings."""
    items = rows.select("row", *LINE_COLUMNS, "dropped")
    items, warnings = parse_columns(table, items, columns, time_zone)
    order_fields = orders.select(
        "order_id",
        "ordered_at",
        "partially_refunded",
        "subtotal",
        "order_discount",
        pl.col("dropped").alias("order_dropped"),
        pl.col("email").alias("source_id"),
        *(pl.coalesce(f"shipping_{name}", f"billing_{name}").alias(name) for name in ("country", "province", "city")),
    )
    lines = items.join(order_fields, on="order_id", how="left", maintain_order="left")
    lines = lines.with_columns(dropped=pl.coalesce("dropped", "order_dropped"), product_id=pl.lit(None, pl.String))
    return spread_discounts(lines), warnings


def _extract_contacts(orders: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    contacts = orders.with_columns(
        source_id="email",
        phone=pl.coalesce("phone", "shipping_phone", "billing_phone"),
        company=pl.coalesce("shipping_company", "billing_company"),
    )
    return extract_contacts(contacts, time_zone)


FORMAT = ShopifyOrders()
