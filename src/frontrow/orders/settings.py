"""Every setting of the order model, each default stated once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from frontrow.models.orders.correction import CorrectionSettings

YEAR_DAYS: Final = 365
"""Expected orders and spend are those of so many days after the cutoff."""


@dataclass(frozen=True)
class OrderSettings:
    """What is asked, and what the order model learns from.

    Attributes:
        horizon_days: Days from the cutoff on within which an order counts.
        windows: Number of past windows that the chance to order is learned from. Each is a horizon long, and starts
            half a horizon before the next one.
        year_windows: Number of past windows, a year long or half the history, that expected orders are learned from.
        year_step_days: Days between the starts of two of them.
        max_rows: The models learn from this many rows at most, of customers evenly spaced by number.
        chance: Settings of the trees that correct the chance to order.
        count: Settings of the trees that correct the number of orders in a year.
    """

    horizon_days: int = 30
    windows: int = 12
    year_windows: int = 4
    year_step_days: int = 30
    max_rows: int = 100_000
    chance: CorrectionSettings = field(default_factory=CorrectionSettings)
    count: CorrectionSettings = field(default_factory=lambda: CorrectionSettings(trees=60, l2=20.0))
