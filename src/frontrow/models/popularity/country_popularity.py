"""How many customers of a country bought each product lately, on the scale of a log probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries

RECENT_DAYS = 30
PRIOR_CUSTOMERS = 2.0
"""A country speaks for itself as far as it has more customers than this; before, all countries speak."""


@dataclass(frozen=True)
class CountryPopularity:
    """Log of the customers that bought each product in 30 days, as if the whole shop were in one country.

    Attributes:
        countries: Row of each country.
        logs: float32 of shape (countries + 1, products); the last row is of everywhere.
    """

    countries: tuple[str, ...]
    logs: NDArray[np.float32]

    @classmethod
    def of(cls, interactions: Interactions) -> CountryPopularity:
        """Count the last 30 days; small countries are drawn towards everywhere.

        Example:
            >>> from frontrow.testing.shops import hand_made_shop
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> lines = [(7, "bulb", 0), (8, "bulb", 0), (7, "pot", 1)]
            >>> interactions = build_interactions(hand_made_shop(lines).as_of())
            >>> np.exp(CountryPopularity.of(interactions).logs).round(1).tolist()
            [[2.5, 1.5]]
        """
        lines = interactions.lines.filter(pl.col("day") >= interactions.cutoff_day - RECENT_DAYS)
        everywhere = _buyers(lines, interactions.shape[1])
        everyone = max(lines["customer"].n_unique(), 1)
        rows, countries = [], []
        for (country,), part in lines.drop_nulls("country").sort("country").group_by("country", maintain_order=True):
            there, customers = _buyers(part, interactions.shape[1]), part["customer"].n_unique()
            share = (there + PRIOR_CUSTOMERS * everywhere / everyone) / (customers + PRIOR_CUSTOMERS)
            rows.append(share * everyone)
            countries.append(str(country))
        return cls(tuple(countries), np.log(np.stack([*rows, everywhere]) + 0.5).astype(np.float32))

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The row of each query's country; float32 (queries, products)."""
        place = {country: row for row, country in enumerate(self.countries)}
        rows = [place.get(country, len(self.countries)) for country in queries.context["country"]]
        return self.logs[np.array(rows, dtype=np.int64)]


def _buyers(lines: pl.DataFrame, products: int) -> NDArray[np.float64]:
    pairs = lines.select("customer", "product").unique()
    return np.bincount(pairs["product"].to_numpy(), minlength=products).astype(np.float64)
