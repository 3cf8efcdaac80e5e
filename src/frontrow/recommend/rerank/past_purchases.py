"""What customers have bought, and how long the buyers of each product usually wait before they buy it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions
from frontrow.recommend.rerank.rules import SHOW, WHEN_DUE
from frontrow.storage.artifact import ArrayModel

MIN_GAPS: Final = 10
"""A product with fewer repurchases than this has the gap of the shop."""

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
        days = interactions.lines.select("customer", "product", "day").unique().sort("customer", "product", "day")
        last = days.group_by("customer", "product", maintain_order=True).agg(pl.col("day").last())
        cells = (last["customer"].to_numpy(), last["product"].to_numpy())
        last_day = sparse.csr_matrix((last["day"].to_numpy().astype(np.int32), cells), shape=interactions.shape)
        gaps = days.select("product", gap=pl.col("day").diff().over("customer", "product")).drop_nulls()
        shop_gap = np.inf if gaps.height == 0 else gaps["gap"].median()
        by_product = gaps.group_by("product").agg(pl.col("gap").median(), count=pl.len())
        by_product = by_product.filter(pl.col("count") >= MIN_GAPS)
        gap = np.full(interactions.shape[1], shop_gap, dtype=np.float32)
        gap[by_product["product"].to_numpy()] = by_product["gap"].to_numpy()
        return cls(interactions.cutoff_day, last_day, gap)

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
        purchases = self.last_day[np.maximum(rows, 0)]
        position = np.repeat(np.arange(len(rows)), np.diff(purchases.indptr))
        is_hidden = rows[position] >= 0
        if already_bought == WHEN_DUE:
            is_hidden &= self.cutoff_day - purchases.data < self.gap[purchases.indices]
        return position[is_hidden], purchases.indices[is_hidden].astype(np.int64)
