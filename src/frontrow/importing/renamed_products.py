"""Renamed products: one sold under a new title without its SKU is the product whose SKU some row ties to that title."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from frontrow.schema import PRODUCT_SCHEMA


def find_renamed(identified: pl.DataFrame, products: pl.DataFrame, ties: pl.DataFrame | None) -> dict[str, str]:
    """Return products that are another one under another title: the id of each, and of the product that it is.

    Only a product without any SKU, and in no catalogue, is joined to another: two products with SKUs of their own stay
    apart even where a row mixes them up. The product seen first keeps its id.

    Args:
        identified: Pairs of `sku` and `title` with their `product_id` and `product_title`, in order of time.
        products: All products, those of the shop first, then in order of time.
        ties: Further pairs of `sku` and `title`.
    """
    nameless = products.filter((pl.col("skus").list.len() == 0) & pl.col("status").is_null())
    if not nameless.height:
        return {}
    tied = _products_by_title(identified, products, ties)
    position = {product_id: number for number, product_id in enumerate(products["product_id"])}
    groups: dict[str, list[str]] = {}
    for product_id, titles in nameless.select("product_id", "aliases").iter_rows():
        targets = [tied[title] for title in titles or () if title in tied]
        if targets:
            groups.setdefault(min(targets, key=position.__getitem__), []).append(product_id)
    listed = set(products.filter(pl.col("status").is_not_null())["product_id"])
    joined: dict[str, str] = {}
    for target, others in groups.items():
        members = [target, *others]
        stays = target if target in listed else min(members, key=position.__getitem__)
        joined |= {product_id: stays for product_id in members if product_id != stays}
    return joined


def _products_by_title(identified: pl.DataFrame, products: pl.DataFrame, ties: pl.DataFrame | None) -> dict[str, str]:
    """Return the product that a title is tied to by a row with a SKU; the first such row counts."""
    of_sku = {
        sku: product_id for product_id, skus in products.select("product_id", "skus").iter_rows() for sku in skus or ()
    }
    tied: dict[str, str] = {}
    for sku, name, product_id, title in identified.select("sku", "title", "product_id", "product_title").iter_rows():
        if sku is not None:
            for text in (title, name):
                tied.setdefault(text, product_id)
    if ties is not None:
        for sku, name in ties.drop_nulls().select("sku", "title").unique().sort("title", "sku").iter_rows():
            if sku in of_sku:
                tied.setdefault(name, of_sku[sku])
    return tied


def join_products(products: pl.DataFrame, joined: Mapping[str, str]) -> pl.DataFrame:
    """Return the products with those joined that are one: its SKUs and titles together, its own attributes first.

    Args:
        products: `schema.PRODUCT_SCHEMA`.
        joined: Id of a product, and of the one that it is.
    """
    ids = pl.col("product_id").replace(joined)
    rows = products.with_columns(own=pl.col("product_id") == ids, product_id=ids)
    rows = rows.with_row_index("position").with_columns(
        position=pl.col("position").filter("own").first().over("product_id")
    )
    attributes = [name for name in PRODUCT_SCHEMA if name not in ("product_id", "skus", "aliases")]
    return (
        rows.sort("position", pl.col("own").not_(), maintain_order=True)
        .group_by("product_id", maintain_order=True)
        .agg(
            *(pl.col(name).drop_nulls().first() for name in attributes),
            *(pl.col(name).list.explode().drop_nulls().unique(maintain_order=True) for name in ("skus", "aliases")),
        )
        .select(list(PRODUCT_SCHEMA))
    )
