"""Customers in random order: the floor for every other method."""

from __future__ import annotations

import numpy as np

from frontrow.models.baseline import NewProduct, Scorer


class Baseline:
    """A random number for each customer."""

    name = "random"

    def scorer(self, product: NewProduct) -> Scorer:
        """Score by random numbers, drawn block after block from the product's seed."""
        rng = np.random.default_rng(product.seed)
        return lambda customers: rng.random(customers.rows.height)
