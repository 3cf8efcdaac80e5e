"""The chance to order within the horizon: BG/NBD, corrected by trees that saw past windows, at the level of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.orders.bg_nbd import BetaGeometric
from frontrow.models.orders.correction import Correction
from frontrow.orders.customers_at_cutoff import (
    CustomersAtCutoff,
    Outcomes,
    count_outcomes,
    describe_customers,
    sample_customers,
)
from frontrow.orders.level import Level, PastWindow, count_orders_by_day, find_shift, forecast_level
from frontrow.orders.settings import OrderSettings

Vector = NDArray[np.float64]

LOWEST_CHANCE = 1e-4
"""BG/NBD's chances are kept this far from 0 and 1, so that a correction can still move them."""


@dataclass(frozen=True)
class LearningWindow:
    """Customers just before a past window, and what they did in it.

    Attributes:
        customers: As known before the window.
        outcomes: Within the window.
        starts: BG/NBD's log odds of each customer, fitted on what was known before the window.
    """

    customers: CustomersAtCutoff
    outcomes: Outcomes
    starts: Vector


@dataclass(frozen=True)
class OrderChance:
    """A fitted model of the chance to order.

    Attributes:
        bg_nbd: Fitted on everything before the cutoff.
        correction: The trees; None where no past window has closed.
        level: How many order at all.
        horizon_days: Days from the cutoff on within which an order counts.
        windows: Number of past windows that it learned from.
    """

    bg_nbd: BetaGeometric
    correction: Correction | None
    level: Level
    horizon_days: int
    windows: int

    def log_odds(self, customers: CustomersAtCutoff) -> Vector:
        """Log odds of an order within the horizon, shape (customers,)."""
        starts = start_log_odds(self.bg_nbd, customers, self.horizon_days)
        corrections = 0.0 if self.correction is None else self.correction.correct(customers.features)
        return np.asarray(starts + corrections + self.level.shift, dtype=np.float64)

    def chances(self, customers: CustomersAtCutoff) -> Vector:
        """Probability of an order within the horizon, shape (customers,)."""
        from scipy.special import expit

        return np.asarray(expit(self.log_odds(customers)), dtype=np.float64)


def fit_order_chance(
    order_days: pl.DataFrame, customers: CustomersAtCutoff, closed_day: int, settings: OrderSettings, seed: int
) -> OrderChance:
    """Fit the chance to order on windows that had closed before the cutoff.

    Args:
        order_days: What `read_order_days` returns, of days before the cutoff.
        customers: As known at the cutoff.
        closed_day: Windows that end by its midnight have closed.
        settings: The model's.
        seed: The same seed gives the same model.
    """
    bg_nbd = BetaGeometric.fit(customers.order_counts)
    windows = build_learning_windows(order_days, closed_day, settings, bg_nbd)
    return learn_order_chance(order_days, customers.cutoff_day, windows, bg_nbd, settings, seed)


def learn_order_chance(
    order_days: pl.DataFrame,
    cutoff_day: int,
    windows: Sequence[LearningWindow],
    bg_nbd: BetaGeometric,
    settings: OrderSettings,
    seed: int,
) -> OrderChance:
    """Fit the chance to order on given windows.

    Args:
        order_days: Of days before the cutoff.
        cutoff_day: First day that is asked about.
        windows: The latest first.
        bg_nbd: Fitted on everything before the cutoff.
        settings: The model's.
        seed: The same seed gives the same model.
    """
    horizon_days = settings.horizon_days
    if not windows:
        return OrderChance(bg_nbd, None, Level(), horizon_days, 0)
    # each window at its own level: the trees learn who orders before whom, and leave to the level how many there are
    starts = [window.starts + find_shift(window.starts, window.outcomes.ordered) for window in windows]
    correction = Correction.fit(
        np.concatenate([window.customers.features for window in windows]),
        np.concatenate([window.outcomes.ordered for window in windows]),
        np.concatenate(starts),
        predicts="chance",
        seed=seed,
        settings=settings.chance,
    )
    past = [_describe_level(window, correction) for window in windows]
    level = forecast_level(past, cutoff_day, count_orders_by_day(order_days), horizon_days)
    return OrderChance(bg_nbd, correction, level, horizon_days, len(windows))


def build_learning_windows(
    order_days: pl.DataFrame, closed_day: int, settings: OrderSettings, start: BetaGeometric
) -> list[LearningWindow]:
    """Past windows that closed by a day, the latest first.

    Args:
        order_days: What `read_order_days` returns.
        closed_day: Windows that end by its midnight have closed.
        settings: Their number and length, and how many rows there may be.
        start: Where the search for BG/NBD's parameters starts.
    """
    horizon_days = settings.horizon_days
    sample = sample_customers(order_days, settings.max_rows // settings.windows)
    earliest = int(order_days["day"].min()) + horizon_days  # type: ignore[arg-type]
    step = max(1, horizon_days // 2)
    days = (closed_day - horizon_days - number * step for number in range(settings.windows))
    windows = []
    for day in days:
        customers = describe_customers(sample, day, horizon_days)
        if day < earliest or customers.frame.is_empty():
            break
        start = BetaGeometric.fit(customers.order_counts, start=start)
        log_odds = start_log_odds(start, customers, horizon_days)
        windows.append(LearningWindow(customers, count_outcomes(sample, customers, horizon_days), log_odds))
    return windows


def start_log_odds(bg_nbd: BetaGeometric, customers: CustomersAtCutoff, horizon_days: int) -> Vector:
    """BG/NBD's log odds of an order within the horizon, shape (customers,)."""
    from scipy.special import logit

    chances = bg_nbd.chance_to_order(customers.order_counts, horizon_days)
    return np.asarray(logit(np.clip(chances, LOWEST_CHANCE, 1 - LOWEST_CHANCE)), dtype=np.float64)


def _describe_level(window: LearningWindow, correction: Correction) -> PastWindow:
    log_odds = window.starts + correction.correct(window.customers.features)
    ordered = window.outcomes.ordered
    return PastWindow(window.customers.cutoff_day, find_shift(log_odds, ordered), int(ordered.sum()), len(ordered))
