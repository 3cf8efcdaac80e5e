"""A products export into the product table: what is sold, also what nobody has bought yet."""

from __future__ import annotations

from typing import Any

import polars as pl

from frontrow.importing.product_identity import ProductKeys
from frontrow.importing.titles import slug
from frontrow.schema import PRODUCT_SCHEMA, Grain

ATTRIBUTES = ("title", "product_type", "vendor", "tags", "description", "price", "cost", "image_url", "status")


def merge_catalogue(products: pl.DataFrame, catalogue: pl.DataFrame, grain: Grain) -> pl.DataFrame:
    """Fill in what a catalogue says, and add the products it lists for the first time.

    A product that orders named before keeps its id; it is found by its SKUs and titles.

    Args:
        products: The products known so far.
        catalogue: One row a variant (`importing.format.CATALOGUE_FIELDS`).
        grain: What one product of the shop is.
    """
    listed = _one_row_a_product(catalogue, grain)
    keys = ProductKeys.of(products)
    words, new = [], []
    for row in listed.iter_rows(named=True):
        matched = _matches(row, keys)
        values = {name: row[name] for name in ATTRIBUTES}
        unknown = [sku for sku in row["skus"] if sku not in keys.skus]
        for position, product_id in enumerate(matched):
            more = {"more_skus": unknown, "more_aliases": [row["title"]]} if not position else {}
            words.append({"product_id": product_id, **values, **more})
        if not matched:
            new.append({"product_id": row["product_id"], **values, "skus": row["skus"], "aliases": [row["title"]]})
            keys.learn(row["product_id"], row["skus"], [row["title"]], listed=True)
    added = pl.DataFrame(new, schema=dict(PRODUCT_SCHEMA))
    return pl.concat([_filled(products, words), added])


def _one_row_a_product(catalogue: pl.DataFrame, grain: Grain) -> pl.DataFrame:
    full = pl.concat_str([pl.col("title"), pl.col("variant")], separator=" - ", ignore_nulls=True)
    rows = catalogue.with_columns(full=full)
    if grain == "variant":
        own = pl.col("full").map_elements(slug, return_dtype=pl.String)
        rows = rows.with_columns(handle=pl.coalesce("sku", own), title=pl.col("full"))
    return rows.group_by(pl.col("handle").alias("product_id"), maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in ATTRIBUTES),
        pl.col("sku").drop_nulls().unique(maintain_order=True).alias("skus"),
        pl.col("full").drop_nulls().unique(maintain_order=True).alias("names"),
    )


def _matches(row: dict[str, Any], keys: ProductKeys) -> list[str]:
    """The known products that a listed one is, the most certain first."""
    product_id, skus, names = row["product_id"], row["skus"], row["names"]
    found = [product_id] if product_id in keys.ids else []
    found += [keys.skus[sku] for sku in skus if sku in keys.skus]
    if not found:
        # A title that the catalogue lists already, under a handle and SKUs of its own, is another product's.
        free = [name for name in (row["title"], *names) if name not in keys.catalogue_titles]
        found = [keys.titles[name] for name in free if name in keys.titles]
    return list(dict.fromkeys(found))


def _filled(products: pl.DataFrame, words: list[dict[str, Any]]) -> pl.DataFrame:
    """Products with the catalogue's values over their own."""
    said = {f"said_{name}": PRODUCT_SCHEMA[name] for name in ATTRIBUTES}
    lists = {"more_skus": pl.List(pl.String), "more_aliases": pl.List(pl.String)}
    rows = [
        {name if name in ("product_id", *lists) else f"said_{name}": value for name, value in word.items()}
        for word in words
    ]
    table = pl.DataFrame(rows, schema={"product_id": pl.String(), **said, **lists})
    table = table.unique("product_id", keep="last", maintain_order=True)
    joined = products.join(table, on="product_id", how="left", maintain_order="left")
    return joined.with_columns(
        *(pl.coalesce(f"said_{name}", name).alias(name) for name in ATTRIBUTES),
        *(
            pl.concat_list(name, pl.col(f"more_{name}").fill_null([])).list.unique(maintain_order=True).alias(name)
            for name in ("skus", "aliases")
        ),
    ).select(list(PRODUCT_SCHEMA))
