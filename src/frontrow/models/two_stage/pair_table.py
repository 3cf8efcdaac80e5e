"""What is known of each customer with each product bought, found by row and column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.purchases import Purchases
from frontrow.storage.artifact import ArrayModel

HALF_LIVES = (14, 45, 120, 365)
"""Days after which an order counts half, in `orders_decayed_*`."""

ALWAYS = ("orders", *(f"orders_decayed_{days}d" for days in HALF_LIVES), "log_units", "share_of_orders")
"""0 where a customer never bought the product."""

ONCE_BOUGHT = ("days_since_bought", "days_since_first_bought", "orders_since_bought", "days_between", "due")
"""Null where a customer never bought the product."""

PAIR_FEATURES = (*ALWAYS, *ONCE_BOUGHT)


@dataclass(frozen=True)
class PairTable(ArrayModel):
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


def pair_table(bought: Purchases, day: int, products: int) -> PairTable:
    """Add up purchases.

    Args:
        bought: Those before `day`.
        day: The cutoff, as days since 1970-01-01.
        products: Number of columns.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import purchases
        >>> lines = pl.DataFrame({"customer": [0, 0], "product": [1, 1], "order": [0, 1], "day": [0, 20],
        ...     "quantity": [1, 3]})
        >>> pair_table(purchases(lines, products=2), day=30, products=2).values[0, [0, 7, 8, 10]].tolist()
        [2.0, 10.0, 30.0, 20.0]
    """
    first, last, orders = bought.starts, bought.lasts, bought.orders
    age = (day - bought.day).astype(np.float64)
    # orders of a customer are numbered one after the other
    all_orders = (bought.last_orders - bought.first_orders + 1)[last]
    several = orders > 1
    between = np.where(several, (age[first] - age[last]) / np.maximum(orders - 1, 1), np.nan)
    told = {
        "orders": orders,
        **{f"orders_decayed_{days}d": bought.summed(0.5 ** (age / days)) for days in HALF_LIVES},
        "log_units": bought.summed(np.log1p(bought.units)),
        "share_of_orders": orders / all_orders,
        "days_since_bought": age[last],
        "days_since_first_bought": age[first],
        "orders_since_bought": (bought.last_orders - bought.order)[last],
        "days_between": between,
        "due": age[last] / np.maximum(between, 1.0),
    }
    keys = bought.customer[first] * products + bought.product[first]
    return PairTable(keys, np.column_stack([told[name] for name in PAIR_FEATURES]).astype(np.float32), products)
