"""Frames of any engine: features are narwhals lazy expressions, written once; Polars runs them here."""

from __future__ import annotations

from typing import Any, TypeAlias

import narwhals as nw
import polars as pl

Frame: TypeAlias = nw.LazyFrame[Any]
"""A lazy frame of any engine."""

_ORDERED = pl.QueryOptFlags(check_order_observe=False, join_order=False)
# Left to itself, Polars drops sorts that a later step relies on, and joins in an order of its own.


def lazy(frame: pl.DataFrame | pl.LazyFrame) -> Frame:
    """A Polars frame as the engine-neutral lazy frame that features are written on."""
    return nw.from_native(frame.lazy())


def collect(frame: Frame) -> pl.DataFrame:
    """Run a lazy frame on the embedded engine.

    Example:
        >>> collect(lazy(pl.DataFrame({"day": [3]})).select(nw.col("day") + 1)).item()
        4
    """
    native: pl.LazyFrame = frame.to_native()
    return native.collect(engine="in-memory", optimizations=_ORDERED)
