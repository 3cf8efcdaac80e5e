"""What customers have bought, and how long the buyers of each product usually wait before they buy it again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.gaps import count_gaps, find_usual_gaps
from frontrow.models.interactions.interactions import Interactions
from frontrow.recommend.rerank.rules import SHOW, WHEN_DUE
from frontrow.storage.artifact import ArrayModel

Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Row and column of each cell."""


@dataclass(frozen=True)
class PastPurchases(ArrayModel):
    """Past purchases of known customers.

    Attributes:
        cutoff_day: Days since 1970-01-01.
        last_day: Day of the last purchase of each customer and product, int32; shape (customers, products).
        gap: Usual days between two purchases of a product by one customer, shape (products,), float32; infinite where
            nobody has ever bought a product of the shop twice.
    """

    cutoff_day: int
    last_day: sparse.csr_matrix
    gap: NDArray[np.float32]

    shapes: ClassVar = {"last_day": ("customers", "products"), "gap": ("products",)}
    may_be_unknown: ClassVar = ("gap",)

    @classmethod
    def fit(cls, interactions: Interactions) -> PastPurchases:
        """Collect purchases, and learn the gaps: medians over pairs of purchases on different days.

        The gap of a customer who has not bought again is not known, so gaps longer than the history are not counted.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> shop = hand_made_shop([(7, "bulb", 0), (7, "bulb", 9), (8, "pot", 9)])
            >>> purchases = PastPurchases.fit(build_interactions(shop.as_of()))
            >>> purchases.gap.tolist(), purchases.hidden_cells(np.array([0, 1, -1]), "when due")
            ([9.0, 9.0], (array([0, 1]), array([0, 1])))
        """
        return cls.of_gaps(interactions, find_usual_gaps(count_gaps(interactions), interactions.shape[1]))

    @classmethod
    def of_gaps(cls, interactions: Interactions, gap: NDArray[np.float32]) -> PastPurchases:
        """Collect purchases where the gaps were learned from other customers, too.

        Args:
            interactions: Of the customers.
            gap: The usual gaps.
        """
        return cls(interactions.cutoff_day, _find_last_days(interactions), gap)

    def with_customers(self, interactions: Interactions) -> PastPurchases:
        """The same of other customers: the usual gaps stay.

        Args:
            interactions: Of the customers, with the same products.
        """
        return replace(self, last_day=_find_last_days(interactions))

    def hidden_cells(self, rows: NDArray[np.int64], already_bought: str) -> Cells:
        """Find the products that are not shown to some customers.

        Args:
            rows: Of the customers, -1 for a new one.
            already_bought: One of `rules.ALREADY_BOUGHT`.

        Returns:
            Position in `rows` and product column of each.
        """
        if already_bought == SHOW:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        returning = np.flatnonzero(rows >= 0)
        purchases = self.last_day[rows[returning]]
        position = np.repeat(returning, np.diff(purchases.indptr))
        is_hidden = np.ones(len(position), dtype=np.bool_)
        if already_bought == WHEN_DUE:
            is_hidden = self.cutoff_day - purchases.data < self.gap[purchases.indices]
        return position[is_hidden], purchases.indices[is_hidden].astype(np.int64)


def _find_last_days(interactions: Interactions) -> sparse.csr_matrix:
    last = interactions.lines.group_by("customer", "product").agg(pl.col("day").max()).sort("customer", "product")
    cells = (last["customer"].to_numpy(), last["product"].to_numpy())
    return sparse.csr_matrix((last["day"].to_numpy().astype(np.int32), cells), shape=interactions.shape)
