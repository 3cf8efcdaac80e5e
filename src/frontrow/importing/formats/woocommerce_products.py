"""WooCommerce's own export of products: Products > All Products > Export.

The columns are those of WooCommerce 10 (read in its source, November 2026). A product with variations has one row of
the type `variable` and one row for each `variation`, whose `Parent` is the SKU of the product or `id:` and its number.
A product's number is its id here too, so that orders that name it find it whatever its SKU or title becomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.importing.column_parsing import find_unreadable
from frontrow.importing.format import CATALOGUE_FIELDS, Format, ParsedFile, ParseSettings
from frontrow.importing.markup import plain_texts
from frontrow.importing.order_lines import first_reason
from frontrow.importing.woocommerce import clean_product_id
from frontrow.tables.columns import read_fields, require_columns
from frontrow.tables.parse import clean_quoted_text, clean_text, parse_numbers
from frontrow.tables.table_file import Table

ATTRIBUTES: Final = ("attribute1", "attribute2", "attribute3", "attribute4", "attribute5", "attribute6")
PRODUCT_FIELDS: Final = ("title", "product_type", "vendor", "tags", "description", "status", "image_url", "cost")
TEXTS: Final = ("kind", "title", "categories", "vendor", "tags", "description", "short_description", "images", "parent")
STATUSES: Final = {"1": "active", "0": "archived", "-1": "draft", "2": "draft"}
"""What `Published` means: 1 published, 0 private, -1 draft, 2 waiting for a review."""

UNCATEGORIZED: Final = "uncategorized"
SEPARATOR: Final = r"\\,"
"""A comma within a name, as WooCommerce writes it."""


class WooCommerceProducts(Format):
    """What the shop sells: a row for each product, and one for each variation of a product that has some."""

    name = "woocommerce_products"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "id": ("ID",),
        "kind": ("Type",),
        "sku": ("SKU",),
        "title": ("Name",),
        "published": ("Published",),
        "short_description": ("Short description",),
        "description": ("Description",),
        "sale_price": ("Sale price",),
        "price": ("Regular price",),
        "categories": ("Categories",),
        "tags": ("Tags",),
        "vendor": ("Brands",),
        "images": ("Images",),
        "parent": ("Parent",),
        "cost": ("Cost of goods",),
        **{name: (f"Attribute {number} value(s)",) for number, name in enumerate(ATTRIBUTES, 1)},
    }
    identifying_fields = ("id", "kind", "sku", "title", "published", "price", "parent")

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:  # noqa: ARG002
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, ("id", "kind", "title", "price", "parent"))
        raw = read_fields(table, self.fields, columns)
        rows = _validate(_find_parents(_clean(raw)), columns["id"])
        kept_rows = rows.filter(pl.col("dropped").is_null())
        return ParsedFile(
            catalogue=_build_catalogue(table, kept_rows, columns),
            kept=kept_rows.height,
            dropped=dict(rows["dropped"].drop_nulls().value_counts(sort=True).iter_rows()),
            warnings=table.warnings,
            columns=columns,
        )


def _clean(raw: pl.DataFrame) -> pl.DataFrame:
    return raw.with_columns(
        *(clean_text(name) for name in (*TEXTS, *ATTRIBUTES)),
        clean_quoted_text("sku"),
        clean_product_id("id"),
        clean_quoted_text("published").replace_strict(STATUSES, default="active").alias("status"),
    ).with_columns(pl.col("kind").str.to_lowercase().str.split(",").list.first())


def _find_parents(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the `handle`: the number of the product that a row is of."""
    is_variation = (pl.col("kind") == "variation").fill_null(False)
    products = rows.filter(~is_variation & pl.col("sku").is_not_null() & pl.col("id").is_not_null())
    numbers = products.unique("sku", keep="first", maintain_order=True).select(parent="sku", parent_id="id")
    rows = rows.join(numbers, on="parent", how="left", maintain_order="left")
    named = pl.when(pl.col("parent").str.starts_with("id:")).then(pl.col("parent").str.strip_prefix("id:"))
    return rows.with_columns(handle=pl.when(is_variation).then(pl.coalesce(named, "parent_id")).otherwise("id"))


def _validate(rows: pl.DataFrame, id_column: str) -> pl.DataFrame:
    """Drop rows that are not something the shop sells."""
    texts = pl.all_horizontal(pl.col("id", "title", "sku", "parent").is_null())
    reason = first_reason(
        {
            "empty row": texts,
            "repeated header": (pl.col("id") == id_column) & (pl.col("title") == "Name"),
            "its product is not in the file": pl.col("handle").is_null(),
            "a group of products": pl.col("kind") == "grouped",
            "sold on another site": pl.col("kind") == "external",
        }
    )
    return rows.with_columns(dropped=reason)


def _build_catalogue(table: Table, rows: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return one row a variation, or a product without some, with the product's own values on each.

    A product with variations keeps a row of its own only for its SKU, under which variations without one are sold.
    """
    for name in ("price", "sale_price", "cost"):
        amounts = parse_numbers(rows, name)
        find_unreadable(table, rows, name, columns.get(name, name), amounts)
        rows = rows.with_columns(amounts.alias(name))
    rows = rows.with_columns(
        price=pl.coalesce("price", "sale_price"),
        product_type=_most_specific(pl.col("categories")),
        tags=pl.col("tags").str.replace_all(SEPARATOR, ","),
        vendor=_first_name(pl.col("vendor")),
        description=pl.coalesce("description", "short_description").str.replace_all(r"\\n", " "),
        image_url=pl.col("images").str.split(", ").list.first(),
        variant=_name_variant(),
    )
    rows = rows.with_columns(plain_texts(rows, "description"))
    is_variation = pl.col("kind") == "variation"
    # the product's own values come first; a variation has none of most, and its title holds its variant
    rows = rows.sort(is_variation, maintain_order=True)
    title = pl.coalesce(pl.col("title").filter(~is_variation).first().over("handle"), _title_of_variation(), "handle")
    rows = rows.with_columns(title=title, variant=pl.when(is_variation).then("variant"))
    filled = rows.with_columns(pl.col(name).drop_nulls().first().over("handle").alias(name) for name in PRODUCT_FIELDS)
    has_variations = is_variation.any().over("handle")
    filled = filled.filter(is_variation | ~has_variations | pl.col("sku").is_not_null())
    return filled.sort("row").select(pl.col(name).cast(dtype) for name, dtype in CATALOGUE_FIELDS.items())


def _name_variant() -> pl.Expr:
    """Name a variation as WooCommerce names it on an order line: the values of its attributes, after a comma each."""
    values = [pl.col(name).str.replace_all(SEPARATOR, ",") for name in ATTRIBUTES]
    name = pl.concat_str(values, separator=", ", ignore_nulls=True)
    return pl.when(name != "").then(name)


def _title_of_variation() -> pl.Expr:
    """Return the product's name out of a variation's, `Shirt - Red, L`, for a file without the product's own row."""
    return pl.col("title").str.strip_suffix(pl.concat_str(pl.lit(" - "), pl.col("variant").fill_null("")))


def _most_specific(categories: pl.Expr) -> pl.Expr:
    """Return the last name of the deepest category: of `Garden, Garden > Pots` it is `Pots`."""
    # a comma within a name is not the one between two categories
    paths = categories.str.replace_all(SEPARATOR, "\x1f").str.split(",").list.eval(pl.element().str.strip_chars())
    depths = paths.list.eval(pl.element().str.count_matches(" > ", literal=True))
    deepest = paths.list.get(depths.list.arg_max(), null_on_oob=True)
    name = deepest.str.split(" > ").list.last().str.replace_all("\x1f", ",")
    return pl.when((name != "") & (name.str.to_lowercase() != UNCATEGORIZED)).then(name)


def _first_name(names: pl.Expr) -> pl.Expr:
    first = names.str.replace_all(SEPARATOR, "\x1f").str.split(",").list.first()
    return first.str.replace_all("\x1f", ",").str.strip_chars()


FORMAT = WooCommerceProducts()
