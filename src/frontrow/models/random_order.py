"""Customers in random order: the floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.models.base import Asked


class Baseline:
    """A random number for each customer."""

    name = "random"

    def score(self, asked: Asked) -> NDArray[np.float64]:
        """Drawn from the seed, so that it repeats."""
        return np.random.default_rng(asked.seed).random(asked.rows.height)
