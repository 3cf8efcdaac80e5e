"""Gradient-boosted trees over customer vectors (LightGBM; Ke et al., 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.classifier import FittedClassifier, check_training_rows
from frontrow.models.gradient_boosting import BoostingSettings, GradientBoosting

SINGLE_LAUNCH = BoostingSettings(min_customers_in_leaf=20, seeds=1)
"""One launch has thousands of customers; the launch model learns from hundreds of thousands of rows."""


@dataclass(frozen=True)
class Classifier:
    """Trees without weights: weights would hardly change the ranking of the probabilities.

    Attributes:
        settings: Settings of the trees.
    """

    settings: BoostingSettings = SINGLE_LAUNCH
    name = "boosted trees"

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> FittedClassifier:
        """See `Classifier.fit` in `models/classifier.py`."""
        check_training_rows(x, y)
        names = tuple(f"d{column}" for column in range(x.shape[1]))
        return GradientBoosting.fit(x, y, np.ones(len(y)), features=names, settings=self.settings, seed=seed)
