"""Features from product vectors: what a customer bought of the products whose vectors are closest to the new one's.

A vector says what words do not: what a product looks like, or what a language model read in its description. Vectors
are centred on the mean of the products sold before the cutoff, as of each launch: what all products of a shop have in
common says nothing about who wants which.
"""

from __future__ import annotations

from collections.abc import Iterable

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engines.frames import Frame
from frontrow.features.exact import WEIGHT, decay, sum_exactly
from frontrow.features.purchases import DECAY_DAYS, join_earlier

VECTOR_NEIGHBOURS = 100
"""Earlier products taken for each new one, the closest first."""

TASTE_PRIOR = 2.0
"""A customer's taste counts as if so many more products had been bought, as similar as the shop's are on average."""

FEWEST_TO_CENTRE = 2
"""With fewer earlier products that have a vector there is no mean that says anything."""

VECTOR_NEIGHBOUR_SCHEMA = {
    "launch": pl.Int32(),
    "product_id": pl.String(),
    "cutoff_day": pl.Int32(),
    "similarity": pl.Float64(),
    "closeness": pl.Float64(),
}

VECTOR_AFFINITIES: dict[str, tuple[str, str]] = {
    "vector_affinity": ("similarity", "increment"),
    "vector_closeness": ("closeness", "increment"),
    "vector_recent": ("closeness", "recent"),
    "vector_adopted": ("closeness", "adopted"),
    "vector_first": ("closeness", "first"),
}
"""Feature: (how the neighbour resembles the new product, how the purchase counts); the sum of their products."""

_OF_PURCHASES = (*VECTOR_AFFINITIES, "vector_closest")

VECTOR_FEATURES = (
    *_OF_PURCHASES,
    "vector_taste",
    "vector_demand",
    "vector_buyers_of_nearest",
)
"""Columns that a launch model learns from besides `launch.FEATURES` where the shop has product vectors."""


class VectorIndex:
    """Similarity of product vectors, centred as of a cutoff.

    Args:
        vectors: Shape (products, dimensions); NaN in the row of a product without a vector.
        first_days: The day of each product's first sale, shape (products,); it counts after it.

    Example:
        >>> vectors = np.array([[3.0, 1.0], [1.0, 1.0], [4.0, 1.0]])
        >>> VectorIndex(vectors, np.array([1, 1, 5])).similarity(2, cutoff_day=5).round(6).tolist()
        [1.0, 0.0, 0.0]
    """

    def __init__(self, vectors: NDArray[np.floating], first_days: NDArray[np.int64]) -> None:
        self._vectors = np.asarray(vectors, dtype=np.float64)
        self._squares = np.einsum("ij,ij->i", self._vectors, self._vectors)
        self._first_days = np.asarray(first_days, dtype=np.int64)
        self.has_vector: NDArray[np.bool_] = np.asarray(~np.isnan(self._vectors).any(axis=1))

    def similarity(self, product: int, cutoff_day: int) -> NDArray[np.float64]:
        """Cosine of one product's vector to every product sold before `cutoff_day`, where that is above 0; else 0.0.

        Args:
            product: Position of the product.
            cutoff_day: Only products with `first_days < cutoff_day` are compared, and count in the mean.

        Returns:
            Shape (products,), in [0, 1]; 0.0 for the product itself, later ones and those without a vector.
        """
        similarity = np.zeros(len(self._vectors))
        earlier = self.has_vector & (self._first_days < cutoff_day)
        earlier[product] = False
        if not self.has_vector[product] or np.count_nonzero(earlier) < FEWEST_TO_CENTRE:
            return similarity
        vectors = self._vectors[earlier]
        mean = vectors.mean(axis=0)
        own = self._vectors[product] - mean
        # einsum, and not a matrix product, whose last bits differ from one machine's library to another's
        dots = np.einsum("ij,j->i", vectors, own) - (mean * own).sum()
        squares = self._squares[earlier] - 2 * np.einsum("ij,j->i", vectors, mean) + (mean**2).sum()
        norms = np.sqrt(np.maximum(squares, 0.0) * (own**2).sum())
        cosine = np.divide(dots, norms, out=np.zeros_like(dots), where=norms > 0)
        similarity[earlier] = np.clip(cosine, 0.0, 1.0)
        return similarity

    def find_neighbours(
        self, product_ids: NDArray[np.object_], products: Iterable[int], cutoff_days: Iterable[int]
    ) -> tuple[pl.DataFrame, NDArray[np.float64]]:
        """The closest earlier products of each new one, and how close the earlier ones are on average.

        Args:
            product_ids: Of all products, in order of position.
            products: Positions of the new ones; `launch` in the result counts them from 0.
            cutoff_days: The cutoff of each.

        Returns:
            One row a new product and neighbour (`VECTOR_NEIGHBOUR_SCHEMA`), and for each new product the mean closeness
            of all earlier ones that have a vector, shape (new products,); NaN where it resembles none of them.
        """
        parts, means = [pl.DataFrame(schema=VECTOR_NEIGHBOUR_SCHEMA)], []
        for launch, (product, day) in enumerate(zip(products, cutoff_days, strict=True)):
            similarity = self.similarity(product, day)
            closeness = similarity**2
            earlier = np.count_nonzero(self.has_vector & (self._first_days < day))
            means.append(closeness.sum() / earlier if closeness.any() else np.nan)
            order = np.argsort(-similarity, kind="stable")[:VECTOR_NEIGHBOURS]
            nearest = order[similarity[order] > 0]
            columns = {
                "launch": np.full(len(nearest), launch),
                "product_id": product_ids[nearest],
                "cutoff_day": np.full(len(nearest), day),
                "similarity": similarity[nearest],
                "closeness": closeness[nearest],
            }
            parts.append(pl.DataFrame(columns, schema=VECTOR_NEIGHBOUR_SCHEMA))
        return pl.concat(parts), np.array(means, dtype=np.float64)


def vector_affinities(purchases: Frame, neighbours: Frame, rows: Frame | None = None) -> Frame:
    """Add up each customer's purchases of the products whose vectors are closest to a new one's, before its cutoff.

    Args:
        purchases: What `purchases.build_purchases` returns.
        neighbours: The table of `VectorIndex.find_neighbours`.
        rows: As for `pair.affinities`.

    Returns:
        `launch`, `customer_id`, one float64 column for each of `VECTOR_AFFINITIES` and `vector_closest` (the highest
        similarity bought). Customers who bought none of the neighbours have no row.
    """
    flags = [nw.col(name).cast(nw.Float32) for name in ("first", "adopted")]
    columns = purchases.select("customer_id", "product_id", "day", "increment", *flags)
    earlier = join_earlier(columns, neighbours, "product_id", rows)
    age = (nw.col("cutoff_day") - nw.col("day")).cast(nw.Float64)
    weighted = earlier.with_columns(decay(age, DECAY_DAYS).alias("recent"))
    return weighted.group_by("launch", "customer_id").agg(
        *[
            sum_exactly(nw.col(kernel) * nw.col(weight), WEIGHT).alias(name)
            for name, (kernel, weight) in VECTOR_AFFINITIES.items()
        ],
        nw.col("similarity").max().alias("vector_closest"),
    )


def add_vector_features(
    rows: Frame, purchases: Frame, neighbours: Frame, launches: Frame, few_rows: Frame | None = None
) -> Frame:
    """Add `VECTOR_FEATURES` to rows that have `launch`, `customer_id` and the customer's own features.

    `vector_taste` says how much more the products that a customer bought resemble the new one than the shop's products
    do on average, drawn to 1 where few were bought; `vector_demand` is the taste times the lines of late.

    Args:
        rows: Pairs of a customer and a launch.
        purchases: What `purchases.build_purchases` returns, of whole customers.
        neighbours: The table of `VectorIndex.find_neighbours`.
        launches: `launch`, `has_vector`, `mean_closeness`, `vector_buyers_of_nearest`.
        few_rows: `launch`, `customer_id`, `cutoff_day` of the rows, where they are few.

    Returns:
        The rows with `VECTOR_FEATURES`: sums are 0.0 where there is nothing to add, and all are null for a product
        without a vector.
    """
    joined = rows.join(vector_affinities(purchases, neighbours, few_rows), on=["launch", "customer_id"], how="left")
    joined = joined.join(launches, on="launch", how="inner")
    sums = [nw.when(nw.col("has_vector")).then(nw.col(name).fill_null(0.0)).alias(name) for name in _OF_PURCHASES]
    return (
        joined.with_columns(*sums)
        .with_columns(
            (
                (nw.col("vector_first") / nw.col("mean_closeness") + TASTE_PRIOR) / (nw.col("products") + TASTE_PRIOR)
            ).alias("vector_taste")
        )
        .with_columns(
            (nw.col("vector_taste") * (nw.col("lines_180d") + 0.3 * nw.col("lines_365d"))).alias("vector_demand")
        )
        .drop("has_vector", "mean_closeness")
    )
