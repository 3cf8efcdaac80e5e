"""What customers have bought, and how long each product's buyers usually wait before they buy it again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions
from frontrow.recommend.rerank.rules import SHOW, WHEN_DUE
from frontrow.storage.artifact import ArrayModel

FEWEST_GAPS = 10
"""A product bought again fewer times than this has the gap of the whole shop."""

Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Row and column of each cell."""


@dataclass(frozen=True)
class Bought(ArrayModel):
    """Past purchases of known customers.

    Attributes:
        day: The cutoff, as days since 1970-01-01.
        last_day: Day of the last purchase of each customer and product, int32; shape (customers, products).
        gap: Usual days between two purchases of a product by one customer, shape (products,), float32; infinite where
            the shop has never sold anything twice to anyone.
    """

    day: int
    last_day: sparse.csr_matrix
    gap: NDArray[np.float32]

    def hidden(self, rows: NDArray[np.int64], already_bought: str) -> Cells:
        """The products not to be shown to some customers.

        Args:
            rows: Of the customers, -1 for one never seen.
            already_bought: One of `rules.ALREADY_BOUGHT`.

        Returns:
            Position in `rows` and product column of each.
        """
        if already_bought == SHOW:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        part = self.last_day[np.maximum(rows, 0)]
        who = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
        kept = rows[who] >= 0
        if already_bought == WHEN_DUE:
            kept &= self.day - part.data < self.gap[part.indices]
        return who[kept], part.indices[kept].astype(np.int64)


def bought(known: Interactions) -> Bought:
    """Learn what was bought, and the gaps: medians over pairs of purchases on different days.

    Gaps of customers who have not bought again are not known, so that gaps longer than the history are not seen.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> known = build_interactions(hand_made_shop([(7, "bulb", 0), (7, "bulb", 9), (8, "pot", 9)]).as_of())
        >>> found = bought(known)
        >>> found.gap.tolist(), found.hidden(np.array([0, 1, -1]), "when due")
        ([9.0, 9.0], (array([0, 1]), array([0, 1])))
    """
    days = known.lines.select("customer", "product", "day").unique().sort("customer", "product", "day")
    last = days.group_by("customer", "product", maintain_order=True).agg(pl.col("day").last())
    place = (last["customer"].to_numpy(), last["product"].to_numpy())
    last_day = sparse.csr_matrix((last["day"].to_numpy().astype(np.int32), place), shape=known.shape)
    waited = days.select("product", gap=pl.col("day").diff().over("customer", "product")).drop_nulls()
    usual = np.inf if waited.height == 0 else waited["gap"].median()
    told = waited.group_by("product").agg(pl.col("gap").median(), again=pl.len()).filter(pl.col("again") >= FEWEST_GAPS)
    gap = np.full(known.shape[1], usual, dtype=np.float32)
    gap[told["product"].to_numpy()] = told["gap"].to_numpy()
    return Bought(known.cutoff_day, last_day, gap)
