"""CUPED: take out of an outcome what was known before anyone was contacted (Deng, Xu, Kohavi and Walker, WSDM 2013).

The adjusted outcome is `y - theta (x - mean x)`. The covariate `x`, here the predicted probability, was fixed before
the lot was drawn, so the difference of the adjusted means aims at the same effect; with `theta = cov(y, x) / var(x)` it
varies least: by `1 - correlation^2` of what it did.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.campaign.uplift.groups import Groups


def adjusted_outcome(
    outcome: NDArray[np.float64], covariate: NDArray[np.float64], groups: Groups
) -> NDArray[np.float64]:
    """The outcome less what the covariate foretells of it; its mean over all customers stays.

    `theta` is taken within groups and strata, so that the effect itself does not enter it. A covariate that does not
    vary changes nothing.

    Args:
        outcome: One number a customer, shape (customers,).
        covariate: Known before the campaign; same shape.
        groups: Who was contacted.

    Example:
        >>> groups = Groups.of([False, False, True, True])
        >>> adjusted_outcome(np.array([1.0, 3.0, 2.0, 4.0]), np.array([0.1, 0.3, 0.1, 0.3]), groups).round(6)
        array([2., 2., 3., 3.])
    """
    x, y = (_within(values[groups.kept], groups) for values in (covariate, outcome))
    varies = float(x @ x)
    theta = float(x @ y) / varies if varies > 0 else 0.0
    return np.asarray(outcome - theta * (covariate - covariate[groups.kept].mean()))


def _within(values: NDArray[np.float64], groups: Groups) -> NDArray[np.float64]:
    """Values less the mean of their group and stratum."""
    means = np.bincount(groups.cell, values, groups.sizes.size) / groups.sizes.ravel()
    return np.asarray(values - means[groups.cell])
