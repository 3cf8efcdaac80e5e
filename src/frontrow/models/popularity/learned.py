"""How each product sells at a cutoff, and how much each of these signals counts for what new customers choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from frontrow.models.blas_threads import one_blas_thread
from frontrow.models.interactions.purchases import Purchases
from frontrow.models.popularity.popularity import SEASON_DAYS, SEASON_YEAR_DAYS
from frontrow.models.similarity.whole_numbers import round_weights

HALF_LIFE_DAYS = 10.0
"""Age in days at which a customer's last purchase counts half: what sells changes quickly."""

FIRST_ORDER_HALF_LIFE_DAYS = 60.0
"""Age in days at which a first order counts half; longer, because there are few of them."""

SEASON_PRIOR = 30.0
"""Purchases added to each month of last year, so that a product with few of them has hardly a season."""

LIST_LENGTH = 10
"""Length of the lists that `list_weights` is about."""


def selling_signals(purchases: Purchases, cutoff_day: int, products: int) -> NDArray[np.float64]:
    """log(1 + customers) and log(1 + first orders) of each product before a cutoff, decayed by age.

    A customer counts once, by the last purchase; a first order counts by `list_weights` of its products.

    Args:
        purchases: Purchases before and after the cutoff; the later ones are left out.
        cutoff_day: The cutoff, as days since 1970-01-01.
        products: Number of products.

    Returns:
        Shape (products, 2), float64.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import count_purchases
        >>> lines = pl.DataFrame({"customer": [0, 0, 1], "product": [0, 0, 1], "order": [0, 1, 2], "day": [0, 50, 60],
        ...     "quantity": [1, 1, 1]})
        >>> np.expm1(selling_signals(count_purchases(lines, products=2), 60, products=2)).round(2).tolist()
        [[0.5, 0.5], [0.0, 0.0]]
    """
    before = purchases.day < cutoff_day
    last = before.copy()
    last[:-1] &= ~(before[1:] & purchases.again[1:])
    first = before & (purchases.order == purchases.first_orders)
    order_sizes = np.bincount(purchases.order[first])
    weight = list_weights(order_sizes)[purchases.order[first]]
    signals = []
    for counted, weights, half_life in ((last, 1.0, HALF_LIFE_DAYS), (first, weight, FIRST_ORDER_HALF_LIFE_DAYS)):
        decayed = round_weights(weights * 0.5 ** ((cutoff_day - purchases.day[counted]) / half_life))
        signals.append(np.log1p(np.bincount(purchases.product[counted], decayed, minlength=products)))
    return np.column_stack(signals)


def season(purchases: Purchases, cutoff_day: int, products: int) -> NDArray[np.float64]:
    """Log of how much more of each product sold in the season from the cutoff on, 52 weeks ago, than in the one before.

    Both seasons are scaled to the same number of purchases first.

    Args:
        purchases: All purchases.
        cutoff_day: The cutoff, as days since 1970-01-01.
        products: Number of products.

    Returns:
        Shape (products,), float64; all 0 where the history does not reach back so far.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import count_purchases
        >>> lines = pl.DataFrame({"customer": range(60), "product": [0] * 30 + [1] * 30, "order": range(60),
        ...     "day": [0] * 30 + [30] * 30, "quantity": [1] * 60})
        >>> season(count_purchases(lines, products=2), cutoff_day=394, products=2).round(2).tolist()
        [-0.69, 0.69]
    """
    day = purchases.day - (cutoff_day - SEASON_YEAR_DAYS)
    inside, earlier = (day >= 0) & (day < SEASON_DAYS), (day < 0) & (day >= -SEASON_DAYS)
    if not (inside.any() and earlier.any() and (day <= -SEASON_DAYS).any()):
        return np.zeros(products)
    sold, sold_earlier = (np.bincount(purchases.product[mask], minlength=products) for mask in (inside, earlier))
    return np.asarray(np.log((sold * earlier.sum() / inside.sum() + SEASON_PRIOR) / (sold_earlier + SEASON_PRIOR)))


def list_weights(purchased: NDArray[np.int64]) -> NDArray[np.float64]:
    """Value of one hit in a list of ten for a customer who buys some products, where it is 1 for one product.

    It is the inverse of the highest gain of the list, as NDCG weighs it.

    Args:
        purchased: Number of products that each customer buys.

    Example:
        >>> list_weights(np.array([0, 1, 2, 10, 99])).round(2).tolist()
        [1.0, 1.0, 0.61, 0.22, 0.22]
    """
    gain = np.cumsum(1 / np.log2(np.arange(2, LIST_LENGTH + 2)))
    # rounded, so that sums over customers are exact
    return round_weights(1 / gain[np.clip(purchased, 1, LIST_LENGTH) - 1])


@dataclass(frozen=True)
class Choice:
    """What was chosen among some products.

    Attributes:
        signals: Signals of each product; shape (products, signals), float64.
        chosen: How often each product was chosen; shape (products,), float64.
    """

    signals: NDArray[np.float64]
    chosen: NDArray[np.float64]


@one_blas_thread()
def choice_weights(choices: Sequence[Choice], penalty: float) -> NDArray[np.float64]:
    """Fit a conditional logit (McFadden, 1974): each product's odds to be chosen are exp(signals @ weights).

    It learns only from how the products of one choice differ, not from how much is chosen.

    Args:
        choices: At least one.
        penalty: Weight of half the squared weights of signals with standard deviation 1, in choices.

    Returns:
        Shape (signals,), float64.

    Example:
        >>> choice = Choice(np.array([[0.0], [1.0]]), np.array([1.0, 3.0]))
        >>> bool(np.isclose(choice_weights([choice], penalty=1e-9)[0], np.log(3), atol=1e-4))
        True
    """
    signals = np.concatenate([choice.signals for choice in choices])
    deviation = signals.std(axis=0)
    deviation[deviation == 0] = 1.0
    scaled = signals / deviation
    chosen = np.concatenate([choice.chosen for choice in choices])
    starts = np.cumsum([0, *(len(choice.chosen) for choice in choices)])
    blocks = [slice(start, stop) for start, stop in pairwise(starts)]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        log_odds = scaled @ weights
        log_shares = np.concatenate([special.log_softmax(log_odds[block]) for block in blocks])
        expected = np.concatenate([chosen[block].sum() * np.exp(log_shares[block]) for block in blocks])
        value = float(penalty / 2 * weights @ weights - chosen @ log_shares)
        return value, penalty * weights + scaled.T @ (expected - chosen)

    fitted = optimize.minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(fitted.x / deviation)
