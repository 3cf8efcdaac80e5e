"""What customers of the same country began with lately: the closest past there is of a customer never seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.popularity import buyers_in, places, recent_places
from frontrow.models.recommenders.popular_in_country import InCountry, in_country
from frontrow.progress import Progress, no_progress

FIRST_ORDER_DAYS = 30
"""First orders of so many days are counted."""


class Recommender:
    """Distinct customers of each product among first orders of the last 30 days, ties by all recent orders.

    In the customer's country, where there were any; else everywhere.
    """

    name = "popular among first orders, 30 days"
    extra = None
    compares_products = False

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> InCountry:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> lines = [(7, "bulb", 0), (7, "pot", 1), (8, "bulb", 1)]
            >>> interactions = build_interactions(hand_made_shop(lines).as_of())
            >>> Recommender().fit(interactions, seed=0).score.round(2)
            array([[0.5, 0. ]], dtype=float32)
        """
        lines = first_orders(interactions, FIRST_ORDER_DAYS)
        return in_country(lines, places(buyers_in(lines, interactions.shape[1]), recent_places(interactions)))

    def load(self, folder: Path) -> InCountry:
        """See `base.Recommender.load`."""
        return InCountry.load(folder)


def first_orders(interactions: Interactions, days: int) -> pl.DataFrame:
    """The lines of each customer's first order, of those placed in the last `days` days before the cutoff.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> interactions = build_interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 1), (8, "bulb", 9)]).as_of())
        >>> first_orders(interactions, 5).select("customer", "product").rows()
        [(1, 0)]
    """
    recent = interactions.lines.filter(pl.col("day") >= interactions.cutoff_day - days)
    return recent.filter(pl.col("order").is_in(np.unique(interactions.purchases.first_orders)))
