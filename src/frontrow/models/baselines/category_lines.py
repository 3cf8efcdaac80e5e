"""Buyers of the new product's own category: the segment that a marketer would pick by hand."""

from __future__ import annotations

from frontrow.models.baseline import NewProduct, Scorer


class Baseline:
    """Order lines in the product's type; in a shop without types, in products whose title ends with the same word."""

    name = "lines in the category"

    def scorer(self, product: NewProduct) -> Scorer:  # noqa: ARG002
        """Score by the number of lines."""
        return lambda customers: customers.rows["category_lines"].to_numpy()
