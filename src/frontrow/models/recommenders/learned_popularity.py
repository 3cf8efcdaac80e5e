"""What sells, weighed as past first orders teach: for customers never seen before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import special

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.interactions.split import split_at
from frontrow.models.popularity.choice_model import Choice, choice_weights
from frontrow.models.popularity.country import CountryTable, country_names, country_shares
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.popularity.selling_signals import list_weights, season, selling_signals
from frontrow.models.top_k import top_positions
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class LearnedPopularitySettings:
    """Of the lessons.

    Attributes:
        windows: Past windows to learn from, the last of which ends at the cutoff.
        horizon_days: Length of each.
        least_customers: First orders, in all windows, below which recent popularity alone is given.
        most_products: The products that sell best teach; a list is made of them, and what fits the many others best
            fits these worse.
        penalty: Weight of the squared weights, in products bought.
        season_weight: Of the log of the season; two years hold too few seasons to learn it from.
    """

    windows: int = 10
    horizon_days: int = 30
    least_customers: int = 50
    most_products: int = 1_000
    penalty: float = 10.0
    season_weight: float = 0.2


@dataclass(frozen=True)
class LearnedPopularity(ArrayModel):
    """What was learned.

    Attributes:
        score: Of each product, without its country's share; shape (products,), float32.
        share: Of each country.
        share_weight: Weight of the log of the share.
        best_selling: Columns of the products that sell best; shape (at most `most_products`,), int64.
        bought: How many of them a new customer buys in a window.
        horizon_days: Scores are logits of the chance that a new customer buys the product within so many days of the
            cutoff; None where there were too few to learn from, and scores are places.
    """

    score: NDArray[np.float32]
    share: CountryTable
    share_weight: float
    best_selling: NDArray[np.int64]
    bought: float
    horizon_days: int | None

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """A row of the country's."""
        if self.horizon_days is None:
            return np.tile(self.score, (len(queries), 1))
        countries, place = np.unique(self.share.rows(queries), return_inverse=True)
        odds = self.score + self.share_weight * np.log(self.share.values[countries].astype(np.float64))
        odds -= special.logsumexp(odds[:, self.best_selling], axis=1, keepdims=True)
        expected = self.bought * np.exp(odds)
        # a chance of 1 - exp(-expected) stays below 1 whatever is expected
        return np.asarray(expected + np.log(-np.expm1(-expected)), dtype=np.float32)[place.reshape(-1)]


@dataclass(frozen=True)
class Lessons:
    """First orders of one window.

    Attributes:
        choices: What was bought of the products that sell best, country by country; the last signal is the log of the
            country's share.
        customers: New customers.
        bought: How many of those products they bought.
    """

    choices: list[Choice]
    customers: int
    bought: int


class Recommender:
    """How many bought each product lately, in first orders, and in the country, each weighed as it ought to have been.

    The same signals at earlier cutoffs, and what new customers then chose, teach the weights (McFadden, 1974). Each
    counts as a list of ten does in NDCG. The season of last year comes on top.
    """

    name = "learned popularity"
    extra = None
    compares_products = False

    def __init__(self, settings: LearnedPopularitySettings | None = None) -> None:
        self.settings = settings or LearnedPopularitySettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> LearnedPopularity:  # noqa: ARG002
        """Learn; nothing is drawn.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "bulb", 0), (7, "pot", 40), (8, "pot", 40)]
            >>> interactions = hand_made_interactions(lines)
            >>> Recommender().fit(interactions, seed=0).score.tolist()
            [0.0, 0.5]
        """
        lessons: list[Lessons] = []
        for number in range(self.settings.windows):
            lessons.append(
                _lessons(
                    interactions, interactions.cutoff_day - (number + 1) * self.settings.horizon_days, self.settings
                )
            )
            progress(number + 1, self.settings.windows)
        share = country_shares(interactions)
        customers, bought = sum(one.customers for one in lessons), sum(one.bought for one in lessons)
        if customers < self.settings.least_customers or bought == 0:
            nothing = np.zeros(0, dtype=np.int64)
            return LearnedPopularity(recent_popularity(interactions), share, 0.0, nothing, 0.0, None)
        weights = choice_weights([choice for one in lessons for choice in one.choices], self.settings.penalty)
        at_cutoff = interactions.purchases, interactions.cutoff_day, interactions.shape[1]
        signals = selling_signals(*at_cutoff)
        score = signals @ weights[:-1] + self.settings.season_weight * season(*at_cutoff)
        return LearnedPopularity(
            score.astype(np.float32),
            share,
            float(weights[-1]),
            _best_selling(signals, self.settings.most_products),
            bought / customers,
            self.settings.horizon_days,
        )

    def load(self, folder: Path) -> LearnedPopularity:
        """See `base.Recommender.load`."""
        return LearnedPopularity.load(folder)


def _lessons(interactions: Interactions, day: int, settings: LearnedPopularitySettings) -> Lessons:
    """What was known on a day, and what the new customers of the window that began then bought."""
    window, products = split_at(interactions, day, settings.horizon_days), interactions.shape[1]
    new = window.new
    if len(new.queries) == 0 or window.before.lines.height == 0:
        return Lessons([], 0, 0)
    signals = selling_signals(interactions.purchases, day, products)
    offered = _best_selling(signals, settings.most_products)
    weight = list_weights(new.counts)[new.query]
    share = country_shares(window.before, country_names(interactions.lines))
    log_share = np.log(share.values[:, offered].astype(np.float64))
    country = share.rows(new.queries)[new.query]
    choices = []
    for row in np.unique(country):
        inside = country == row
        chosen = np.bincount(new.product[inside], weight[inside], minlength=products).astype(np.float64)
        choices.append(Choice(np.column_stack([signals[offered], log_share[row]]), chosen[offered]))
    return Lessons(choices, len(new.queries), int(np.isin(new.product, offered).sum()))


def _best_selling(signals: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Columns of the products that most customers bought lately, best first; none that nobody bought."""
    columns = top_positions(signals[:, 0], most)
    return np.asarray(columns[signals[columns, 0] > 0], dtype=np.int64)
