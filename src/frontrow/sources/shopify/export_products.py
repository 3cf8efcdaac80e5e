"""Products of the Admin API as rows of Shopify's export of products, for the format `shopify_products`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.sources.shopify.jsonl import ID, NUMBER, PARENT, Layout, Nodes
from frontrow.sources.shopify.money import TEXTS, joined

PRODUCT_FIELDS: Final[Mapping[str, pl.DataType]] = {
    **dict.fromkeys(("id", "handle", "title", "descriptionHtml", "vendor", "productType", "status"), pl.String()),
    "tags": TEXTS,
    "updatedAt": pl.String(),
    "category": pl.Struct({"fullName": pl.String()}),
    "featuredMedia": pl.Struct({"preview": pl.Struct({"image": pl.Struct({"url": pl.String()})})}),
}
VARIANT_FIELDS: Final[Mapping[str, pl.DataType]] = {
    **dict.fromkeys(("id", "sku", "price"), pl.String()),
    "position": pl.Int64(),
    "selectedOptions": pl.List(pl.Struct({"name": pl.String(), "value": pl.String()})),
    "inventoryItem": pl.Struct({"unitCost": pl.Struct({"amount": pl.String()})}),
}
OPTIONS: Final = 3
"""The most options that a product has."""


def product_layout() -> Layout:
    """Return how products come, and what is kept of them."""
    return Layout(PRODUCT_FIELDS, VARIANT_FIELDS, _product_columns(), [pl.col("position"), *_variant_columns()])


def export_products(nodes: Nodes) -> pl.DataFrame:
    """Return the rows of the export: one a variant, the product's own fields on the first.

    Args:
        nodes: Products in their layout, and their variants.
    """
    products = nodes.roots.rename({ID: PARENT, NUMBER: "product_number"})
    variants = nodes.children.drop(ID)
    rows = products.join(variants, on=PARENT, how="left").sort(
        "product_number", "position", NUMBER, nulls_last=True, maintain_order=True
    )
    is_first = pl.col(PARENT).is_first_distinct()
    own = [name for name in products.columns if name not in (PARENT, "product_number", "Handle")]
    return rows.select(
        "Handle",
        *(pl.when(is_first).then(pl.col(name)).alias(name) for name in own),
        *(name for name in variants.columns if name not in (PARENT, NUMBER, "position")),
    )


def _product_columns() -> list[pl.Expr]:
    image = pl.col("featuredMedia").struct.field("preview").struct.field("image").struct.field("url")
    fields = {
        "Handle": pl.col("handle"),
        "Title": pl.col("title"),
        "Body (HTML)": pl.col("descriptionHtml"),
        "Vendor": pl.col("vendor"),
        "Product Category": pl.col("category").struct.field("fullName"),
        "Type": pl.col("productType"),
        "Tags": joined("tags"),
        "Image Src": image,
        "Status": pl.col("status").str.to_lowercase(),
    }
    return [value.alias(name) for name, value in fields.items()]


def _variant_columns() -> list[pl.Expr]:
    options = {
        f"Option{number} Value": pl.col("selectedOptions").list.get(number - 1, null_on_oob=True).struct.field("value")
        for number in range(1, OPTIONS + 1)
    }
    cost = pl.col("inventoryItem").struct.field("unitCost").struct.field("amount")
    fields = {
        **options,
        "Variant SKU": pl.col("sku"),
        "Variant Price": pl.col("price").cast(pl.Float64, strict=False),
        "Cost per item": cost.cast(pl.Float64, strict=False),
    }
    return [value.alias(name) for name, value in fields.items()]
