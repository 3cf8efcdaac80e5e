"""All features of a customer and a new product at its cutoff, joined from the parts of the other files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import narwhals as nw

from frontrow.engines.frames import Frame
from frontrow.features.customer import CUSTOMER_FEATURES, add_customer_features, customer_days
from frontrow.features.pair import AFFINITIES, affinities, attribute_days, attribute_features
from frontrow.features.vectors import VECTOR_FEATURES, add_vector_features

KEYS = ("launch", "customer_id", "cutoff_day")


@dataclass(frozen=True)
class VectorTables:
    """What is known of the new products' vectors, as engine-neutral frames.

    Attributes:
        neighbours: The table of `vectors.VectorIndex.find_neighbours`.
        launches: `launch`, `has_vector`, `mean_closeness`, `vector_buyers_of_nearest`.
    """

    neighbours: Frame
    launches: Frame


@dataclass(frozen=True)
class LaunchTables:
    """The new products, as engine-neutral frames; small, and known the day before.

    Attributes:
        launches: `launch` int32, `cutoff_day` int32, `category`, `vendor`, and the launch's own features
            (`LAUNCH_FEATURES`), one row a launch.
        neighbours: What `neighbour.Neighbourhood.table` returns.
        categories: `product_id`, `attribute`: category of every product.
        vendors: `product_id`, `attribute`: vendor of every product, empty where the shop has one vendor only.
        vectors: What `add_vector_features` joins; None where the shop has no product vectors.
    """

    launches: Frame
    neighbours: Frame
    categories: Frame
    vendors: Frame
    vectors: VectorTables | None = None


LAUNCH_FEATURES = ("log_price", "closeness_of_nearest", "buyers_of_nearest", "season_sine", "season_cosine")

ATTRIBUTES = ("category", "vendor")


def launch_features(purchases: Frame, tables: LaunchTables, rows: Frame, *, rows_are_few: bool = False) -> Frame:
    """Features of pairs of a customer and a launch, frozen at the launch's cutoff.

    Args:
        purchases: What `purchases.build_purchases` returns, of whole customers.
        tables: The launches and what is known of their products.
        rows: `launch`, `customer_id`, `cutoff_day`: each pair once.
        rows_are_few: Whether the rows are few beside all pairs of a customer and a launch that resembles something
            they bought: then purchases are joined with the rows first, else with the neighbours. The result is the
            same.

    Returns:
        The rows' columns and float64 `FEATURES`; sums are 0.0 where there is nothing to add, the days since a
        similar purchase are null where there was none. Then `VECTOR_FEATURES`, where the shop has product vectors.
    """
    few_rows = rows if rows_are_few else None
    joined = rows.join(
        affinities(purchases, tables.neighbours, few_rows), on=["launch", "customer_id"], how="left"
    ).join(tables.launches.select("launch", *LAUNCH_FEATURES), on="launch", how="inner")
    for name, products in (("category", tables.categories), ("vendor", tables.vendors)):
        launches = tables.launches.select("launch", "cutoff_day", nw.col(name).alias("attribute"))
        # of attributes that no launch has there is nothing to add up
        same = products.join(launches.select("attribute").unique(), on="attribute", how="semi")
        sums = attribute_features(attribute_days(purchases, same), launches, name, few_rows)
        joined = joined.join(sums, on=["launch", "customer_id"], how="left")
    zero = [name for name in FEATURES if name in _SUMS]
    # last, since they are most columns: every join copies those that are there
    with_customers = add_customer_features(customer_days(purchases), joined)
    complete = with_customers.with_columns(*[nw.col(name).fill_null(0.0) for name in zero]).with_columns(
        (nw.col("log_price") - nw.col("log_price_mean")).alias("log_price_above_usual"),
        (nw.col("affinity_first") / nw.col("products")).alias("affinity_per_product"),
        (nw.col("affinity_closeness") / nw.col("lines")).alias("affinity_per_line"),
    )
    if tables.vectors is None:
        return complete
    return add_vector_features(complete, purchases, tables.vectors.neighbours, tables.vectors.launches, few_rows)


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
"""Columns every launch model learns from, all float64, in this order."""

FEATURES_WITH_VECTORS = (*FEATURES, *VECTOR_FEATURES)
"""Columns a launch model learns from where the shop has product vectors."""


def features_of(columns: Collection[str]) -> tuple[str, ...]:
    """The features that rows have: `FEATURES`, or `FEATURES_WITH_VECTORS`.

    Args:
        columns: Names of the rows' columns.

    Example:
        >>> features_of(FEATURES) == FEATURES, features_of(FEATURES_WITH_VECTORS) == FEATURES_WITH_VECTORS
        (True, True)
    """
    return FEATURES_WITH_VECTORS if set(VECTOR_FEATURES) <= set(columns) else FEATURES
