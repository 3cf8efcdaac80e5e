"""All features of a customer and a new product at its cutoff, joined from the parts of the other files."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from frontrow.engine import Frame
from frontrow.features.customer import CUSTOMER_FEATURES, customer_days, customer_features
from frontrow.features.pair import AFFINITIES, affinities, attribute_days, attribute_features

KEYS = ("launch", "customer_id", "cutoff_day")


@dataclass(frozen=True)
class LaunchTables:
    """The new products, as engine-neutral frames; small, and known the day before.

    Attributes:
        launches: `launch` int32, `cutoff_day` int32, `category`, `vendor`, and the launch's own features
            (`LAUNCH_FEATURES`), one row a launch.
        neighbours: What `neighbour.Neighbourhood.table` returns.
        categories: `product_id`, `attribute`: category of every product.
        vendors: `product_id`, `attribute`: vendor of every product, empty where the shop has one vendor only.
    """

    launches: Frame
    neighbours: Frame
    categories: Frame
    vendors: Frame


LAUNCH_FEATURES = ("log_price", "closeness_of_nearest", "buyers_of_nearest", "season_sine", "season_cosine")

ATTRIBUTES = ("category", "vendor")


def launch_features(purchases: Frame, tables: LaunchTables, rows: Frame) -> Frame:
    """Features of pairs of a customer and a launch, frozen at the launch's cutoff.

    Args:
        purchases: What `purchases.build_purchases` returns, of whole customers.
        tables: The launches and what is known of their products.
        rows: `launch`, `customer_id`, `cutoff_day`: each pair once.

    Returns:
        The rows' columns and float64 `FEATURES`; sums are 0.0 where there is nothing to add, the days since a
        similar purchase are null where there was none.
    """
    pairs = rows.select("customer_id", "cutoff_day").unique()
    joined = (
        rows.join(customer_features(customer_days(purchases), pairs), on=["customer_id", "cutoff_day"], how="inner")
        .join(affinities(purchases, tables.neighbours), on=["launch", "customer_id"], how="left")
        .join(tables.launches.select("launch", *LAUNCH_FEATURES), on="launch", how="inner")
    )
    for name, products in (("category", tables.categories), ("vendor", tables.vendors)):
        launches = tables.launches.select("launch", "cutoff_day", nw.col(name).alias("attribute"))
        sums = attribute_features(attribute_days(purchases, products), launches, name)
        joined = joined.join(sums, on=["launch", "customer_id"], how="left")
    zero = [name for name in FEATURES if name in _SUMS]
    return joined.with_columns(*[nw.col(name).fill_null(0.0) for name in zero]).with_columns(
        (nw.col("log_price") - nw.col("log_price_mean")).alias("log_price_above_usual"),
        (nw.col("affinity_first") / nw.col("products")).alias("affinity_per_product"),
        (nw.col("affinity_closeness") / nw.col("lines")).alias("affinity_per_line"),
    )


_SUMS = {
    *AFFINITIES,
    "similar_lines",
    "closest",
    *(f"{name}_{kind}" for name in ATTRIBUTES for kind in ("lines", "recent", "increment")),
}

FEATURES = (
    *CUSTOMER_FEATURES,
    *AFFINITIES,
    "similar_lines",
    "closest",
    "days_since_similar",
    *(f"{name}_{kind}" for name in ATTRIBUTES for kind in ("lines", "recent", "increment")),
    *LAUNCH_FEATURES,
    "log_price_above_usual",
    "affinity_per_product",
    "affinity_per_line",
)
"""Columns the launch model may learn from, all float64, in this order."""
