"""WooCommerce's orders with one row for each item, as the plug-ins for exports write them.

WooCommerce has no export of its own that names the items of an order, so shops use a plug-in. The layouts of the common
ones are read: Advanced Order Export (`Order Number`, `Item Name`, `Item Cost`, ...), and Customer/Order/Coupon Export
and Import Export Suite with one row per item (`order_number`, `item_name`, `item_subtotal`, ...). Their column names
were read in the plug-ins' source in November 2026. The source `woocommerce` writes the first layout as well.

All amounts are without taxes, as the plug-ins write them. A customer is known by the e-mail of the order, guests too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.importing.column_parsing import find_unreadable, parse_columns
from frontrow.importing.format import Format, ParsedFile, ParseSettings
from frontrow.importing.order_lines import (
    collect_orders,
    extract_contacts,
    first_reason,
    normalize_lines,
    repeated_header_reason,
    validate_lines,
)
from frontrow.importing.woocommerce import (
    CONSENT_COLUMNS,
    FULFILMENT_STATES,
    NOT_A_PURCHASE,
    PAYMENT_STATES,
    clean_product_id,
    clean_status,
    state_consent,
)
from frontrow.importing.woocommerce_amounts import AMOUNTS, add_line_amounts, add_refunds
from frontrow.tables.clock import read_clock
from frontrow.tables.columns import match_columns, normalize_name, read_fields, require_columns
from frontrow.tables.parse import (
    clean_currency,
    clean_email,
    clean_identifier,
    clean_quoted_text,
    clean_text,
    parse_numbers,
)
from frontrow.tables.remark import COUNT, Remark
from frontrow.tables.table_file import Table

LINE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "product_id": ("Product Id", "item_product_id"),
    "sku": ("SKU", "item_sku"),
    "title": ("Item Name", "Product Name"),
    "category": ("Category",),
    "quantity": ("Quantity", "item_quantity", "Quantity (- Refund)"),
    "price": ("Item Cost", "item_price"),
    "full_price": ("Item Cost Before Discount",),
    "line_subtotal": ("Order Line Subtotal", "item_subtotal"),
    "line_total": ("Order Line Total", "Order Line (w/o tax)", "item_total"),
    "refunded": ("Order Line Total Refunded", "item_refunded"),
    "refunded_tax": ("Order Line Tax Refunded",),
}
ORDER_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "order_id": ("Order Number", "order_number_formatted", "Order ID"),
    "ordered_at": ("Order Date", "date"),
    "updated_at": ("Modification Date",),
    "status": ("Order Status", "status"),
    "email": ("Email (Billing)", "billing_email"),
    "accepts_marketing": CONSENT_COLUMNS,
    "currency": ("Currency", "order_currency"),
    "order_total": ("Order Total Amount", "order_total"),
    "order_tax": ("Order Total Tax Amount", "tax_total"),
    "goods": ("Order Subtotal Amount", "order_subtotal"),
    "cart_discount": ("Cart Discount Amount", "cart_discount"),
    "refunded_amount": ("Order Refund Amount", "refunded_total"),
    "refunded_shipping": ("Order Shipping Amount Refunded",),
    "refunded_shipping_tax": ("Order Shipping Tax Refunded",),
    "shipping_country": ("Country Code (Shipping)", "shipping_country"),
    "shipping_province": ("State Code (Shipping)", "shipping_state"),
    "shipping_city": ("City (Shipping)", "shipping_city"),
    "shipping_company": ("Company (Shipping)", "shipping_company"),
    "billing_country": ("Country Code (Billing)", "billing_country"),
    "billing_province": ("State Code (Billing)", "billing_state"),
    "billing_city": ("City (Billing)", "billing_city"),
    "billing_company": ("Company (Billing)", "billing_company"),
    "phone": ("Phone (Billing)", "billing_phone"),
}
PLACES: Final = ("country", "province", "city", "company")
PRICES: Final = ("price", "line_subtotal", "line_total")
LEFT_AFTER_REFUNDS: Final = "Quantity (- Refund)"
NAMELESS: Final = (
    "rows without an order number were left out: in the plug-in's settings choose that the order's columns are filled "
    "on every row"
)


class WooCommerceOrders(Format):
    """Orders with one row per item, and the order's own fields on each."""

    name = "woocommerce_orders"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {**LINE_COLUMNS, **ORDER_COLUMNS}
    identifying_fields = ("order_id", "ordered_at", "status", "title", "quantity")
    amounts = (*Format.amounts, *AMOUNTS)

    def matches_header(self, header: tuple[str, ...]) -> bool:
        """Whether a file with this header is in this format: it names the item and one of its amounts."""
        amounts = match_columns(header, {field: self.fields[field] for field in PRICES})
        return bool(amounts) and super().matches_header(header)

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, self.identifying_fields)
        raw = read_fields(table, self.fields, columns)
        rows = _clean(raw).with_columns(dropped=repeated_header_reason(raw.schema, columns))
        rows, warnings = parse_columns(table, rows, columns, settings.time_zone)
        rows = _parse_amounts(table, rows, columns)
        rows = add_line_amounts(rows)
        rows = validate_lines(
            add_refunds(rows, is_left=normalize_name(columns["quantity"]) == normalize_name(LEFT_AFTER_REFUNDS))
        )
        nameless = rows["order_id"].null_count()
        return ParsedFile(
            lines=normalize_lines(rows),
            orders=_judge(collect_orders(rows, settings.time_zone), rows, is_dated="updated_at" in columns),
            clock=read_clock(raw["ordered_at"]),
            contacts=extract_contacts(rows, settings.time_zone),
            warnings=(
                *table.warnings,
                *warnings,
                *((Remark("nameless", (f"1 {NAMELESS}", f"{COUNT} {NAMELESS}"), nameless),) if nameless else ()),
            ),
            columns=columns,
        )


def _clean(raw: pl.DataFrame) -> pl.DataFrame:
    identifiers = [clean_identifier(name, raw.schema[name]) for name in ("order_id", "sku")]
    rows = raw.with_columns(
        *identifiers,
        clean_product_id("product_id"),
        clean_text("title"),
        clean_status("status"),
        clean_email("email"),
        clean_quoted_text("phone"),
        clean_currency("currency"),
        state_consent("accepts_marketing"),
        product_type=clean_text("category").str.split(",").list.first().str.split(" > ").list.last(),
        **{place: _either(place) for place in PLACES},
    )
    return rows.with_columns(source_id=pl.col("email"))


def _either(part: str) -> pl.Expr:
    """A part of the shipping address, else of the billing address."""
    return pl.coalesce(clean_quoted_text(f"shipping_{part}"), clean_quoted_text(f"billing_{part}"))


def _parse_amounts(table: Table, rows: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Turn the amounts that only this format has into numbers; a refund is a loss in some layouts."""
    for name in AMOUNTS:
        amounts = parse_numbers(rows, name, others=table.cells_elsewhere(columns.get(name)))
        find_unreadable(table, rows, name, columns.get(name, name), amounts)
        rows = rows.with_columns(amounts.alias(name))
    return rows.with_columns(pl.col("^.*refunded.*$").abs())


def _judge(orders: pl.DataFrame, rows: pl.DataFrame, *, is_dated: bool) -> pl.DataFrame:
    """Say of each order whether its status makes it a purchase.

    A cancelled order can come back: a payment that failed is made the next day. Where the file says when each order was
    last changed, that decides which of two states is the later one; elsewhere a cancelled order stays cancelled.
    """
    statuses = rows.filter(pl.col("order_id").is_not_null()).group_by("order_id").agg(pl.col("status").first())
    status = orders.select("order_id").join(statuses, on="order_id", how="left", maintain_order="left")["status"]
    reasons = {reason: pl.col("status") == name for name, reason in NOT_A_PURCHASE.items()}
    judged = orders.with_columns(status).with_columns(
        dropped=pl.coalesce(first_reason(reasons), "dropped"),
        payment=pl.col("status").replace_strict(PAYMENT_STATES, default=None, return_dtype=pl.Int8),
        fulfilment=pl.col("status").replace_strict(FULFILMENT_STATES, default=None, return_dtype=pl.Int8),
    )
    if not is_dated:
        judged = judged.with_columns(is_cancelled=pl.col("status") == "cancelled")
    return judged.drop("status")


FORMAT = WooCommerceOrders()
