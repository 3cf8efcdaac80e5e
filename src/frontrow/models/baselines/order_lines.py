"""The shop's most frequent recent buyers, whatever the product: the list that most shops would mail."""

from __future__ import annotations

from frontrow.models.baseline import NewProduct, Scorer


class Baseline:
    """Order lines in the 180 days before the cutoff."""

    name = "order lines, 180 days (RFM)"

    def scorer(self, product: NewProduct) -> Scorer:  # noqa: ARG002
        """Score by the number of lines."""
        return lambda customers: customers.rows["lines_180d"].to_numpy()
