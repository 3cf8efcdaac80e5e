"""How long customers wait before they buy a product again: counts of whole days, so that blocks of customers add up."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions

MIN_GAPS: Final = 10
"""A product with fewer repurchases than this has the gap of the shop."""


def count_gaps(interactions: Interactions) -> pl.DataFrame:
    """Count the days between two purchases of a product by one customer, on different days.

    Args:
        interactions: Their lines.

    Returns:
        `product`, `gap` in days, and `count`; one row for each product and gap.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> count_gaps(hand_made_interactions([(7, "pot", 0), (7, "pot", 9), (8, "pot", 1)])).rows()
        [(0, 9, 1)]
    """
    days = interactions.lines.select("customer", "product", "day").unique().sort("customer", "product", "day")
    gaps = days.select("product", gap=pl.col("day").diff().over("customer", "product")).drop_nulls()
    return gaps.group_by("product", "gap").agg(count=pl.len().cast(pl.Int64)).sort("product", "gap")


def find_usual_gaps(counts: pl.DataFrame, products: int) -> NDArray[np.float32]:
    """The median gap of each product, and that of the shop where a product has too few.

    Args:
        counts: `count_gaps`.
        products: Number of products.

    Returns:
        Shape (products,); infinite where nobody has ever bought a product of the shop twice.

    Example:
        >>> counts = pl.DataFrame({"product": [1, 1], "gap": [4, 9], "count": [5, 5]})
        >>> find_usual_gaps(counts, products=2).tolist()
        [6.5, 6.5]
    """
    of_shop = counts.group_by("gap").agg(pl.col("count").sum()).select(pl.lit(0).alias("product"), "gap", "count")
    median = _find_medians(of_shop)
    gap = np.full(products, median["median"].item() if median.height else np.inf, dtype=np.float32)
    by_product = _find_medians(counts).filter(pl.col("total") >= MIN_GAPS)
    gap[by_product["product"].to_numpy()] = by_product["median"].to_numpy()
    return gap


def _find_medians(counts: pl.DataFrame) -> pl.DataFrame:
    """`product`, `median` and `total` number of gaps."""
    ends = counts.sort("product", "gap").with_columns(
        end=pl.col("count").cum_sum().over("product"), total=pl.col("count").sum().over("product")
    )
    lower = pl.col("gap").filter(pl.col("end") > (pl.col("total") - 1) // 2).min()
    upper = pl.col("gap").filter(pl.col("end") > pl.col("total") // 2).min()
    return ends.group_by("product").agg(median=(lower + upper) / 2, total=pl.col("total").first())
