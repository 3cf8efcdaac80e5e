"""Pinned products: which customers get them, and how the rest of the list closes up around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontrow.recommend.rerank.diversify import Columns, Limit


def pinned(column: Columns, rows: int, forbidden: NDArray[np.bool_], limits: Sequence[Limit]) -> Columns:
    """The pins of each row, by rank; -1 where a rule forbids one.

    Args:
        column: Of each pin, by rank; shape (pins,).
        rows: How many customers.
        forbidden: Whether a customer may not be shown the pin; shape (rows, pins).
        limits: A pin that is too many of its kind, after those of a better rank, is left out.
    """
    found = np.where(forbidden, -1, np.broadcast_to(column, (rows, len(column))))
    for place in range(1, len(column)):
        for limit in limits:
            found[limit.reached(found[:, place], found[:, :place]), place] = -1
    return found


def placed(picks: Columns, pins: Columns, ranks: NDArray[np.int64]) -> Columns:
    """Pins at their ranks, and the picks in the places between, in their order.

    Args:
        picks: Shape (rows, k), -1 after the last.
        pins: Shape (rows, pins), -1 where there is none.
        ranks: Of the pins, from 1 to k, rising; shape (pins,).

    Returns:
        Shape (rows, k). Where the picks do not fill the places before a pin, it moves up.

    Example:
        >>> placed(np.array([[7, 8, 9], [7, -1, -1]]), np.array([[5], [5]]), np.array([3])).tolist()
        [[7, 8, 5], [7, 5, -1]]
    """
    found = np.full(picks.shape, -1, dtype=np.int64)
    found[:, ranks - 1] = pins
    empty = found < 0
    place = np.where(empty, np.cumsum(empty, axis=1) - 1, 0)
    found = np.where(empty, np.take_along_axis(picks, place, axis=1), found)
    together = np.argsort(found < 0, axis=1, kind="stable")
    return np.take_along_axis(found, together, axis=1)
