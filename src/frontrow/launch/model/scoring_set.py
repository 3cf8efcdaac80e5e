"""The scoring set: new products and their cutoffs, turned into the tables that features are joined to."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engines.frames import lazy
from frontrow.features.exact import LOG_PRICE
from frontrow.features.launch import LaunchTables, VectorTables
from frontrow.features.neighbour import Catalogue, Neighbourhood
from frontrow.features.vectors import VectorIndex
from frontrow.launch.life_cycle import LAUNCH
from frontrow.shop.product_vectors import ProductVectors

NEAREST_FOR_SIZE = 20
"""Nearest earlier products whose similarity and past launches describe what a new one can expect."""

NEVER = 2**30
"""The first day of a product that nobody has bought: after every cutoff."""

YEAR_DAYS = 365.25

_DESCRIPTION = ("product_id", "title", "product_type", "vendor", "tags", "price")


@dataclass(frozen=True, kw_only=True)
class ScoringTables:
    """What features need to know of new products, each at its own cutoff: small tables, which go to every machine.

    Attributes:
        launches: `launch` (0, 1, ...), `product_id`, `title`, `cutoff_day`, `category`, `vendor` and
            `features.launch.LAUNCH_FEATURES`, one row a new product.
        neighbours: `features.neighbour.NEIGHBOUR_SCHEMA`.
        categories: `product_id`, `attribute` of every product sold before.
        vendors: `product_id`, `attribute` of every product sold before.
        vector_neighbours: `features.vectors.VECTOR_NEIGHBOUR_SCHEMA`; None without product vectors.
        vector_launches: `launch`, `has_vector`, `mean_closeness`, `vector_buyers_of_nearest`; None without vectors.
    """

    launches: pl.DataFrame
    neighbours: pl.DataFrame
    categories: pl.DataFrame
    vendors: pl.DataFrame
    vector_neighbours: pl.DataFrame | None = None
    vector_launches: pl.DataFrame | None = None

    def tables(self, launches: pl.DataFrame) -> LaunchTables:
        """The engine-neutral frames about some rows of `launches`."""
        return LaunchTables(
            launches=lazy(launches),
            neighbours=lazy(self.neighbours.join(launches.select("launch"), on="launch", how="semi")),
            categories=lazy(self.categories),
            vendors=lazy(self.vendors),
            vectors=self._vector_tables(launches.select("launch")),
        )

    def _vector_tables(self, launches: pl.DataFrame) -> VectorTables | None:
        if self.vector_neighbours is None or self.vector_launches is None:
            return None
        return VectorTables(
            neighbours=lazy(self.vector_neighbours.join(launches, on="launch", how="semi")),
            launches=lazy(self.vector_launches.join(launches, on="launch", how="semi")),
        )


@dataclass(frozen=True, kw_only=True)
class ScoringSet(ScoringTables):
    """New products, each at its own cutoff, beside everything sold before.

    Attributes:
        neighbourhood: For the baselines, which compare with every product.
        positions: Index of each new product in the neighbourhood's catalogue, shape (launches,).
    """

    neighbourhood: Neighbourhood
    positions: NDArray[np.int64]

    def without_neighbourhood(self) -> ScoringTables:
        """The tables alone."""
        return ScoringTables(**{field.name: getattr(self, field.name) for field in fields(ScoringTables)})


def build_scoring_set(
    new_products: pl.DataFrame, cycles: pl.DataFrame, horizon_days: int, vectors: ProductVectors | None = None
) -> ScoringSet:
    """Prepare new products for scoring.

    Args:
        new_products: `product_id`, `title`, `product_type`, `vendor`, `tags`, `price`, `cutoff_day` (everything is
            frozen at its midnight) and `launch_day` (for the season; on or after the cutoff). A product may be there
            at several cutoffs, described alike.
        cycles: What `life_cycle.compute_life_cycles` returns: the products sold so far, which may include new ones.
        horizon_days: The outcome of a past launch counts as known once this many days have passed.
        vectors: Of old and new products; None for features without them.
    """
    products = _all_products(new_products, cycles)
    neighbourhood = Neighbourhood(Catalogue.of(products))
    position_of = {product_id: i for i, product_id in enumerate(products["product_id"])}
    positions = np.array([position_of[product_id] for product_id in new_products["product_id"]], dtype=np.int64)
    cutoff_days = new_products["cutoff_day"].to_numpy()
    neighbours = neighbourhood.table(positions, cutoff_days)
    category = pl.Series("category", neighbourhood.catalogue.categories[positions], dtype=pl.String)
    launches = new_products.select(
        pl.int_range(pl.len(), dtype=pl.Int32).alias("launch"),
        "product_id",
        "title",
        pl.col("cutoff_day").cast(pl.Int32),
        pl.Series("category", category).replace("", None),
        _informative_vendor(products, cutoff_days),
        _log_price(),
        *_season(),
    ).join(_nearest(neighbours, products, horizon_days), on="launch", how="left", maintain_order="left")
    vector_neighbours, vector_launches = None, None
    if vectors is not None:
        catalogue = neighbourhood.catalogue
        index = VectorIndex(vectors.of(products), catalogue.first_days)
        vector_neighbours, means = index.find_neighbours(catalogue.product_ids, positions, cutoff_days)
        vector_launches = pl.DataFrame(
            {
                "launch": pl.int_range(len(positions), dtype=pl.Int32, eager=True),
                "has_vector": index.has_vector[positions],
                "mean_closeness": pl.Series(means).fill_nan(None),
            }
        ).join(
            _vector_buyers(vector_neighbours, products, horizon_days), on="launch", how="left", maintain_order="left"
        )
    return ScoringSet(
        launches=launches,
        neighbours=neighbours,
        categories=_attribute(products, pl.Series(neighbourhood.catalogue.categories, dtype=pl.String)),
        vendors=_attribute(products, products["vendor"].cast(pl.String)),
        neighbourhood=neighbourhood,
        positions=positions,
        vector_neighbours=vector_neighbours,
        vector_launches=vector_launches,
    )


def _all_products(new_products: pl.DataFrame, cycles: pl.DataFrame) -> pl.DataFrame:
    """Everything sold and every new product, each once; a new product as it is described in `new_products`.

    In order of the first sale, so that among products equally similar to a new one, what is scored or sold later
    changes nothing.
    """
    life = ("first_day", "launch_day", "buyers_in_horizon", "verdict")
    others = cycles.join(new_products.select("product_id"), on="product_id", how="anti").select(*_DESCRIPTION, *life)
    new_descriptions = new_products.select(_DESCRIPTION).unique("product_id", maintain_order=True)
    new = new_descriptions.join(cycles.select("product_id", *life), on="product_id", how="left")
    both = pl.concat([others, new.cast(others.schema)]).with_columns(pl.col("first_day").fill_null(NEVER))
    return both.sort("first_day", "product_id")


def _attribute(products: pl.DataFrame, values: pl.Series) -> pl.DataFrame:
    return products.select("product_id", attribute=values).filter(
        pl.col("attribute").is_not_null() & (pl.col("attribute") != "")
    )


def _informative_vendor(products: pl.DataFrame, cutoff_days: NDArray[np.int64]) -> pl.Expr:
    """The vendor, or null where the shop had no second one before the cutoff: a single vendor says nothing."""
    first = products.drop_nulls("vendor").group_by("vendor").agg(pl.col("first_day").min())["first_day"].sort()
    second = first[1] if len(first) > 1 else NEVER
    return pl.when(pl.Series(cutoff_days) > second).then(pl.col("vendor").cast(pl.String)).alias("vendor")


def _log_price() -> pl.Expr:
    # rounded as the prices that customers paid are: to the same price there is no difference
    logarithm = (pl.col("price").cast(pl.Float64) + 0.01).log()
    return ((logarithm * float(LOG_PRICE) + 0.5).floor() / float(LOG_PRICE)).alias("log_price")


def _season() -> list[pl.Expr]:
    angle = pl.col("launch_day").cast(pl.Float64) * (2 * np.pi / YEAR_DAYS)
    return [angle.sin().alias("season_sine"), angle.cos().alias("season_cosine")]


def _vector_buyers(neighbours: pl.DataFrame, products: pl.DataFrame, horizon_days: int) -> pl.DataFrame:
    nearest = _nearest(neighbours, products, horizon_days)
    return nearest.select("launch", vector_buyers_of_nearest="buyers_of_nearest")


def _nearest(neighbours: pl.DataFrame, products: pl.DataFrame, horizon_days: int) -> pl.DataFrame:
    """Similarity of the nearest products, and how many buyers the past launches among them had."""
    life = products.select("product_id", "launch_day", "buyers_in_horizon", "verdict")
    nearest = neighbours.with_columns(closeness_of_nearest="similarity")
    nearest = nearest.group_by("launch", maintain_order=True).head(NEAREST_FOR_SIZE)
    closed = (pl.col("verdict") == LAUNCH) & (pl.col("launch_day") + horizon_days <= pl.col("cutoff_day"))
    log_buyers = pl.when(closed).then((pl.col("buyers_in_horizon") + 1).log())
    return (
        nearest.join(life, on="product_id", how="left", maintain_order="left")
        .group_by("launch", maintain_order=True)
        .agg(pl.col("closeness_of_nearest"), log_buyers.alias("buyers_of_nearest"))
        # means of lists, because Polars adds up the rows of an only group in another order than those of many
        .with_columns(pl.col("closeness_of_nearest", "buyers_of_nearest").list.mean())
    )
