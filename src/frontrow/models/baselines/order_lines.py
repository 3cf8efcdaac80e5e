"""The shop's most frequent recent buyers, whatever the product: the list most shops would mail."""

from __future__ import annotations

from frontrow.models.baseline import Asked, Scorer


class Baseline:
    """Order lines in the 180 days before the cutoff."""

    name = "order lines, 180 days (RFM)"

    def scorer(self, asked: Asked) -> Scorer:  # noqa: ARG002
        """Lines, as a float."""
        return lambda customers: customers.rows["lines_180d"].to_numpy()
