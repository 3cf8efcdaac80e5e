"""How many customers bought each product: the ground that simple recommenders stand on and others fall back to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.storage.artifact import ArrayModel

RECENT_DAYS = 30
"""What *recent* means."""


@dataclass(frozen=True)
class SameForAll(ArrayModel):
    """A fitted recommender that gives everyone the same scores, shape (products,)."""

    score: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The same row for each."""
        return np.tile(self.score, (len(queries), 1))


def buyers(interactions: Interactions, days: int | None = None) -> NDArray[np.float32]:
    """Distinct customers of each product, in the last `days` days before the cutoff or ever; shape (products,).

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> interactions = build_interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 9), (7, "pot", 9)]).as_of())
        >>> buyers(interactions).tolist(), buyers(interactions, days=5).tolist()
        ([1.0, 1.0], [0.0, 1.0])
    """
    last = interactions.purchases.lasts
    if days is not None:
        last = last[interactions.purchases.day[last] >= interactions.cutoff_day - days]
    return np.bincount(interactions.purchases.product[last], minlength=interactions.shape[1]).astype(np.float32)


def buyers_in(lines: pl.DataFrame, products: int) -> NDArray[np.float32]:
    """Distinct customers of each product among some lines, shape (products,).

    Example:
        >>> lines = pl.DataFrame({"customer": [0, 0, 1], "product": [2, 2, 2]})
        >>> buyers_in(lines, products=3).tolist()
        [0.0, 0.0, 2.0]
    """
    pairs = lines.select("customer", "product").unique()
    return np.bincount(pairs["product"].to_numpy(), minlength=products).astype(np.float32)


def recent_lines(interactions: Interactions, days: int | None) -> pl.DataFrame:
    """The lines of the last `days` days before the cutoff, or all."""
    return (
        interactions.lines
        if days is None
        else interactions.lines.filter(pl.col("day") >= interactions.cutoff_day - days)
    )


def recent_places(interactions: Interactions) -> NDArray[np.float32]:
    """Products by recent buyers, ties by all buyers, as evenly spaced scores from 0 to below 1; shape (products,)."""
    return places(buyers(interactions, RECENT_DAYS), buyers(interactions))


def places(*keys: NDArray[np.float32]) -> NDArray[np.float32]:
    """The order of the first key, ties by the next and so on, as evenly spaced scores in [0, 1).

    Exact up to 16 million products, where a sum of weighted keys would round the later ones away.

    Example:
        >>> places(np.array([2, 5, 2], dtype=np.float32), np.array([1, 0, 3], dtype=np.float32)).tolist()
        [0.0, 0.6666666865348816, 0.3333333432674408]
    """
    if len(keys[0]) == 0:
        return keys[0]
    order = np.lexsort(keys[::-1])
    another = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    place = np.zeros(len(order), dtype=np.int64)
    place[order[1:]] = np.cumsum(another)
    return np.asarray(place / (place.max() + 1), dtype=np.float32)


def unseen(queries: Queries) -> NDArray[np.bool_]:
    """Who has no row; shape (queries,)."""
    return np.asarray(queries.rows < 0)
