"""Logistic regression over a customer's vector, standardised, both labels weighing alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.classifier import checked


@dataclass(frozen=True)
class FittedLogistic:
    """A fitted pipeline of scikit-learn."""

    pipeline: Any

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """See `base.Fitted.probability`."""
        if len(x) == 0:
            return np.zeros(0)
        return np.asarray(self.pipeline.predict_proba(x.astype(np.float64))[:, 1])


@dataclass(frozen=True)
class Classifier:
    """Labels are weighted so that buyers and others have the same total.

    Attributes:
        inverse_penalty: Inverse strength of the squared penalty, scikit-learn's `C`; chosen on launches that no
            reported figure comes from, on which 1.0 was worse.
        most_steps: Steps of the optimiser.
    """

    inverse_penalty: float = 0.01
    most_steps: int = 2_000
    name = "logistic regression"

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> FittedLogistic:
        """See `base.Classifier.fit`."""
        require("sklearn", extra="neural")
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        checked(x, y)
        regression = LogisticRegression(
            C=self.inverse_penalty, class_weight="balanced", max_iter=self.most_steps, random_state=seed
        )
        pipeline = make_pipeline(StandardScaler(), regression)
        return FittedLogistic(pipeline.fit(x.astype(np.float64), y))
