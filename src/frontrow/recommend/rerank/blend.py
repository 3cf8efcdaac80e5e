"""Launches and pinned products put among the products sold: each launch where its probability puts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.recommend.rerank.diversify import Columns, Limit

CAUTION: Final = 0.6
"""The probability of a launch is multiplied by this before it is compared.

A launch gets a rank where its own probability happens to be estimated too high or that of the product sold too low, so
listed launches are bought less often than their mean probability says (the optimizer's curse: Smith and Winkler, 2006).
Chosen on six cutoffs of Online Retail II up to 2011-04-01; 0.5 to 0.8 are about as good.
"""


@dataclass(frozen=True)
class LaunchProbabilities:
    """How likely customers are to buy products that nobody has bought yet.

    Attributes:
        values: Probability to buy each launch within the horizon, of a customer who orders in it; NaN where nothing is
            known of the launch or the customer; float32 of shape (queries, launches). The launches are the last
            candidate items.
        rate_by_rank: Probability that a customer who orders buys the product at each rank of the model's list, falling;
            shape (ranks,). None where the model's scores are such probabilities themselves, on the logit scale.
    """

    values: NDArray[np.float32]
    rate_by_rank: NDArray[np.float64] | None

    def for_rows(self, rows: NDArray[np.int64] | slice) -> LaunchProbabilities:
        """Take some of the customers."""
        return LaunchProbabilities(self.values[rows], self.rate_by_rank)

    def scores(self) -> NDArray[np.float32]:
        """In the units of the model's scores; NaN where those are not probabilities."""
        return np.full_like(self.values, np.nan) if self.rate_by_rank is not None else logit(self.values)


def logit(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log of the odds, finite for 0 and 1.

    Example:
        >>> logit(np.array([0.5], dtype=np.float32)).tolist()
        [0.0]
    """
    inside = np.clip(probability.astype(np.float64), 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float32)


def blend_launches(
    pool: Columns,
    scores: NDArray[np.float32],
    launches: LaunchProbabilities,
    allowed: NDArray[np.bool_],
    *,
    is_complete: bool,
) -> Columns:
    """Put launches into rankings; a product sold precedes a launch that is not clearly more probable (`CAUTION`).

    A launch below the last product of a pool is left out, unless the pool is the complete ranking.

    Args:
        pool: Product columns, best first, -1 after the last; shape (rows, m).
        scores: The model's scores of the pool.
        launches: Of the same customers.
        allowed: What may be shown, shape (candidate items,), of which the launches are the last.
        is_complete: The ranking has nothing below the pool.

    Returns:
        Shape (rows, m + launches).
    """
    count = launches.values.shape[1]
    columns = np.arange(len(allowed) - count, len(allowed))
    if launches.rate_by_rank is None:
        sold_value, launch_value = scores.astype(np.float64), logit(CAUTION * launches.values).astype(np.float64)
    else:
        position = np.minimum(np.arange(pool.shape[1]), len(launches.rate_by_rank) - 1)
        sold_value = np.tile(launches.rate_by_rank[position], (len(pool), 1))
        launch_value = CAUTION * launches.values.astype(np.float64)
    sold_value = np.where(pool < 0, -np.inf, sold_value)
    is_listed = np.isfinite(launches.values) & allowed[columns]
    if not is_complete:
        is_listed &= launch_value >= sold_value[:, -1:]
    blended = np.hstack([pool, np.where(is_listed, columns, -1)])
    values = np.hstack([sold_value, np.where(is_listed, launch_value, -np.inf)])
    return np.take_along_axis(blended, np.argsort(-values, axis=1, kind="stable"), axis=1)


def select_pins(column: Columns, hidden: NDArray[np.bool_], limits: Sequence[Limit]) -> Columns:
    """Select the pins of each customer.

    Args:
        column: Of each pin, by rank; shape (pins,).
        hidden: Whether a customer may not be shown the pin; shape (rows, pins).
        limits: A pin above the maximum of its kind, after those of a better rank, is left out.

    Returns:
        By rank, -1 for a pin that is left out; shape (rows, pins).
    """
    pins = np.where(hidden, -1, np.broadcast_to(column, hidden.shape))
    for position in range(1, len(column)):
        for limit in limits:
            pins[limit.is_reached(pins[:, position], pins[:, :position]), position] = -1
    return pins


def insert_pins(picks: Columns, pins: Columns, ranks: NDArray[np.int64]) -> Columns:
    """Put pins at their ranks, and the picks at the ranks between, in their order.

    Args:
        picks: Shape (rows, k), -1 after the last.
        pins: Shape (rows, pins), -1 where there is none.
        ranks: Of the pins, from 1 to k, rising; shape (pins,).

    Returns:
        Shape (rows, k). Where the picks do not fill the ranks before a pin, it moves up.

    Example:
        >>> insert_pins(np.array([[7, 8, 9], [7, -1, -1]]), np.array([[5], [5]]), np.array([3])).tolist()
        [[7, 8, 5], [7, 5, -1]]
    """
    lists = np.full(picks.shape, -1, dtype=np.int64)
    lists[:, ranks - 1] = pins
    is_empty = lists < 0
    position = np.where(is_empty, np.cumsum(is_empty, axis=1) - 1, 0)
    lists = np.where(is_empty, np.take_along_axis(picks, position, axis=1), lists)
    return np.take_along_axis(lists, np.argsort(lists < 0, axis=1, kind="stable"), axis=1)
