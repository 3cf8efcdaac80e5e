"""How many customers bought each product: simple recommenders give it as it is, the others fall back to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions

RECENT_DAYS = 30
"""Days before the cutoff that count as recent."""

SEASON_DAYS = 30
"""Length in days of the season that begins at a cutoff."""

SEASON_YEAR_DAYS = 364
"""Days from a season to the same one of last year: 52 weeks, so that both begin on the same day of the week."""


def buyers(interactions: Interactions, days: int | None = None) -> NDArray[np.float32]:
    """Distinct customers of each product, shape (products,).

    Args:
        interactions: Their purchases are counted.
        days: Days before the cutoff that count; None for all time.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "bulb", 0), (7, "pot", 9), (7, "pot", 9)])
        >>> buyers(interactions).tolist(), buyers(interactions, days=5).tolist()
        ([1.0, 1.0], [0.0, 1.0])
    """
    purchases, products = interactions.purchases, interactions.shape[1]
    if days is None:
        return np.bincount(purchases.product[purchases.starts], minlength=products).astype(np.float32)
    recent = np.flatnonzero(purchases.day >= interactions.cutoff_day - days)
    pairs = purchases.customer[recent] * products + purchases.product[recent]
    # the entries of a pair follow one another
    counted = np.concatenate([pairs[:1], pairs[1:][np.diff(pairs) != 0]])
    return np.bincount(counted % max(products, 1), minlength=products).astype(np.float32)


def recent_lines(interactions: Interactions, days: int) -> pl.DataFrame:
    """Order lines of the last days before the cutoff.

    Args:
        interactions: Their lines.
        days: Number of days.
    """
    return interactions.lines.filter(pl.col("day") >= interactions.cutoff_day - days)


def recent_popularity(interactions: Interactions) -> NDArray[np.float32]:
    """Products ranked by recent buyers, ties by all buyers: `scaled_ranks`, shape (products,)."""
    return scaled_ranks(buyers(interactions, RECENT_DAYS), buyers(interactions))


def scaled_ranks(*keys: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Ranks by the first key, ties by the next and so on, as evenly spaced scores in [0, 1), the highest key highest.

    Exact up to 16 million products, where a sum of weighted keys would round the later ones away.

    Args:
        keys: At least one; each of shape (products,).

    Example:
        >>> scaled_ranks(np.array([2, 5, 2], dtype=np.float32), np.array([1, 0, 3], dtype=np.float32)).tolist()
        [0.0, 0.6666666865348816, 0.3333333432674408]
    """
    if len(keys[0]) == 0:
        return np.zeros(0, dtype=np.float32)
    order = np.lexsort(keys[::-1])
    differs = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    rank = np.zeros(len(order), dtype=np.int64)
    rank[order[1:]] = np.cumsum(differs)
    return np.asarray(rank / (rank.max() + 1), dtype=np.float32)
