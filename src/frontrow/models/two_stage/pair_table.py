"""What is known of each customer with each product bought, found by row and column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.saved import Saved

HALF_LIVES = (14, 45, 120, 365)
"""Days after which an order counts half, in `orders_decayed_*`."""

ALWAYS = ("orders", *(f"orders_decayed_{days}d" for days in HALF_LIVES), "log_units", "share_of_orders")
"""0 where a customer never bought the product."""

ONCE_BOUGHT = ("days_since_bought", "days_since_first_bought", "orders_since_bought", "days_between", "due")
"""Null where a customer never bought the product."""

PAIR_FEATURES = (*ALWAYS, *ONCE_BOUGHT)


@dataclass(frozen=True)
class PairTable(Saved):
    """Features of the pairs that were bought.

    Attributes:
        keys: `row * products + column`, ascending; shape (pairs,), int64.
        values: `PAIR_FEATURES`; shape (pairs, features), float32.
        products: Number of columns.
    """

    keys: NDArray[np.int64]
    values: NDArray[np.float32]
    products: int

    def of(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
        """The features of some pairs, bought or not; shape (pairs, features).

        Example:
            >>> table = PairTable(np.array([3]), np.arange(12, dtype=np.float32)[None], products=2)
            >>> table.of(np.array([1, 0]), np.array([1, 1]))[:, [0, 7]].tolist()
            [[0.0, 7.0], [0.0, nan]]
        """
        found = np.zeros((len(rows), len(PAIR_FEATURES)), dtype=np.float32)
        found[:, len(ALWAYS) :] = np.nan
        if len(self.keys):
            asked = rows * self.products + columns
            place = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
            known = self.keys[place] == asked
            found[known] = self.values[place[known]]
        return found

    def bought(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What some customers bought: positions among `rows`, and columns."""
        starts = np.searchsorted(self.keys, rows * self.products)
        ends = np.searchsorted(self.keys, (rows + 1) * self.products)
        lengths = ends - starts
        position = np.repeat(np.arange(len(rows)), lengths)
        place = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[position]
        return position, self.keys[place] - rows[position] * self.products


def pair_table(lines: pl.DataFrame, day: int, products: int) -> PairTable:
    """Add up order lines.

    Args:
        lines: Those of `Interactions` before `day`.
        day: The cutoff, as days since 1970-01-01.
        products: Number of columns.

    Example:
        >>> lines = pl.DataFrame({"customer": [0, 0], "product": [1, 1], "order": [0, 1], "day": [0, 20],
        ...     "quantity": [1, 3]})
        >>> pair_table(lines, day=30, products=2).values[0, [0, 7, 8, 10]].tolist()
        [2.0, 10.0, 30.0, 20.0]
    """
    age = day - pl.col("day")
    orders = lines.group_by("customer", "product", "order", maintain_order=True).agg(
        pl.col("day").first(), pl.col("quantity").sum()
    )
    whole = lines.group_by("customer").agg(
        pl.col("order").max().alias("last_order"), pl.col("order").n_unique().alias("all_orders")
    )
    pairs = orders.group_by("customer", "product").agg(
        orders=pl.len(),
        **{f"orders_decayed_{days}d": (0.5 ** (age / days)).sum() for days in HALF_LIVES},
        log_units=pl.col("quantity").clip(0).log1p().sum(),
        days_since_bought=age.min(),
        days_since_first_bought=age.max(),
        latest=pl.col("order").max(),
    )
    between = (pl.col("days_since_first_bought") - pl.col("days_since_bought")) / (pl.col("orders") - 1)
    told = (
        pairs.join(whole, on="customer")
        .with_columns(
            share_of_orders=pl.col("orders") / pl.col("all_orders"),
            orders_since_bought=pl.col("last_order") - pl.col("latest"),
            days_between=pl.when(pl.col("orders") > 1).then(between),
        )
        .with_columns(due=pl.col("days_since_bought") / pl.max_horizontal("days_between", pl.lit(1.0)))
        .with_columns(due=pl.when(pl.col("orders") > 1).then("due"))
        .sort("customer", "product")
    )
    keys = told["customer"].to_numpy().astype(np.int64) * products + told["product"].to_numpy()
    values = told.select(pl.col(name).cast(pl.Float32).fill_null(np.nan) for name in PAIR_FEATURES).to_numpy()
    return PairTable(keys, np.ascontiguousarray(values), products)
