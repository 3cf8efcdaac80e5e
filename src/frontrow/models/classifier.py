"""The contract of a classifier: it learns from customer vectors and labels, and predicts who is a buyer.

A classifier is one file of `models/classifiers` with a class `Classifier`, or with a function `variants` that returns
several ones; `frontrow classify` then includes it without another edit. Buyers are few, so a classifier may give them
more weight. Its probabilities are then too high: they are good for a ranking and a threshold only, which is why
`frontrow classify` chooses the threshold afterwards, on other customers.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class FittedClassifier(Protocol):
    """A classifier after `fit`."""

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability that each row is a buyer, with the weights of the classifier's own fit.

        Args:
            x: Shape (rows, features).

        Returns:
            float64 in [0, 1], shape (rows,).
        """
        ...


class Classifier(Protocol):
    """A classifier before `fit`.

    Attributes:
        name: Name in tables.
    """

    name: str

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> FittedClassifier:
        """Fit the classifier; the same seed and rows give the same probabilities.

        Args:
            x: Shape (rows, features), finite.
            y: Shape (rows,), 1.0 for a buyer, else 0.0; both values occur.
            seed: Seed of all random numbers.

        Raises:
            ValueError: Rows and labels do not match, or one of the two labels does not occur.
            MissingExtraError: A package that the classifier needs is not installed.
        """
        ...


def check_training_rows(x: NDArray[np.float32], y: NDArray[np.float64]) -> None:
    """Raise an error for rows that no classifier can learn from.

    Args:
        x: See `Classifier.fit`.
        y: See `Classifier.fit`.

    Raises:
        ValueError: See `Classifier.fit`.

    Example:
        >>> check_training_rows(np.zeros((2, 3), dtype=np.float32), np.array([1.0, 1.0]))
        Traceback (most recent call last):
        ValueError: labels must contain both 0 and 1
    """
    if x.ndim != 2 or y.shape != (len(x),):
        raise ValueError(f"rows and labels must match, got shapes {x.shape} and {y.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value of a row must be finite")
    if not np.array_equal(np.unique(y), [0.0, 1.0]):
        raise ValueError("labels must contain both 0 and 1")
