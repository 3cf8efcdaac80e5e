"""What most customers of the same country bought lately: the strongest simple guess for a customer never seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import RECENT_DAYS, places, recent_lines, recent_places
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class InCountry(ArrayModel):
    """Scores by country.

    Attributes:
        rows: Row of `score` of each country.
        score: Shape (countries + 1, products); the last row is for every other country.
    """

    rows: dict[str, int]
    score: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The row of the country in each context."""
        other = len(self.score) - 1
        row = [self.rows.get(country, other) for country in queries.context["country"].to_list()]
        return self.score[np.asarray(row, dtype=np.int64)]


class Recommender:
    """Distinct customers of each product in the customer's country in the last 30 days, ties by those of everywhere.

    Where no country is known, or nothing was sold there lately, everywhere alone.
    """

    name = "popular in country, 30 days"
    extra = None
    compares_products = False

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> InCountry:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> lines = [(7, "bulb", 0), (7, "pot", 1), (8, "pot", 1)]
            >>> interactions = build_interactions(hand_made_shop(lines).as_of())
            >>> Recommender().fit(interactions, seed=0).rows
            {}
        """
        return in_country(recent_lines(interactions, RECENT_DAYS), recent_places(interactions))

    def load(self, folder: Path) -> InCountry:
        """See `base.Recommender.load`."""
        return InCountry.load(folder)


def in_country(lines: pl.DataFrame, everywhere: NDArray[np.float32]) -> InCountry:
    """Products by the distinct customers of each country among some lines.

    Args:
        lines: Of `Interactions`.
        everywhere: Settles ties; all there is for every other country, shape (products,).

    Example:
        >>> lines = pl.DataFrame({"country": ["FR", "FR", None], "customer": [0, 0, 1], "product": [1, 1, 0]})
        >>> in_country(lines, np.array([0.5, 0.0, 0.2], dtype=np.float32)).score.round(2)
        array([[0.33, 0.67, 0.  ],
               [0.5 , 0.  , 0.2 ]], dtype=float32)
    """
    pairs = lines.select("country", "customer", "product").drop_nulls("country").unique()
    rows: dict[str, int] = {}
    scores = []
    for (country,), part in pairs.sort("country").group_by("country", maintain_order=True):
        rows[str(country)] = len(rows)
        there = np.bincount(part["product"].to_numpy(), minlength=len(everywhere)).astype(np.float32)
        scores.append(places(there, everywhere))
    return InCountry(rows, np.stack([*scores, everywhere]))
