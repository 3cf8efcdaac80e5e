"""Titles of products without their variant: Shopify writes `Title - Option1 / Option2` on a line."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

BEFORE_VARIANT: Final = re.compile(r"^(.*\S)\s+-\s+\S")
NOT_IN_A_SLUG: Final = re.compile(r"[\W_]+")


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
