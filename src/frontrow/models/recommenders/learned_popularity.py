"""What sells, with weights learned from past first orders: for new customers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.interactions.split import split_at
from frontrow.models.popularity.country import CountryTable, country_names, country_shares
from frontrow.models.popularity.learned import Choice, choice_weights, list_weights, season, selling_signals
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.top_k import top_positions
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class LearnedPopularitySettings:
    """Settings of learned popularity.

    Attributes:
        windows: Number of past windows to learn from; the last one ends at the cutoff.
        horizon_days: Length of each window in days.
        least_customers: Number of first orders in all windows below which recent popularity is used instead.
        most_products: Number of products to learn from, those that sell best. Lists are made of them, and weights that
            fit the many others best fit these worse.
        penalty: Weight of the squared weights, in products bought.
        season_weight: Weight of the log of the season; two years hold too few seasons to learn it from.
    """

    windows: int = 10
    horizon_days: int = 30
    least_customers: int = 50
    most_products: int = 1_000
    penalty: float = 10.0
    season_weight: float = 0.2


@dataclass(frozen=True)
class LearnedPopularity(ArrayModel):
    """Fitted scores and weights.

    Attributes:
        score: Score of each product, without its country's share; shape (products,), float32.
        share: Share of each product in each country.
        share_weight: Weight of the log of the share.
        best_selling: Columns of the products that sell best; shape (at most `most_products`,), int64.
        bought: Mean number of them that a new customer buys within the horizon.
        horizon_days: Scores are logits of the probability that a new customer buys the product within so many days of
            the cutoff; None where there was too little to learn from, and scores are ranks.
    """

    score: NDArray[np.float32]
    share: CountryTable
    share_weight: float
    best_selling: NDArray[np.int64]
    bought: float
    horizon_days: int | None

    shapes: ClassVar = {"score": ("products",), "best_selling": ("best_selling",)}
    indices: ClassVar = {"best_selling": "products"}

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The scores of each query's country."""
        if self.horizon_days is None:
            return np.tile(self.score, (len(queries), 1))
        countries, row = np.unique(self.share.rows(queries), return_inverse=True)
        log_odds = self.score + self.share_weight * np.log(self.share.values[countries].astype(np.float64))
        log_odds -= special.logsumexp(log_odds[:, self.best_selling], axis=1, keepdims=True)
        expected = self.bought * np.exp(log_odds)
        # a probability of 1 - exp(-expected) stays below 1, however large `expected` is
        return np.asarray(expected + np.log(-np.expm1(-expected)), dtype=np.float32)[row.reshape(-1)]


@dataclass(frozen=True)
class TrainingWindow:
    """First orders of one window.

    Attributes:
        choices: What was bought of the products that sell best, by country; the last signal is the log of the country's
            share.
        customers: Number of new customers.
        bought: Number of those products that they bought.
    """

    choices: list[Choice]
    customers: int
    bought: int


class Recommender:
    """Weighted sum of how many bought each product lately, in first orders, and in the country.

    The weights are learned from the same signals at earlier cutoffs, and from what new customers then chose (McFadden,
    1974). Each customer counts as a list of ten does in NDCG. The season of last year is added.
    """

    name = "learned popularity"
    extra = None
    compares_products = False

    def __init__(self, settings: LearnedPopularitySettings | None = None) -> None:
        self.settings = settings or LearnedPopularitySettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> LearnedPopularity:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "bulb", 0), (7, "pot", 40), (8, "pot", 40)])
            >>> Recommender().fit(interactions, seed=0).score.tolist()
            [0.0, 0.5]
        """
        settings, cutoff_day = self.settings, interactions.cutoff_day
        windows: list[TrainingWindow] = []
        for number in range(settings.windows):
            windows.append(training_window(interactions, cutoff_day - (number + 1) * settings.horizon_days, settings))
            progress(number + 1, settings.windows)
        share = country_shares(interactions)
        customers, bought = sum(window.customers for window in windows), sum(window.bought for window in windows)
        if customers < settings.least_customers or bought == 0:
            no_products = np.zeros(0, dtype=np.int64)
            return LearnedPopularity(recent_popularity(interactions), share, 0.0, no_products, 0.0, None)
        weights = choice_weights([choice for window in windows for choice in window.choices], settings.penalty)
        signals = selling_signals(interactions.purchases, cutoff_day, interactions.shape[1])
        in_season = season(interactions.purchases, cutoff_day, interactions.shape[1])
        return LearnedPopularity(
            score=(signals @ weights[:-1] + settings.season_weight * in_season).astype(np.float32),
            share=share,
            share_weight=float(weights[-1]),
            best_selling=_best_selling(signals, settings.most_products),
            bought=bought / customers,
            horizon_days=settings.horizon_days,
        )

    def with_customers(
        self,
        fitted: LearnedPopularity,
        interactions: Interactions,  # noqa: ARG002
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> LearnedPopularity:
        """See `TakesCustomers`; it knows nothing of a customer."""
        return fitted

    def load(self, folder: Path) -> LearnedPopularity:
        """See `Recommender.load`."""
        return LearnedPopularity.load(folder)


def training_window(interactions: Interactions, cutoff_day: int, settings: LearnedPopularitySettings) -> TrainingWindow:
    """Collect the signals at an earlier cutoff, and what new customers bought in the window that followed.

    Args:
        interactions: Everything that may be learned from.
        cutoff_day: First day of the window, as days since 1970-01-01.
        settings: Length of the window, number of products.
    """
    window, products = split_at(interactions, cutoff_day, settings.horizon_days), interactions.shape[1]
    new = window.new
    if len(new.queries) == 0 or window.before.lines.height == 0:
        return TrainingWindow([], 0, 0)
    signals = selling_signals(interactions.purchases, cutoff_day, products)
    best_selling = _best_selling(signals, settings.most_products)
    weight = list_weights(new.counts)[new.query]
    share = country_shares(window.before, country_names(interactions.lines))
    log_share = np.log(share.values[:, best_selling].astype(np.float64))
    country = share.rows(new.queries)[new.query]
    choices = []
    for row in np.unique(country):
        inside = country == row
        chosen = np.bincount(new.product[inside], weight[inside], minlength=products).astype(np.float64)
        choices.append(Choice(np.column_stack([signals[best_selling], log_share[row]]), chosen[best_selling]))
    return TrainingWindow(choices, len(new.queries), int(np.isin(new.product, best_selling).sum()))


def _best_selling(signals: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Columns of the products that most customers bought lately, best first; none that nobody bought."""
    columns = top_positions(signals[:, 0], count)
    return np.asarray(columns[signals[columns, 0] > 0], dtype=np.int64)
