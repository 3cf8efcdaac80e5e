"""How each product sells at a cutoff: to anyone lately, in first orders, and by the season."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.purchases import Purchases
from frontrow.models.popularity.popularity import SEASON_DAYS, SEASON_YEAR_DAYS

HALF_LIFE_DAYS = 10.0
"""A customer's last purchase so old counts half of one made now."""

FIRST_ORDER_HALF_LIFE_DAYS = 60.0
"""The same of a first order; there are few of them, so they count for longer."""

SEASON_PRIOR = 30.0
"""Purchases in a month of last year that each product's season starts from."""

LIST_LENGTH = 10


def selling_signals(bought: Purchases, day: int, products: int) -> NDArray[np.float64]:
    """log(1 + customers) and log(1 + first orders) of each product before a day, the older the less they count.

    A customer counts once, by the last purchase; a first order by `list_weights` of its products.

    Args:
        bought: What later days hold is not looked at.
        day: As days since 1970-01-01.
        products: Number of columns.

    Returns:
        Shape (products, 2), float64.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import count_purchases
        >>> lines = pl.DataFrame({"customer": [0, 0, 1], "product": [0, 0, 1], "order": [0, 1, 2], "day": [0, 50, 60],
        ...     "quantity": [1, 1, 1]})
        >>> np.expm1(selling_signals(count_purchases(lines, products=2), day=60, products=2)).round(2).tolist()
        [[0.5, 0.5], [0.0, 0.0]]
    """
    before = bought.day < day
    last = before.copy()
    last[:-1] &= ~(before[1:] & bought.again[1:])
    first = before & (bought.order == bought.first_orders)
    baskets = np.bincount(bought.order[first])
    weight = list_weights(baskets)[bought.order[first]]
    signals = []
    for asked, counts, half_life in ((last, 1.0, HALF_LIFE_DAYS), (first, weight, FIRST_ORDER_HALF_LIFE_DAYS)):
        faded = counts * 0.5 ** ((day - bought.day[asked]) / half_life)
        signals.append(np.log1p(np.bincount(bought.product[asked], faded, minlength=products)))
    return np.column_stack(signals)


def season(bought: Purchases, day: int, products: int) -> NDArray[np.float64]:
    """Log of how much more of each product sold in the 30 days from the day on, 52 weeks ago, than in the 30 before.

    Whole months are made alike first, and a product that sold little then says little. All 0 where the history does
    not reach back so far.

    Returns:
        Shape (products,), float64.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import count_purchases
        >>> lines = pl.DataFrame({"customer": range(60), "product": [0] * 30 + [1] * 30, "order": range(60),
        ...     "day": [0] * 30 + [30] * 30, "quantity": [1] * 60})
        >>> season(count_purchases(lines, products=2), day=394, products=2).round(2).tolist()
        [-0.69, 0.69]
    """
    start = day - SEASON_YEAR_DAYS
    ago = bought.day - start
    then, earlier = (ago >= 0) & (ago < SEASON_DAYS), (ago < 0) & (ago >= -SEASON_DAYS)
    if not (then.any() and earlier.any() and (ago <= -SEASON_DAYS).any()):
        return np.zeros(products)
    sold, sold_earlier = (np.bincount(bought.product[one], minlength=products) for one in (then, earlier))
    return np.asarray(np.log((sold * earlier.sum() / then.sum() + SEASON_PRIOR) / (sold_earlier + SEASON_PRIOR)))


def list_weights(wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    """What one hit in a list of ten is worth to a customer who wants so many products, next to one who wants one.

    One over the best gain of the list, as NDCG weighs it.

    Example:
        >>> list_weights(np.array([0, 1, 2, 10, 99])).round(2).tolist()
        [1.0, 1.0, 0.61, 0.22, 0.22]
    """
    gain = np.cumsum(1 / np.log2(np.arange(2, LIST_LENGTH + 2)))
    return np.asarray(1 / gain[np.clip(wanted, 1, LIST_LENGTH) - 1])
