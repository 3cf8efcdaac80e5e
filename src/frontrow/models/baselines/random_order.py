"""Customers in random order: the floor."""

from __future__ import annotations

import numpy as np

from frontrow.models.baseline import Asked, Scorer


class Baseline:
    """A random number for each customer."""

    name = "random"

    def scorer(self, asked: Asked) -> Scorer:
        """Draws on from the seed, block by block, so that it repeats."""
        rng = np.random.default_rng(asked.seed)
        return lambda customers: rng.random(customers.rows.height)
