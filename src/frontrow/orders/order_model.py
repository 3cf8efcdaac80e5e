"""The order model: fitted on a history, it says of each customer how likely, how often and when they order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import ShopError
from frontrow.orders.customers_at_cutoff import CustomersAtCutoff, describe_customers, read_order_days
from frontrow.orders.intervals import COVERAGE
from frontrow.orders.next_order import estimate_usual_gaps, expect_days_to_order
from frontrow.orders.order_chance import OrderChance, fit_order_chance
from frontrow.orders.rfm import add_rfm_groups
from frontrow.orders.settings import OrderSettings
from frontrow.orders.year import YearModel, fit_year_model
from frontrow.shop.history import History

Vector = NDArray[np.float64]

CUSTOMER_FORECAST_SCHEMA: Final = {
    "customer_id": pl.Int64(),
    "source_id": pl.String(),
    "chance_to_order": pl.Float64(),
    "expected_orders_365d": pl.Float64(),
    "expected_orders_365d_low": pl.Int32(),
    "expected_orders_365d_high": pl.Int32(),
    "expected_spend_365d": pl.Float64(),
    "expected_spend_365d_low": pl.Float64(),
    "expected_spend_365d_high": pl.Float64(),
    "expected_next_order_on": pl.Date(),
    "days_overdue": pl.Int32(),
    "rfm_group": pl.String(),
    "recency_score": pl.Int8(),
    "frequency_score": pl.Int8(),
    "monetary_score": pl.Int8(),
    "days_since_last_order": pl.Int32(),
    "usual_gap_days": pl.Int32(),
    "orders": pl.Int32(),
    "orders_365d": pl.Int32(),
    "spend": pl.Float64(),
    "spend_365d": pl.Float64(),
}
"""Columns of the forecast, one row a customer, the likeliest to order first."""


@dataclass(frozen=True)
class OrderModel:
    """Who will order at all, learned from a history.

    Attributes:
        chance: Of the chance to order within the horizon.
        year: Of the orders and spend within a year.
        customers: As known at the cutoff.
        settings: What it was fitted with.
    """

    chance: OrderChance
    year: YearModel
    customers: CustomersAtCutoff
    settings: OrderSettings

    @classmethod
    def fit(cls, history: History, settings: OrderSettings | None = None, *, seed: int = 0) -> OrderModel:
        """Learn from what was known at a history's cutoff.

        Args:
            history: What is known.
            settings: The model's; the defaults if None.
            seed: The same seed on the same history gives the same model.

        Raises:
            ShopError: No customer has an order before the cutoff.

        Example:
            >>> from frontrow.testing.shops import hand_made_shop
            >>> lines = [(customer, "pot", day) for customer in range(60) for day in range(customer % 9, 200, 30)]
            >>> model = OrderModel.fit(hand_made_shop(lines).as_of())
            >>> bool(model.chances().mean() > 0.8)
            True
        """
        settings = OrderSettings() if settings is None else settings
        order_days = read_order_days(history)
        if order_days.is_empty():
            raise ShopError(
                f"No customer has an order before {history.cutoff.date()}. Give a later day, or import orders with the "
                "customers they belong to."
            )
        customers = describe_customers(order_days, history.cutoff_day, settings.horizon_days)
        chance = fit_order_chance(order_days, customers, history.closed_day, settings, seed)
        year = fit_year_model(order_days, customers, history.closed_day, settings, seed, chance.bg_nbd)
        return cls(chance, year, customers, settings)

    def chances(self) -> Vector:
        """Chance to order within the horizon, by customer number; shape (customers,)."""
        return self.chance.chances(self.customers)

    def interval(self, expected: float, customers: int) -> tuple[float, float]:
        """The 80 % interval of how many of some customers will order within the horizon, in whole customers.

        Counts vary by chance, and all together by the error of the level: a negative binomial distribution.

        Args:
            expected: The sum of their chances.
            customers: How many they are.
        """
        from scipy.stats import nbinom

        if expected <= 0:
            return 0.0, 0.0
        shape, tail = 1.0 / self.chance.level.error**2, (1 - COVERAGE) / 2
        low, high = (float(nbinom.ppf(share, shape, shape / (shape + expected))) for share in (tail, 1 - tail))
        return low, min(high, float(customers))

    def forecast(self, source_ids: pl.DataFrame) -> pl.DataFrame:
        """What is expected of each customer.

        Args:
            source_ids: `customer_id` and `source_id` of the shop's customers.

        Returns:
            `CUSTOMER_FORECAST_SCHEMA`, the likeliest to order within the horizon first.
        """
        customers, year = self.customers, self.year.forecast(self.customers)
        chances, gaps = self.chances(), estimate_usual_gaps(self.customers)
        days_to_order = expect_days_to_order(self.chance.bg_nbd, customers, chances, self.settings.horizon_days)
        recency = customers.column("recency_days")
        figures = {
            "chance_to_order": chances.round(4),
            "expected_orders_365d": year.orders.round(2),
            "expected_orders_365d_low": year.orders_low,
            "expected_orders_365d_high": year.orders_high,
            "expected_spend_365d": year.spend.round(2),
            "expected_spend_365d_low": year.spend_low.round(2),
            "expected_spend_365d_high": year.spend_high.round(2),
            "expected_next_order_on": customers.cutoff_day + days_to_order,
            "days_overdue": np.maximum(recency - gaps, 0.0).round(),
            "days_since_last_order": recency,
            "usual_gap_days": gaps.round(),
            "orders": customers.column("orders"),
            "orders_365d": customers.column("orders_365d"),
            "spend": (customers.column("orders") * customers.column("spend_per_order")).round(2),
            "spend_365d": customers.column("spend_365d").round(2),
        }
        rows = customers.frame.select("customer_id").with_columns(
            pl.Series(name, values, dtype=pl.Float64).fill_nan(None) for name, values in figures.items()
        )
        grouped = add_rfm_groups(rows).join(source_ids, on="customer_id", how="left", maintain_order="left")
        ranked = grouped.sort("chance_to_order", "customer_id", descending=[True, False])
        return ranked.with_columns(pl.col("expected_next_order_on").cast(pl.Int32)).select(
            pl.col(name).cast(dtype) for name, dtype in CUSTOMER_FORECAST_SCHEMA.items()
        )
