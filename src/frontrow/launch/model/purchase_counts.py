"""How many customers bought each product, and each together with those that stand for a new one: sums over blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.shop.history import History

Positions = NDArray[np.int64]

COLUMNS: Final = ("customer_id", "product_id", "day")

ALONE: Final = -1
"""Stands for no nearest product: customers who bought the product, whatever else they bought."""


@dataclass(frozen=True)
class PurchaseCounts:
    """Customers before the cutoff of each launch.

    Attributes:
        buyers: Of each product, shape (launches, products).
        bought_together: Of each product and a nearest one as well; one array a launch, shape (nearest, products).
    """

    buyers: NDArray[np.int64]
    bought_together: list[NDArray[np.int32]]

    @classmethod
    def count(
        cls, history: History, product_ids: Sequence[str], cutoff_days: Positions, nearest: Sequence[Positions]
    ) -> PurchaseCounts:
        """Count them, a block of customers at a time.

        Args:
            history: What is known.
            product_ids: The products, in order.
            cutoff_days: Of each launch.
            nearest: Of each launch, positions of products.
        """
        products = pl.DataFrame({"product_id": list(product_ids)}, schema={"product_id": pl.String})
        products = products.with_row_index("product")
        cutoffs, slots = np.unique(cutoff_days, return_inverse=True)
        step = CountPurchases(products, cutoffs, slots, tuple(nearest))
        added = np.zeros((len(cutoffs), products.height), np.int64)
        # 32 bits, because this is the largest table: launches x nearest x products
        together = [np.zeros((len(positions), products.height), np.int32) for positions in nearest]
        for counts in history.map_blocks(step, COLUMNS):
            for (number, is_alone), part in counts.group_by("number", pl.col("nearest") == ALONE):
                place, product, customers = (part[name].to_numpy() for name in ("nearest", "product", "customers"))
                # a place occurs once in a block
                if is_alone:
                    added[number, product] += customers
                else:
                    together[number][place, product] += customers
        return cls(np.cumsum(added, axis=0)[slots], together)


@dataclass(frozen=True)
class CountPurchases:
    """A step: the customers of a block who bought products before cutoffs.

    Attributes:
        products: `product`, the position, and `product_id`.
        cutoffs: Days, rising.
        slots: Of each launch, the place of its cutoff among them.
        nearest: Of each launch, positions of products.
    """

    products: pl.DataFrame
    cutoffs: Positions
    slots: Positions
    nearest: tuple[Positions, ...]

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Count in order lines (`COLUMNS`) of whole customers.

        Returns:
            `number`, `nearest`, `product`, `customers`, int32: those who bought a product and the nearest one of that
            place before the cutoff of the launch of that number; or, where `nearest` is `ALONE`, those who bought the
            product before the cutoff of that number, and not before an earlier one.
        """
        first = (
            lines.join(self.products, on="product_id", how="inner")
            .group_by("customer_id", "product")
            .agg(pl.col("day").min())
            .sort("customer_id", "product")
        )
        # the number of cutoffs up to the day: the first one after it is at that place
        place = np.searchsorted(self.cutoffs, first["day"].to_numpy(), side="right")
        product = first["product"].to_numpy().astype(np.int64)
        _, starts = np.unique(first["customer_id"].to_numpy(), return_index=True)
        parts = [self._count_alone(place, product)]
        for slot in range(len(self.cutoffs)):
            bought = _select_cells(product, np.append(starts, len(product)), place <= slot, self.products.height)
            parts += [self._count_together(launch, bought) for launch in np.flatnonzero(self.slots == slot).tolist()]
        columns = np.concatenate(parts, axis=1)
        names = ("number", "nearest", "product", "customers")
        return pl.DataFrame(list(columns), schema=dict.fromkeys(names, pl.Int32))

    def _count_alone(self, place: Positions, product: Positions) -> NDArray[np.int32]:
        shape = (len(self.cutoffs) + 1, self.products.height)
        counts = np.bincount(place * shape[1] + product, minlength=shape[0] * shape[1]).reshape(shape)[:-1]
        slot, column = np.nonzero(counts)
        return np.stack([slot, np.full(len(slot), ALONE), column, counts[slot, column]]).astype(np.int32)

    def _count_together(self, launch: int, bought: sparse.csr_matrix) -> NDArray[np.int32]:
        counts = (bought[:, self.nearest[launch]].T @ bought).tocoo()
        return np.stack([np.full(counts.nnz, launch), counts.row, counts.col, counts.data]).astype(np.int32)


def _select_cells(
    product: Positions, bounds: Positions, selected: NDArray[np.bool_], products: int
) -> sparse.csr_matrix:
    """Who bought what, 1 each, of the selected cells; `bounds` says where each customer's cells begin and end."""
    before = np.concatenate([[0], np.cumsum(selected)])
    cells = (np.ones(before[-1], np.int32), product[selected], before[bounds])
    return sparse.csr_matrix(cells, shape=(len(bounds) - 1, products))
