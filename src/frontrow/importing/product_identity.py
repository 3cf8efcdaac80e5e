"""Order lines to products: which lines are of one product, and what the product's id is.

Exports of orders carry no product id, so a product is found by the SKU, else by the line's title without its
variant: Shopify writes `Title - Option1 / Option2` on a line. Ids once given never change: a later import finds them
again by the product's SKUs and titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from frontrow.errors import ShopError
from frontrow.importing.format import SHARED_TEXT
from frontrow.importing.renamed_products import find_renamed, join_products
from frontrow.schema import PRODUCT_SCHEMA, Grain

BEFORE_VARIANT: Final = re.compile(r"^(.*\S)\s+-\s+\S")
NOT_IN_A_SLUG: Final = re.compile(r"[\W_]+")
LINE_ATTRIBUTES: Final = ("product_type", "vendor", "tags", "description", "price")
NAMES: Final = ["source_product", "sku", "title"]


@dataclass(frozen=True)
class IdentitySettings:
    """How the products of a shop are told apart.

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
            raise ShopError(f"--parent-sku {self.parent_sku} is not a regular expression: {error}.") from error
        if not groups:
            raise ShopError(rf"--parent-sku {self.parent_sku} has no group. Example: '^(\d+)-\w+$'.")

    def parent_code(self, sku: str | None) -> str:
        """Return the parent's code in a SKU; empty when SKUs do not contain it.

        Example:
            >>> IdentitySettings(parent_sku=r"^([0-9]{5})[A-Z]$").parent_code("85123A")
            '85123'
        """
        if self.parent_sku is None or sku is None:
            return ""
        match = re.search(self.parent_sku, sku)
        return (match.group(1) if match else None) or sku


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
    identified = _identify(pairs.select(NAMES), ProductKeys.of(products), settings)
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


def _identify(pairs: pl.DataFrame, keys: ProductKeys, settings: IdentitySettings) -> pl.DataFrame:
    """Return the product and the title without variant of each pair of SKU and name, in order of first appearance."""
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


def stem(name: str) -> str | None:
    """Return the name without its last " - ...", or None when it has none.

    Example:
        >>> stem("Linen shirt - Blue / M"), stem("Linen shirt")
        ('Linen shirt', None)
    """
    match = BEFORE_VARIANT.match(name)
    return match.group(1) if match else None


def stems(name: str) -> list[str]:
    """Return the name and its stems, longest first.

    Example:
        >>> stems("Set - Green - M")
        ['Set - Green - M', 'Set - Green', 'Set']
    """
    names = [name]
    while (shorter := stem(names[-1])) is not None:
        names.append(shorter)
    return names


def slug(title: str) -> str:
    """Return a product id made of a title.

    Example:
        >>> slug("Café crème, 250 g")
        'café-crème-250-g'
    """
    return NOT_IN_A_SLUG.sub("-", title.casefold()).strip("-") or title.strip()


def shared_stems(pairs: pl.DataFrame) -> set[tuple[str, str]]:
    """Return the stems that several SKUs share under several names, which plain titles with a dash in them do not.

    Args:
        pairs: Distinct `sku`, `title` and `parent` (the parent's code in the SKU, or an empty text).

    Returns:
        Pairs of parent and stem.

    Example:
        >>> rows = {"sku": ["1", "2", "3"], "title": ["Shirt - S", "Shirt - M", "Card - Thank you"], "parent": [""] * 3}
        >>> shared_stems(pl.DataFrame(rows))
        {('', 'Shirt')}
    """
    complete = pairs.filter(pl.col("sku").is_not_null() & pl.col("title").is_not_null())
    shorter = complete.with_columns(stem=pl.col("title").str.extract(BEFORE_VARIANT.pattern, 1))
    # a product sold without variants at first is of the same stem as its later variants
    both = pl.concat([shorter, complete.with_columns(stem=pl.col("title"))]).filter(pl.col("stem").is_not_null())
    counts = both.group_by("parent", "stem").agg(pl.col("sku").n_unique(), pl.col("title").n_unique())
    shared = counts.filter((pl.col("sku") > 1) & (pl.col("title") > 1))
    return set(shared.select("parent", "stem").iter_rows())
