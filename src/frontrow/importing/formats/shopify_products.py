"""Shopify's products export: the classic layout and the one of 2025."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.importing.format import CATALOGUE_FIELDS, Reading, Source, Wishes
from frontrow.importing.order_lines import check_readable
from frontrow.tables.columns import read_fields, require
from frontrow.tables.parse import number, text, unquoted
from frontrow.tables.table_file import Table

OPTIONS: Final = ("option1", "option2", "option3")
OF_THE_PRODUCT: Final = ("title", "product_type", "category", "vendor", "tags", "description", "status", "image")
NO_TEXT: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
BLOCK_END: Final = re.compile(r"<\s*(br|/p|/div|/li|/h[1-6]|/tr)\b[^>]*>", re.IGNORECASE)
TAG: Final = re.compile(r"<[^>]*>")


class ShopifyProducts(Source):
    """What the shop sells: one row a variant, and more rows for further images."""

    name = "shopify_products"
    title = "Shopify products export"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "handle": ("Handle", "URL handle"),
        "title": ("Title",),
        "price": ("Variant Price", "Price"),
        "sku": ("Variant SKU", "SKU"),
        "product_type": ("Type", "Custom Product Type"),
        "category": ("Product Category", "Standardized Product Type", "Standard Product Type"),
        "vendor": ("Vendor",),
        "tags": ("Tags",),
        "description": ("Body (HTML)", "Body HTML", "Description"),
        "status": ("Status",),
        "cost": ("Cost per item",),
        "image": ("Image Src", "Product image URL"),
        "option1": ("Option1 Value",),
        "option2": ("Option2 Value",),
        "option3": ("Option3 Value",),
    }
    recognised_by = ("handle", "title", "price", "option1")

    def read(self, table: Table, wishes: Wishes) -> Reading:  # noqa: ARG002
        """Read the whole file; see `Source.read`."""
        columns = require(table, self.fields, self.recognised_by)
        raw = read_fields(table, self.fields, columns)
        rows = _judge(raw, columns["handle"])
        kept = rows.filter(pl.col("dropped").is_null())
        counts = rows["dropped"].drop_nulls().value_counts(sort=True)
        return Reading(
            catalogue=_catalogue(table, kept, columns),
            kept=kept.height,
            dropped=dict(counts.iter_rows()),
            notes=table.notes,
            columns=columns,
        )


def _judge(raw: pl.DataFrame, handle_column: str) -> pl.DataFrame:
    """Give each row its product's handle, and say which rows describe no variant."""
    rows = raw.with_columns(
        *(text(name) for name in ("handle", *OF_THE_PRODUCT, *OPTIONS)), *(unquoted(name) for name in ("sku",))
    )
    # a product without a handle of its own is of no use to the rows below it
    below = pl.col("title").is_null()
    handle = pl.coalesce("handle", pl.when(below).then(pl.col("handle").forward_fill()))
    says_something = pl.any_horizontal(pl.col("title", "sku", "price", *OPTIONS).is_not_null())
    return rows.with_columns(handle=handle).with_columns(
        dropped=pl.when(pl.col("handle").is_null() & ~says_something & pl.col("image").is_null())
        .then(pl.lit("empty row"))
        .when(pl.col("handle").is_null())
        .then(pl.lit("no handle"))
        .when(pl.col("handle") == handle_column)
        .then(pl.lit("repeated header"))
        .when(~says_something)
        .then(pl.lit("further image of a product"))
    )


def _catalogue(table: Table, rows: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """One row a variant with the product's own values, which stand on its first row only."""
    for name in ("price", "cost"):
        amounts = number(rows, name)
        check_readable(table, rows, name, columns.get(name, name), amounts)
        rows = rows.with_columns(amounts.alias(name))
    filled = rows.with_columns(pl.col(name).drop_nulls().first().over("handle").alias(name) for name in OF_THE_PRODUCT)
    real = [pl.when(pl.col(name).str.to_lowercase() != "default title").then(name) for name in OPTIONS]
    variant = pl.concat_str(real, separator=" / ", ignore_nulls=True)
    descriptions = filled.select(pl.col("description").unique().drop_nulls())["description"]
    plain = {description: plain_text(description) for description in descriptions}
    values = {
        "variant": pl.when(variant != "").then(variant),
        "title": pl.coalesce("title", "handle"),
        "product_type": pl.coalesce("product_type", "category"),
        "description": pl.col("description").replace_strict(plain, default=None, return_dtype=pl.String),
        # any status tells that the product is listed
        "status": pl.col("status").str.to_lowercase().fill_null("active"),
        "image_url": pl.col("image"),
    }
    return filled.select(
        values.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in CATALOGUE_FIELDS.items()
    )


def plain_text(markup: str) -> str | None:
    """The text of a piece of HTML, its white space collapsed; None when nothing is left.

    Example:
        >>> plain_text("<p>Fish &amp; chips</p><script>x()</script><ul><li>salt</li></ul>")
        'Fish & chips salt'
    """
    without_tags = TAG.sub("", BLOCK_END.sub(" ", NO_TEXT.sub(" ", markup)))
    return " ".join(html.unescape(without_tags).split()) or None


SOURCE = ShopifyProducts()
