"""The shop's most frequent recent buyers, whatever the product: the list most shops would mail."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.models.base import Asked


class Baseline:
    """Order lines in the 180 days before the cutoff."""

    name = "order lines, 180 days (RFM)"

    def score(self, asked: Asked) -> NDArray[np.float64]:
        """Lines, as a float."""
        return asked.rows["lines_180d"].to_numpy()
