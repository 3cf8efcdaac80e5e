"""Intervals of what one customer will do: what customers with the same expectation did in past windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

COVERAGE: Final = 0.8
"""Share of the customers whose outcome lies within their interval."""

GROUPS: Final = 40
"""Customers are put into so many groups by what was expected of them, ..."""

MIN_CUSTOMERS: Final = 50
"""... or into fewer, so that each has at least so many."""


@dataclass(frozen=True)
class OutcomeIntervals:
    """Where outcomes lie, by what was expected.

    Attributes:
        expected: Mean expectation of each group, ascending.
        low: Lower end of the outcomes of each group, as a factor of what was expected.
        high: Upper end.
    """

    expected: Vector
    low: Vector
    high: Vector

    @classmethod
    def fit(cls, expected: Vector, outcomes: Vector) -> OutcomeIntervals | None:
        """Learn from past customers.

        Args:
            expected: What was expected of each, shape (customers,); 0 or more.
            outcomes: What came, shape (customers,).

        Returns:
            None with fewer than `MIN_CUSTOMERS` customers.
        """
        groups = min(GROUPS, len(expected) // MIN_CUSTOMERS)
        if not groups:
            return None
        parts = np.array_split(np.argsort(expected, kind="stable"), groups)
        factors = np.divide(outcomes, expected, out=np.zeros(len(expected)), where=expected > 0)
        tail = (1 - COVERAGE) / 2
        low = [np.quantile(factors[part], tail, method="lower") for part in parts]
        high = [np.quantile(factors[part], 1 - tail, method="higher") for part in parts]
        return cls(np.array([expected[part].mean() for part in parts]), np.array(low), np.array(high))

    def ends(self, expected: Vector) -> tuple[Vector, Vector]:
        """Lower and upper end for each expectation; between two groups the factors lie in between.

        Example:
            >>> past = OutcomeIntervals(np.array([1.0, 2.0]), np.array([0.0, 0.5]), np.array([3.0, 2.0]))
            >>> low, high = past.ends(np.array([1.5, 4.0]))
            >>> low.tolist(), high.tolist()
            ([0.375, 2.0], [3.75, 8.0])
        """
        low, high = (np.interp(expected, self.expected, factors) * expected for factors in (self.low, self.high))
        return low, high
