"""A products export into the product table: what is sold, including what nobody has bought yet."""

from __future__ import annotations

from typing import Any

import polars as pl

from frontrow.importing.product_keys import ProductKeys
from frontrow.importing.product_titles import slug
from frontrow.schema import PRODUCT_SCHEMA, Grain

ATTRIBUTES = ("title", "product_type", "vendor", "tags", "description", "price", "cost", "image_url", "status")


def merge_catalogue(products: pl.DataFrame, catalogue: pl.DataFrame, grain: Grain) -> pl.DataFrame:
    """Fill in what a catalogue says, and add the products it lists for the first time.

    A product that earlier orders named keeps its id; it is found by its SKUs and titles.

    Args:
        products: The products so far.
        catalogue: One row per variant (`importing.format.CATALOGUE_FIELDS`).
        grain: What one product of the shop is.
    """
    listed = _group_variants(catalogue, grain)
    keys = ProductKeys.of(products)
    updates, new = [], []
    for row in listed.iter_rows(named=True):
        matches = _find_matches(row, keys)
        values = {name: row[name] for name in ATTRIBUTES}
        new_skus = [sku for sku in row["skus"] if sku not in keys.skus]
        for position, product_id in enumerate(matches):
            additions = {"more_skus": new_skus, "more_aliases": [row["title"]]} if not position else {}
            updates.append({"product_id": product_id, **{f"new_{name}": values[name] for name in values}, **additions})
        if not matches:
            new.append({"product_id": row["product_id"], **values, "skus": row["skus"], "aliases": [row["title"]]})
            keys.add(row["product_id"], row["skus"], [row["title"]], listed=True)
    return pl.concat([_update_products(products, updates), pl.DataFrame(new, schema=dict(PRODUCT_SCHEMA))])


def _group_variants(catalogue: pl.DataFrame, grain: Grain) -> pl.DataFrame:
    """Return one row per product."""
    full = pl.concat_str([pl.col("title"), pl.col("variant")], separator=" - ", ignore_nulls=True)
    rows = catalogue.with_columns(full=full)
    if grain == "variant":
        made_id = pl.col("full").map_elements(slug, return_dtype=pl.String)
        rows = rows.with_columns(handle=pl.coalesce("sku", made_id), title=pl.col("full"))
    return rows.group_by(pl.col("handle").alias("product_id"), maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in ATTRIBUTES),
        pl.col("sku").drop_nulls().unique(maintain_order=True).alias("skus"),
        pl.col("full").drop_nulls().unique(maintain_order=True).alias("names"),
    )


def _find_matches(row: dict[str, Any], keys: ProductKeys) -> list[str]:
    """Return the existing products that a listed one is, the most certain first."""
    product_id, skus, names = row["product_id"], row["skus"], row["names"]
    matches = [product_id] if product_id in keys.ids else []
    matches += [keys.skus[sku] for sku in skus if sku in keys.skus]
    if not matches:
        # A title that the catalogue lists already, under a handle and SKUs of its own, is another product's.
        free = [name for name in (row["title"], *names) if name not in keys.catalogue_titles]
        matches = [keys.titles[name] for name in free if name in keys.titles]
    return list(dict.fromkeys(matches))


def _update_products(products: pl.DataFrame, updates: list[dict[str, Any]]) -> pl.DataFrame:
    """Return the products with the catalogue's values (`new_...`) over their own, and with more SKUs and titles."""
    values = {f"new_{name}": PRODUCT_SCHEMA[name] for name in ATTRIBUTES}
    lists = {"more_skus": pl.List(pl.String), "more_aliases": pl.List(pl.String)}
    table = pl.DataFrame(updates, schema={"product_id": pl.String(), **values, **lists})
    table = table.unique("product_id", keep="last", maintain_order=True)
    joined = products.join(table, on="product_id", how="left", maintain_order="left")
    return joined.with_columns(
        *(pl.coalesce(f"new_{name}", name).alias(name) for name in ATTRIBUTES),
        *(
            pl.concat_list(name, pl.col(f"more_{name}").fill_null([])).list.unique(maintain_order=True).alias(name)
            for name in ("skus", "aliases")
        ),
    ).select(list(PRODUCT_SCHEMA))
