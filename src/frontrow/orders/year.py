"""Expected orders and spend within a year: BG/NBD and gamma-gamma, corrected by what long past windows showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.orders.bg_nbd import BetaGeometric
from frontrow.models.orders.correction import Correction
from frontrow.models.orders.gamma_gamma import GammaGamma
from frontrow.orders.customers_at_cutoff import (
    CustomersAtCutoff,
    Outcomes,
    count_outcomes,
    describe_customers,
    sample_customers,
)
from frontrow.orders.intervals import OutcomeIntervals
from frontrow.orders.settings import YEAR_DAYS, OrderSettings

Vector = NDArray[np.float64]

MIN_LENGTH_DAYS: Final = 60
"""Shorter windows, those of a history of less than twice as many days, say too little of a year."""

MIN_DAYS_BEFORE: Final = 60
"""Days of history that there have to be before a window."""

FEWEST_ORDERS: Final = 1e-3
"""Expected numbers are kept above this, so that a correction can still raise them."""

USUAL_FACTOR: Final = 0.25
"""Usual standard deviation of the logarithm of a factor between two years; with few orders a factor is shrunk to 1."""


@dataclass(frozen=True)
class YearForecast:
    """What is expected of each customer within a year; arrays of shape (customers,).

    Attributes:
        orders: Expected number of orders.
        orders_low: Lower end of the 80 % interval; NaN where the history is too short for one.
        orders_high: Upper end.
        spend: Expected spend, in money.
        spend_low: Lower end of its 80 % interval.
        spend_high: Upper end.
    """

    orders: Vector
    orders_low: Vector
    orders_high: Vector
    spend: Vector
    spend_low: Vector
    spend_high: Vector


@dataclass(frozen=True)
class YearModel:
    """A fitted model of the orders and the spend within a year.

    Attributes:
        bg_nbd: Fitted on everything before the cutoff.
        gamma_gamma: The same; None where nobody has paid anything.
        correction: The trees; None where no window is long enough.
        level: Added to the logarithm of the expected orders.
        spend_factor: Spend over orders times expected spend per order, in the last window.
        order_intervals: Of the orders; None where no window is long enough, or customers are few.
        spend_intervals: Of the spend.
        length_days: Length of the windows that it learned from; 0 for none.
    """

    bg_nbd: BetaGeometric
    gamma_gamma: GammaGamma | None
    correction: Correction | None = None
    level: float = 0.0
    spend_factor: float = 1.0
    order_intervals: OutcomeIntervals | None = None
    spend_intervals: OutcomeIntervals | None = None
    length_days: int = 0

    def forecast(self, customers: CustomersAtCutoff) -> YearForecast:
        """What is expected of customers as known at the cutoff."""
        start = start_log_orders(self.bg_nbd, customers, YEAR_DAYS)
        corrections = 0.0 if self.correction is None else self.correction.correct(customers.features)
        orders = np.exp(start + corrections + self.level)
        spend = orders * expect_spend_per_order(self.gamma_gamma, customers) * self.spend_factor
        low, high = _ends(self.order_intervals, orders)
        return YearForecast(orders, np.rint(low), np.rint(high), spend, *_ends(self.spend_intervals, spend))


@dataclass(frozen=True)
class _LongWindow:
    """A past window: its customers, what they did, and what was expected before."""

    customers: CustomersAtCutoff
    outcomes: Outcomes
    start: Vector
    spend_per_order: Vector


def fit_year_model(
    order_days: pl.DataFrame,
    customers: CustomersAtCutoff,
    closed_day: int,
    settings: OrderSettings,
    seed: int,
    bg_nbd: BetaGeometric,
) -> YearModel:
    """Fit expected orders and spend on windows that had closed before the cutoff.

    Args:
        order_days: What `read_order_days` returns, of days before the cutoff.
        customers: As known at the cutoff.
        closed_day: Windows that end by its midnight have closed.
        settings: The model's.
        seed: The same seed gives the same model.
        bg_nbd: Fitted on everything before the cutoff.
    """
    gamma_gamma = fit_gamma_gamma(customers)
    first_day = int(order_days["day"].min())  # type: ignore[arg-type]
    length_days = min(YEAR_DAYS, (closed_day - first_day) // 2)
    windows = _build_windows(order_days, closed_day, length_days, settings, bg_nbd)
    if not windows:
        return YearModel(bg_nbd, gamma_gamma)
    levels = [_log_factor(window.outcomes.orders, np.exp(window.start)) for window in windows]
    orders = np.concatenate([window.outcomes.orders for window in windows])
    correction = Correction.fit(
        np.concatenate([window.customers.features for window in windows]),
        orders,
        np.concatenate([window.start + level for window, level in zip(windows, levels, strict=True)]),
        predicts="count",
        seed=seed,
        settings=settings.count,
    )
    corrected = [np.exp(window.start + correction.correct(window.customers.features)) for window in windows]
    levels = [_log_factor(window.outcomes.orders, fitted) for window, fitted in zip(windows, corrected, strict=True)]
    expected = [fitted * np.exp(level) for fitted, level in zip(corrected, levels, strict=True)]
    spends = [fitted * window.spend_per_order for window, fitted in zip(windows, expected, strict=True)]
    factor = float(np.exp(_log_factor(windows[0].outcomes.spend, spends[0])))
    actual_spend = np.concatenate([window.outcomes.spend for window in windows])
    return YearModel(
        bg_nbd,
        gamma_gamma,
        correction,
        levels[0],
        factor,
        OutcomeIntervals.fit(np.concatenate(expected), orders),
        OutcomeIntervals.fit(np.concatenate(spends) * factor, actual_spend),
        length_days,
    )


def start_log_orders(bg_nbd: BetaGeometric, customers: CustomersAtCutoff, days: int) -> Vector:
    """Logarithm of BG/NBD's expected orders within some days, shape (customers,)."""
    expected = bg_nbd.expected_orders(customers.order_counts, days)
    return np.asarray(np.log(np.maximum(expected, FEWEST_ORDERS)), dtype=np.float64)


def fit_gamma_gamma(customers: CustomersAtCutoff) -> GammaGamma | None:
    """Gamma-gamma on every order so far; None where nobody has paid anything."""
    return GammaGamma.fit(customers.column("orders"), customers.column("spend_per_order"))


def expect_spend_per_order(gamma_gamma: GammaGamma | None, customers: CustomersAtCutoff) -> Vector:
    """What each customer is expected to spend on an order, in money."""
    orders, amounts = customers.column("orders"), np.maximum(customers.column("spend_per_order"), 0.0)
    return np.zeros(len(orders)) if gamma_gamma is None else gamma_gamma.expected_spend_per_order(orders, amounts)


def _build_windows(
    order_days: pl.DataFrame, closed_day: int, length_days: int, settings: OrderSettings, bg_nbd: BetaGeometric
) -> list[_LongWindow]:
    """Long windows that had closed, the latest first."""
    if length_days < MIN_LENGTH_DAYS:
        return []
    sample = sample_customers(order_days, settings.max_rows // settings.year_windows)
    earliest = int(order_days["day"].min()) + MIN_DAYS_BEFORE  # type: ignore[arg-type]
    windows = []
    for number in range(settings.year_windows):
        day = closed_day - length_days - number * settings.year_step_days
        customers = describe_customers(sample, day, settings.horizon_days)
        if day < earliest or customers.frame.is_empty():
            break
        bg_nbd = BetaGeometric.fit(customers.order_counts, start=bg_nbd)
        start = start_log_orders(bg_nbd, customers, length_days)
        amounts = expect_spend_per_order(fit_gamma_gamma(customers), customers)
        windows.append(_LongWindow(customers, count_outcomes(sample, customers, length_days), start, amounts))
    return windows


def _log_factor(outcomes: Vector, expected: Vector) -> float:
    """Logarithm of outcomes over expectations; nearer to 0 where a few customers decide it."""
    total, squares = float(outcomes.sum()), float(np.square(outcomes).sum())
    if total <= 0 or expected.sum() <= 0:
        return 0.0
    weight = USUAL_FACTOR**2 / (USUAL_FACTOR**2 + squares / total**2)
    return weight * float(np.log(total / expected.sum()))


def _ends(intervals: OutcomeIntervals | None, expected: Vector) -> tuple[Vector, Vector]:
    if intervals is None:
        unknown = np.full(len(expected), np.nan)
        return unknown, unknown
    return intervals.ends(expected)
