"""Results of blocks put together as they come, so that memory holds a few of them and not all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import polars as pl

ROWS: Final = 2_000_000
"""Rows of results that are held before they are put together."""


def combine_parts(parts: Iterable[pl.DataFrame], combine: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """Put the results of blocks together.

    Args:
        parts: One table a block, at least one.
        combine: Makes one row of several of the same key, such as their sum; it is applied to its own results again.

    Example:
        >>> parts = [pl.DataFrame({"product_id": ["a"], "units": [units]}) for units in (2, 3)]
        >>> combine_parts(parts, lambda rows: rows.group_by("product_id").agg(pl.all().sum())).rows()
        [('a', 5)]
    """
    held: list[pl.DataFrame] = []
    height = limit = 0
    for part in parts:
        held.append(part)
        height += part.height
        if height > max(limit, ROWS):
            held = [combine(pl.concat(held))]
            # what does not get smaller is not put together at every block
            height, limit = held[0].height, 2 * held[0].height
    return combine(pl.concat(held))
