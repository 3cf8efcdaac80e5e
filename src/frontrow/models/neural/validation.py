"""The validation window before the cutoff: when to stop training, and how much weight popularity gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.metrics.ranking import find_hits, ndcg
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.interactions.split import WindowPurchases, split_at

LIST_LENGTH = 10
"""Length of the lists that are evaluated."""

MAX_CUSTOMERS = 4_000
"""With more customers in the window, this many are drawn."""

MIN_CUSTOMERS = 30
"""With fewer customers in the window, the default weights are kept."""

POPULARITY_WEIGHTS = (0.0, 0.25, 0.5, 1.0)
TOWER_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class HoldoutCustomers:
    """Customers who bought in the validation window, with their purchases.

    Attributes:
        queries: The customers as of the start of the window; new customers with the context of their first order.
        targets: Products bought in the window; one stored cell each, shape (queries, products).
        bought: Products bought before the window; one stored cell each, shape (queries, products).
    """

    queries: Queries
    targets: sparse.csr_matrix
    bought: sparse.csr_matrix

    def ndcg(self, scores: NDArray[np.float32], *, never_bought: bool = False) -> NDArray[np.float64]:
        """Return NDCG@10 of each query; NaN where there is no target.

        Args:
            scores: Shape (queries, products).
            never_bought: Whether to leave out the products that the customer bought before.
        """
        targets = self.targets
        if never_bought:
            scores = scores.copy()
            scores[self.bought.nonzero()] = -np.inf
            targets = targets - targets.multiply(self.bought)
            targets.eliminate_zeros()
        k = min(LIST_LENGTH, scores.shape[1])
        best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        lists = np.take_along_axis(best, order, axis=1).astype(np.int64)
        return ndcg(find_hits(lists, targets.tocsr()), np.diff(targets.tocsr().indptr).astype(np.int64))

    def ndcg_sum(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return NDCG@10 over all products plus NDCG@10 over never-bought products, of each query."""
        never_bought = self.ndcg(scores, never_bought=True)
        return self.ndcg(scores) + np.where(np.isnan(never_bought), 0.0, never_bought)


@dataclass(frozen=True)
class Holdout:
    """Interactions before the validation window, and the customers who bought in it.

    Attributes:
        interactions: As of the start of the window.
        returning: Customers who bought before the window too.
        new: Customers whose first order is in the window.
    """

    interactions: Interactions
    returning: HoldoutCustomers
    new: HoldoutCustomers


def hold_out(interactions: Interactions, horizon_days: int, *, seed: int) -> Holdout:
    """Split off the last days before the cutoff.

    Args:
        interactions: All interactions up to the cutoff.
        horizon_days: Length of the validation window.
        seed: Seed of the draw where the window has too many customers.
    """
    window = split_at(interactions, interactions.cutoff_day - horizon_days, horizon_days)
    bought = window.before.counts().astype(np.bool_)

    def draw(purchases: WindowPurchases) -> HoldoutCustomers:
        drawn = purchases.sample(MAX_CUSTOMERS, np.random.default_rng(seed))
        return HoldoutCustomers(drawn.queries, drawn.targets(np.float32), bought[drawn.customers])

    return Holdout(window.before, draw(window.returning), draw(window.new))


@dataclass(frozen=True)
class Blend:
    """Weights of the sum of network scores and log popularity that ranks products.

    The defaults were the best, or as good and steadier, over seven cutoffs of a gift shop, June 2010 to January 2011.

    Attributes:
        popularity: Weight of the country's log popularity for known customers, whose network scores have weight 1.
        tower: Weight of the towers for new customers, for whom popularity has weight 1.
    """

    popularity: float = 0.5
    tower: float = 0.25


def choose_blend(
    returning: tuple[HoldoutCustomers, NDArray[np.float32], NDArray[np.float32]],
    new: tuple[HoldoutCustomers, NDArray[np.float32], NDArray[np.float32]],
) -> Blend:
    """Choose the weights of towers and popularity on the validation window; see `best_or_default`.

    Known customers are evaluated by the sum of NDCG@10 over all and over never-bought products, new ones by NDCG@10.

    Args:
        returning: The returning customers, their scores from the towers, and their scores from popularity.
        new: The same of new customers.
    """
    customers, towers, popularity = returning
    returning_ndcg = [customers.ndcg_sum(towers + np.float32(weight) * popularity) for weight in POPULARITY_WEIGHTS]
    customers, towers, popularity = new
    new_ndcg = [customers.ndcg(np.float32(weight) * towers + popularity) for weight in TOWER_WEIGHTS]
    default = Blend()
    return Blend(
        best_or_default(returning_ndcg, POPULARITY_WEIGHTS, default.popularity),
        best_or_default(new_ndcg, TOWER_WEIGHTS, default.tower),
    )


def best_or_default(metrics: list[NDArray[np.float64]], weights: tuple[float, ...], default: float) -> float:
    """Return the weight with the highest mean metric if it is clearly better than the default weight.

    It must be more than two standard errors of the paired difference above the default: a window of a month has too
    few customers to choose by the mean alone.

    Args:
        metrics: For each weight, the metric of each customer.
        weights: The candidate weights.
        default: One of the weights.

    Example:
        >>> base, noisy, clear = np.zeros((3, 40))
        >>> noisy[0], noisy[1], clear[:20] = 0.3, -0.2, 0.2
        >>> best_or_default([base, noisy], (0.5, 1.0), 0.5), best_or_default([base, clear], (0.5, 1.0), 0.5)
        (0.5, 1.0)
    """
    values = np.stack(metrics)
    if values.shape[1] < MIN_CUSTOMERS:
        return default
    best = int(np.argmax(values.mean(axis=1)))
    difference = values[best] - values[weights.index(default)]
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return weights[best] if difference.mean() > 2 * error else default
