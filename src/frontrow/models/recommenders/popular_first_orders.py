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

    def fit(self, known: Interactions, *, seed: int, progress: Progress = no_progress) -> InCountry:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.interactions.interactions import interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> known = interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 1), (8, "bulb", 1)]).as_of())
            >>> Recommender().fit(known, seed=0).score.round(2)
            array([[0.5, 0. ]], dtype=float32)
        """
        lines = first_orders(known, FIRST_ORDER_DAYS)
        return in_country(lines, places(buyers_in(lines, known.shape[1]), recent_places(known)))

    def load(self, folder: Path) -> InCountry:
        """See `base.Recommender.load`."""
        return InCountry.load(folder)


def first_orders(known: Interactions, days: int) -> pl.DataFrame:
    """The lines of each customer's first order, of those placed in the last `days` days before the cutoff.

    Example:
        >>> from frontrow.models.interactions.interactions import interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> known = interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 1), (8, "bulb", 9)]).as_of())
        >>> first_orders(known, 5).select("customer", "product").rows()
        [(1, 0)]
    """
    recent = known.lines.filter(pl.col("day") >= known.day - days)
    return recent.filter(pl.col("order").is_in(np.unique(known.purchases.first_orders)))
