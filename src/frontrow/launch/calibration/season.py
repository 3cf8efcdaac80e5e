"""The season factor: how much busier the days after a cutoff will be than the windows of the launches learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engines.parts import combine_parts
from frontrow.launch.calibration.parameters import Vector
from frontrow.shop.history import History

YEAR_DAYS: Final = 365

LEVEL_EXPONENT: Final = 0.25
"""How much of the distance between the month that has just closed and the windows of earlier launches counts: the
model's own forecasts follow most of it."""

PRIOR_ORDERERS: Final = 100.0
"""Customers who ordered in both months, added to those counted: few customers show a small rise only."""

FIRST_DAYS: Final = 30
"""Days at the start of a history in which no window starts: nearly all customers then have just ordered."""

FEWEST_ACTIVE: Final = 20
"""With fewer active customers a window says nothing."""

LARGEST_RATIO: Final = 8.0
"""Changes in orders are clipped to this much more or less."""


@dataclass(frozen=True)
class OrderShares:
    """Of the customers active at each midnight, how many order within the horizon.

    Attributes:
        first_day: The midnight of the first entry, as days since 1970-01-01.
        horizon_days: Length of a window.
        active: Customers active at each midnight, shape (days,).
        ordered: Those of them who ordered within the window that starts there, shape (days,).
    """

    first_day: int
    horizon_days: int
    active: Vector
    ordered: Vector

    @classmethod
    def measure(cls, history: History, horizon_days: int, active_days: int) -> OrderShares:
        """Count them at every midnight of a history. A window that has not closed holds what is known of it.

        Args:
            history: What is known.
            horizon_days: Length of a window.
            active_days: A customer is active for this many days after an order.
        """
        step = ChangesOfOrders(horizon_days, active_days, history.cutoff_day)
        changes = combine_parts(
            history.map_blocks(step, ("customer_id", "day")), lambda rows: rows.group_by("day").sum()
        )
        if changes.is_empty():
            return cls(0, horizon_days, np.zeros(0), np.zeros(0))
        totals = changes.sort("day").select("day", pl.col("active", "ordered").cum_sum())
        active, ordered = (totals[name].to_numpy().astype(np.float64) for name in ("active", "ordered"))
        return cls(totals["day"][0], horizon_days, active, ordered)

    def counts(self, day: int) -> tuple[float, float] | None:
        """Customers who ordered within the window from a midnight on, and those active there; None with too few."""
        index = day - self.first_day
        if not FIRST_DAYS <= index < len(self.active) or self.active[index] < FEWEST_ACTIVE:
            return None
        return float(self.ordered[index]), float(self.active[index])

    def share(self, day: int) -> float:
        """The share of the active customers who ordered within the window from a midnight on; NaN with too few."""
        counts = self.counts(day)
        return float("nan") if counts is None else (counts[0] + 0.5) / (counts[1] + 1.0)

    def season_factor(self, day: int, launch_days: NDArray[np.int64], weights: Vector) -> float:
        """Buyers of a launch of a day for each one that earlier launches let expect.

        Orders of the window that starts now are foreseen from the window that has just closed and from how they rose
        or fell between the same two windows a year earlier. They are compared with the orders of the windows that the
        earlier launches had. Only windows that have closed by the day are read.

        Args:
            day: The day (midnight) of the launch, as days since 1970-01-01.
            launch_days: Of the earlier launches, whose windows have closed; shape (launches,).
            weights: How much each counts, shape (launches,).

        Returns:
            1.0 exactly where the history is too short to know the same two windows a year earlier, or where the
            windows are longer than a year, so that the one of a year earlier has not closed.
        """
        if self.horizon_days > YEAR_DAYS:
            return 1.0
        rise = self._rise(day - YEAR_DAYS)
        if rise is None:
            return 1.0
        shares = np.array([self.share(int(launch_day)) for launch_day in launch_days])
        usable = ~np.isnan(shares)
        last_share = self.share(day - self.horizon_days)
        level = 1.0
        if usable.any() and not np.isnan(last_share):
            level = last_share / float(np.average(shares[usable], weights=weights[usable]))
        rise, level = np.clip([rise, level], 1.0 / LARGEST_RATIO, LARGEST_RATIO)
        return float(rise * level**LEVEL_EXPONENT)

    def _rise(self, day: int) -> float | None:
        """The share that ordered within the window from a day on, over that of the window before, drawn to 1."""
        after, before = self.counts(day), self.counts(day - self.horizon_days)
        if after is None or before is None:
            return None
        pooled = (after[0] + before[0]) / (after[1] + before[1])
        ratios = [
            (ordered + PRIOR_ORDERERS) / (active * pooled + PRIOR_ORDERERS) for ordered, active in (after, before)
        ]
        return ratios[0] / ratios[1]


@dataclass(frozen=True)
class ChangesOfOrders:
    """A step: by how much the counts of `OrderShares` change from one midnight to the next, for a block's customers.

    Attributes:
        horizon_days: Length of a window.
        active_days: A customer is active for this many days after an order.
        cutoff_day: Of the history; the last midnight.
    """

    horizon_days: int
    active_days: int
    cutoff_day: int

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Count the changes in `customer_id` and `day` of order lines of whole customers.

        Returns:
            `day`, from the first order on, `active`, `ordered`.
        """
        days = lines.unique().sort("customer_id", "day")
        day = days["day"].to_numpy().astype(np.int64)
        if not len(day):
            return pl.DataFrame(schema=dict.fromkeys(("day", "active", "ordered"), pl.Int64))
        first_day, end = int(day.min()), self.cutoff_day + 1
        is_next = np.diff(days["customer_id"].to_numpy()) == 0
        later = np.append(np.where(is_next, day[1:], end), end)
        # the first order of a window counts: the customer's order before it is older than the window's midnight
        earlier, again = day[:-1][is_next], day[1:][is_next]
        starts, ends = np.maximum(earlier, again - self.horizon_days) + 1, np.minimum(again, earlier + self.active_days)
        columns = {
            "day": np.arange(first_day, end),
            "active": _count_changes(
                day + 1 - first_day, np.minimum(later, day + self.active_days) - first_day, end - first_day
            ),
            "ordered": _count_changes(starts - first_day, ends - first_day, end - first_day),
        }
        return pl.DataFrame(columns)


def _count_changes(starts: NDArray[np.int64], ends: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """By how much the number of intervals changes at each of the numbers 0 ... count - 1; both ends belong to one.

    Example:
        >>> np.cumsum(_count_changes(np.array([0, 1, 3]), np.array([1, 2, 2]), 4)).tolist()
        [1, 2, 1, 0]
    """
    filled = (starts <= ends) & (starts < count)
    changes = np.bincount(starts[filled], minlength=count + 1) - np.bincount(
        np.minimum(ends[filled] + 1, count), minlength=count + 1
    )
    return np.asarray(changes[:count], dtype=np.int64)
