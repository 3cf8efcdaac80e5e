"""The simplest model of the chance to order: a logistic regression on the days since the last order alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

STEPS: Final = 25
"""Newton steps of the fit; it has settled long before."""

PENALTY: Final = 1e-3
"""Weight of the squared coefficients, so that customers who all did the same still give finite ones."""


@dataclass(frozen=True)
class RecencyModel:
    """Log odds that are a straight line of the logarithm of the days since the last order.

    Attributes:
        intercept: Log odds at one day.
        slope: What each unit of the logarithm adds.

    Example:
        >>> model = RecencyModel.fit(np.array([2.0, 2, 2, 200, 200, 200]), np.array([1.0, 1, 0, 1, 0, 0]))
        >>> model.chances(np.array([2.0, 200.0])).round(2).tolist()
        [0.67, 0.33]
    """

    intercept: float
    slope: float

    @classmethod
    def fit(cls, recency_days: Vector, ordered: Vector) -> RecencyModel:
        """Maximum likelihood.

        Args:
            recency_days: Days since the last order, 1 or more.
            ordered: 1.0 for customers with an order afterwards, else 0.0.
        """
        from scipy.special import expit

        inputs = np.column_stack([np.ones(len(recency_days)), np.log(recency_days)])
        line = np.zeros(2)
        for _ in range(STEPS):
            chances = expit(inputs @ line)
            slope = inputs.T @ (ordered - chances) - PENALTY * line
            curvature = (inputs * (chances * (1 - chances))[:, None]).T @ inputs + PENALTY * np.eye(2)
            line = line + np.linalg.solve(curvature, slope)
        return cls(*line.tolist())

    def chances(self, recency_days: Vector) -> Vector:
        """Probability of an order, shape (customers,)."""
        from scipy.special import expit

        return np.asarray(expit(self.intercept + self.slope * np.log(recency_days)), dtype=np.float64)
