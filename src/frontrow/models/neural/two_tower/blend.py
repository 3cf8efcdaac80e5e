"""How much of a score is the towers', and how much is what the country buys: chosen on the window held back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.neural.two_tower.validation import Asked

POPULARITY_WEIGHTS = (0.0, 0.25, 0.5, 1.0)
TOWER_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0)
FEWEST_CUSTOMERS = 30
"""With fewer customers in the window there is nothing to choose by."""


@dataclass(frozen=True)
class Blend:
    """Weights of the sum that ranks products.

    The defaults were the best, or as good and steadier, over seven cutoffs of a gift shop, June 2010 to January 2011.

    Attributes:
        popularity: Of the country's log popularity, for known customers, whose towers weigh 1.
        tower: Of the towers, for customers never seen, for whom popularity weighs 1.
    """

    popularity: float = 0.5
    tower: float = 0.25


def choose(
    returning: tuple[Asked, NDArray[np.float32], NDArray[np.float32]],
    new: tuple[Asked, NDArray[np.float32], NDArray[np.float32]],
) -> Blend:
    """Choose the weights.

    The defaults stand unless the window speaks for another weight by more than two standard errors of the paired
    difference: a window of a month has too few customers to choose by its mean alone. Known customers are judged by
    NDCG@10 over all and over never-bought products together, customers never seen by NDCG@10.

    Args:
        returning: The customers of the window, their scores from the towers, and from popularity.
        new: The same of customers never seen before the window.
    """
    asked, towers, popular = returning
    known = [_both(asked, towers + np.float32(weight) * popular) for weight in POPULARITY_WEIGHTS]
    unseen, towers, popular = new
    strangers = [unseen.ndcg(np.float32(weight) * towers + popular) for weight in TOWER_WEIGHTS]
    default = Blend()
    return Blend(
        POPULARITY_WEIGHTS[clearly_best(np.stack(known), POPULARITY_WEIGHTS.index(default.popularity))],
        TOWER_WEIGHTS[clearly_best(np.stack(strangers), TOWER_WEIGHTS.index(default.tower))],
    )


def clearly_best(values: NDArray[np.float64], default: int) -> int:
    """The row with the highest mean, if it is more than two standard errors above the default row; else that one.

    Args:
        values: A row a choice, a column a customer; shape (choices, customers).
        default: A row.

    Example:
        >>> noisy, clear = np.zeros((2, 40)), np.zeros((2, 40))
        >>> noisy[1, 0], noisy[1, 1], clear[1, :20] = 0.3, -0.2, 0.2
        >>> clearly_best(noisy, 0), clearly_best(clear, 0)
        (0, 1)
    """
    if values.shape[1] < FEWEST_CUSTOMERS:
        return default
    best = int(np.argmax(values.mean(axis=1)))
    ahead = values[best] - values[default]
    error = ahead.std(ddof=1) / np.sqrt(len(ahead))
    return best if ahead.mean() > 2 * error else default


def _both(asked: Asked, scores: NDArray[np.float32]) -> NDArray[np.float64]:
    never = asked.ndcg(scores, never_bought=True)
    return asked.ndcg(scores) + np.where(np.isnan(never), 0.0, never)
