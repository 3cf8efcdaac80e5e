"""Gradient-boosted trees over a customer's vector (LightGBM; Ke et al., 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.classifier import Fitted, checked
from frontrow.models.gradient_boosting import BoostingSettings, GradientBoosting

ONE_LAUNCH = BoostingSettings(min_customers_in_leaf=20, seeds=1)
"""One launch has thousands of customers, where the launch model learns from hundreds of thousands."""


@dataclass(frozen=True)
class Classifier:
    """Unweighted: the order of the chances is what counts, and weights change it little."""

    settings: BoostingSettings = ONE_LAUNCH
    name = "boosted trees"

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> Fitted:
        """See `base.Classifier.fit`."""
        checked(x, y)
        names = tuple(f"d{place}" for place in range(x.shape[1]))
        return GradientBoosting.fit(x, y, np.ones(len(y)), features=names, settings=self.settings, seed=seed)
