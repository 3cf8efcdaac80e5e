"""A small network trained on cross-entropy in which buyers weigh as much as all others together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.classifier import checked
from frontrow.models.neural.classifier_losses import weighted_cross_entropy
from frontrow.models.neural.classifier_network import FittedNetwork, NetworkSettings, fit_network


@dataclass(frozen=True)
class Classifier:
    """The notebook's network with its weighted loss."""

    settings: NetworkSettings = field(default_factory=NetworkSettings)
    name = "MLP, weighted loss"

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> FittedNetwork:
        """See `base.Classifier.fit`."""
        require("torch", extra="neural")
        checked(x, y)
        return fit_network(x, y, weighted_cross_entropy(y), self.settings, seed=seed)
