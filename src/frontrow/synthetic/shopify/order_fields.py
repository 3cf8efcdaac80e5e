"""An order's own fields in a synthetic orders export: those that stand on its first row."""

from __future__ import annotations

from typing import Final

import polars as pl

SHIPPING: Final = 6.95
FREE_SHIPPING_FROM: Final = 60.0
TAX: Final = {"US": 0.07, "CA": 0.13}
STAMP: Final = "%Y-%m-%d %H:%M:%S %z"
NOTE: Final = 'Please leave it by the shed.\nRing twice, it says "Garden", thank you!'
GIFT: Final = "gift_wrap: yes\nfrom: a friend"

Fields = dict[str, pl.Expr]


def order_fields(orders: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The fields under the export's column names, one row an order.

    Args:
        orders: order_id, serial, fate, ordered_at, partially_refunded, goods, off, chance, and the person's fields.
        currency: ISO 4217 code.
    """
    fields = {
        "Name": pl.col("order_id"),
        "Currency": pl.lit(currency),
        **_state(),
        **_money(),
        **_person(),
        **_address("Billing"),
        **_address("Shipping"),
        **_remarks(),
    }
    return _with_amounts(orders).select(value.alias(name) for name, value in fields.items())


def _with_amounts(orders: pl.DataFrame) -> pl.DataFrame:
    """Add subtotal, shipping, taxes, total and refunded; a few small orders ship free by a code."""
    subtotal = (pl.col("goods") - pl.col("off")).round(2)
    small, undiscounted = subtotal < FREE_SHIPPING_FROM, pl.col("off") == 0
    orders = orders.with_columns(subtotal=subtotal, ships_free=small & undiscounted & (pl.col("chance") < 0.02))
    rate = pl.col("country").replace_strict(TAX, return_dtype=pl.Float64)
    orders = orders.with_columns(
        shipping=pl.when(small & ~pl.col("ships_free")).then(SHIPPING).otherwise(0.0),
        taxes=(pl.col("subtotal") * rate).round(2),
    )
    orders = orders.with_columns(total=(pl.col("subtotal") + pl.col("shipping") + pl.col("taxes")).round(2))
    part = pl.when("partially_refunded").then((pl.col("total") * 0.3).round(2)).otherwise(0.0)
    all_back = pl.col("fate").is_in(["refunded", "cancelled"])
    return orders.with_columns(refunded=pl.when(all_back).then("total").otherwise(part))


def _state() -> Fields:
    """Paid, shipped, refunded, cancelled, and when."""
    fate = pl.col("fate")
    created = pl.col("ordered_at").dt.strftime(STAMP)
    later = (pl.col("ordered_at") + pl.duration(days=pl.col("serial") % 3 + 1)).dt.strftime(STAMP)
    shipped = fate.is_in(["counts", "refunded", "test"])
    kept = pl.when("partially_refunded").then(pl.lit("partially_refunded")).otherwise(pl.lit("paid"))
    statuses = {"cancelled": "refunded", "refunded": "refunded", "voided": "voided"}
    return {
        "Created at": created,
        "Paid at": pl.when(fate != "voided").then(created),
        "Financial Status": pl.coalesce(fate.replace_strict(statuses, default=None, return_dtype=pl.String), kept),
        "Fulfillment Status": pl.when(shipped).then(pl.lit("fulfilled")).otherwise(pl.lit("unfulfilled")),
        "Fulfilled at": pl.when(shipped).then(later),
        "Cancelled at": pl.when(fate == "cancelled").then(later),
    }


def _money() -> Fields:
    code = pl.when(pl.col("off") > 0).then(pl.lit("GARDEN10"))
    number = pl.format("r{}.1", "serial")
    return {
        "Subtotal": pl.col("subtotal"),
        "Shipping": pl.col("shipping"),
        "Taxes": pl.col("taxes"),
        "Total": pl.col("total"),
        "Tax 1 Name": pl.lit("Sales Tax"),
        "Tax 1 Value": pl.col("taxes"),
        "Discount Code": pl.coalesce(code, pl.when("ships_free").then(pl.lit("FREESHIP"))),
        "Discount Amount": pl.when("ships_free").then(SHIPPING).otherwise("off"),
        "Refunded Amount": pl.col("refunded"),
        "Outstanding Balance": pl.lit(0.0),
        "Payment Reference": number,
        "Payment ID": number,
        "Payment References": number,
    }


def _person() -> Fields:
    said = pl.col("email_consent")
    return {
        "Email": pl.col("spelled"),
        "Phone": pl.col("phone"),
        "Accepts Marketing": pl.when(said).then(pl.lit("yes")).otherwise(pl.when(~said).then(pl.lit("no"))),
    }


def _address(which: str) -> Fields:
    fields = {
        "Name": "person",
        "Street": "street",
        "Address1": "street",
        "City": "city",
        "Zip": "zip",
        "Province": "province",
        "Country": "country",
        "Phone": "phone",
        "Province Name": "province_name",
    }
    return {f"{which} {name}": pl.col(column) for name, column in fields.items()}


def _remarks() -> Fields:
    chance, test = pl.col("chance"), pl.col("fate") == "test"
    gateway = pl.when(chance < 0.3).then(pl.lit("PayPal Express Checkout")).otherwise(pl.lit("Shopify Payments"))
    return {
        "Shipping Method": pl.lit("Standard"),
        "Payment Method": pl.when(test).then(pl.lit("(for testing) Bogus Gateway")).otherwise(gateway),
        "Notes": pl.when(chance.is_between(0.50, 0.54)).then(pl.lit(NOTE)),
        "Note Attributes": pl.when(chance.is_between(0.60, 0.63)).then(pl.lit(GIFT)),
        "Tags": pl.when(test)
        .then(pl.lit("test, internal"))
        .otherwise(pl.when(chance > 0.95).then(pl.lit("gift, VIP"))),
        "Id": pl.col("serial") + 4_500_000_000_000,
        "Risk Level": pl.lit("Low"),
        "Source": pl.lit("web"),
    }
