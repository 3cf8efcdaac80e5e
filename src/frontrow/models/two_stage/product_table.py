"""What is known of each product at a cutoff: how it sells lately, to whom, for how long, and how it did a year ago."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.purchases import Purchases

WINDOWS = (7, 14, 30, 60, 90, 180, 365)
"""Days before the cutoff in which a product's customers are counted, by their last purchase."""

FIRSTS = (7, 14, 30, 60, 90)
"""Days in which those who bought it for the first time are counted."""

AGAIN = (30, 90)
"""Days in which orders by those who had bought it before are counted."""

YEAR = 365
SEASON_DAYS = 30

COUNTED = ("buyers", "first_buyers", "orders_again")
"""Features that are 0 for a product never bought; the others are not known."""

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


def product_table(bought: Purchases, day: int, log_price: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add up purchases by product.

    Args:
        bought: Those before `day`.
        day: The cutoff, as days since 1970-01-01.
        log_price: Of each column.

    Returns:
        `PRODUCT_FEATURES`, shape (products, features), float32; 0 or NaN for a product never bought, and NaN for
        last year's figures where the purchases do not reach that far back.

    Example:
        >>> import polars as pl
        >>> from frontrow.models.interactions.purchases import purchases
        >>> lines = pl.DataFrame({"customer": [0, 1], "product": [1, 1], "order": [0, 1], "day": [0, 20],
        ...     "quantity": [1, 1]})
        >>> found = product_table(purchases(lines, products=2), 30, np.zeros(2, dtype=np.float32))
        >>> found[:, PRODUCT_FEATURES.index("buyers_14d")].tolist()
        [0.0, 1.0]
    """
    told = _buyers(bought, day, len(log_price)) | _orders(bought, day, len(log_price))
    told["log_price"] = log_price.astype(np.float64)
    told["buyers_14d_of_60d"] = told["buyers_14d"] / (told["buyers_60d"] + 1)
    told["buyers_30d_of_180d"] = told["buyers_30d"] / (told["buyers_180d"] + 1)
    then = "orders_next_month_last_year", "orders_this_month_last_year"
    told["next_month_last_year"] = (told[then[0]] + 1) / (told[then[1]] + 1)
    told["orders_per_buyer"] = told["orders"] / np.maximum(told["buyers"], 1)
    if not (bought.day <= day - YEAR - SEASON_DAYS).any():
        for name in (*then, "next_month_last_year"):
            told[name] = np.full(len(log_price), np.nan)
    for name in PRODUCT_FEATURES:
        if not name.startswith(COUNTED) and name != "log_price":
            told[name][told["orders"] == 0] = np.nan
    return np.column_stack([told[name] for name in PRODUCT_FEATURES]).astype(np.float32)


def _buyers(bought: Purchases, day: int, products: int) -> dict[str, NDArray[np.float64]]:
    """Distinct customers, by the age of their last and first purchase."""
    pair = bought.product[bought.starts]
    last, earliest = day - bought.day[bought.lasts], day - bought.day[bought.starts]
    return {
        **{f"buyers_{days}d": _count(pair[last <= days], products) for days in WINDOWS},
        "buyers": _count(pair, products),
        **{f"first_buyers_{days}d": _count(pair[earliest <= days], products) for days in FIRSTS},
    }


def _orders(bought: Purchases, day: int, products: int) -> dict[str, NDArray[np.float64]]:
    """Orders, by their age and by whether customer and product had met before."""
    age, product, again = day - bought.day, bought.product, bought.again
    orders = _count(product, products)
    first = bought.order == bought.first_orders
    first_sold, last_sold = np.zeros(products), np.full(products, np.inf)
    np.maximum.at(first_sold, product, age)
    np.minimum.at(last_sold, product, age)
    month = age <= SEASON_DAYS
    days_sold = np.unique(product[month] * (SEASON_DAYS + 1) + age[month]) // (SEASON_DAYS + 1)
    return {
        **{f"orders_again_{days}d": _count(product[again & (age <= days)], products) for days in AGAIN},
        "orders": orders,
        "orders_3d": _count(product[age <= 3], products),
        "days_sold_30d": _count(days_sold, products),
        "orders_next_month_last_year": _count(product[(age > YEAR - SEASON_DAYS) & (age <= YEAR)], products),
        "orders_this_month_last_year": _count(product[(age > YEAR) & (age <= YEAR + SEASON_DAYS)], products),
        "first_orders_60d": _count(product[first & (age <= 60)], products),
        "share_of_first_orders": _count(product[first], products) / np.maximum(orders, 1),
        "days_since_first_sold": first_sold,
        "days_since_last_sold": last_sold,
    }


def _count(columns: NDArray[np.int64], products: int) -> NDArray[np.float64]:
    return np.bincount(columns, minlength=products).astype(np.float64)
