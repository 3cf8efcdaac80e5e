"""The contract of a classifier: learn from vectors and labels, give each vector a chance.

A classifier is one file of this folder with a class `Classifier`; it shows up in `frontrow classify` and its tests
without another edit. Buyers are few; a classifier may weigh them as it likes. Its chances are then too high by as
much and are good for an order and a threshold only, which is why the threshold is chosen afterwards, on customers
of their own.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.discovery import load_plugins


class Fitted(Protocol):
    """A classifier that has learned."""

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """How likely each row is a buyer, by the classifier's own weights.

        Args:
            x: Shape (rows, features).

        Returns:
            float64 in [0, 1], shape (rows,).
        """
        ...


class Classifier(Protocol):
    """What classification asks of a classifier.

    Attributes:
        name: As it stands in tables.
    """

    name: str

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> Fitted:
        """Learn; the same seed on the same rows gives the same classifier.

        Args:
            x: Shape (rows, features), finite.
            y: Shape (rows,), 1.0 for a buyer, else 0.0; both occur.
            seed: Of whatever is drawn.

        Raises:
            ValueError: Rows and labels do not match, or one of the two labels does not occur.
            MissingExtraError: A package it needs is not installed.
        """
        ...


def classifiers() -> dict[str, Classifier]:
    """Every classifier of this folder, by file name.

    Example:
        >>> list(classifiers())
        ['boosted_trees', 'logistic_regression', 'mlp_focal', 'mlp_weighted']
    """
    import frontrow.models.classifiers as here

    return {name: one() for name, one in load_plugins(here, "Classifier").items()}


def checked(x: NDArray[np.float32], y: NDArray[np.float64]) -> None:
    """Refuse rows that nothing can be learned from; see `Classifier.fit`.

    Example:
        >>> checked(np.zeros((2, 3), dtype=np.float32), np.array([1.0, 1.0]))
        Traceback (most recent call last):
        ValueError: labels must hold 0 and 1, both
    """
    if x.ndim != 2 or y.shape != (len(x),):
        raise ValueError(f"rows and labels must match, not {x.shape} and {y.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value of a row must be finite")
    if not np.array_equal(np.unique(y), [0.0, 1.0]):
        raise ValueError("labels must hold 0 and 1, both")
