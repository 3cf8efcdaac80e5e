"""What a person is told of the product vectors of a run: how many products have one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from frontrow.errors import InputError
from frontrow.masking import describe_value
from frontrow.shop.history import History
from frontrow.shop.product_vectors import ProductVectors


def describe_vectors(vectors: ProductVectors, history: History, file: Path) -> str:
    """Say how many of the products sold have a vector.

    Args:
        vectors: What the file holds.
        history: What is known.
        file: Named in the error.

    Raises:
        InputError: None of the products that were sold has a vector.
    """
    sold = history.products.join(history.first_days(), on="product_id", how="semi")
    with_vector = int(np.isfinite(vectors.of(sold)).all(axis=1).sum())
    if not with_vector:
        problem = f"none of its {len(vectors.values):,} products was sold by this shop"
        advice = "Compare its product_id and title with those of the shop, as frontrow launches lists them."
        raise InputError(problem, file=file, advice=advice)
    missing = sold.height - with_vector
    others = f"; the other {missing:,} are compared by their texts alone" if missing else ""
    return f"{with_vector:,} of {sold.height:,} products sold have a vector in {file}{others}."


def describe_new_products(products: pl.DataFrame, vectors: ProductVectors | None) -> Iterator[str]:
    """Say which new products have no vector, where there are vectors.

    Args:
        products: `product_id`, `title` of the new products.
        vectors: Of the run; None for a run without.

    Example:
        >>> products = pl.DataFrame({"product_id": ["new:red-pot"], "title": ["Red pot"]})
        >>> list(describe_new_products(products, ProductVectors(["a"], [None], np.ones((1, 2), dtype=np.float32))))
        ['"Red pot" has no vector, and is compared by its texts alone.']
    """
    if vectors is None:
        return
    missing = products.filter(pl.Series(np.isnan(vectors.of(products)).any(axis=1)))["title"]
    if len(missing) == 1:
        yield f"{describe_value(missing[0])} has no vector, and is compared by its texts alone."
    elif len(missing):
        first = describe_value(missing[0])
        yield f"{len(missing)} new products have no vector, {first} among them, and are compared by their texts alone."
