"""The order model at past cutoffs, beside simpler models: recency alone, and BG/NBD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import SettingError
from frontrow.metrics.calibration import interval_coverage
from frontrow.metrics.classification import auc, log_loss
from frontrow.models.orders.bg_nbd import BetaGeometric
from frontrow.orders.customers_at_cutoff import (
    CustomersAtCutoff,
    count_outcomes,
    describe_customers,
    read_order_days,
)
from frontrow.orders.order_chance import LearningWindow, build_learning_windows, learn_order_chance
from frontrow.orders.recency import RecencyModel
from frontrow.orders.settings import YEAR_DAYS, OrderSettings
from frontrow.orders.year import MIN_DAYS_BEFORE, fit_year_model
from frontrow.progress import Progress, no_progress
from frontrow.shop.history import History

Vector = NDArray[np.float64]

CUTOFFS: Final = 6
"""Past cutoffs that are tested, a horizon apart; the window of the last one ends with the history."""

ORDER_MODEL: Final = "frontrow"
BG_NBD: Final = "BG/NBD"
RECENCY: Final = "recency"
MODELS: Final = (ORDER_MODEL, BG_NBD, RECENCY)

SCORE_SCHEMA: Final = {
    "cutoff_day": pl.Int32(),
    "model": pl.String(),
    "customers": pl.Int64(),
    "ordered": pl.Int64(),
    "predicted": pl.Float64(),
    "auc": pl.Float64(),
    "log_loss": pl.Float64(),
}
"""One row a cutoff and model."""


@dataclass(frozen=True)
class YearTest:
    """Expected orders and spend a year before the end of the history, and what came.

    Attributes:
        cutoff_day: The cutoff (days since 1970-01-01).
        customers: Number of customers.
        expected_orders: Of all of them together.
        orders: That came.
        order_coverage: Share of the customers whose orders lay within their 80 % interval; NaN without intervals.
        expected_spend: Of all of them together, in money.
        spend: That came.
        spend_coverage: Share of the customers whose spend lay within their 80 % interval.
    """

    cutoff_day: int
    customers: int
    expected_orders: float
    orders: float
    order_coverage: float
    expected_spend: float
    spend: float
    spend_coverage: float


@dataclass(frozen=True)
class OrderBacktest:
    """How well past orders were foreseen.

    Attributes:
        scores: `SCORE_SCHEMA`: each model at each cutoff.
        pooled: The same columns without the cutoff, over all customers of all cutoffs together.
        year: The forecast of a year; None where the history is too short to test one.
        horizon_days: Days from each cutoff on within which an order counts.
    """

    scores: pl.DataFrame
    pooled: pl.DataFrame
    year: YearTest | None
    horizon_days: int


@dataclass(frozen=True)
class CutoffChances:
    """Each model's chances at a cutoff, and who ordered.

    Attributes:
        cutoff_day: Days since 1970-01-01.
        ordered: 1.0 for customers with an order within the horizon, else 0.0.
        chances: By name of the model, shape (customers,).
    """

    cutoff_day: int
    ordered: Vector
    chances: dict[str, Vector]

    def score(self) -> list[dict[str, Any]]:
        """Rows of `SCORE_SCHEMA`, one a model."""
        counts = {"cutoff_day": self.cutoff_day, "customers": len(self.ordered), "ordered": int(self.ordered.sum())}
        return [
            {
                **counts,
                "model": model,
                "predicted": float(chances.sum()),
                "auc": auc(self.ordered, chances),
                "log_loss": log_loss(self.ordered, chances),
            }
            for model, chances in self.chances.items()
        ]


def backtest_orders(
    history: History,
    settings: OrderSettings | None = None,
    *,
    cutoffs: int = CUTOFFS,
    seed: int = 0,
    progress: Progress = no_progress,
) -> OrderBacktest:
    """Test the order model on windows that have closed, one after the other.

    Args:
        history: What is known; at each cutoff, a model learns from what was known there.
        settings: The model's; the defaults if None.
        cutoffs: How many, a horizon apart; fewer where the history is short.
        seed: Of every fit.
        progress: Called with (done, total) steps.

    Raises:
        SettingError: The history is too short for a single cutoff.
    """
    settings = OrderSettings() if settings is None else settings
    horizon_days = settings.horizon_days
    order_days = read_order_days(history)
    first_day = history.closed_day if order_days.is_empty() else int(order_days["day"].min())  # type: ignore[arg-type]
    # before the first cutoff there has to be a window to learn from, and days before that one
    days = [history.closed_day - number * horizon_days for number in range(cutoffs, 0, -1)]
    days = [day for day in days if day - 2 * horizon_days >= first_day]
    if not days:
        raise SettingError(
            "backtest",
            f"It needs orders of at least {3 * horizon_days} days; these are of {history.closed_day - first_day}. "
            "Give a shorter --horizon, or import a longer history.",
        )
    tested = []
    for done, day in enumerate(days):
        progress(done, len(days) + 1)
        tested.append(compare_at(history, day, settings, seed=seed))
    progress(len(days), len(days) + 1)
    year = _test_year(history, order_days, settings, seed)
    progress(len(days) + 1, len(days) + 1)
    return summarize(tested, year, horizon_days)


def compare_at(history: History, cutoff_day: int, settings: OrderSettings, *, seed: int = 0) -> CutoffChances:
    """The chances of each model at a past cutoff, beside who ordered.

    Args:
        history: Reaches to the end of the window that starts at the cutoff.
        cutoff_day: Days since 1970-01-01.
        settings: The order model's.
        seed: Of the fit.
    """
    horizon_days, before = settings.horizon_days, read_order_days(history.as_of(cutoff_day))
    customers = describe_customers(before, cutoff_day, horizon_days)
    bg_nbd = BetaGeometric.fit(customers.order_counts)
    windows = build_learning_windows(before, cutoff_day, settings, bg_nbd)
    model = learn_order_chance(before, cutoff_day, windows, bg_nbd, settings, seed)
    ordered = count_outcomes(read_order_days(history), customers, horizon_days).ordered
    chances = {
        ORDER_MODEL: model.chances(customers),
        BG_NBD: bg_nbd.chance_to_order(customers.order_counts, horizon_days),
        RECENCY: _fit_recency(windows).chances(customers.column("recency_days")),
    }
    return CutoffChances(cutoff_day, ordered, chances)


def summarize(tested: list[CutoffChances], year: YearTest | None, horizon_days: int) -> OrderBacktest:
    """Scores at each cutoff, and of all customers of all cutoffs together."""
    scores = pl.DataFrame([row for at in tested for row in at.score()], schema=SCORE_SCHEMA)
    together = CutoffChances(
        0,
        np.concatenate([at.ordered for at in tested]),
        {model: np.concatenate([at.chances[model] for at in tested]) for model in MODELS},
    )
    pooled = pl.DataFrame(together.score(), schema=SCORE_SCHEMA).drop("cutoff_day")
    return OrderBacktest(scores, pooled, year, horizon_days)


def _fit_recency(windows: list[LearningWindow]) -> RecencyModel:
    return RecencyModel.fit(
        np.concatenate([window.customers.column("recency_days") for window in windows]),
        np.concatenate([window.outcomes.ordered for window in windows]),
    )


def _test_year(history: History, order_days: pl.DataFrame, settings: OrderSettings, seed: int) -> YearTest | None:
    """The forecast of the last year of a history; None where there is too little before it."""
    cutoff_day = history.closed_day - YEAR_DAYS
    if cutoff_day - int(order_days["day"].min()) < 2 * MIN_DAYS_BEFORE:  # type: ignore[arg-type]
        return None
    before = read_order_days(history.as_of(cutoff_day))
    customers: CustomersAtCutoff = describe_customers(before, cutoff_day, settings.horizon_days)
    bg_nbd = BetaGeometric.fit(customers.order_counts)
    forecast = fit_year_model(before, customers, cutoff_day, settings, seed, bg_nbd).forecast(customers)
    outcomes = count_outcomes(order_days, customers, YEAR_DAYS)
    has_intervals = bool(np.isfinite(forecast.orders_low).all())
    return YearTest(
        cutoff_day,
        customers.frame.height,
        float(forecast.orders.sum()),
        float(outcomes.orders.sum()),
        interval_coverage(forecast.orders_low, forecast.orders_high, outcomes.orders)
        if has_intervals
        else float("nan"),
        float(forecast.spend.sum()),
        float(outcomes.spend.sum()),
        interval_coverage(forecast.spend_low, forecast.spend_high, outcomes.spend) if has_intervals else float("nan"),
    )
