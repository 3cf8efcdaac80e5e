"""Order lines to products: which lines are of one product, and what the product's id is.

Exports of orders carry no product id, so a product is found by the SKU, else by the line's name without its
variant. Ids once given never change: a later import finds them again by the product's SKUs and titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from frontrow.errors import ShopError
from frontrow.importing.titles import slug, stem, stems, supported_stems
from frontrow.schema import PRODUCT_SCHEMA, Grain

SAID_BY_LINES = ("product_type", "vendor", "tags", "description", "price")
NAMES = ["source_product", "sku", "title"]


@dataclass
class ProductKeys:
    """How a line finds its product: by the source's id, the SKU or the title; what is found first stays.

    Attributes:
        catalogue_skus: SKU to product, as a catalogue said.
        catalogue_titles: Title to product, as a catalogue said.
        skus: SKU to product, of all products.
        titles: Title without variant to product, of all products.
        loose: What is left of a title without its last " - ..." to product; counts only where the rest turns
            out to be a variant.
        ids: All product ids.
    """

    catalogue_skus: dict[str, str] = field(default_factory=dict)
    catalogue_titles: dict[str, str] = field(default_factory=dict)
    skus: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, products: pl.DataFrame) -> ProductKeys:
        """The keys of a product table; products with a status come from a catalogue."""
        keys = cls()
        for row in products.select("product_id", "skus", "aliases", "status").iter_rows(named=True):
            keys.learn(row["product_id"], row["skus"] or (), row["aliases"] or (), listed=row["status"] is not None)
        return keys

    def learn(self, product_id: str, skus: Iterable[str], titles: Iterable[str], *, listed: bool = False) -> None:
        """Remember what else a product is called."""
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
                self.loose.setdefault(shorter, product_id)


@dataclass(frozen=True)
class Naming:
    """How a shop's products are told apart.

    Attributes:
        grain: The parent product, or each variant.
        parent_sku: A regular expression whose first group is the parent's code in a SKU; a SKU it does not
            match is a parent's own.
    """

    grain: Grain = "product"
    parent_sku: str | None = None

    def __post_init__(self) -> None:
        try:
            groups = re.compile(self.parent_sku or "()").groups
        except re.error as error:
            raise ShopError(f"--parent-sku {self.parent_sku} is no regular expression: {error}.") from error
        if not groups:
            raise ShopError(rf"--parent-sku {self.parent_sku} has no group. Example: '^(\d+)-\w+$'.")

    def parent(self, sku: str | None) -> str:
        """The parent's code in a SKU; empty when SKUs do not tell.

        Example:
            >>> Naming(parent_sku=r"^([0-9]{5})[A-Z]$").parent("85123A"), Naming().parent("85123A")
            ('85123', '')
        """
        if self.parent_sku is None or sku is None:
            return ""
        found = re.search(self.parent_sku, sku)
        return (found.group(1) if found else None) or sku


def name_products(lines: pl.DataFrame, products: pl.DataFrame, naming: Naming) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give each line its product, and add the products that were not known.

    Args:
        lines: Lines in order of time, with `product_id` as in the source, `sku`, `title` and the other
            attributes of `schema.PRODUCT_SCHEMA`.
        products: The products known so far, a catalogue's included.
        naming: The shop's grain and its rule for parents.

    Returns:
        The lines with the shop's `product_id`, and all products.
    """
    lines = lines.rename({"product_id": "source_product"}, strict=False)
    given = [name for name in NAMES if name in lines.columns]
    # attributes are gathered a pair at a time: there are a hundred times fewer pairs than lines
    said = [name for name in SAID_BY_LINES if name in lines.columns]
    pairs = lines.group_by(given, maintain_order=True).agg(pl.col(name).drop_nulls().first() for name in said)
    absent = [pl.lit(None, pl.String).alias(name) for name in NAMES if name not in given]
    named = _resolve(pairs.with_columns(absent).select(NAMES), ProductKeys.of(products), naming)
    added = _add_products(pl.concat([named, pairs.select(said)], how="horizontal"), products)
    lines = lines.join(
        named.select(*given, "product_id"), on=given, how="left", nulls_equal=True, maintain_order="left"
    )
    return lines, added


def _resolve(pairs: pl.DataFrame, keys: ProductKeys, naming: Naming) -> pl.DataFrame:
    """The product and the title without variant of each pair of SKU and name, in order of first appearance."""
    variants = _supported(pairs, keys, naming) if naming.grain == "product" else set()
    found = []
    for source_product, sku, name in pairs.iter_rows():
        parent = naming.parent(sku)
        shorter = stem(name) if name else None
        title = shorter if shorter is not None and (parent, shorter) in variants else name
        if naming.grain == "variant":
            product = sku or source_product or slug(name)
        else:
            product, title = _product(keys, source_product, sku, title, parent, is_stem=title != name)
        keys.learn(product, [sku] if sku else [], [title] if title else [])
        found.append((source_product, sku, name, product, title))
    columns = dict.fromkeys((*NAMES, "product_id", "product_title"), pl.String)
    return pl.DataFrame(found, schema=columns, orient="row")


def _product(
    keys: ProductKeys, source_product: str | None, sku: str | None, title: str | None, parent: str, *, is_stem: bool
) -> tuple[str, str | None]:
    """The id of the product a line is of, and its title; the first that knows decides."""
    listed = next((one for one in stems(title or "") if one in keys.catalogue_titles), None)
    title = listed or title
    candidates = (
        source_product,
        keys.catalogue_skus.get(sku or ""),
        keys.catalogue_titles.get(listed or ""),
        parent,
        keys.skus.get(sku or ""),
        keys.titles.get(title or ""),
        keys.loose.get(title or "") if is_stem else None,
        sku,
    )
    return next((one for one in candidates if one), None) or slug(title or ""), title


def _supported(pairs: pl.DataFrame, keys: ProductKeys, naming: Naming) -> set[tuple[str, str]]:
    """Stems shared by several SKUs, those on disk included."""
    known_titles: dict[str, list[str]] = {}
    for title, product in keys.titles.items():
        known_titles.setdefault(product, []).append(title)
    known = [(sku, title) for sku, product in keys.skus.items() for title in known_titles.get(product, ())]
    schema = {"sku": pl.String, "title": pl.String}
    both = pl.concat([pairs.select("sku", "title"), pl.DataFrame(known, schema=schema, orient="row")])
    parents = pl.Series("parent", [naming.parent(sku) for sku in both["sku"]], dtype=pl.String)
    return supported_stems(both.with_columns(parents))


def _add_products(named: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Known products with what else they are called, then the new ones as first seen."""
    first = named.group_by("product_id", maintain_order=True).agg(
        pl.col("product_title").drop_nulls().first().alias("title"),
        *(pl.col(name).drop_nulls().first() for name in SAID_BY_LINES if name in named.columns),
        pl.col("sku").drop_nulls().unique(maintain_order=True).alias("skus"),
        pl.col("product_title").drop_nulls().unique(maintain_order=True).alias("aliases"),
    )
    longer = products.join(
        first.select("product_id", new_skus="skus", new_aliases="aliases"),
        on="product_id",
        how="left",
        maintain_order="left",
    )
    known = longer.with_columns(
        pl.concat_list(name, pl.col(f"new_{name}").fill_null([])).list.unique(maintain_order=True).alias(name)
        for name in ("skus", "aliases")
    ).select(list(PRODUCT_SCHEMA))
    new = first.join(products, on="product_id", how="anti", maintain_order="left")
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in PRODUCT_SCHEMA.items() if name not in new.columns]
    return pl.concat([known, new.with_columns(absent).select(list(PRODUCT_SCHEMA))])
