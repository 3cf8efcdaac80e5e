"""Every customer with an order so far, as known just before a day; and what they did in the days after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engines.frames import collect, lazy
from frontrow.features.headroom import HEADROOM_COLUMNS, measure_headroom, require_headroom
from frontrow.features.orders import ORDER_FEATURES, build_order_days, build_order_features
from frontrow.models.orders.bg_nbd import OrderCounts
from frontrow.shop.history import History

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class CustomersAtCutoff:
    """The customers of a shop just before a day.

    Attributes:
        cutoff_day: The day (days since 1970-01-01).
        frame: `customer_id` and `features.orders.ORDER_FEATURES`, one row a customer, sorted by customer.
    """

    cutoff_day: int
    frame: pl.DataFrame

    @property
    def features(self) -> NDArray[np.float32]:
        """Shape (customers, features); NaN where unknown."""
        return self.frame.select(ORDER_FEATURES).cast(pl.Float32).to_numpy().astype(np.float32)

    @property
    def order_counts(self) -> OrderCounts:
        """What BG/NBD reads of them."""
        orders, recency, tenure = (self.column(name) for name in ("orders", "recency_days", "tenure_days"))
        return OrderCounts(orders - 1.0, tenure - recency, tenure)

    def column(self, name: str) -> Vector:
        """One feature of every customer; NaN where unknown."""
        return self.frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()


@dataclass(frozen=True)
class Outcomes:
    """What the customers did within some days from the cutoff on.

    Attributes:
        orders: Number of orders, shape (customers,).
        spend: In money, before later refunds, shape (customers,).
    """

    orders: Vector
    spend: Vector

    @property
    def ordered(self) -> Vector:
        """1.0 for customers with an order, else 0.0."""
        return (self.orders > 0).astype(np.float64)


def read_order_days(history: History) -> pl.DataFrame:
    """One row a customer and day with an order, before the history's cutoff (`features.orders.build_order_days`)."""
    history.compute_once(
        "headroom", lambda: require_headroom(history.map_blocks(measure_headroom, HEADROOM_COLUMNS, guests=True))
    )
    return history.compute_once("order days", lambda: collect(build_order_days(lazy(history.lines))))


def describe_customers(order_days: pl.DataFrame, cutoff_day: int, horizon_days: int) -> CustomersAtCutoff:
    """The customers just before a day; later rows are not read.

    Args:
        order_days: What `read_order_days` returns.
        cutoff_day: Days since 1970-01-01.
        horizon_days: Days from the cutoff on that are asked about.
    """
    return CustomersAtCutoff(cutoff_day, collect(build_order_features(lazy(order_days), cutoff_day, horizon_days)))


def count_outcomes(order_days: pl.DataFrame, customers: CustomersAtCutoff, days: int) -> Outcomes:
    """What each customer did from the cutoff day on.

    Args:
        order_days: What `read_order_days` returns; it has to reach to the end of these days.
        customers: Whose outcomes.
        days: Length of the window.
    """
    within = pl.col("day").is_between(customers.cutoff_day, customers.cutoff_day + days - 1)
    sums = order_days.filter(within).group_by("customer_id").agg(pl.len().alias("orders"), pl.col("spend").sum())
    rows = customers.frame.select("customer_id").join(sums, on="customer_id", how="left", maintain_order="left")
    orders, spend = (rows[name].cast(pl.Float64).fill_null(0.0).to_numpy() for name in ("orders", "spend"))
    return Outcomes(orders, spend)


def sample_customers(order_days: pl.DataFrame, most: int) -> pl.DataFrame:
    """The order days of a part of the customers, evenly spaced by number; all of them where there are few.

    Args:
        order_days: What `read_order_days` returns.
        most: Number of customers to keep, about.
    """
    share = -(-order_days["customer_id"].n_unique() // max(most, 1))
    return order_days if share <= 1 else order_days.filter(pl.col("customer_id") % share == 0)
