"""Customers in random order: the floor for every other method."""

from __future__ import annotations

import numpy as np

from frontrow.models.baseline import NewProduct, Scorer
from frontrow.models.draws import draw_pairs


class Baseline:
    """A random number for each customer."""

    name = "random"

    def scorer(self, product: NewProduct) -> Scorer:
        """Score by a draw of the customer and the product's seed."""
        key = np.uint64(product.seed)
        return lambda customers: draw_pairs(customers.rows["customer_id"].to_numpy(), key)
