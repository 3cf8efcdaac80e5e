"""What most customers bought in the same weeks of last year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.popularity import SameForAll, buyers_in, places, recent_places
from frontrow.progress import Progress, no_progress

YEAR_DAYS = 364
"""52 weeks, so that weekdays meet."""

SEASON_DAYS = 30
"""Length of the season, from the cutoff on."""


class Recommender:
    """Distinct customers of each product in the 30 days that began 52 weeks before the cutoff.

    Ties, and a shop whose history does not reach back so far, go by what is popular now.
    """

    name = "popular in season"
    extra = None
    compares_products = False

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> SameForAll:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> lines = [(7, "bulb", 0), (8, "pot", 363), (9, "pot", 363)]
            >>> interactions = build_interactions(hand_made_shop(lines).as_of())
            >>> Recommender().fit(interactions, seed=0).score.tolist()
            [0.5, 0.0]
        """
        start = interactions.cutoff_day - YEAR_DAYS
        season = interactions.lines.filter(pl.col("day").is_between(start, start + SEASON_DAYS, closed="left"))
        reaches_back = (interactions.lines["day"] <= start).any()
        then = (
            buyers_in(season, interactions.shape[1])
            if reaches_back
            else np.zeros(interactions.shape[1], dtype=np.float32)
        )
        return SameForAll(places(then, recent_places(interactions)))

    def load(self, folder: Path) -> SameForAll:
        """See `base.Recommender.load`."""
        return SameForAll.load(folder)
