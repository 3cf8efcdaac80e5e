"""Buyers still to come, from those who came so far: sizes of launches as a Gamma distribution, sales as Poisson."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontrow.launch.calibration.in_the_large import Vector

SHAPES = np.geomspace(0.2, 20.0, 25)
"""The shapes tried."""


def share_sold(sold: Vector, buyers: Vector, weights: Vector, elapsed: float) -> float:
    """Of the buyers of earlier launches, the share who had bought by some day.

    Args:
        sold: Buyers by then, one a launch.
        buyers: Buyers in the whole window.
        weights: How much each launch counts.
        elapsed: Share of the window that had passed; what one more buyer is assumed to have done.
    """
    return float(((weights * sold).sum() + elapsed) / ((weights * buyers).sum() + 1.0))


def remaining_buyers(expected: ArrayLike, sold: ArrayLike, share: float, shape: float) -> NDArray[np.float64]:
    """Buyers still to come: the mean of the Gamma distribution after `sold` were seen, times the share still open.

    A launch's size is Gamma with mean `expected` and shape `shape`, sales by then are Poisson with mean `share` times
    the size (Gelman et al., "Bayesian Data Analysis", section 2.6).

    Example:
        >>> float(remaining_buyers(20.0, 10.0, share=0.25, shape=5.0))
        22.5
    """
    mean, seen = np.asarray(expected, dtype=np.float64), np.asarray(sold, dtype=np.float64)
    return mean * (shape + seen) / (shape + mean * share) * (1.0 - share)


def spread_of(expected: Vector, buyers: Vector, sold: Vector, share: float, weights: Vector) -> float:
    """The shape among `SHAPES` that makes the buyers who were still to come at earlier launches most likely."""
    from scipy.special import gammaln

    to_come = buyers - sold
    likelihood = []
    for shape in SHAPES:
        known = shape + sold
        mean = np.maximum(remaining_buyers(expected, sold, share, shape), 1e-12)
        # negative binomial, without the terms that no shape changes
        told = gammaln(to_come + known) - gammaln(known)
        told = told + known * np.log(known / (known + mean)) + to_come * np.log(mean / (known + mean))
        likelihood.append(float((weights * told).sum()))
    return float(SHAPES[int(np.argmax(likelihood))])
