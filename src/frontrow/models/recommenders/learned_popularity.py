"""What sells, weighed as past first orders teach: for customers never seen before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import optimize, special

from frontrow.models.recommenders.base import Progress, silent
from frontrow.models.recommenders.country_share import CountryShare, country_share
from frontrow.models.recommenders.interactions import Interactions, Queries
from frontrow.models.recommenders.popularity import recent_places
from frontrow.models.saved import Saved

BUYER_DAYS = (7, 30, 90)
FIRST_ORDER_DAYS = 60


@dataclass(frozen=True)
class LearnedPopularitySettings:
    """Of the lessons.

    Attributes:
        windows: Past windows to learn from, the last of which ends at the cutoff.
        window_days: Length of each.
        least_customers: First orders, in all windows, below which recent popularity alone is given.
        on_sale_days: Products not sold for longer teach nothing.
        penalty: Weight of the squared weights, in customers.
    """

    windows: int = 10
    window_days: int = 30
    least_customers: int = 50
    on_sale_days: int = 180
    penalty: float = 10.0


@dataclass(frozen=True)
class LearnedPopularity(Saved):
    """What was learned.

    Attributes:
        score: Of each product, without its country's share; shape (products,), float32.
        share: Of each country.
        share_weight: Weight of the log of the share.
    """

    score: NDArray[np.float32]
    share: CountryShare
    share_weight: float

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The logit of the chance that a first order holds each product."""
        ratio = self.share.ratio[self.share.rows(queries)]
        return np.asarray(self.score + self.share_weight * np.log(ratio), dtype=np.float32)


@dataclass(frozen=True)
class Lesson:
    """First orders of one window and country, product by product.

    Attributes:
        x: What was known before: `signals` and the log of the country's share; shape (products, signals + 1).
        bought: Weight of the customers who bought; shape (products,).
        asked: Weight of all customers.
    """

    x: NDArray[np.float64]
    bought: NDArray[np.float64]
    asked: float


class Recommender:
    """A logistic regression on how many bought each product lately, anywhere, in first orders, and in the country.

    The same signals at earlier cutoffs, and the first orders that followed, teach the weights; a customer weighs less
    the more products the window's purchases hold.
    """

    name = "learned popularity"
    extra = None

    def __init__(self, settings: LearnedPopularitySettings | None = None) -> None:
        self.settings = settings or LearnedPopularitySettings()

    def fit(self, known: Interactions, *, seed: int, progress: Progress = silent) -> LearnedPopularity:  # noqa: ARG002
        """Learn; nothing is drawn.

        Example:
            >>> from frontrow.models.recommenders.interactions import interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> known = interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 40), (8, "pot", 40)]).as_of())
            >>> Recommender().fit(known, seed=0).score.tolist()
            [0.0, 0.5]
        """
        lessons: list[Lesson] = []
        customers = 0
        for number in range(self.settings.windows):
            found, count = _window(known, known.day - (number + 1) * self.settings.window_days, self.settings)
            lessons, customers = [*lessons, *found], customers + count
            progress(number + 1, self.settings.windows)
        share = country_share(known)
        if customers < self.settings.least_customers:
            return LearnedPopularity(recent_places(known), share, 0.0)
        weights, middle, spread = _learned(lessons, self.settings.penalty)
        x = (signals(known) - middle[:-1]) / spread[:-1]
        score = x @ weights[:-2] + weights[-1] - weights[-2] * middle[-1] / spread[-1]
        return LearnedPopularity(score.astype(np.float32), share, float(weights[-2] / spread[-1]))

    def load(self, folder: Path) -> LearnedPopularity:
        """See `base.Recommender.load`."""
        return LearnedPopularity.load(folder)


def signals(known: Interactions) -> NDArray[np.float64]:
    """log(1 + customers of the last 7, 30, 90 days) and log(1 + first orders of the last 60), of each product.

    Returns:
        Shape (products, 4), float64.

    Example:
        >>> from frontrow.models.recommenders.interactions import interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> known = interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 40), (8, "pot", 40)]).as_of())
        >>> np.expm1(signals(known)).round().tolist()
        [[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 2.0, 1.0]]
    """
    products = known.shape[1]
    last = known.lines.group_by("customer", "product").agg(age=known.day - pl.col("day").max())
    age, column = last["age"].to_numpy(), last["product"].to_numpy()
    first = known.lines.filter(
        (pl.col("order") == pl.col("order").min().over("customer")) & (known.day - pl.col("day") <= FIRST_ORDER_DAYS)
    )
    counts = [np.bincount(column[age <= days], minlength=products) for days in BUYER_DAYS]
    counts.append(np.bincount(first.unique(["customer", "product"])["product"].to_numpy(), minlength=products))
    return np.log1p(np.column_stack(counts).astype(np.float64))


def _window(known: Interactions, day: int, settings: LearnedPopularitySettings) -> tuple[list[Lesson], int]:
    """The lessons of one window, and its new customers."""
    before = known.before(day)
    end = day + settings.window_days
    after = known.lines.filter(pl.col("day").is_between(day, end, closed="left"))
    new = after.join(before.lines.select("customer").unique(), on="customer", how="anti", maintain_order="left")
    if before.lines.height == 0 or new.height == 0:
        return [], 0
    on_sale = before.lines.filter(pl.col("day") >= day - settings.on_sale_days)["product"].unique().sort().to_numpy()
    share, told = country_share(before), signals(before)
    countries = new.group_by("customer", maintain_order=True).agg(pl.col("country").first().alias("home"))
    bought = new.select("customer", "product").unique(maintain_order=True).join(countries, on="customer")
    bought = bought.with_columns(weight=1 / pl.len().over("customer").sqrt())
    lessons = []
    for (home,), part in bought.sort("home", "customer", "product").group_by("home", maintain_order=True):
        row = share.countries.index(home) if home in share.countries else len(share.countries)
        x = np.column_stack([told, np.log(share.ratio[row].astype(np.float64))])[on_sale]
        cells = np.bincount(part["product"].to_numpy(), part["weight"].to_numpy(), minlength=known.shape[1])[on_sale]
        lessons.append(Lesson(x, cells, float(part.unique("customer")["weight"].sum())))
    return lessons, countries.height


def _learned(
    lessons: Sequence[Lesson], penalty: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weights of the standardised signals and the constant, last; then their means and spreads."""
    x = np.concatenate([one.x for one in lessons])
    bought = np.concatenate([one.bought for one in lessons])
    asked = np.concatenate([np.full(len(one.x), one.asked) for one in lessons])
    middle = np.average(x, axis=0, weights=asked)
    spread = np.sqrt(np.average((x - middle) ** 2, axis=0, weights=asked))
    spread[spread == 0] = 1.0
    told = np.column_stack([(x - middle) / spread, np.ones(len(x))])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logit = told @ weights
        value = float(
            (asked * np.logaddexp(0, logit) - bought * logit).sum() + penalty / 2 * weights[:-1] @ weights[:-1]
        )
        slope = told.T @ (asked * special.expit(logit) - bought)
        slope[:-1] += penalty * weights[:-1]
        return value, slope

    found = optimize.minimize(loss, np.zeros(told.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x), middle, spread
