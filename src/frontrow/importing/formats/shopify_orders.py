"""Shopify's orders export: one row a line item, the order's own fields on its first row only.

Rows of one order need not stand together, and a continuation row may leave the order's name blank. So rows are
grouped by order first, and the order's fields come from its first row and from no other order's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.importing.discounts import spread_discounts
from frontrow.importing.format import Reading, Source, Wishes
from frontrow.importing.order_lines import judge, order_contacts, read_cells, settle
from frontrow.importing.shopify_rows import read_order_rows
from frontrow.importing.warnings import currencies
from frontrow.tables.columns import require
from frontrow.tables.parse import email, flag, number, text, unquoted
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


class ShopifyOrders(Source):
    """Shopify's orders export, older and newer, up to 79 columns."""

    name = "shopify_orders"
    title = "Shopify orders export"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {**LINE_COLUMNS, **ORDER_COLUMNS}
    recognised_by = ("order_id", "title", "price", "quantity", "ordered_at")

    def read(self, table: Table, wishes: Wishes) -> Reading:
        """Read the whole file; see `Source.read`."""
        columns = require(table, self.fields, self.recognised_by)
        rows = read_order_rows(table, columns, self.fields, LINE_COLUMNS)
        orders, notes = _orders(table, rows.openings, columns, wishes.time_zone)
        lines, more = _lines(table, rows.lines, orders, columns, wishes.time_zone)
        currency, others = currencies(orders)
        return Reading(
            lines=settle(judge(lines), wishes.time_zone),
            contacts=_contacts(orders, wishes.time_zone),
            currency=currency,
            other_currencies=others,
            notes=(*table.notes, *notes, *more),
            columns=columns,
        )


def _orders(
    table: Table, openings: pl.DataFrame, columns: Mapping[str, str], time_zone: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """One row an order, from its first row, with the reason why it is no purchase."""
    first = openings.filter(pl.col("order_id").is_not_null() & pl.col("dropped").is_null()).unique(
        "order_id", keep="first", maintain_order=True
    )
    orders = first.select("row", "order_id", *ORDER_COLUMNS).with_columns(
        text("financial_status").str.to_lowercase(),
        email("email"),
        flag("accepts_marketing"),
        *(text(name) for name in ("cancelled_at", "currency", "payment_method", "order_tags")),
        *(unquoted(name) for name in ORDER_COLUMNS if name.startswith(("shipping", "billing", "phone"))),
        *(number(first, name) for name in ("subtotal", "total", "order_discount", "refunded_amount")),
    )
    orders, notes = read_cells(table, orders, columns, time_zone)
    full = (pl.col("refunded_amount") > 0) & (pl.col("refunded_amount") >= pl.col("total") - 0.005)
    some = (pl.col("refunded_amount") > 0) | (pl.col("financial_status") == "partially_refunded")
    partly = (pl.col("financial_status") != "partially_refunded").fill_null(True)
    return orders.with_columns(
        dropped=pl.when(_is_test())
        .then(pl.lit("test order"))
        .when(pl.col("cancelled_at").is_not_null())
        .then(pl.lit("cancelled"))
        .when(pl.col("financial_status") == "voided")
        .then(pl.lit("voided"))
        .when((pl.col("financial_status") == "refunded") | (full & partly))
        .then(pl.lit("refunded in full"))
        .when(pl.col("financial_status") == "expired")
        .then(pl.lit("payment expired"))
        .otherwise("dropped"),
        partially_refunded=some.fill_null(False),
    ), notes


def _is_test() -> pl.Expr:
    """Shopify marks test orders by their gateway; shops mark their own with a tag."""
    gateway = pl.col("payment_method").str.contains(r"(?i)\bbogus\b|\(for testing\)")
    tag = pl.col("order_tags").str.contains(r"(?i)(^|,)\s*test([ -]?order)?\s*(,|$)")
    return (gateway | tag).fill_null(False)


def _lines(
    table: Table, rows: pl.DataFrame, orders: pl.DataFrame, columns: Mapping[str, str], time_zone: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """All rows, each with its order's fields and its share of the order's discount."""
    own = rows.select("row", *LINE_COLUMNS, "dropped")
    own, notes = read_cells(table, own, columns, time_zone)
    of_order = orders.select(
        "order_id",
        "ordered_at",
        "partially_refunded",
        "subtotal",
        "order_discount",
        pl.col("dropped").alias("order_dropped"),
        pl.col("email").alias("source_id"),
        *(pl.coalesce(f"shipping_{name}", f"billing_{name}").alias(name) for name in ("country", "province", "city")),
    )
    lines = own.join(of_order, on="order_id", how="left", maintain_order="left")
    lines = lines.with_columns(dropped=pl.coalesce("dropped", "order_dropped"), product_id=pl.lit(None, pl.String))
    return spread_discounts(lines), notes


def _contacts(orders: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    said = orders.with_columns(
        source_id="email",
        phone=pl.coalesce("phone", "shipping_phone", "billing_phone"),
        company=pl.coalesce("shipping_company", "billing_company"),
    )
    return order_contacts(said, time_zone)


SOURCE = ShopifyOrders()
