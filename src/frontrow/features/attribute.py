"""What a customer bought of the new product's own category and vendor: for shops whose products carry them."""

from __future__ import annotations

import narwhals as nw

from frontrow.engine import Frame

DECAY_DAYS = 60.0
"""A purchase counts e times less for each of these many days of age."""


def attribute_days(purchases: Frame, attributes: Frame) -> Frame:
    """Add purchases up to one row a customer, day and value of an attribute.

    Args:
        purchases: What `purchase.purchases` returns.
        attributes: `product_id`, `attribute` (say, its category); products without one are left out.

    Returns:
        `customer_id`, `day`, `attribute`, and as float64 `lines` and `increment`.
    """
    told = purchases.join(attributes, on="product_id", how="inner").with_columns(nw.lit(1.0).alias("line"))
    # Joins give rows in any order: sorted, so that sums add up in one order and repeat to the last bit.
    ordered = told.sort("customer_id", "day", "attribute", "increment")
    return ordered.group_by("customer_id", "day", "attribute").agg(
        nw.col("line").sum().alias("lines"), nw.col("increment").sum()
    )


def attribute_features(days: Frame, launches: Frame, name: str) -> Frame:
    """Purchases of the launched product's own attribute before its cutoff.

    Args:
        days: What `attribute_days` returns.
        launches: `launch`, `cutoff_day`, `attribute`.
        name: The attribute's name, which starts each feature's name.

    Returns:
        `launch`, `customer_id` and as float64 `{name}_lines` (lines), `{name}_recent` (lines, each e times less for
        each 60 days of age), `{name}_increment` (sum over products of log(1 + times bought)).
    """
    met = days.join(launches, on="attribute", how="inner").filter(nw.col("day") < nw.col("cutoff_day"))
    age = (nw.col("cutoff_day") - nw.col("day")).cast(nw.Float64)
    weighed = met.with_columns((nw.col("lines") * (age / -DECAY_DAYS).exp()).alias("recent"))
    ordered = weighed.sort("launch", "customer_id", "day")
    return ordered.group_by("launch", "customer_id").agg(
        nw.col("lines").sum().alias(f"{name}_lines"),
        nw.col("recent").sum().alias(f"{name}_recent"),
        nw.col("increment").sum().alias(f"{name}_increment"),
    )
