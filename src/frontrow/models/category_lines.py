"""Buyers of the new product's own category: the segment a marketer would pick by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.models.base import Asked


class Baseline:
    """Order lines in the product's type; where the shop keeps no types, in products whose title ends alike."""

    name = "lines in the category"

    def score(self, asked: Asked) -> NDArray[np.float64]:
        """Lines, as a float."""
        return asked.rows["category_lines"].to_numpy()
