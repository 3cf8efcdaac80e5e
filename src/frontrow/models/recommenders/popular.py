"""What most customers bought: ever, lately, in the same country, in first orders, for the first time or last year."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.blocks import InteractionBlocks
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.country import CountryTable, country_ranks
from frontrow.models.popularity.popularity import (
    RECENT_DAYS,
    SEASON_DAYS,
    SEASON_YEAR_DAYS,
    buyers,
    recent_lines,
    recent_popularity,
    scaled_ranks,
)
from frontrow.progress import Progress, no_progress


@dataclass(frozen=True)
class PopularitySettings:
    """Which purchases count, and where.

    Attributes:
        name: Name in tables.
        purchases: All of them; those of each customer's first order; the first of each customer and product; or those
            of the season that began 52 weeks before the cutoff.
        days: Length in days of the time that counts, up to the cutoff except for the season; None for all time.
        by_country: Whether products are ranked by the customer's country first, then by everywhere.
    """

    name: str
    purchases: Literal["all", "first orders", "first purchases", "last year's season"]
    days: int | None
    by_country: bool


VARIANTS = {
    "popular": PopularitySettings("popular", "all", None, by_country=False),
    "popular_recent": PopularitySettings("popular, 30 days", "all", RECENT_DAYS, by_country=False),
    # the strongest simple guess for a new customer
    "popular_in_country": PopularitySettings("popular in country, 30 days", "all", RECENT_DAYS, by_country=True),
    # the customers of the past who are closest to a new customer
    "popular_first_orders": PopularitySettings(
        "popular among first orders, 30 days", "first orders", 30, by_country=True
    ),
    # ranks low what is bought again and again, and high what is new to the shop: for that, 30 days are too long
    "popular_first_purchases": PopularitySettings(
        "popular among first purchases, 14 days", "first purchases", 14, by_country=True
    ),
    "popular_in_season": PopularitySettings("popular in season", "last year's season", SEASON_DAYS, by_country=False),
}


class Popularity:
    """Distinct customers of each product among the purchases that count, ties by those of 30 days, then of all time.

    Over all time, the score is the number of customers; otherwise see `scaled_ranks`.

    Args:
        settings: Which purchases count.
    """

    extra = None
    compares_products = False

    def __init__(self, settings: PopularitySettings) -> None:
        self.settings = settings
        self.name = settings.name

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> CountryTable:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "bulb", 0), (8, "bulb", 0), (7, "pot", 40)]
            >>> Popularity(VARIANTS["popular_recent"]).fit(hand_made_interactions(lines), seed=0).values.tolist()
            [[0.0, 0.5]]
        """
        if self.settings.days is None:
            return CountryTable.same_everywhere(buyers(interactions))
        lines = lines_that_count(interactions, self.settings.purchases, self.settings.days)
        pairs = lines.select("customer", "product").unique()
        counts = np.bincount(pairs["product"].to_numpy(), minlength=interactions.shape[1]).astype(np.float32)
        everywhere = scaled_ranks(counts, recent_popularity(interactions))
        if self.settings.by_country:
            return country_ranks(lines, everywhere)
        return CountryTable.same_everywhere(everywhere)

    def with_customers(
        self,
        fitted: CountryTable,
        interactions: Interactions,  # noqa: ARG002
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> CountryTable:
        """See `TakesCustomers`; it knows nothing of a customer."""
        return fitted

    def load(self, folder: Path) -> CountryTable:
        """See `Recommender.load`."""
        return CountryTable.load(folder)


class PopularityOfAll(Popularity):
    """The same where all purchases count, of all time or of `RECENT_DAYS`, everywhere."""

    def learn(
        self,
        blocks: InteractionBlocks,
        *,
        seed: int,  # noqa: ARG002
        progress: Progress = no_progress,  # noqa: ARG002
    ) -> tuple[CountryTable, Interactions]:
        """See `LearnsFromBlocks`; no customer is needed."""
        counts = blocks.counts
        values = counts.buyers if self.settings.days is None else scaled_ranks(counts.recent_buyers, counts.popularity)
        return CountryTable.same_everywhere(values), blocks.read(pl.Series([], dtype=pl.Int64))


def lines_that_count(interactions: Interactions, purchases: str, days: int) -> pl.DataFrame:
    """Order lines whose customers are counted.

    Args:
        interactions: Their lines.
        purchases: See `PopularitySettings`.
        days: Length in days of the time that counts.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "bulb", 0), (7, "pot", 1), (8, "bulb", 9)])
        >>> lines_that_count(interactions, "first orders", 5).select("customer", "product").rows()
        [(1, 0)]
    """
    if purchases == "last year's season":
        start = interactions.cutoff_day - SEASON_YEAR_DAYS
        # a history that begins later has seen a part of the season at most: nothing of it counts
        reaches_back = bool((interactions.lines["day"] <= start).any())
        in_season = pl.col("day").is_between(start, start + days, closed="left")
        return interactions.lines.filter(in_season & pl.lit(reaches_back))
    recent, bought = recent_lines(interactions, days), interactions.purchases
    if purchases == "first orders":
        is_first = np.zeros(bought.order.max(initial=-1) + 1, dtype=np.bool_)
        is_first[bought.first_orders] = True
        return recent.filter(pl.Series(is_first[recent["order"].to_numpy()]))
    if purchases == "first purchases":
        starts = bought.starts[bought.day[bought.starts] >= interactions.cutoff_day - days]
        pairs = pl.DataFrame({"customer": bought.customer[starts], "product": bought.product[starts]}).cast(pl.Int32)
        first_lines = recent.unique(["customer", "product"], keep="first", maintain_order=True)
        return first_lines.join(pairs, on=["customer", "product"], how="semi", maintain_order="left")
    return recent


def variants() -> dict[str, Popularity]:
    """Each kind of popularity, by its name in `frontrow evaluate`."""
    return {
        name: PopularityOfAll(settings)
        if settings.purchases == "all" and not settings.by_country
        else Popularity(settings)
        for name, settings in VARIANTS.items()
    }
