"""The sums of `customer.customer_features` of order lines in memory: the same whole numbers, from sums up to each day.

A window ends where the cutoff is and begins some days before it, so its sum is the difference of two running sums of
the customer's days. Only what counts less with age is added up again for each cutoff.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class WindowSum:
    """A sum over days of some ages.

    Attributes:
        column: Of the days.
        youngest: Days whose age is above this count.
        oldest: Days whose age is at most this count; None for no bound.
    """

    column: str
    youngest: int = 0
    oldest: int | None = None


def sum_days(
    days: pl.DataFrame,
    pairs: pl.DataFrame,
    windows: Mapping[str, WindowSum],
    weights: NDArray[np.int64],
    weighted: Mapping[str, str],
) -> pl.DataFrame:
    """Add up each customer's days before each cutoff.

    Args:
        days: `customer_id`, `day` and int64 columns, each customer and day once.
        pairs: `customer_id`, `cutoff_day` and other columns.
        windows: Sums by their names.
        weights: Of a day, by its age; shape (highest age + 1,).
        weighted: By name, columns that are multiplied with the weight and added up over all days before the cutoff.

    Returns:
        The pairs with an earlier day, in their order, with int64 sums, `days_since_last_order` and
        `days_since_first_order`.

    Example:
        >>> days = pl.DataFrame({"customer_id": [7, 7], "day": [1, 5], "lines": [2, 3]})
        >>> pairs = pl.DataFrame({"customer_id": [7, 7], "cutoff_day": [4, 9]})
        >>> sums = sum_days(days, pairs, {"lines_6d": WindowSum("lines", 0, 6)}, np.full(9, 2), {"twice": "lines"})
        >>> sums["lines_6d"].to_list(), sums["twice"].to_list()
        ([2, 3], [4, 10])
    """
    days = days.sort("customer_id", "day")
    places = _Places.find(days, pairs)
    has_earlier = places.ends > places.starts
    pairs, places = pairs.filter(pl.Series(has_earlier)), places.select(has_earlier)
    running = {name: _running_sum(days[name]) for name in {window.column for window in windows.values()}}
    day = days["day"].to_numpy().astype(np.int64)
    bounds = {age: places.before(age) for window in windows.values() for age in (window.youngest, window.oldest) if age}
    sums = {
        name: running[window.column][bounds[window.youngest] if window.youngest else places.ends]
        - running[window.column][bounds[window.oldest] if window.oldest else places.starts]
        for name, window in windows.items()
    }
    sums |= places.weigh(day, {name: days[column].to_numpy() for name, column in weighted.items()}, weights)
    sums["days_since_last_order"] = places.cutoffs - day[places.ends - 1]
    sums["days_since_first_order"] = places.cutoffs - day[places.starts]
    return pairs.with_columns(pl.Series(name, values) for name, values in sums.items())


@dataclass(frozen=True)
class _Places:
    """Where the days of each pair lie in the table of days: from `starts` up to, but without, `ends`.

    Attributes:
        keys: Of each row of the table, rising: the number of its customer times `span`, plus its day since `first_day`.
        first_day: Of the table.
        span: More than the days between the first and the last.
        numbers: Of each pair's customer in the table, 0 for one without days.
        cutoffs: Of each pair, as a day.
        starts: See above.
        ends: See above.
    """

    keys: Numbers
    first_day: int
    span: int
    numbers: Numbers
    cutoffs: Numbers
    starts: Numbers
    ends: Numbers

    @classmethod
    def find(cls, days: pl.DataFrame, pairs: pl.DataFrame) -> _Places:
        """Find the days of pairs.

        Args:
            days: `customer_id`, `day`, sorted.
            pairs: `customer_id`, `cutoff_day`.
        """
        customers, first_rows = np.unique(days["customer_id"].to_numpy(), return_index=True)
        numbers = np.searchsorted(customers, pairs["customer_id"].to_numpy())
        has_days = numbers < len(customers)
        has_days[has_days] = customers[numbers[has_days]] == pairs["customer_id"].to_numpy()[has_days]
        day = days["day"].to_numpy().astype(np.int64)
        first_day = int(day.min()) if len(day) else 0
        span = (int(day.max()) if len(day) else 0) - first_day + 2
        lengths = np.diff(np.append(first_rows, len(day)))
        keys = np.repeat(np.arange(len(customers)) * span, lengths) + day - first_day
        numbers = np.where(has_days, numbers, 0)
        starts = np.where(has_days, np.append(first_rows, 0)[numbers], 0)
        places = cls(keys, first_day, span, numbers, pairs["cutoff_day"].to_numpy().astype(np.int64), starts, starts)
        return replace(places, ends=np.where(has_days, places.before(0), 0))

    def select(self, chosen: NDArray[np.bool_]) -> _Places:
        """The places of some pairs."""
        of_pairs = {name: getattr(self, name)[chosen] for name in ("numbers", "cutoffs", "starts", "ends")}
        return replace(self, **of_pairs)

    def before(self, age: int) -> Numbers:
        """The first day of each pair's customer that is at most `age` days before the cutoff."""
        days = np.clip(self.cutoffs - age - self.first_day, 0, self.span - 1)
        return np.searchsorted(self.keys, self.numbers * self.span + days).astype(np.int64)

    def weigh(
        self, day: Numbers, columns: Mapping[str, NDArray[np.int64]], weights: NDArray[np.int64]
    ) -> dict[str, Numbers]:
        """Sums of columns times the weight of a day's age."""
        if not len(self.starts):
            return {name: np.zeros(0, np.int64) for name in columns}
        lengths = self.ends - self.starts
        firsts = np.cumsum(lengths) - lengths
        rows = np.arange(int(lengths.sum())) + np.repeat(self.starts - firsts, lengths)
        weight = weights[np.repeat(self.cutoffs, lengths) - day[rows]]
        return {name: np.add.reduceat(values[rows] * weight, firsts) for name, values in columns.items()}


def _running_sum(column: pl.Series) -> Numbers:
    """0, the first value, the first two added up, and so on; where it wraps around, differences do not."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(column.to_numpy().astype(np.int64))])


def find_active(days: pl.DataFrame, cutoff_days: Sequence[int], active_days: int) -> pl.DataFrame:
    """Customers with a day within some days before each cutoff.

    Args:
        days: `customer_id`, `day`.
        cutoff_days: Each once.
        active_days: How many days.

    Returns:
        `customer_id`, `cutoff_day`, each pair once.

    Example:
        >>> days = pl.DataFrame({"customer_id": [7, 7, 9], "day": pl.Series([1, 5, 9], dtype=pl.Int32)})
        >>> find_active(days, [6, 9], 4).rows()
        [(7, 6), (7, 9)]
    """
    days = days.sort("customer_id")
    customers, day = days["customer_id"].to_numpy(), days["day"].to_numpy()
    parts = [days.select("customer_id", cutoff_day=pl.lit(0, pl.Int32)).clear()]
    for cutoff_day in cutoff_days:
        active = customers[(day < cutoff_day) & (day >= cutoff_day - active_days)]
        once = active[np.flatnonzero(np.diff(active, prepend=active[:1] - 1))]
        column = pl.Series("customer_id", once, dtype=days.schema["customer_id"])
        parts.append(column.to_frame().with_columns(cutoff_day=pl.lit(cutoff_day, pl.Int32)))
    return pl.concat(parts)


def names_of(windows: Sequence[tuple[str, int]]) -> dict[str, WindowSum]:
    """Sums over the last days before the cutoff: `lines_30d` of ("lines", 30)."""
    return {f"{column}_{days}d": WindowSum(column, 0, days) for column, days in windows}
