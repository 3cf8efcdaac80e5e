"""Shopify's products export: the classic layout and the one of 2025."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.importing.column_parsing import find_unreadable
from frontrow.importing.format import CATALOGUE_FIELDS, Format, ParsedFile, ParseSettings
from frontrow.importing.markup import plain_texts
from frontrow.importing.order_lines import first_reason
from frontrow.tables.columns import read_fields, require_columns
from frontrow.tables.parse import clean_quoted_text, clean_text, parse_numbers
from frontrow.tables.table_file import Table

OPTIONS: Final = ("option1", "option2", "option3")
PRODUCT_FIELDS: Final = ("title", "product_type", "category", "vendor", "tags", "description", "status", "image")


class ShopifyProducts(Format):
    """What the shop sells: one row per variant, and more rows for further images."""

    name = "shopify_products"
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
    identifying_fields = ("handle", "title", "price", "option1")

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:  # noqa: ARG002
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, self.identifying_fields)
        raw = read_fields(table, self.fields, columns)
        rows = _validate(raw, columns["handle"])
        kept_rows = rows.filter(pl.col("dropped").is_null())
        counts = rows["dropped"].drop_nulls().value_counts(sort=True)
        return ParsedFile(
            catalogue=_build_catalogue(table, kept_rows, columns),
            kept=kept_rows.height,
            dropped=dict(counts.iter_rows()),
            warnings=table.warnings,
            columns=columns,
        )


def _validate(raw: pl.DataFrame, handle_column: str) -> pl.DataFrame:
    """Give each row its product's handle, and drop rows that describe no variant."""
    rows = raw.with_columns(
        *(clean_text(name) for name in ("handle", *PRODUCT_FIELDS, *OPTIONS)),
        *(clean_quoted_text(name) for name in ("sku",)),
    )
    # a row with a title but no handle is another product, not a further row of the one above
    is_continuation = pl.col("title").is_null()
    handle = pl.coalesce("handle", pl.when(is_continuation).then(pl.col("handle").forward_fill()))
    has_variant = pl.any_horizontal(pl.col("title", "sku", "price", *OPTIONS).is_not_null())
    reason = first_reason(
        {
            "empty row": pl.col("handle").is_null() & ~has_variant & pl.col("image").is_null(),
            "no handle": pl.col("handle").is_null(),
            "repeated header": pl.col("handle") == handle_column,
            "further image of a product": ~has_variant,
        }
    )
    return rows.with_columns(handle=handle).with_columns(dropped=reason)


def _build_catalogue(table: Table, rows: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return one row per variant with the product's own values, which are on its first row only."""
    for name in ("price", "cost"):
        amounts = parse_numbers(rows, name)
        find_unreadable(table, rows, name, columns.get(name, name), amounts)
        rows = rows.with_columns(amounts.alias(name))
    filled = rows.with_columns(pl.col(name).drop_nulls().first().over("handle").alias(name) for name in PRODUCT_FIELDS)
    options = [pl.when(pl.col(name).str.to_lowercase() != "default title").then(name) for name in OPTIONS]
    variant = pl.concat_str(options, separator=" / ", ignore_nulls=True)
    values = {
        "variant": pl.when(variant != "").then(variant),
        "title": pl.coalesce("title", "handle"),
        "product_type": pl.coalesce("product_type", "category"),
        "description": plain_texts(filled, "description"),
        # any status shows that the product is listed
        "status": pl.col("status").str.to_lowercase().fill_null("active"),
        "image_url": pl.col("image"),
    }
    return filled.select(
        values.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in CATALOGUE_FIELDS.items()
    )


FORMAT = ShopifyProducts()
