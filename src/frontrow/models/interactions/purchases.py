"""Purchases, which nearly every recommender counts: each product of each order once, by customer and product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True)
class Purchases:
    """One entry per product of an order, by customer, product and time; int64, shape (purchases,) unless noted.

    The entries of one customer with one product are a *pair*. What follows from the entries is computed when it is used
    and not stored: there are as many as order lines, nearly.

    Attributes:
        customer: Row of the customer in `Interactions`.
        product: Column of the product.
        order: Number of the order, by customer and time.
        day: Day of the order, as days since 1970-01-01.
        lines: Number of order lines.
        units: Units of these lines.
        starts: First entry of each pair, shape (pairs,).
    """

    customer: NDArray[np.int64]
    product: NDArray[np.int64]
    order: NDArray[np.int64]
    day: NDArray[np.int64]
    lines: NDArray[np.int64]
    units: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def lasts(self) -> NDArray[np.int64]:
        """Last entry of each pair, shape (pairs,)."""
        return _last_of(self.starts, len(self.order))

    @property
    def orders(self) -> NDArray[np.int64]:
        """Orders of each pair, shape (pairs,)."""
        return self.lasts - self.starts + 1

    @property
    def again(self) -> NDArray[np.bool_]:
        """Whether the customer had bought the product in an earlier order."""
        again = np.ones(len(self.order), dtype=np.bool_)
        again[self.starts] = False
        return again

    @property
    def first_orders(self) -> NDArray[np.int64]:
        """Number of the customer's first order, of any product."""
        return self._reduce_orders(np.minimum)

    @property
    def last_orders(self) -> NDArray[np.int64]:
        """Number of the customer's last order, of any product."""
        return self._reduce_orders(np.maximum)

    def summed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of the values of each pair's entries; shape (pairs,)."""
        return np.add.reduceat(values, self.starts) if len(values) else values

    def number_orders(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Number the orders that have an entry, by customer and time.

        Returns:
            Row of the customer of each order, shape (orders,); number of each entry's order, shape (purchases,).

        Example:
            >>> lines = pl.DataFrame({"customer": [0, 1], "product": [1, 1], "order": [4, 9], "day": [3, 5],
            ...     "quantity": [2, 1]})
            >>> count_purchases(lines, products=2).number_orders()
            (array([0, 1]), array([0, 1]))
        """
        # without a sort: the numbers are hardly higher than there are orders
        is_there = np.zeros(self.order.max(initial=-1) + 1, dtype=np.bool_)
        is_there[self.order] = True
        number = np.cumsum(is_there, dtype=np.int64)[self.order] - 1
        customers = np.zeros(np.count_nonzero(is_there), dtype=np.int64)
        customers[number] = self.customer
        return customers, number

    def select(self, mask: NDArray[np.bool_]) -> Purchases:
        """Some of the entries, as `count_purchases` gives them of their order lines alone, in less time.

        Args:
            mask: Whether each entry is selected; shape (purchases,).

        Example:
            >>> lines = pl.DataFrame({"customer": [0, 0], "product": [1, 1], "order": [0, 1], "day": [3, 5],
            ...     "quantity": [2, 1]})
            >>> purchases = count_purchases(lines, products=2)
            >>> earlier = purchases.select(purchases.day < 5)
            >>> earlier.units.tolist(), earlier.orders.tolist()
            ([2], [1])
        """
        entries = np.flatnonzero(mask)
        # a pair of which nothing is selected has no entry, any other one begins with the first that is
        pair = np.cumsum(~self.again, dtype=np.int64)[entries]
        return Purchases(
            self.customer[entries],
            self.product[entries],
            self.order[entries],
            self.day[entries],
            self.lines[entries],
            self.units[entries],
            np.flatnonzero(_changes(pair)),
        )

    def _reduce_orders(self, function: np.ufunc) -> NDArray[np.int64]:
        begins = np.flatnonzero(_changes(self.customer))
        if len(begins) == 0:
            return self.order
        entries = _last_of(begins, len(self.order)) - begins + 1
        return np.asarray(np.repeat(function.reduceat(self.order, begins), entries))


def count_purchases(lines: pl.DataFrame, products: int) -> Purchases:
    """Add up order lines.

    Args:
        lines: `customer`, `product`, `order`, `day`, `quantity`, by customer and order.
        products: Number of products.

    Example:
        >>> lines = pl.DataFrame({"customer": [0, 0, 0], "product": [1, 1, 1], "order": [0, 0, 1], "day": [0, 0, 9],
        ...     "quantity": [1, 2, 5]})
        >>> purchases = count_purchases(lines, products=2)
        >>> purchases.order.tolist(), purchases.lines.tolist(), purchases.units.tolist(), purchases.orders.tolist()
        ([0, 1], [2, 1], [3, 5], [2])
    """
    names = ("customer", "product", "order", "day", "quantity")
    customer, product, order, day, units = (lines[name].to_numpy().astype(np.int64) for name in names)
    pair = customer * products + product
    # lines are in order of customer and order: a stable sort keeps the orders of a pair in time
    by_pair = np.argsort(pair, kind="stable")
    new_pair = _changes(pair[by_pair])
    begins = np.flatnonzero(new_pair | _changes(order[by_pair]))
    entry = by_pair[begins]
    return Purchases(
        customer[entry],
        product[entry],
        order[entry],
        day[entry],
        _last_of(begins, len(by_pair)) - begins + 1,
        np.add.reduceat(units[by_pair], begins) if len(begins) else units,
        np.flatnonzero(new_pair[begins]),
    )


def find_ages(
    rows: NDArray[np.int64], ages: NDArray[np.int64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The highest and the lowest age of each row; 0 and infinity for a row without any.

    Args:
        rows: Row of each age.
        ages: In days, none below 0.
        count: Number of rows.

    Example:
        >>> find_ages(np.array([0, 0]), np.array([3, 9]), count=2)
        (array([9., 0.]), array([ 3., inf]))
    """
    never = np.iinfo(np.int64).max
    # of the dtype of the ages: with another one NumPy takes thirty times as long
    highest, lowest = np.zeros(count, dtype=np.int64), np.full(count, never, dtype=np.int64)
    np.maximum.at(highest, rows, ages)
    np.minimum.at(lowest, rows, ages)
    return highest.astype(np.float64), np.where(lowest == never, np.inf, lowest)


def _changes(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each value differs from the one before it; true for the first."""
    changes = np.ones(len(values), dtype=np.bool_)
    changes[1:] = values[1:] != values[:-1]
    return changes


def _last_of(starts: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Last position of each run that begins at `starts`, of `count` values in total."""
    lasts = np.empty_like(starts)
    lasts[:-1] = starts[1:]
    lasts[-1:] = count
    lasts -= 1
    return lasts
