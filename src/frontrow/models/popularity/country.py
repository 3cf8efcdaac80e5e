"""What each country buys: one count of purchases by country, on the scales that models need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import RECENT_DAYS, recent_lines, scaled_ranks
from frontrow.models.split_scores import SparseScores
from frontrow.storage.artifact import ArrayModel

PRIOR_CUSTOMERS = 2.0
"""Customers of everywhere that are added to each country's in `log_popularity`, so that small countries follow all."""

SHARE_DAYS = 180
"""Days before the cutoff whose lines count in `country_shares`; a share needs more lines than a ranking."""

PRIOR_LINES = 200
"""Lines of everywhere that are added to each country's in `country_shares`."""


@dataclass(frozen=True)
class CountryTable(ArrayModel):
    """A value of each product in each country.

    Attributes:
        countries: Names of the countries.
        values: Shape (countries + 1, products), float32; the last row is for every other country.
    """

    countries: tuple[str, ...]
    values: NDArray[np.float32]

    shapes: ClassVar = {"values": ("countries+1", "products")}
    dimension_of: ClassVar = {"countries": "countries"}

    @classmethod
    def same_everywhere(cls, values: NDArray[np.float32]) -> CountryTable:
        """The same values, shape (products,), in every country."""
        return cls((), values[None])

    def rows(self, queries: Queries) -> NDArray[np.int64]:
        """Row of each query's country; shape (queries,)."""
        row = {country: number for number, country in enumerate(self.countries)}
        other = len(self.countries)
        return np.array([row.get(country, other) for country in queries.context["country"].to_list()], dtype=np.int64)

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Values in each query's country; shape (queries, products)."""
        return self.values[self.rows(queries)]

    def split_scores(self, queries: Queries) -> SparseScores:
        """See `SplitScorer`."""
        own = (np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int32), np.zeros(len(queries) + 1, dtype=np.int32))
        nothing = sparse.csr_matrix(own, shape=(len(queries), self.values.shape[1]))
        return SparseScores(nothing, self.values, self.rows(queries))


def country_names(lines: pl.DataFrame) -> tuple[str, ...]:
    """Countries that any of the lines was ordered from, by name."""
    return tuple(sorted(lines["country"].drop_nulls().unique().cast(pl.String).to_list()))


def country_ranks(lines: pl.DataFrame, everywhere: NDArray[np.float32]) -> CountryTable:
    """Products ranked by the distinct customers of each country, ties by everywhere; see `scaled_ranks`.

    Args:
        lines: Order lines that count, of `Interactions`.
        everywhere: Breaks ties, and is the row of every other country; shape (products,).

    Example:
        >>> lines = pl.DataFrame({"country": ["FR", "FR", None], "customer": [0, 0, 1], "product": [1, 1, 0]})
        >>> country_ranks(lines, np.array([0.5, 0.0, 0.2], dtype=np.float32)).values.round(2)
        array([[0.33, 0.67, 0.  ],
               [0.5 , 0.  , 0.2 ]], dtype=float32)
    """
    countries = country_names(lines)
    counts = _count(_buyers(lines), countries, len(everywhere))
    return CountryTable(countries, np.stack([*(scaled_ranks(row, everywhere) for row in counts), everywhere]))


def log_popularity(interactions: Interactions) -> CountryTable:
    """Log of the customers that bought each product in 30 days, as if the whole shop were in one country.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "bulb", 0), (8, "bulb", 0), (7, "pot", 1)])
        >>> np.exp(log_popularity(interactions).values).round(1).tolist()
        [[2.5, 1.5]]
    """
    lines, products = recent_lines(interactions, RECENT_DAYS), interactions.shape[1]
    countries = country_names(lines)
    buyers = _buyers(lines)
    everywhere = np.bincount(buyers.unique(["customer", "product"])["product"].to_numpy(), minlength=products)
    everyone = max(lines["customer"].n_unique(), 1)
    by_country = lines.drop_nulls("country").group_by("country").agg(pl.col("customer").n_unique())
    by_country = by_country.sort(pl.col("country").cast(pl.String))
    customers = by_country["customer"].to_numpy().astype(np.float64)[:, None]
    prior = PRIOR_CUSTOMERS * everywhere.astype(np.float64) / everyone
    share = (_count(buyers, countries, products) + prior) / (customers + PRIOR_CUSTOMERS)
    return CountryTable(countries, np.log(np.vstack([share * everyone, everywhere]) + 0.5).astype(np.float32))


def country_shares(interactions: Interactions, countries: tuple[str, ...] | None = None) -> CountryTable:
    """A product's share of a country's lines in half a year, divided by its share of all lines.

    Args:
        interactions: Their lines are counted.
        countries: Rows of the table, every country of the lines among them; None for the countries of the lines.

    Returns:
        A table whose last row is all ones.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> country_shares(hand_made_interactions([(7, "pot", 0)])).values.tolist()
        [[1.0]]
    """
    countries = country_names(interactions.lines) if countries is None else countries
    counts = _count(recent_lines(interactions, SHARE_DAYS), countries, interactions.shape[1])
    lines = np.vstack([counts, np.zeros(interactions.shape[1])])
    everywhere = lines.sum(axis=0) + 1
    everywhere /= everywhere.sum()
    share = (lines + PRIOR_LINES * everywhere) / (lines.sum(axis=1, keepdims=True) + PRIOR_LINES)
    return CountryTable(countries, (share / everywhere).astype(np.float32))


def _buyers(lines: pl.DataFrame) -> pl.DataFrame:
    """Each customer once for each product and country."""
    return lines.select("country", "customer", "product").unique()


def _count(lines: pl.DataFrame, countries: tuple[str, ...], products: int) -> NDArray[np.float64]:
    """Rows of each country and product, shape (countries, products)."""
    row = pl.DataFrame({"country": countries}, schema={"country": pl.String}).with_row_index("row")
    counted = lines.drop_nulls("country").group_by("country", "product").len()
    cells = counted.with_columns(pl.col("country").cast(pl.String)).join(row, on="country")
    counts = np.zeros((len(countries), products))
    counts[cells["row"].to_numpy(), cells["product"].to_numpy()] = cells["len"].to_numpy()
    return counts
