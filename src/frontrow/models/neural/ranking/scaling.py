"""Numbers as a network can take them: by their place among those learned from, so that nothing is ever far out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from frontrow.storage.artifact import ArrayModel

KNOTS = 100
"""Quantiles kept of each feature, at most."""

SAMPLE = 50_000
"""Rows that the quantiles are read off, about."""


@dataclass(frozen=True)
class Scaling(ArrayModel):
    """Each feature becomes its normal score: the standard normal quantile of its share of smaller values.

    Between quantiles the scores are on a line, outside of them as at the outermost. What is not known is 0, and a
    feature that was not always known gets a flag beside it, 1 where it is not.

    Attributes:
        knots: Quantiles of each feature, ascending, one feature after the other; float64 (knots,).
        heights: The normal score of each knot; float64 (knots,).
        starts: Where each feature's knots begin, and the end; int64 (features + 1,).
        flagged: Features with a flag; int64 (flags,).
    """

    knots: NDArray[np.float64]
    heights: NDArray[np.float64]
    starts: NDArray[np.int64]
    flagged: NDArray[np.int64]

    @classmethod
    def of(cls, features: NDArray[np.float32]) -> Scaling:
        """Read it off some rows, every so many of them; float32 (rows, features)."""
        sample = features[:: max(1, len(features) // SAMPLE)]
        found = [_knots(column[np.isfinite(column)].astype(np.float64)) for column in sample.T]
        known = np.isfinite(sample)
        return cls(
            np.concatenate([knots for knots, _ in found]) if found else np.zeros(0),
            np.concatenate([heights for _, heights in found]) if found else np.zeros(0),
            np.cumsum([0, *(len(knots) for knots, _ in found)]),
            np.flatnonzero(known.any(axis=0) & ~known.all(axis=0)),
        )

    @property
    def width(self) -> int:
        """Features and flags."""
        return len(self.starts) - 1 + len(self.flagged)

    def scaled(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features and flags; float32 (rows, width).

        Example:
            >>> rows = np.array([[1.0], [2.0], [100.0], [np.nan]], dtype=np.float32)
            >>> Scaling.of(rows).scaled(rows).astype(np.float64).round(2).tolist()
            [[-0.97, 0.0], [0.0, 0.0], [0.97, 0.0], [0.0, 1.0]]
        """
        out = np.zeros((len(features), self.width), dtype=np.float32)
        for place, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            if start < end:
                out[:, place] = np.interp(features[:, place], self.knots[start:end], self.heights[start:end])
        known = np.isfinite(features)
        out[:, : features.shape[1]][~known] = 0
        out[:, features.shape[1] :] = ~known[:, self.flagged]
        return out


def _knots(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantiles, and the score of the middle of all values equal to each."""
    if len(values) == 0:
        return np.zeros(0), np.zeros(0)
    values = np.sort(values)
    knots = np.unique(np.quantile(values, np.linspace(0, 1, KNOTS), method="nearest"))
    below, up_to = (np.searchsorted(values, knots, side=side) for side in ("left", "right"))
    return knots, ndtri((below + up_to) / (2 * len(values)))
