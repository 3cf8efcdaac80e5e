"""A small network trained on focal loss (Lin et al., 2017)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.classifier import checked
from frontrow.models.neural.classifier_losses import focal
from frontrow.models.neural.classifier_network import FittedNetwork, NetworkSettings, fit_network


@dataclass(frozen=True)
class Classifier:
    """The notebook's network with focal loss.

    Attributes:
        settings: The network's.
        focus: The paper's gamma.
        buyer_weight: The paper's alpha.
    """

    settings: NetworkSettings = field(default_factory=NetworkSettings)
    focus: float = 2.0
    buyer_weight: float = 0.25
    name = "MLP, focal loss"

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> FittedNetwork:
        """See `base.Classifier.fit`."""
        require("torch", extra="neural")
        checked(x, y)
        # The paper's section 4.1: else the many who do not buy drown the first steps, the most active of them most.
        first_chance = float(y.mean())
        loss = focal(self.focus, self.buyer_weight)
        return fit_network(x, y, loss, self.settings, seed=seed, first_chance=first_chance)
