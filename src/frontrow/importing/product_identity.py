"""Order lines to products: which lines are of one product, and what the product's id is.

Exports of orders carry no product id, so a product is found by the SKU, else by the line's title without its variant.
Ids once given never change: a later import finds them again by the product's SKUs and titles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.importing.format import SHARED_TEXT
from frontrow.importing.identity_settings import IdentitySettings
from frontrow.importing.product_keys import NAMES, ProductKeys, find_products
from frontrow.importing.renamed_products import find_renamed, join_products
from frontrow.schema import PRODUCT_SCHEMA

LINE_ATTRIBUTES: Final = ("product_type", "vendor", "tags", "description", "price")


@dataclass(frozen=True)
class IdentifiedLines:
    """Lines with their products.

    Attributes:
        lines: The lines, with the shop's `product_id` in place of what it was found by.
        products: All products.
        joined: Products of the shop that turned out to be another one under an earlier or later title: the id that
            they had, and the id of the product that they are.
    """

    lines: pl.DataFrame
    products: pl.DataFrame
    joined: Mapping[str, str]


@dataclass(frozen=True)
class IdentifiedPairs:
    """The ways in which lines name products, with the products.

    Attributes:
        pairs: `NAMES`, as in the source, and the shop's `product_id`.
        products: See `IdentifiedLines`.
        joined: See `IdentifiedLines`.
    """

    pairs: pl.DataFrame
    products: pl.DataFrame
    joined: Mapping[str, str]


def identify_products(
    lines: pl.DataFrame, products: pl.DataFrame, settings: IdentitySettings, *, ties: pl.DataFrame | None = None
) -> IdentifiedLines:
    """Give each line its product, and add the new products.

    Args:
        lines: Lines in order of time, with `product_id` as in the source, `sku`, `title` and the other
            attributes of `schema.PRODUCT_SCHEMA`.
        products: The products so far, a catalogue's included.
        settings: How products are told apart.
        ties: Further pairs of `sku` and `title` that some row has together, such as a cancelled order's: they tell
            that a product sold under that title without a SKU is the one with that SKU.
    """
    lines = lines.rename({"product_id": "source_product"}, strict=False)
    names = [name for name in NAMES if name in lines.columns]
    # attributes are gathered a pair at a time: there are a hundred times fewer pairs than lines
    attributes = [name for name in LINE_ATTRIBUTES if name in lines.columns]
    pairs = lines.group_by(names, maintain_order=True).agg(pl.col(name).drop_nulls().first() for name in attributes)
    absent = [pl.lit(None, pl.String).alias(name) for name in NAMES if name not in names]
    identified = identify_pairs(pairs.with_columns(absent).cast({pl.Categorical: pl.String}), products, settings, ties)
    lines = put_product_ids(lines.rename({"source_product": "product_id"}, strict=False), identified.pairs)
    return IdentifiedLines(lines, identified.products, identified.joined)


def identify_pairs(
    pairs: pl.DataFrame, products: pl.DataFrame, settings: IdentitySettings, ties: pl.DataFrame | None
) -> IdentifiedPairs:
    """Give each way in which lines name a product its product, and add the new products.

    Args:
        pairs: `NAMES` as in the source, in order of first appearance, with the first value of the `LINE_ATTRIBUTES`.
        products: The products so far, a catalogue's included.
        settings: How products are told apart.
        ties: See `identify_products`.
    """
    attributes = [name for name in LINE_ATTRIBUTES if name in pairs.columns]
    identified = find_products(pairs.select(NAMES), ProductKeys.of(products), settings)
    all_products = _add_products(pl.concat([identified, pairs.select(attributes)], how="horizontal"), products)
    joined = find_renamed(identified, all_products, ties)
    if joined:
        all_products = join_products(all_products, joined)
        identified = identified.with_columns(pl.col("product_id").replace(joined))
    return IdentifiedPairs(identified.select(*NAMES, "product_id"), all_products, joined)


def put_product_ids(lines: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return lines with the shop's `product_id` in place of what it was found by.

    Args:
        lines: See `identify_products`.
        pairs: `NAMES` and `product_id` of every way in which the lines name a product.
    """
    lines = lines.rename({"product_id": "source_product"}, strict=False)
    names = [name for name in NAMES if name in lines.columns]
    ids = pairs.select(
        *(pl.col(name).cast(lines.schema[name]) for name in names), pl.col("product_id").cast(SHARED_TEXT)
    )
    of_lines = lines.select(names).join(ids, on=names, how="left", nulls_equal=True, maintain_order="left")
    # what the products were found by is not needed any more
    attributes = [name for name in LINE_ATTRIBUTES if name != "price"]
    return lines.drop(*NAMES, *attributes, strict=False).with_columns(of_lines["product_id"])


def _add_products(identified: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Return the products so far with their further SKUs and titles, then the new ones as first seen."""
    first = identified.group_by("product_id", maintain_order=True).agg(
        pl.col("product_title").drop_nulls().first().alias("title"),
        *(pl.col(name).drop_nulls().first() for name in LINE_ATTRIBUTES if name in identified.columns),
        pl.col("sku").drop_nulls().unique(maintain_order=True).alias("skus"),
        pl.col("product_title").drop_nulls().unique(maintain_order=True).alias("aliases"),
    )
    additions = first.select("product_id", new_skus="skus", new_aliases="aliases")
    joined = products.join(additions, on="product_id", how="left", maintain_order="left")
    extended = joined.with_columns(
        pl.concat_list(name, pl.col(f"new_{name}").fill_null([])).list.unique(maintain_order=True).alias(name)
        for name in ("skus", "aliases")
    ).select(list(PRODUCT_SCHEMA))
    new = first.join(products, on="product_id", how="anti", maintain_order="left")
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in PRODUCT_SCHEMA.items() if name not in new.columns]
    return pl.concat([extended, new.with_columns(absent).select(list(PRODUCT_SCHEMA))])
