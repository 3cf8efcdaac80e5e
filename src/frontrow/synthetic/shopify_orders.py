"""The orders export of the synthetic shop: one row per line; an order's own fields are on its first row only."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import polars as pl

from frontrow.synthetic.customers import phone_number
from frontrow.synthetic.tables import NOT_PRODUCTS, REFUNDED_PART, order_stride
from frontrow.synthetic.vocabulary import CITIES, FIRST_NAMES, LAST_NAMES, STREETS
from frontrow.synthetic.world import World

UNCOUNTED: Final = {"cancelled": 0.015, "refunded": 0.010, "voided": 0.005, "test": 0.004}  # shares of the orders
REPEATED: Final = ("Name", "Email", "Created at")  # order fields that are on every row
SHIPPING: Final = 6.95
FREE_SHIPPING_FROM: Final = 60.0
TAX: Final = {"US": 0.07, "CA": 0.13}
STAMP: Final = "%Y-%m-%d %H:%M:%S %z"
NOTE: Final = 'Please leave it by the shed.\nRing twice, it says "Garden", thank you!'
GIFT: Final = "gift_wrap: yes\nfrom: a friend"

Fields = dict[str, pl.Expr]

# Orders > Export, in its order and spelling
ORDERS_HEADER: Final = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing",
    "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price", "Lineitem sku",
    "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status", "Billing Name", "Billing Street",
    "Billing Address1", "Billing Address2", "Billing Company", "Billing City", "Billing Zip", "Billing Province",
    "Billing Country", "Billing Phone", "Shipping Name", "Shipping Street", "Shipping Address1", "Shipping Address2",
    "Shipping Company", "Shipping City", "Shipping Zip", "Shipping Province", "Shipping Country", "Shipping Phone",
    "Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor",
    "Outstanding Balance", "Employee", "Location", "Device ID", "Id", "Tags", "Risk Level", "Source",
    "Lineitem discount", "Tax 1 Name", "Tax 1 Value", "Tax 2 Name", "Tax 2 Value", "Tax 3 Name", "Tax 3 Value",
    "Tax 4 Name", "Tax 4 Value", "Tax 5 Name", "Tax 5 Value", "Phone", "Receipt Number", "Duties",
    "Billing Province Name", "Shipping Province Name", "Payment ID", "Payment Terms Name", "Next Payment Due At",
    "Payment References",
)  # fmt: skip


def orders_export(world: World, lines: pl.DataFrame, customers: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The rows of the export, newest order first.

    Args:
        world: The process.
        lines: All order lines of the shop; see `tables.order_lines`.
        customers: Columns customer_id, source_id, first_name, last_name, email_consent, sms_consent, number.
        currency: ISO 4217 code.
    """
    rng = world.rng("shopify")
    orders = _with_uncounted_orders(rng, _orders(lines), order_stride(world))
    orders = _with_contacts(rng, orders, customers).sort("ordered_at", "serial", descending=True)
    rows = orders.select("copy_of", "serial").with_row_index("position")
    rows = rows.join(_line_fields(world, lines), left_on="copy_of", right_on="order_id").sort("position", "line_number")
    fields = _order_fields(orders, currency)[rows["position"]]
    is_first = rows["line_number"] == 1
    once = fields.select(
        pl.when(is_first).then(pl.col(name)).alias(name) for name in fields.columns if name not in REPEATED
    )
    return select_columns(pl.concat([rows, fields.select(REPEATED), once], how="horizontal"), ORDERS_HEADER)


def select_columns(rows: pl.DataFrame, header: tuple[str, ...]) -> pl.DataFrame:
    """Exactly the header's columns, in its order; missing ones are empty.

    Args:
        rows: Some of the columns, and others.
        header: Names of the columns.
    """
    return rows.select(pl.col(name) if name in rows.columns else pl.lit(None, pl.String).alias(name) for name in header)


def _orders(lines: pl.DataFrame) -> pl.DataFrame:
    shared = ("customer_id", "ordered_at", "partially_refunded", "country", "province", "city")
    goods = (pl.col("price") * pl.col("quantity")).sum().round(2).alias("goods")
    return lines.group_by("order_id", maintain_order=True).agg(
        *(pl.col(name).first() for name in shared), goods, pl.col("discount").sum().round(2).alias("off")
    )


def _with_uncounted_orders(rng: np.random.Generator, orders: pl.DataFrame, stride: int) -> pl.DataFrame:
    """Add orders that were cancelled, refunded, voided or tests, a little after others and with the same lines.

    They follow an order of the same customer, so that no customer's first order changes.
    """
    picked = rng.permutation(len(orders))
    edges = np.cumsum([0, *(round(share * len(orders)) for share in UNCOUNTED.values())])
    fates = zip(UNCOUNTED, itertools.pairwise(edges), strict=True)
    copies = pl.concat(orders[picked[low:high]].with_columns(fate=pl.lit(fate)) for fate, (low, high) in fates)
    serial = pl.col("order_id").str.strip_prefix("#").cast(pl.Int64)
    day = serial // stride
    copies = (
        copies.with_columns(pl.Series("later", rng.integers(10, 50, len(copies))))
        .with_columns(
            copy_of="order_id",
            serial=(day + 1) * stride - 1 - pl.int_range(pl.len()).over(day),
            ordered_at=pl.col("ordered_at") + pl.duration(minutes="later"),
            partially_refunded=pl.lit(False),
        )
        .with_columns(order_id="#" + pl.col("serial").cast(pl.String))
    )
    counted = orders.with_columns(fate=pl.lit("counts"), copy_of="order_id", serial=serial)
    return pl.concat([counted, copies.select(counted.columns)])


def _with_contacts(rng: np.random.Generator, orders: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Add names, addresses, consent and phone numbers; those of guests are drawn."""
    size = len(orders)
    guest_first = pl.Series(FIRST_NAMES).gather(rng.integers(0, len(FIRST_NAMES), size))
    guest_last = pl.Series(LAST_NAMES).gather(rng.integers(0, len(LAST_NAMES), size))
    orders = orders.with_columns(house=pl.Series(rng.integers(1, 400, size)), chance=pl.Series(rng.random(size)))
    orders = orders.join(customers, on="customer_id", how="left", maintain_order="left")
    zip_start = pl.col("city").replace_strict({city.name: city.zip_start for city in CITIES})
    house = pl.coalesce(pl.col("number") % 400 + 1, "house")
    street = (house % len(STREETS)).replace_strict(dict(enumerate(STREETS)), return_dtype=pl.String)
    capitals = pl.col("number") % 10 == 0
    return orders.with_columns(
        person=pl.coalesce("first_name", guest_first) + " " + pl.coalesce("last_name", guest_last),
        spelled=pl.when(capitals).then(pl.col("source_id").str.to_titlecase()).otherwise("source_id"),
        phone=phone_number(pl.col("number")),
        street=pl.format("{} {}", house, street),
        zip=pl.format("'{}{}", zip_start, zip_tail(house)),
        province_name=pl.col("province").replace_strict({city.province: city.province_name for city in CITIES}),
    )


def zip_tail(house: pl.Expr) -> pl.Expr:
    """The end of a zip code; Canadian ones have another form."""
    american = (house % 90 + 10).cast(pl.String)
    return (
        pl.when(pl.col("country") == "US").then(american).otherwise(pl.format(" {}A{}", house % 9 + 1, house % 8 + 1))
    )


def _line_fields(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """The fields of every line under the export's column names, with order_id and line_number."""
    names = pl.concat([world.catalogue.frame.select("product_id", "title", "vendor", "values", "skus"), _other_names()])
    sold = lines.select("order_id", "line_number", "product_id", "quantity", "price")
    sold = sold.join(names, on="product_id", how="left", maintain_order="left")
    serial = pl.col("order_id").str.strip_prefix("#").cast(pl.Int64)
    variant = (serial * 7 + pl.col("line_number")) % pl.col("skus").list.len().clip(1)
    option = pl.col("values").list.get(variant, null_on_oob=True)
    is_real = pl.col("vendor").is_not_null()
    return sold.select(
        "order_id",
        "line_number",
        pl.col("quantity").alias("Lineitem quantity"),
        pl.concat_str("title", (" - " + option).fill_null("")).alias("Lineitem name"),
        pl.col("price").alias("Lineitem price"),
        pl.col("skus").list.get(variant, null_on_oob=True).alias("Lineitem sku"),
        pl.when(is_real).then(pl.lit("true")).otherwise(pl.lit("false")).alias("Lineitem requires shipping"),
        pl.when(is_real).then(pl.lit("true")).otherwise(pl.lit("false")).alias("Lineitem taxable"),
        pl.lit("fulfilled").alias("Lineitem fulfillment status"),
        pl.col("vendor").alias("Vendor"),
        pl.lit(0.0).alias("Lineitem discount"),
    )


def _other_names() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "product_id": [extra.product_id for extra in NOT_PRODUCTS],
            "title": [extra.title for extra in NOT_PRODUCTS],
            "vendor": [None for _ in NOT_PRODUCTS],
            "values": [[extra.option] if extra.option else [] for extra in NOT_PRODUCTS],
            "skus": [[extra.sku] if extra.sku else [] for extra in NOT_PRODUCTS],
        },
        schema_overrides={"vendor": pl.String, "values": pl.List(pl.String), "skus": pl.List(pl.String)},
    )


def _order_fields(orders: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The order fields under the export's column names, one row per order."""
    fields = {
        "Name": pl.col("order_id"),
        "Currency": pl.lit(currency),
        **_status(),
        **_money(),
        **_contact(),
        **_address("Billing"),
        **_address("Shipping"),
        **_notes(),
    }
    return _with_amounts(orders).select(value.alias(name) for name, value in fields.items())


def _with_amounts(orders: pl.DataFrame) -> pl.DataFrame:
    """Add subtotal, shipping, taxes, total and refunded; a few small orders have a code for free shipping."""
    subtotal = (pl.col("goods") - pl.col("off")).round(2)
    small, undiscounted = subtotal < FREE_SHIPPING_FROM, pl.col("off") == 0
    orders = orders.with_columns(subtotal=subtotal, ships_free=small & undiscounted & (pl.col("chance") < 0.02))
    rate = pl.col("country").replace_strict(TAX, return_dtype=pl.Float64)
    orders = orders.with_columns(
        shipping=pl.when(small & ~pl.col("ships_free")).then(SHIPPING).otherwise(0.0),
        taxes=(pl.col("subtotal") * rate).round(2),
    )
    orders = orders.with_columns(total=(pl.col("subtotal") + pl.col("shipping") + pl.col("taxes")).round(2))
    part = pl.when("partially_refunded").then((pl.col("subtotal") * REFUNDED_PART).round(2)).otherwise(0.0)
    is_refunded = pl.col("fate").is_in(["refunded", "cancelled"])
    return orders.with_columns(refunded=pl.when(is_refunded).then("total").otherwise(part))


def _status() -> Fields:
    """Whether and when the order was paid, shipped, refunded or cancelled."""
    fate = pl.col("fate")
    created = pl.col("ordered_at").dt.strftime(STAMP)
    later = (pl.col("ordered_at") + pl.duration(days=pl.col("serial") % 3 + 1)).dt.strftime(STAMP)
    shipped = fate.is_in(["counts", "refunded", "test"])
    default = pl.when("partially_refunded").then(pl.lit("partially_refunded")).otherwise(pl.lit("paid"))
    statuses = {"cancelled": "refunded", "refunded": "refunded", "voided": "voided"}
    return {
        "Created at": created,
        "Paid at": pl.when(fate != "voided").then(created),
        "Financial Status": pl.coalesce(fate.replace_strict(statuses, default=None, return_dtype=pl.String), default),
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


def _contact() -> Fields:
    return {
        "Email": pl.col("spelled"),
        "Phone": pl.col("phone"),
        "Accepts Marketing": yes_or_no("email_consent"),
    }


def yes_or_no(consent: str) -> pl.Expr:
    """A column of booleans as yes and no; null stays null."""
    return pl.when(consent).then(pl.lit("yes")).when(~pl.col(consent)).then(pl.lit("no"))


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


def _notes() -> Fields:
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
