"""Buyers of products whose text is similar to the new one's."""

from __future__ import annotations

import numpy as np

from frontrow.models.baseline import NewProduct, Scorer


class Baseline:
    """Sum over a customer's lines of the TF-IDF cosine between the line's product and the new one."""

    name = "text similarity"

    def scorer(self, product: NewProduct) -> Scorer:
        """Score by the sum of lines times similarity."""
        similarity = product.similarity
        return lambda customers: np.asarray(customers.purchases @ similarity)
