"""What most customers of the same country took up lately: bought for the first time, whatever they bought before."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.popularity import buyers_in, places, recent_places
from frontrow.models.recommenders.popular_in_country import InCountry, in_country
from frontrow.progress import Progress, no_progress

TAKEN_UP_DAYS = 14
"""First purchases of so many days are counted: what is new soon is not."""


class Recommender:
    """Customers who bought the product for the first time in the last 14 days, in the country, ties by everywhere.

    What is bought again and again by those who know it stands low here, and what is new to the shop stands high.
    """

    name = "popular among first purchases, 14 days"
    extra = None
    compares_products = False

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> InCountry:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> lines = [(7, "pot", 0), (7, "pot", 20), (7, "bulb", 20)]
            >>> interactions = build_interactions(hand_made_shop(lines).as_of())
            >>> Recommender().fit(interactions, seed=0).score.tolist()
            [[0.5, 0.0]]
        """
        lines = first_purchases(interactions, TAKEN_UP_DAYS)
        return in_country(lines, places(buyers_in(lines, interactions.shape[1]), recent_places(interactions)))

    def load(self, folder: Path) -> InCountry:
        """See `base.Recommender.load`."""
        return InCountry.load(folder)


def first_purchases(interactions: Interactions, days: int) -> pl.DataFrame:
    """The first line of each customer and product, of those in the last `days` days before the cutoff."""
    recent = interactions.lines.filter(pl.col("day") >= interactions.cutoff_day - days)
    bought = interactions.purchases
    begins = bought.starts[bought.day[bought.starts] >= interactions.cutoff_day - days]
    first = pl.DataFrame({"customer": bought.customer[begins], "product": bought.product[begins]})
    return recent.unique(["customer", "product"], keep="first", maintain_order=True).join(
        first.cast(pl.Int32), on=["customer", "product"], how="semi", maintain_order="left"
    )
