"""Logistic regression over standardised customer vectors; both labels have the same total weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.classifier import check_training_rows


@dataclass(frozen=True)
class FittedLogisticRegression:
    """A fitted regression.

    Attributes:
        pipeline: The pipeline of scikit-learn.
    """

    pipeline: Any

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """See `FittedClassifier.probability`."""
        if len(x) == 0:
            return np.zeros(0)
        return np.asarray(self.pipeline.predict_proba(x.astype(np.float64))[:, 1])


@dataclass(frozen=True)
class Classifier:
    """Logistic regression with an L2 penalty.

    Attributes:
        inverse_penalty: Inverse strength of the penalty, scikit-learn's `C`; chosen on launches that no reported
            figure uses, where 1.0 was worse.
        max_iterations: Maximum number of iterations of the optimizer.
    """

    inverse_penalty: float = 0.01
    max_iterations: int = 2_000
    name = "logistic regression"

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> FittedLogisticRegression:
        """See `Classifier.fit` in `models/classifier.py`."""
        require("sklearn", extra="neural")
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        check_training_rows(x, y)
        regression = LogisticRegression(
            C=self.inverse_penalty, class_weight="balanced", max_iter=self.max_iterations, random_state=seed
        )
        pipeline = make_pipeline(StandardScaler(), regression)
        return FittedLogisticRegression(pipeline.fit(x.astype(np.float64), y))
