"""What lines find their product by: the source's id, the SKU or the title."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from frontrow.importing.identity_settings import IdentitySettings
from frontrow.importing.product_titles import shared_stems, slug, stem, stems

NAMES: Final = ["source_product", "sku", "title"]
"""How a line names its product."""


@dataclass
class ProductKeys:
    """How a line finds its product: by the source's id, the SKU or the title; the first product of a key keeps it.

    Attributes:
        catalogue_skus: SKU to product, of products in a catalogue.
        catalogue_titles: Title to product, of products in a catalogue.
        skus: SKU to product, of all products.
        titles: Title without variant to product, of all products.
        stems: A title without its last " - ..." to product; counts only where the rest is a variant.
        ids: All product ids.
    """

    catalogue_skus: dict[str, str] = field(default_factory=dict)
    catalogue_titles: dict[str, str] = field(default_factory=dict)
    skus: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    stems: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, products: pl.DataFrame) -> ProductKeys:
        """Return the keys of a product table; products with a status come from a catalogue."""
        keys = cls()
        for row in products.select("product_id", "skus", "aliases", "status").iter_rows(named=True):
            keys.add(row["product_id"], row["skus"] or (), row["aliases"] or (), listed=row["status"] is not None)
        return keys

    def add(self, product_id: str, skus: Iterable[str], titles: Iterable[str], *, listed: bool = False) -> None:
        """Add a product or further keys of one.

        Args:
            product_id: The product.
            skus: Its SKUs.
            titles: Its titles.
            listed: Whether they come from a catalogue.
        """
        self.ids.add(product_id)
        for sku in skus:
            self.skus.setdefault(sku, product_id)
            if listed:
                self.catalogue_skus.setdefault(sku, product_id)
        for title in titles:
            self.titles.setdefault(title, product_id)
            if listed:
                self.catalogue_titles.setdefault(title, product_id)
            elif (shorter := stem(title)) is not None:
                self.stems.setdefault(shorter, product_id)


def find_products(pairs: pl.DataFrame, keys: ProductKeys, settings: IdentitySettings) -> pl.DataFrame:
    """Return the product and the title without variant of each pair of SKU and name, in order of first appearance.

    Args:
        pairs: `NAMES`, in order of first appearance.
        keys: Those of the products so far; the ones of the pairs are added.
        settings: How products are told apart.
    """
    variants = _variant_stems(pairs, keys, settings) if settings.grain == "product" else set()
    rows = []
    for source_product, sku, name in pairs.iter_rows():
        parent = settings.parent_code(sku)
        shorter = stem(name) if name else None
        title = shorter if shorter is not None and (parent, shorter) in variants else name
        if settings.grain == "variant":
            product = sku or source_product or slug(name)
        else:
            product, title = _find_product(keys, source_product, sku, title, parent, is_stem=title != name)
        keys.add(product, [sku] if sku else [], [title] if title else [])
        rows.append((source_product, sku, name, product, title))
    columns = dict.fromkeys((*NAMES, "product_id", "product_title"), pl.String)
    return pl.DataFrame(rows, schema=columns, orient="row")


def _find_product(
    keys: ProductKeys, source_product: str | None, sku: str | None, title: str | None, parent: str, *, is_stem: bool
) -> tuple[str, str | None]:
    """Return the id of a line's product, and its title; the first key that has a product decides."""
    listed = next((name for name in stems(title or "") if name in keys.catalogue_titles), None)
    title = listed or title
    candidates = (
        source_product,
        keys.catalogue_skus.get(sku or ""),
        keys.catalogue_titles.get(listed or ""),
        parent,
        keys.skus.get(sku or ""),
        keys.titles.get(title or ""),
        keys.stems.get(title or "") if is_stem else None,
        sku,
    )
    return next((product for product in candidates if product), None) or slug(title or ""), title


def _variant_stems(pairs: pl.DataFrame, keys: ProductKeys, settings: IdentitySettings) -> set[tuple[str, str]]:
    """Return the stems shared by several SKUs, those on disk included."""
    titles_of: dict[str, list[str]] = {}
    for title, product in keys.titles.items():
        titles_of.setdefault(product, []).append(title)
    on_disk = [(sku, title) for sku, product in keys.skus.items() for title in titles_of.get(product, ())]
    schema = {"sku": pl.String, "title": pl.String}
    both = pl.concat([pairs.select("sku", "title"), pl.DataFrame(on_disk, schema=schema, orient="row")])
    parents = pl.Series("parent", [settings.parent_code(sku) for sku in both["sku"]], dtype=pl.String)
    return shared_stems(both.with_columns(parents))
