"""The products and customers exports of a synthetic Shopify shop."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.synthetic.shopify.headers import CUSTOMERS_HEADER, PRODUCTS_HEADER
from frontrow.synthetic.tables import NOT_PRODUCTS, launched, phone_number
from frontrow.synthetic.world import World

NEVER_ORDERED: Final = 0.02  # subscribers who have not bought, for each customer
_CUSTOMER_NUMBERS: Final = 7_300_000_000_000


def products_export(world: World) -> pl.DataFrame:
    """One row a variant; what all variants share stands on the first."""
    columns = ("product_id", "title", "description", "vendor", "product_type", "tags", "price", "cost", "status")
    real = launched(world).select(*columns, "option", "values", "skus")
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
    rows = rows.explode("values", "skus").with_columns(opens=pl.col("product_id").is_first_distinct())
    return _filled(rows.select(_variant_fields() + _product_fields()), PRODUCTS_HEADER)


def _product_fields() -> list[pl.Expr]:
    gift_card = pl.when(pl.col("product_id") == "gift-card").then(pl.lit("true")).otherwise(pl.lit("false"))
    fields = {
        "Title": pl.col("title"), "Body (HTML)": "<p>" + pl.col("description") + "</p>", "Vendor": pl.col("vendor"),
        "Type": pl.col("product_type"), "Tags": pl.col("tags"), "Published": pl.lit("true"),
        "Option1 Name": pl.col("option"), "Gift Card": gift_card, "Status": pl.col("status"),
    }  # fmt: skip
    return [pl.when("opens").then(value).alias(name) for name, value in fields.items()]


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


def customers_export(people: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """One row a customer, and a few subscribers who have never ordered.

    Args:
        people: Customers: customer_id, source_id, first_name, last_name, email_consent, sms_consent, number.
        orders: The orders export.
    """
    first = orders.filter(pl.col("Total").is_not_null() & pl.col("Email").is_not_null())
    spent = first.group_by(pl.col("Email").str.to_lowercase().alias("source_id")).agg(
        (pl.col("Total") - pl.col("Refunded Amount")).sum().alias("spent"),
        pl.len().alias("orders"),
        *(pl.col(f"Shipping {name}").last() for name in ("Address1", "City", "Province", "Country", "Zip", "Phone")),
    )
    subscribers = people.head(round(len(people) * NEVER_ORDERED)).with_columns(
        pl.format("reader{}@example.com", "number").alias("source_id"), pl.col("number") + len(people)
    )
    rows = pl.concat([people, subscribers]).join(spent, on="source_id", how="left", maintain_order="left")
    return _filled(rows.sort("number").select(_customer_fields()), CUSTOMERS_HEADER)


def _customer_fields() -> list[pl.Expr]:
    address = {"Address1": "Address1", "City": "City", "Province Code": "Province", "Country Code": "Country"}
    fields = {
        "Customer ID": pl.format("'{}", pl.col("number") + _CUSTOMER_NUMBERS),
        "First Name": pl.col("first_name"), "Last Name": pl.col("last_name"), "Email": pl.col("source_id"),
        "Accepts Email Marketing": _yes_or_no("email_consent"), "Accepts SMS Marketing": _yes_or_no("sms_consent"),
        "Default Address Zip": pl.col("Shipping Zip"), "Default Address Phone": pl.col("Shipping Phone"),
        "Phone": "'" + phone_number(pl.col("number")), "Total Spent": pl.col("spent").fill_null(0.0),
        "Total Orders": pl.col("orders").fill_null(0), "Tax Exempt": pl.lit("no"),
        **{f"Default Address {name}": pl.col(f"Shipping {column}") for name, column in address.items()},
    }  # fmt: skip
    return [value.alias(name) for name, value in fields.items()]


def _yes_or_no(consent: str) -> pl.Expr:
    return pl.when(consent).then(pl.lit("yes")).when(~pl.col(consent)).then(pl.lit("no"))


def _filled(rows: pl.DataFrame, header: tuple[str, ...]) -> pl.DataFrame:
    """Exactly the header's columns, in its order; absent ones are empty."""
    return rows.select(pl.col(name) if name in rows.columns else pl.lit(None, pl.String).alias(name) for name in header)
