"""Buyers of the new product's own category: the segment a marketer would pick by hand."""

from __future__ import annotations

from frontrow.models.baseline import Asked, Scorer


class Baseline:
    """Order lines in the product's type; where the shop keeps no types, in products whose title ends alike."""

    name = "lines in the category"

    def scorer(self, asked: Asked) -> Scorer:  # noqa: ARG002
        """Lines, as a float."""
        return lambda customers: customers.rows["category_lines"].to_numpy()
