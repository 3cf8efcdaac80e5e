"""Features of a customer and a new product: sums over purchases of similar products, of its category and its vendor."""

from __future__ import annotations

import narwhals as nw

from frontrow.engines.frames import Frame
from frontrow.features.exact import WEIGHT, decay, sum_exactly
from frontrow.features.purchases import DECAY_DAYS, join_earlier

AFFINITIES: dict[str, tuple[str, str]] = {
    "affinity_characters": ("characters", "increment"),
    "affinity_words": ("words", "increment"),
    "affinity_closeness": ("closeness", "increment"),
    "affinity_nearest": ("nearest", "increment"),
    "affinity_young": ("young", "increment"),
    "affinity_first": ("characters", "first"),
    "affinity_recent": ("characters", "recent"),
    "affinity_adopted": ("characters", "adopted"),
}
"""Feature: (how the neighbour resembles the new product, how the purchase counts); the sum of their products."""


def affinities(purchases: Frame, neighbours: Frame, rows: Frame | None = None) -> Frame:
    """Add up each customer's purchases of the neighbours of each new product, before its cutoff.

    Args:
        purchases: What `purchases.build_purchases` returns.
        neighbours: What `neighbour.Neighbourhood.table` returns.
        rows: `launch`, `customer_id`, `cutoff_day`, each pair once: only these pairs are added up, which is quicker
            where they are few (`launch.launch_features`); None for all.

    Returns:
        `launch` int32, `customer_id`, one float64 column for each of `AFFINITIES`, `similar_lines` (lines of
        neighbours), `closest` (the highest similarity bought) and `days_since_similar`. Customers who bought none
        of the neighbours have no row.
    """
    # The join is the largest table of a fit: flags of 0.0 and 1.0 need no more than 32 bits in it.
    flags = [nw.col(name).cast(nw.Float32) for name in ("first", "adopted")]
    columns = purchases.select("customer_id", "product_id", "day", "increment", *flags)
    earlier = join_earlier(columns, neighbours, "product_id", rows)
    age = (nw.col("cutoff_day") - nw.col("day")).cast(nw.Float64)
    weighted = earlier.with_columns(age.alias("age"), decay(age, DECAY_DAYS).alias("recent"))
    return weighted.group_by("launch", "customer_id").agg(
        *[
            sum_exactly(nw.col(kernel) * nw.col(weight), WEIGHT).alias(name)
            for name, (kernel, weight) in AFFINITIES.items()
        ],
        nw.len().cast(nw.Float64).alias("similar_lines"),
        nw.col("similarity").max().alias("closest"),
        nw.col("age").min().alias("days_since_similar"),
    )


def attribute_days(purchases: Frame, attributes: Frame) -> Frame:
    """Add purchases up to one row a customer, day and value of an attribute.

    Args:
        purchases: What `purchases.build_purchases` returns.
        attributes: `product_id`, `attribute` (say, its category); products without one are left out.

    Returns:
        `customer_id`, `day`, `attribute`, and as float64 `lines` and `increment`.
    """
    lines = purchases.join(attributes, on="product_id", how="inner")
    return lines.group_by("customer_id", "day", "attribute").agg(
        nw.len().cast(nw.Float64).alias("lines"), sum_exactly(nw.col("increment"), WEIGHT)
    )


def attribute_features(days: Frame, launches: Frame, name: str, rows: Frame | None = None) -> Frame:
    """Purchases of products with the new product's attribute, before its cutoff.

    Args:
        days: What `attribute_days` returns.
        launches: `launch`, `cutoff_day`, `attribute`.
        name: The attribute's name, which starts each feature's name.
        rows: As for `affinities`.

    Returns:
        `launch`, `customer_id` and as float64 `{name}_lines` (lines), `{name}_recent` (lines, each e times less for
        each 60 days of age), `{name}_increment` (sum over products of log(1 + times bought)).
    """
    earlier = join_earlier(days, launches, "attribute", rows)
    age = (nw.col("cutoff_day") - nw.col("day")).cast(nw.Float64)
    weighted = earlier.with_columns((nw.col("lines") * decay(age, DECAY_DAYS)).alias("recent"))
    return weighted.group_by("launch", "customer_id").agg(
        # whole numbers, which floats add up exactly
        nw.col("lines").sum().alias(f"{name}_lines"),
        *[sum_exactly(nw.col(sums), WEIGHT).alias(f"{name}_{sums}") for sums in ("recent", "increment")],
    )
