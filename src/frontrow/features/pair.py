"""What ties a customer to a product that nobody has bought: sums over the customer's purchases of its neighbours."""

from __future__ import annotations

import narwhals as nw

from frontrow.engine import Frame

DECAY_DAYS = 60.0
"""A purchase counts e times less for each of these many days of age."""

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


def affinities(purchases: Frame, neighbours: Frame) -> Frame:
    """Add up each customer's purchases of the neighbours of each new product, before its cutoff.

    Args:
        purchases: What `purchase.purchases` returns.
        neighbours: What `neighbour.Neighbourhood.table` returns.

    Returns:
        `launch` int32, `customer_id`, one float64 column for each of `AFFINITIES`, `similar_lines` (lines of
        neighbours), `closest` (the highest similarity bought) and `days_since_similar`. Customers who bought none
        of the neighbours have no row.
    """
    slim = purchases.select("customer_id", "product_id", "day", "increment", "first", "adopted")
    met = slim.join(neighbours, on="product_id", how="inner").filter(nw.col("day") < nw.col("cutoff_day"))
    age = (nw.col("cutoff_day") - nw.col("day")).cast(nw.Float64)
    weighed = met.with_columns(
        age.alias("age"),
        (age / -DECAY_DAYS).exp().alias("recent"),
        (nw.col("characters") + nw.col("words")).alias("similarity"),
    )
    # Joins give rows in any order: sorted, so that sums add up in one order and repeat to the last bit.
    ordered = weighed.sort("launch", "customer_id", "day", "product_id", "increment")
    return ordered.group_by("launch", "customer_id").agg(
        *[(nw.col(kernel) * nw.col(weight)).sum().alias(name) for name, (kernel, weight) in AFFINITIES.items()],
        (nw.col("age") * 0.0 + 1.0).sum().alias("similar_lines"),
        nw.col("similarity").max().alias("closest"),
        nw.col("age").min().alias("days_since_similar"),
    )
