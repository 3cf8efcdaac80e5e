"""Features of each product at a cutoff: how it sells lately, to whom, for how long, and how it sold a year ago."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.purchases import Purchases, find_ages
from frontrow.models.popularity.popularity import SEASON_DAYS

WINDOWS = (7, 14, 30, 60, 90, 180, 365)
"""Lengths in days of the time before the cutoff in which customers are counted, by their last purchase."""

FIRSTS = (7, 14, 30, 60, 90)
"""Lengths in days of the time in which customers are counted by their first purchase."""

AGAIN = (30, 90)
"""Lengths in days of the time in which repeated orders are counted."""

YEAR_DAYS = 365
"""Age in days of the same date a year ago. `popularity.SEASON_YEAR_DAYS` is 52 weeks instead, because short seasons are
compared there, in which the days of the week have to agree. Fitted rankers depend on this one, so it stays."""

COUNTED = ("buyers", "first_buyers", "orders_again")
"""First words of the features that are 0 for a product never bought; the others are NaN."""

PRODUCT_FEATURES = (
    *(f"buyers_{days}d" for days in WINDOWS),
    "buyers",
    *(f"first_buyers_{days}d" for days in FIRSTS),
    *(f"orders_again_{days}d" for days in AGAIN),
    "orders_3d",
    "days_sold_30d",
    "buyers_14d_of_60d",
    "buyers_30d_of_180d",
    "orders_next_month_last_year",
    "orders_this_month_last_year",
    "next_month_last_year",
    "first_orders_60d",
    "share_of_first_orders",
    "orders_per_buyer",
    "days_since_first_sold",
    "days_since_last_sold",
    "log_price",
)


def product_table(purchases: Purchases, cutoff_day: int, log_price: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the features of each product.

    Args:
        purchases: All purchases before the cutoff.
        cutoff_day: The cutoff, as days since 1970-01-01.
        log_price: Log of each product's price; shape (products,).

    Returns:
        `PRODUCT_FEATURES`, shape (products, features), float32; 0 or NaN for a product never bought, and NaN for
        the features of last year where the purchases do not reach that far back.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import count_purchases
        >>> lines = pl.DataFrame({"customer": [0, 1], "product": [1, 1], "order": [0, 1], "day": [0, 20],
        ...     "quantity": [1, 1]})
        >>> table = product_table(count_purchases(lines, products=2), 30, np.zeros(2, dtype=np.float32))
        >>> table[:, PRODUCT_FEATURES.index("buyers_14d")].tolist()
        [0.0, 1.0]
    """
    features = _count_buyers(purchases, cutoff_day, len(log_price))
    features |= _count_orders(purchases, cutoff_day, len(log_price))
    features["log_price"] = log_price.astype(np.float64)
    features["buyers_14d_of_60d"] = features["buyers_14d"] / (features["buyers_60d"] + 1)
    features["buyers_30d_of_180d"] = features["buyers_30d"] / (features["buyers_180d"] + 1)
    next_month, this_month = "orders_next_month_last_year", "orders_this_month_last_year"
    features["next_month_last_year"] = (features[next_month] + 1) / (features[this_month] + 1)
    features["orders_per_buyer"] = features["orders"] / np.maximum(features["buyers"], 1)
    if not (purchases.day <= cutoff_day - YEAR_DAYS - SEASON_DAYS).any():
        for name in (next_month, this_month, "next_month_last_year"):
            features[name] = np.full(len(log_price), np.nan)
    for name in PRODUCT_FEATURES:
        if not name.startswith(COUNTED) and name != "log_price":
            features[name][features["orders"] == 0] = np.nan
    return np.column_stack([features[name] for name in PRODUCT_FEATURES]).astype(np.float32)


def _count_buyers(purchases: Purchases, cutoff_day: int, products: int) -> dict[str, NDArray[np.float64]]:
    """Distinct customers, by the age of their last and first purchase."""
    pair = purchases.product[purchases.starts]
    last = _count_within(pair, cutoff_day - purchases.day[purchases.lasts], WINDOWS, products)
    first = _count_within(pair, cutoff_day - purchases.day[purchases.starts], FIRSTS, products)
    return {
        **{f"buyers_{days}d": last[place] for place, days in enumerate(WINDOWS)},
        "buyers": last[-1],
        **{f"first_buyers_{days}d": first[place] for place, days in enumerate(FIRSTS)},
    }


def _count_orders(purchases: Purchases, cutoff_day: int, products: int) -> dict[str, NDArray[np.float64]]:
    """Orders, by their age and by whether the customer had bought the product before."""
    age, product = cutoff_day - purchases.day, purchases.product
    again, first = (np.flatnonzero(mask) for mask in (purchases.again, purchases.order == purchases.first_orders))
    first_sold, last_sold = find_ages(product, age, products)
    month = np.flatnonzero(age <= SEASON_DAYS)
    is_sold = np.zeros((products, SEASON_DAYS + 1), dtype=np.bool_)
    is_sold[product[month], age[month]] = True
    ends = (YEAR_DAYS - SEASON_DAYS, YEAR_DAYS, YEAR_DAYS + SEASON_DAYS)
    of_3_days, before_next_month, before_this_month, to_this_month, orders = _count_within(
        product, age, (3, *ends), products
    )
    orders_again = _count_within(product[again], age[again], AGAIN, products)
    first_orders_60d, first_orders = _count_within(product[first], age[first], (60,), products)
    return {
        **{f"orders_again_{days}d": orders_again[place] for place, days in enumerate(AGAIN)},
        "orders": orders,
        "orders_3d": of_3_days,
        "days_sold_30d": is_sold.sum(axis=1).astype(np.float64),
        "orders_next_month_last_year": before_this_month - before_next_month,
        "orders_this_month_last_year": to_this_month - before_this_month,
        "first_orders_60d": first_orders_60d,
        "share_of_first_orders": first_orders / np.maximum(orders, 1),
        "days_since_first_sold": first_sold,
        "days_since_last_sold": last_sold,
    }


def _count_within(
    columns: NDArray[np.int64], ages: NDArray[np.int64], days: Sequence[int], products: int
) -> NDArray[np.float64]:
    """How often each product has an age of so many days at most, and in the last row, of any age.

    Args:
        columns: The products; shape (counted,).
        ages: In days, none below 0; shape (counted,).
        days: Ascending.
        products: Number of products.
    """
    # the interval of each age is looked up once, instead of comparing all ages with each number of days
    intervals = np.searchsorted(days, np.arange(days[-1] + 2))
    cells = intervals[np.minimum(ages, days[-1] + 1)] * products + columns
    counts = np.bincount(cells, minlength=(len(days) + 1) * products).reshape(-1, products)
    return np.cumsum(counts, axis=0).astype(np.float64)
