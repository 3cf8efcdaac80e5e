"""Buyers of products that read like the new one."""

from __future__ import annotations

import numpy as np

from frontrow.models.baseline import Asked, Scorer


class Baseline:
    """Sum over a customer's lines of the TF-IDF cosine between the line's product and the new one."""

    name = "text similarity"

    def scorer(self, asked: Asked) -> Scorer:
        """Similarity times lines, added up."""
        return lambda customers: np.asarray(customers.purchases @ asked.similarity)
