"""Line names to product titles: Shopify writes `Title - Option1 / Option2` on an order's line."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

BEFORE_VARIANT: Final = re.compile(r"^(.*\S)\s+-\s+\S")
NOT_IN_A_SLUG: Final = re.compile(r"[\W_]+")


def stem(name: str) -> str | None:
    """The name without its last " - ...", or None when it has none.

    Example:
        >>> stem("Linen shirt - Blue / M"), stem("Linen shirt")
        ('Linen shirt', None)
    """
    found = BEFORE_VARIANT.match(name)
    return found.group(1) if found else None


def stems(name: str) -> list[str]:
    """The name and what is left of it as one " - ..." after the other goes, longest first.

    Example:
        >>> stems("Set - Green - M")
        ['Set - Green - M', 'Set - Green', 'Set']
    """
    out = [name]
    while (shorter := stem(out[-1])) is not None:
        out.append(shorter)
    return out


def slug(title: str) -> str:
    """A product id made of a title.

    Example:
        >>> slug("Café crème, 250 g")
        'café-crème-250-g'
    """
    return NOT_IN_A_SLUG.sub("-", title.casefold()).strip("-") or title.strip()


def supported_stems(pairs: pl.DataFrame) -> set[tuple[str, str]]:
    """The stems that several SKUs share under several names, which plain titles with a dash in them do not.

    Args:
        pairs: Distinct `sku`, `title` and `parent` (the parent's code where the SKU tells it, else an empty text).

    Returns:
        Pairs of parent and stem.

    Example:
        >>> rows = {"sku": ["1", "2", "3"], "title": ["Shirt - S", "Shirt - M", "Card - Thank you"], "parent": [""] * 3}
        >>> supported_stems(pl.DataFrame(rows))
        {('', 'Shirt')}
    """
    named = pairs.filter(pl.col("sku").is_not_null() & pl.col("title").is_not_null())
    shorter = named.with_columns(stem=pl.col("title").str.extract(BEFORE_VARIANT.pattern, 1))
    # a product sold without variants at first is of the same stem as its later variants
    both = pl.concat([shorter, named.with_columns(stem=pl.col("title"))]).filter(pl.col("stem").is_not_null())
    shared = both.group_by("parent", "stem").agg(pl.col("sku").n_unique(), pl.col("title").n_unique())
    shared = shared.filter((pl.col("sku") > 1) & (pl.col("title") > 1))
    return set(shared.select("parent", "stem").iter_rows())
