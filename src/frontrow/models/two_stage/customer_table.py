"""What is known of each customer at a cutoff: how much and how often, what kind of products, how eager for new ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.purchases import Purchases

HALF_LIFE_DAYS = 120
"""An order line so old counts half in the shares."""

PRIOR_LINES = 0.5
"""Lines of nothing in particular that every share starts from."""

YOUNG_DAYS = 60
"""A product is new to the shop for so long."""

SAME_SEASON = (320, 380)
"""Ages in days that lie in the season of the coming month, a year ago."""

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


def customer_table(
    bought: Purchases, day: int, customers: int, log_price: NDArray[np.float32], log_buyers: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Add up purchases by customer.

    Args:
        bought: Those before `day`.
        day: The cutoff, as days since 1970-01-01.
        customers: Number of rows.
        log_price: Of each column.
        log_buyers: log(1 + customers of the last year) of each column.

    Returns:
        `CUSTOMER_FEATURES`, shape (customers, features), float32; NaN for a customer who bought nothing.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import purchases
        >>> lines = pl.DataFrame({"customer": [0, 0], "product": [1, 1], "order": [0, 1], "day": [0, 20],
        ...     "quantity": [1, 1]})
        >>> nothing = np.zeros(2, dtype=np.float32)
        >>> found = customer_table(purchases(lines, products=2), 30, 2, nothing, nothing)
        >>> found[:, CUSTOMER_FEATURES.index("days_between_orders")].tolist()
        [20.0, nan]
    """

    def added(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(bought.customer, values, minlength=customers).astype(np.float64)

    lines, age = bought.lines, day - bought.day
    every = np.maximum(added(lines), 1)
    first, last, orders = _orders(bought, day, customers)
    decayed = lines * 0.5 ** (age / HALF_LIFE_DAYS)
    all_decayed = added(decayed) + PRIOR_LINES
    between = np.where(orders > 1, (first - last) / np.maximum(orders - 1, 1), np.nan)
    told = {
        "lines": added(lines),
        "orders": orders,
        **{f"lines_{days}d": added(lines * (age <= days)) for days in (30, 90, 365)},
        "days_since_last_order": last,
        "days_since_first_order": first,
        "days_between_orders": between,
        "overdue": last / np.fmax(between, 1.0),
        "lines_per_order": every / np.maximum(orders, 1),
        "log_units_per_line": np.log1p(added(bought.units) / every),
        "products_per_line": added(~bought.again) / every,
        "log_price_mean": added(lines * log_price[bought.product]) / every,
        "share_of_new_products": added(decayed * _young(bought)) / all_decayed,
        "share_of_firsts": added(decayed * ~bought.again) / all_decayed,
        "log_buyers_mean": added(decayed * log_buyers[bought.product]) / all_decayed,
        "lines_same_season": added(lines * ((age >= SAME_SEASON[0]) & (age <= SAME_SEASON[1]))),
    }
    found = np.column_stack([told[name] for name in CUSTOMER_FEATURES]).astype(np.float32)
    found[orders == 0] = np.nan
    return found


def _orders(
    bought: Purchases, day: int, customers: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Days since each customer's first and last order, and the number of orders, 0 where there are none."""
    first, last = np.zeros(customers), np.full(customers, np.inf)
    np.maximum.at(first, bought.customer, day - bought.day)
    np.minimum.at(last, bought.customer, day - bought.day)
    orders = np.zeros(customers)
    # orders of a customer are numbered one after the other
    orders[bought.customer] = bought.last_orders - bought.first_orders + 1
    return first, last, orders


def _young(bought: Purchases) -> NDArray[np.bool_]:
    """Whether the product was new to the shop when it was bought."""
    first = np.full(bought.product.max(initial=-1) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, bought.product, bought.day)
    return np.asarray(bought.day - first[bought.product] < YOUNG_DAYS)
