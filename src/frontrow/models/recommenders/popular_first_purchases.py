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

    def fit(self, known: Interactions, *, seed: int, progress: Progress = no_progress) -> InCountry:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.interactions.interactions import interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> known = interactions(hand_made_shop([(7, "pot", 0), (7, "pot", 20), (7, "bulb", 20)]).as_of())
            >>> Recommender().fit(known, seed=0).score.tolist()
            [[0.5, 0.0]]
        """
        lines = first_purchases(known, TAKEN_UP_DAYS)
        return in_country(lines, places(buyers_in(lines, known.shape[1]), recent_places(known)))

    def load(self, folder: Path) -> InCountry:
        """See `base.Recommender.load`."""
        return InCountry.load(folder)


def first_purchases(known: Interactions, days: int) -> pl.DataFrame:
    """The first line of each customer and product, of those in the last `days` days before the cutoff."""
    recent = known.lines.filter(pl.col("day") >= known.day - days)
    bought = known.purchases
    begins = bought.starts[bought.day[bought.starts] >= known.day - days]
    first = pl.DataFrame({"customer": bought.customer[begins], "product": bought.product[begins]})
    return recent.unique(["customer", "product"], keep="first", maintain_order=True).join(
        first.cast(pl.Int32), on=["customer", "product"], how="semi", maintain_order="left"
    )
