"""How much more of a product each country buys than everywhere does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.storage.artifact import ArrayModel

COUNTRY_DAYS = 180
"""Days before the cutoff in which lines are counted."""

PRIOR_LINES = 200
"""Lines of everywhere that each country's shares start from."""


@dataclass(frozen=True)
class CountryShare(ArrayModel):
    """What was counted.

    Attributes:
        countries: By name.
        ratio: A product's share of a country's lines over its share everywhere; the last row, all ones, is for every
            other country; shape (countries + 1, products), float32.
    """

    countries: tuple[str, ...]
    ratio: NDArray[np.float32]

    def rows(self, queries: Queries) -> NDArray[np.int64]:
        """The row of each query's country."""
        place = {name: row for row, name in enumerate(self.countries)}
        other = len(self.countries)
        return np.array([place.get(name, other) for name in queries.context["country"].to_list()], dtype=np.int64)


def country_names(interactions: Interactions) -> tuple[str, ...]:
    """Countries that were ever ordered from, by name."""
    return tuple(interactions.lines["country"].drop_nulls().unique().sort().to_list())


def country_share(interactions: Interactions, countries: tuple[str, ...] | None = None) -> CountryShare:
    """Count the lines of the last half year.

    Args:
        interactions: Gives the lines.
        countries: The rows; None for `country_names`. What is ordered from elsewhere counts everywhere only.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> country_share(build_interactions(hand_made_shop([(7, "pot", 0)]).as_of())).ratio.tolist()
        [[1.0]]
    """
    recent = interactions.lines.filter(
        (pl.col("day") >= interactions.cutoff_day - COUNTRY_DAYS) & pl.col("country").is_not_null()
    )
    countries = country_names(interactions) if countries is None else countries
    place = {name: row for row, name in enumerate(countries)}
    counts = recent.group_by("country", "product").len()
    lines = np.zeros((len(countries) + 1, interactions.shape[1]))
    row = np.array([place[name] for name in counts["country"]], dtype=np.int64)
    lines[row, counts["product"].to_numpy()] = counts["len"].to_numpy()
    everywhere = lines.sum(axis=0) + 1
    everywhere /= everywhere.sum()
    share = (lines + PRIOR_LINES * everywhere) / (lines.sum(axis=1, keepdims=True) + PRIOR_LINES)
    return CountryShare(countries, (share / everywhere).astype(np.float32))
