"""Features of each customer, and of each customer with each product bought, at a cutoff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.purchases import Purchases, find_ages
from frontrow.storage.artifact import ArrayModel
from frontrow.storage.json_types import LARGEST_INTEGER

HALF_LIFE_DAYS = 120
"""Age in days at which an order line counts half in the shares; long, because tastes change slowly."""

PRIOR_LINES = 0.5
"""Lines without any property that are added to each customer's, so that a share of few lines is low."""

NEW_PRODUCT_DAYS = 60
"""Days after its first sale during which a product counts as new to the shop."""

SAME_SEASON = (320, 380)
"""Ages in days of lines from the coming month's season a year ago: the 30 days from the cutoff on, and 15 days on each
side. `features.customer.SAME_SEASON` (335 to 395) reaches 30 days to each side of the cutoff instead, because a launch
asks for the season it falls into. Models fitted so far depend on both, so they stay as they are."""

CUSTOMER_FEATURES = (
    "lines",
    "orders",
    "lines_30d",
    "lines_90d",
    "lines_365d",
    "days_since_last_order",
    "days_since_first_order",
    "days_between_orders",
    "overdue",
    "lines_per_order",
    "log_units_per_line",
    "products_per_line",
    "log_price_mean",
    "share_of_new_products",
    "share_of_firsts",
    "log_buyers_mean",
    "lines_same_season",
)

PAIR_HALF_LIVES = (14, 45, 120, 365)
"""Ages in days at which an order counts half, in `orders_decayed_*`."""

ALWAYS = ("orders", *(f"orders_decayed_{days}d" for days in PAIR_HALF_LIVES), "log_units", "share_of_orders")
"""Features of a pair that are 0 where the customer never bought the product."""

ONCE_BOUGHT = ("days_since_bought", "days_since_first_bought", "orders_since_bought", "days_between", "due")
"""Features of a pair that are NaN where the customer never bought the product."""

PAIR_FEATURES = (*ALWAYS, *ONCE_BOUGHT)


def customer_table(
    purchases: Purchases,
    cutoff_day: int,
    customers: int,
    log_price: NDArray[np.float32],
    log_buyers: NDArray[np.float32],
    first_sold: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Compute the features of each customer.

    Args:
        purchases: All purchases before the cutoff.
        cutoff_day: The cutoff, as days since 1970-01-01.
        customers: Number of customers.
        log_price: Log of each product's price; shape (products,).
        log_buyers: log(1 + customers in the last year) of each product; shape (products,).
        first_sold: Days from each product's first sale to the cutoff; shape (products,).

    Returns:
        `CUSTOMER_FEATURES`, shape (customers, features), float32; NaN for a customer without a purchase.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import count_purchases
        >>> lines = pl.DataFrame({"customer": [0, 0], "product": [1, 1], "order": [0, 1], "day": [0, 20],
        ...     "quantity": [1, 1]})
        >>> zeros = np.zeros(2, dtype=np.float32)
        >>> table = customer_table(count_purchases(lines, products=2), 30, 2, zeros, zeros, zeros)
        >>> table[:, CUSTOMER_FEATURES.index("days_between_orders")].tolist()
        [20.0, nan]
    """

    def total(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(purchases.customer, values, minlength=customers).astype(np.float64)

    lines, age = purchases.lines, cutoff_day - purchases.day
    all_lines = np.maximum(total(lines), 1)
    first, last, orders = _orders(purchases, cutoff_day, customers)
    decayed = lines * 0.5 ** (age / HALF_LIFE_DAYS)
    all_decayed = total(decayed) + PRIOR_LINES
    between = np.where(orders > 1, (first - last) / np.maximum(orders - 1, 1), np.nan)
    features = {
        "lines": total(lines),
        "orders": orders,
        **{f"lines_{days}d": total(lines * (age <= days)) for days in (30, 90, 365)},
        "days_since_last_order": last,
        "days_since_first_order": first,
        "days_between_orders": between,
        "overdue": last / np.fmax(between, 1.0),
        "lines_per_order": all_lines / np.maximum(orders, 1),
        "log_units_per_line": np.log1p(total(purchases.units) / all_lines),
        "products_per_line": total(~purchases.again) / all_lines,
        "log_price_mean": total(lines * log_price[purchases.product]) / all_lines,
        "share_of_new_products": total(decayed * (first_sold[purchases.product] - age < NEW_PRODUCT_DAYS))
        / all_decayed,
        "share_of_firsts": total(decayed * ~purchases.again) / all_decayed,
        "log_buyers_mean": total(decayed * log_buyers[purchases.product]) / all_decayed,
        "lines_same_season": total(lines * ((age >= SAME_SEASON[0]) & (age <= SAME_SEASON[1]))),
    }
    table = np.column_stack([features[name] for name in CUSTOMER_FEATURES]).astype(np.float32)
    table[orders == 0] = np.nan
    return table


def _orders(
    purchases: Purchases, cutoff_day: int, customers: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Days since each customer's first and last order, and the number of orders, 0 where there are none."""
    first, last = find_ages(purchases.customer, cutoff_day - purchases.day, customers)
    orders = np.zeros(customers)
    # the numbers of a customer's orders follow one another
    orders[purchases.customer] = purchases.last_orders - purchases.first_orders + 1
    return first, last, orders


@dataclass(frozen=True)
class PairTable(ArrayModel):
    """Features of each customer with each product bought.

    Attributes:
        keys: `row * products + column`, ascending; shape (pairs,), int64.
        values: `PAIR_FEATURES`; shape (pairs, features), float32.
        products: Number of columns.
    """

    keys: NDArray[np.int64]
    values: NDArray[np.float32]
    products: int

    shapes: ClassVar = {"keys": ("pairs",), "values": ("pairs", len(PAIR_FEATURES))}
    dimension_of: ClassVar = {"products": "products"}
    may_be_unknown: ClassVar = ("values",)

    def check(self, dimensions: Mapping[str, int]) -> None:
        """See `array_checks.check_model`."""
        end = dimensions["products"] * dimensions.get("customers", LARGEST_INTEGER)
        if len(self.keys) and (self.keys[0] < 0 or self.keys[-1] >= end or (np.diff(self.keys) <= 0).any()):
            raise ValueError("the pairs are out of order")

    def of(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
        """Features of some pairs, bought or not; shape (pairs, features).

        Args:
            rows: Rows of the customers; shape (pairs,).
            columns: Columns of the products; shape (pairs,).

        Example:
            >>> table = PairTable(np.array([3]), np.arange(12, dtype=np.float32)[None], products=2)
            >>> table.of(np.array([1, 0]), np.array([1, 1]))[:, [0, 7]].tolist()
            [[0.0, 7.0], [0.0, nan]]
        """
        features = np.zeros((len(rows), len(PAIR_FEATURES)), dtype=np.float32)
        features[:, len(ALWAYS) :] = np.nan
        if len(self.keys):
            keys = rows * self.products + columns
            index = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            bought = self.keys[index] == keys
            features[bought] = self.values[index[bought]]
        return features

    def bought(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Everything that some customers bought: positions in `rows`, and columns."""
        starts = np.searchsorted(self.keys, rows * self.products)
        ends = np.searchsorted(self.keys, (rows + 1) * self.products)
        lengths = ends - starts
        position = np.repeat(np.arange(len(rows)), lengths)
        index = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[position]
        return position, self.keys[index] - rows[position] * self.products


def pair_table(purchases: Purchases, cutoff_day: int, products: int) -> PairTable:
    """Compute the features of each customer with each product bought.

    Args:
        purchases: All purchases before the cutoff.
        cutoff_day: The cutoff, as days since 1970-01-01.
        products: Number of products.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import count_purchases
        >>> lines = pl.DataFrame({"customer": [0, 0], "product": [1, 1], "order": [0, 1], "day": [0, 20],
        ...     "quantity": [1, 3]})
        >>> pair_table(count_purchases(lines, products=2), 30, products=2).values[0, [0, 7, 8, 10]].tolist()
        [2.0, 10.0, 30.0, 20.0]
    """
    first, last, orders = purchases.starts, purchases.lasts, purchases.orders
    age = (cutoff_day - purchases.day).astype(np.float64)
    # the numbers of a customer's orders follow one another
    all_orders = (purchases.last_orders - purchases.first_orders + 1)[last]
    between = np.where(orders > 1, (age[first] - age[last]) / np.maximum(orders - 1, 1), np.nan)
    features: dict[str, Callable[[], NDArray[Any]]] = {
        "orders": lambda: orders,
        **{f"orders_decayed_{days}d": partial(_sum_decayed, purchases, age, days) for days in PAIR_HALF_LIVES},
        "log_units": lambda: purchases.summed(np.log1p(purchases.units)),
        "share_of_orders": lambda: orders / all_orders,
        "days_since_bought": lambda: age[last],
        "days_since_first_bought": lambda: age[first],
        "orders_since_bought": lambda: (purchases.last_orders - purchases.order)[last],
        "days_between": lambda: between,
        "due": lambda: age[last] / np.maximum(between, 1.0),
    }
    values = np.empty((len(first), len(PAIR_FEATURES)), dtype=np.float32)
    # one after the other: there are as many pairs as order lines, nearly
    for column, name in enumerate(PAIR_FEATURES):
        values[:, column] = features[name]()
    keys = purchases.customer[first] * products + purchases.product[first]
    return PairTable(keys, values, products)


def _sum_decayed(purchases: Purchases, age: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    return purchases.summed(0.5 ** (age / days))
