"""The synthetic shop as the exports of a Shopify shop, with the irregularities of real ones.

* Orders: one row per line, an order's own fields on its first row only, newest first; two files that overlap; the
  second starts with a byte-order mark and ends its lines with CRLF; offsets change with daylight saving; notes contain
  quoted line breaks; zip codes start with an apostrophe, and phone numbers too; some e-mails are in capitals.
* Orders that do not count: cancelled, voided, refunded in full, test orders. Partially refunded orders count.
  Guests have no e-mail.
* Lines that are not products: shipping protection, gift cards, tips. Variants are written as "Title - Option".
* Customers: a few have never ordered, and some consents are unknown.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.synthetic.customers import phone_number
from frontrow.synthetic.shopify_orders import orders_export, select_columns, yes_or_no
from frontrow.synthetic.tables import NOT_PRODUCTS, OrderNumbering, launched_products, order_lines
from frontrow.synthetic.world import World
from frontrow.tables.csv_output import write_csv

_FIRST_ENDS: Final = 0.55  # share of the orders, oldest first, in the first export
_SECOND_STARTS: Final = 0.50  # share of the orders, oldest first, that the second export leaves out
NEVER_ORDERED: Final = 0.02  # subscribers without an order, per customer
_CUSTOMER_NUMBERS: Final = 7_300_000_000_000

# Products > Export, the classic layout
PRODUCTS_HEADER: Final = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name",
    "Option1 Value", "Option1 Linked To", "Option2 Name", "Option2 Value", "Option2 Linked To", "Option3 Name",
    "Option3 Value", "Option3 Linked To", "Variant SKU", "Variant Grams", "Variant Inventory Tracker",
    "Variant Inventory Qty", "Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price",
    "Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable", "Unit Price Total Measure",
    "Unit Price Total Measure Unit", "Unit Price Base Measure", "Unit Price Base Measure Unit", "Variant Barcode",
    "Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description",
    "Google Shopping / Google Product Category", "Google Shopping / Gender", "Google Shopping / Age Group",
    "Google Shopping / MPN", "Google Shopping / Condition", "Google Shopping / Custom Product",
    "Google Shopping / Custom Label 0", "Google Shopping / Custom Label 1", "Google Shopping / Custom Label 2",
    "Google Shopping / Custom Label 3", "Google Shopping / Custom Label 4", "Variant Image", "Variant Weight Unit",
    "Variant Tax Code", "Cost per item", "Status",
)  # fmt: skip

# Customers > Export
CUSTOMERS_HEADER: Final = (
    "Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address Company",
    "Default Address Address1", "Default Address Address2", "Default Address City", "Default Address Province Code",
    "Default Address Country Code", "Default Address Zip", "Default Address Phone", "Phone", "Accepts SMS Marketing",
    "Total Spent", "Total Orders", "Note", "Tax Exempt", "Tags",
)  # fmt: skip


def write_shopify(world: World, folder: Path, first_day: dt.date, time_zone: str, currency: str) -> list[Path]:
    """Write the exports into `folder`; see `SyntheticShop.write_shopify`.

    Args:
        world: The process.
        folder: Created if it does not exist.
        first_day: The shop's first day.
        time_zone: IANA name.
        currency: ISO 4217 code.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    numbering = OrderNumbering(world)
    blocks = [world.draw_history(number) for number in range(world.blocks)]
    lines = pl.concat(order_lines(world, block, numbering, first_day, time_zone) for block in blocks)
    customers = pl.concat(
        block.customers.names.select(pl.Series("customer_id", block.customers.customer_id), pl.all())
        for block in blocks
    )
    orders = orders_export(world, lines, customers, currency)
    older, newer = _two_parts(orders)
    paths = [
        folder / name
        for name in ("orders_export_1.csv", "orders_export_2.csv", "products_export.csv", "customers_export.csv")
    ]
    write_csv(older, paths[0], decimals=2)
    write_csv(newer, paths[1], decimals=2, byte_order_mark=True, line_end="\r\n")
    write_csv(products_export(world), paths[2], decimals=2)
    write_csv(customers_export(customers, orders), paths[3], decimals=2)
    return paths


def _two_parts(orders: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The older and the newer orders, newest first; those in the middle are in both, with all their rows."""
    position = orders["Name"].rle_id()  # 0 is the newest order
    total = orders["Name"].n_unique()
    older = orders.filter(position >= int(total * (1 - _FIRST_ENDS)))
    return older, orders.filter(position < int(total * (1 - _SECOND_STARTS)))


def products_export(world: World) -> pl.DataFrame:
    """One row per variant; the fields that all variants share are on the first."""
    columns = ("product_id", "title", "description", "vendor", "product_type", "tags", "price", "cost", "status")
    real = launched_products(world).select(*columns, "option", "values", "skus")
    others = pl.DataFrame(
        {
            "product_id": [extra.product_id for extra in NOT_PRODUCTS if extra.sku],
            "title": [extra.title for extra in NOT_PRODUCTS if extra.sku],
            "product_type": [extra.product_type for extra in NOT_PRODUCTS if extra.sku],
            "price": [extra.price for extra in NOT_PRODUCTS if extra.sku],
            "status": ["active" for extra in NOT_PRODUCTS if extra.sku],
            "option": ["Denomination" if extra.option else None for extra in NOT_PRODUCTS if extra.sku],
            "values": [[extra.option] if extra.option else [] for extra in NOT_PRODUCTS if extra.sku],
            "skus": [[extra.sku] for extra in NOT_PRODUCTS if extra.sku],
        },
        schema_overrides={"option": pl.String, "values": pl.List(pl.String)},
    )
    single = pl.col("values").list.len() == 0
    rows = pl.concat([real, others], how="diagonal").with_columns(
        option=pl.when(single).then(pl.lit("Title")).otherwise("option"),
        values=pl.when(single).then(pl.lit(["Default Title"])).otherwise("values"),
    )
    rows = rows.explode("values", "skus").with_columns(is_first=pl.col("product_id").is_first_distinct())
    return select_columns(rows.select(_variant_fields() + _product_fields()), PRODUCTS_HEADER)


def _product_fields() -> list[pl.Expr]:
    gift_card = pl.when(pl.col("product_id") == "gift-card").then(pl.lit("true")).otherwise(pl.lit("false"))
    fields = {
        "Title": pl.col("title"), "Body (HTML)": "<p>" + pl.col("description") + "</p>", "Vendor": pl.col("vendor"),
        "Type": pl.col("product_type"), "Tags": pl.col("tags"), "Published": pl.lit("true"),
        "Option1 Name": pl.col("option"), "Gift Card": gift_card, "Status": pl.col("status"),
    }  # fmt: skip
    return [pl.when("is_first").then(value).alias(name) for name, value in fields.items()]


def _variant_fields() -> list[pl.Expr]:
    fields = {
        "Handle": pl.col("product_id"), "Option1 Value": pl.col("values"), "Variant SKU": pl.col("skus"),
        "Variant Grams": pl.lit(500), "Variant Inventory Tracker": pl.lit("shopify"),
        "Variant Inventory Qty": pl.lit(40), "Variant Inventory Policy": pl.lit("deny"),
        "Variant Fulfillment Service": pl.lit("manual"), "Variant Price": pl.col("price"),
        "Variant Requires Shipping": pl.lit("true"), "Variant Taxable": pl.lit("true"),
        "Variant Weight Unit": pl.lit("g"), "Cost per item": pl.col("cost"),
    }  # fmt: skip
    return [value.alias(name) for name, value in fields.items()]


def customers_export(customers: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """One row per customer, and a few subscribers who have never ordered.

    Args:
        customers: Columns customer_id, source_id, first_name, last_name, email_consent, sms_consent, number.
        orders: The orders export.
    """
    order_rows = orders.filter(pl.col("Total").is_not_null() & pl.col("Email").is_not_null())
    spent = order_rows.group_by(pl.col("Email").str.to_lowercase().alias("source_id")).agg(
        (pl.col("Total") - pl.col("Refunded Amount")).sum().alias("spent"),
        pl.len().alias("orders"),
        *(pl.col(f"Shipping {name}").last() for name in ("Address1", "City", "Province", "Country", "Zip", "Phone")),
    )
    subscribers = customers.head(round(len(customers) * NEVER_ORDERED)).with_columns(
        pl.format("reader{}@example.com", "number").alias("source_id"), pl.col("number") + len(customers)
    )
    # another number, another phone, or none
    has_phone = phone_number(pl.col("number")).is_not_null()
    subscribers = subscribers.with_columns(sms_consent=pl.when(has_phone).then("sms_consent"))
    rows = pl.concat([customers, subscribers]).join(spent, on="source_id", how="left", maintain_order="left")
    return select_columns(rows.sort("number").select(_customer_fields()), CUSTOMERS_HEADER)


def _customer_fields() -> list[pl.Expr]:
    address = {"Address1": "Address1", "City": "City", "Province Code": "Province", "Country Code": "Country"}
    fields = {
        "Customer ID": pl.format("'{}", pl.col("number") + _CUSTOMER_NUMBERS),
        "First Name": pl.col("first_name"), "Last Name": pl.col("last_name"), "Email": pl.col("source_id"),
        "Accepts Email Marketing": yes_or_no("email_consent"), "Accepts SMS Marketing": yes_or_no("sms_consent"),
        "Default Address Zip": pl.col("Shipping Zip"), "Default Address Phone": pl.col("Shipping Phone"),
        "Phone": phone_number(pl.col("number")), "Total Spent": pl.col("spent").fill_null(0.0),
        "Total Orders": pl.col("orders").fill_null(0), "Tax Exempt": pl.lit("no"),
        **{f"Default Address {name}": pl.col(f"Shipping {column}") for name, column in address.items()},
    }  # fmt: skip
    return [value.alias(name) for name, value in fields.items()]
