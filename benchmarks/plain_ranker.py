"""A peer of the default recommender: a plain LightGBM ranker, as a data scientist would write one in an afternoon.

Candidates of the others, one window of training before the cutoff, the features that come to mind first, and
LightGBM's trees. It ranks for customers with an order alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.interactions.split import split_at
from frontrow.models.popularity.popularity import buyers
from frontrow.models.recommender import Fitted
from frontrow.models.top_k import top_columns
from frontrow.recommend.candidates import ON_SALE_DAYS
from frontrow.recommend.registry import get_recommender

SOURCES: Final = ("own_repeats", "tifu_knn", "bm25", "als", "popular_recent", "popular_first_purchases")
CANDIDATES: Final = 100
"""Products taken from each source, and from its products that the customer never bought."""

HORIZON_DAYS: Final = 30
DECAY_DAYS: Final = 45
"""Age in days at which an order line counts half in one of the features."""

TREES: Final = 300
PARAMETERS: Final = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_child_samples": 50,
    "feature_fraction": 0.4,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
"""LambdaRank was tried in a first version: .006 to .022 lower on products never bought, about the same on all."""

NOT_RANKED: Final = -1e9
"""Score of a product that is no candidate."""


def fit_sources(interactions: Interactions) -> dict[str, Fitted]:
    """Fit each of `SOURCES` with its default settings."""
    return {name: get_recommender(name).fit(interactions, seed=0) for name in SOURCES}


@dataclass(frozen=True)
class CandidateTable:
    """Candidates of some customers with their features, the rows of a customer together.

    Attributes:
        query: Position of each row's customer; shape (rows,).
        product: Column of each row's product; shape (rows,).
        features: Shape (rows, features).
    """

    query: NDArray[np.int64]
    product: NDArray[np.int64]
    features: NDArray[np.float32]


def build_candidate_table(interactions: Interactions, fitted: Mapping[str, Fitted], queries: Queries) -> CandidateTable:
    """Find and describe the candidates at a cutoff.

    Args:
        interactions: Everything before the cutoff.
        fitted: The sources, fitted on it.
        queries: Customers with an order before the cutoff.
    """
    # counted from the lines: `products` holds the last sale of a later day where this is an earlier cutoff
    on_sale = buyers(interactions, ON_SALE_DAYS) > 0
    bought = interactions.counts()[queries.rows]
    scores = np.stack([source.scores(queries) for source in fitted.values()])
    mask = np.zeros(scores[0].shape, dtype=np.bool_)
    for source_scores in scores:
        listed = np.where(on_sale, source_scores, -np.inf)
        _mark_best(mask, listed)
        listed[bought.nonzero()] = -np.inf
        _mark_best(mask, listed)
    query, product = np.nonzero(mask)
    ranks = [(-source_scores).argsort(axis=1).argsort(axis=1)[query, product] for source_scores in scores]
    columns = [*scores[:, query, product], *ranks, *_describe(interactions, bought, queries, query, product)]
    return CandidateTable(query, product, np.column_stack(columns).astype(np.float32))


def _mark_best(mask: NDArray[np.bool_], scores: NDArray[np.float32]) -> None:
    best = top_columns(scores, CANDIDATES)
    position, rank = np.nonzero(best >= 0)
    mask[position, best[position, rank]] = True


def _describe(
    interactions: Interactions,
    bought: sparse.csr_matrix,
    queries: Queries,
    query: NDArray[np.int64],
    product: NDArray[np.int64],
) -> list[NDArray[np.float64]]:
    """What the customer did with the product, what the customer did, and how the product sells."""
    row = queries.rows[query]
    return [
        np.asarray(bought[query, product]).ravel(),
        np.asarray(interactions.counts(DECAY_DAYS)[queries.rows][query, product]).ravel(),
        *(np.asarray(values[queries.rows][query, product]).ravel() for values in _describe_pairs(interactions)),
        *(values[row] for values in _describe_customers(interactions)),
        *(values[product] for values in _describe_products(interactions)),
    ]


def _describe_pairs(interactions: Interactions) -> list[sparse.csr_matrix]:
    """Orders with the product, days since the last one, and days between two; 0 where it was never bought."""
    purchases, first, last = interactions.purchases, interactions.purchases.starts, interactions.purchases.lasts
    gap = (purchases.day[last] - purchases.day[first]) / np.maximum(purchases.orders - 1, 1)
    cells = (purchases.customer[last], purchases.product[last])
    columns = (purchases.orders, interactions.cutoff_day - purchases.day[last], gap)
    return [sparse.csr_matrix((column.astype(np.float64), cells), shape=interactions.shape) for column in columns]


def _describe_customers(interactions: Interactions) -> list[NDArray[np.float64]]:
    """Orders, purchases, and days since the first and the last order."""
    purchases, customers = interactions.purchases, interactions.shape[0]
    age = (interactions.cutoff_day - purchases.day).astype(np.float64)
    orders, first, last = np.zeros(customers), np.full(customers, np.nan), np.full(customers, np.nan)
    orders[purchases.customer] = purchases.last_orders - purchases.first_orders + 1
    np.fmax.at(first, purchases.customer, age)
    np.fmin.at(last, purchases.customer, age)
    return [orders, np.bincount(purchases.customer, minlength=customers).astype(np.float64), first, last]


def _describe_products(interactions: Interactions) -> list[NDArray[np.float64]]:
    """Buyers in windows of several lengths, days since the first sale, and the price."""
    first_sold = interactions.cutoff_day - interactions.products["first_day"].to_numpy()
    columns = [*(buyers(interactions, days) for days in (7, 30, 90, 365)), first_sold]
    return [*(column.astype(np.float64) for column in columns), interactions.products["price"].to_numpy()]


@dataclass(frozen=True)
class PlainRanker:
    """The fitted peer.

    Attributes:
        interactions: Everything before the cutoff.
        sources: The sources, fitted on it.
        booster: Orders the candidates.
    """

    interactions: Interactions
    sources: Mapping[str, Fitted]
    booster: lightgbm.Booster

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Score every candidate, and everything else below all of them."""
        table = build_candidate_table(self.interactions, self.sources, queries)
        scores = np.full((len(queries), self.interactions.shape[1]), NOT_RANKED, dtype=np.float32)
        scores[table.query, table.product] = self.booster.predict(table.features, num_threads=1)
        return scores


def fit_plain_ranker(interactions: Interactions) -> PlainRanker:
    """Fit the ranker on the customers who ordered in the last days before the cutoff, and what they bought.

    Args:
        interactions: Everything before the cutoff.
    """
    window = split_at(interactions, interactions.cutoff_day - HORIZON_DAYS, HORIZON_DAYS)
    table = build_candidate_table(window.before, fit_sources(window.before), window.returning.queries)
    bought = np.isin(table.query * interactions.shape[1] + table.product, window.returning.keys)
    booster = lightgbm.train(PARAMETERS, lightgbm.Dataset(table.features, bought), num_boost_round=TREES)
    return PlainRanker(interactions, fit_sources(interactions), booster)
