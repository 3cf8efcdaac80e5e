"""Logistic regression whose coefficients are drawn towards one common value: a sum of columns while rows are few.

With few rows it is the plain sum of its columns with the best single weight; with many, each column gets its own. The
penalty is that of a ridge regression around the common value (Hoerl and Kennard, 1970), not around zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.models.blas_threads import one_blas_thread

STRENGTH = 1_000.0
"""How strongly the coefficients are drawn together, in rows of weight 1."""

COMMON_STRENGTH = 1.0
"""How strongly the common value is drawn to zero: just enough for it to exist where the labels can be separated."""

MAX_STEPS = 50


@dataclass(frozen=True)
class AnchoredRegression:
    """A fitted regression.

    Attributes:
        intercept: Log-odds where every column is 0.
        coefficients: Log-odds for each unit, one a column.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(2000, 2))
        >>> y = (rng.random(2000) < 1 / (1 + np.exp(2 - x.sum(axis=1)))).astype(float)
        >>> regression = AnchoredRegression.fit(x, y, np.ones(2000))
        >>> [round(value, 1) for value in regression.coefficients]
        [0.9, 0.9]
    """

    intercept: float
    coefficients: tuple[float, ...]

    @classmethod
    @one_blas_thread()
    def fit(
        cls, x: NDArray[np.float64], labels: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> AnchoredRegression:
        """Fit by Newton's method; the problem has one solution, to the same bits on any number of threads.

        Args:
            x: Shape (rows, columns), finite.
            labels: Shape (rows,), 1.0 or 0.0; both must occur.
            weights: Shape (rows,): how many customers a row represents; only their ratios count.

        Raises:
            ValueError: All labels are equal.
        """
        if len(np.unique(labels)) < 2:
            raise ValueError("a regression needs rows of both labels")
        columns = x.shape[1]
        # intercept, common value, and each column's distance from it
        design = np.column_stack([np.ones(len(x)), x.sum(axis=1), x])
        penalty = np.r_[0.0, COMMON_STRENGTH, np.full(columns, STRENGTH)]
        share = weights / weights.mean()
        start = float(np.average(labels, weights=share))
        parameters = np.r_[np.log(start / (1.0 - start)), np.zeros(columns + 1)]
        for _ in range(MAX_STEPS):
            probabilities = 1.0 / (1.0 + np.exp(-np.clip(design @ parameters, -30.0, 30.0)))
            gradient = design.T @ (share * (probabilities - labels)) + penalty * parameters
            curvature = design.T @ (design * (share * probabilities * (1.0 - probabilities))[:, None])
            step = np.linalg.solve(curvature + np.diag(penalty + 1e-9), gradient)
            parameters = parameters - step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
            if np.abs(step).max() < 1e-9:
                break
        return cls(float(parameters[0]), tuple((parameters[1] + parameters[2:]).tolist()))

    def log_odds(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of each row, shape (rows,)."""
        # column by column, because a matrix product rounds differently with the number of rows
        log_odds = np.full(len(x), self.intercept)
        for column, coefficient in enumerate(self.coefficients):
            log_odds += coefficient * x[:, column]
        return log_odds

    def to_dict(self) -> dict[str, Any]:
        """JSON values, for a saved model."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], columns: int) -> AnchoredRegression:
        """Read `to_dict` back.

        Args:
            values: What `to_dict` returned.
            columns: How many coefficients there must be.

        Raises:
            KeyError, TypeError, ValueError: The values are damaged.
        """
        coefficients = tuple(float(value) for value in values["coefficients"])
        regression = cls(float(values["intercept"]), coefficients)
        if len(coefficients) != columns or not np.isfinite([regression.intercept, *coefficients]).all():
            raise ValueError(f"expected {columns} finite coefficients")
        return regression
