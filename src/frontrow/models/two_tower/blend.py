"""How much of a score is the towers', and how much is what the country buys: chosen on the window held back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.two_tower.validation import Asked

POPULARITY_WEIGHTS = (0.0, 0.25, 0.5, 1.0)
TOWER_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0)
FEWEST_CUSTOMERS = 30
"""With fewer customers in the window there is nothing to choose by."""


@dataclass(frozen=True)
class Blend:
    """Weights of the sum that ranks products.

    Attributes:
        popularity: Of the country's log popularity, for known customers, whose towers weigh 1.
        tower: Of the towers, for customers never seen, for whom popularity weighs 1.
    """

    popularity: float = 0.5
    tower: float = 0.1


def choose(
    returning: tuple[Asked, NDArray[np.float32], NDArray[np.float32]],
    new: tuple[Asked, NDArray[np.float32], NDArray[np.float32]],
) -> Blend:
    """Choose the weights.

    For known customers the weight with the best NDCG@10 over all and over never-bought products together. For
    customers never seen the smallest weight of the towers that is within one standard error of the best, pair by pair
    (the rule of Breiman et al., 1984): what most people buy is hard to beat with a context alone, so the towers have
    to show that they help.

    Args:
        returning: The customers of the window, their scores from the towers, and from popularity.
        new: The same of customers never seen before the window.
    """
    default = Blend()
    asked, towers, popular = returning
    popularity = default.popularity
    if len(asked.queries) >= FEWEST_CUSTOMERS:
        found = [_both(asked, towers + np.float32(weight) * popular) for weight in POPULARITY_WEIGHTS]
        popularity = POPULARITY_WEIGHTS[int(np.argmax(found))]
    asked, towers, popular = new
    tower = default.tower
    if len(asked.queries) >= FEWEST_CUSTOMERS:
        each = np.stack([asked.ndcg(np.float32(weight) * towers + popular) for weight in TOWER_WEIGHTS])
        tower = TOWER_WEIGHTS[_smallest_as_good(each)]
    return Blend(popularity, tower)


def _both(asked: Asked, scores: NDArray[np.float32]) -> float:
    return float(asked.ndcg(scores).mean() + np.nanmean(asked.ndcg(scores, never_bought=True)))


def _smallest_as_good(values: NDArray[np.float64]) -> int:
    """The first row that is no more than one standard error of the paired difference below the best row.

    Args:
        values: A row a choice, a column a customer.

    Example:
        >>> _smallest_as_good(np.array([[0.0, 0.0, 0.1], [0.2, 0.3, 0.4], [0.2, 0.3, 0.5]]))
        1
    """
    best = int(np.argmax(values.mean(axis=1)))
    behind = values[best] - values
    error = behind.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
    return int(np.flatnonzero(behind.mean(axis=1) <= error)[0])
