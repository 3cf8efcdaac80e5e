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
class BuyerCounts:
    """Customers before the cutoff of each launch.

    Attributes:
        customers: Who bought anything, shape (launches,).
        buyers: Of each product, shape (launches, products).
        bought_together: Of each product and a nearest one as well; one array a launch, shape (nearest, products).
    """

    customers: NDArray[np.int64]
    buyers: NDArray[np.int64]
    bought_together: list[NDArray[np.int32]]

    @classmethod
    def count(
        cls, history: History, product_ids: Sequence[str], cutoff_days: Positions, nearest: Sequence[Positions]
    ) -> BuyerCounts:
        """Count them, a block of customers at a time.

        Args:
            history: What is known.
            product_ids: The products, in order.
            cutoff_days: Of each launch.
            nearest: Of each launch, positions of products.
        """
        products = number_products(product_ids)
        cutoffs, slots = np.unique(cutoff_days, return_inverse=True)
        step = CountBuyers(products, cutoffs, slots, tuple(nearest))
        added = np.zeros((len(cutoffs), products.height + 1), np.int64)
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
        before = np.cumsum(added, axis=0)[slots]
        return cls(before[:, -1], before[:, :-1], together)


@dataclass(frozen=True)
class CountBuyers:
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
            product before the cutoff of that number, and not before an earlier one. The number after the last product
            stands for any product.
        """
        first = FirstPurchases.find(lines, self.products)
        # the number of cutoffs up to the day: the first one after it is at that place
        place = np.searchsorted(self.cutoffs, first.day, side="right")
        parts = [self._count_alone(place, first)]
        for slot in range(len(self.cutoffs)):
            launches = [launch for launch in np.flatnonzero(self.slots == slot).tolist() if len(self.nearest[launch])]
            if launches:
                bought = first.select(place <= slot)
                parts += [self._count_together(launch, bought) for launch in launches]
        columns = np.concatenate(parts, axis=1)
        names = ("number", "nearest", "product", "customers")
        return pl.DataFrame(list(columns), schema=dict.fromkeys(names, pl.Int32))

    def _count_alone(self, place: Positions, first: FirstPurchases) -> NDArray[np.int32]:
        shape = (len(self.cutoffs) + 1, self.products.height + 1)
        cells = place * shape[1] + first.product
        if len(place):
            earliest = np.minimum.reduceat(place, first.bounds[:-1])
            cells = np.concatenate([cells, earliest * shape[1] + self.products.height])
        counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)[:-1]
        slot, column = np.nonzero(counts)
        return np.stack([slot, np.full(len(slot), ALONE), column, counts[slot, column]]).astype(np.int32)

    def _count_together(self, launch: int, bought: sparse.csr_matrix) -> NDArray[np.int32]:
        counts = (bought[:, self.nearest[launch]].T @ bought).tocoo()
        return np.stack([np.full(counts.nnz, launch), counts.row, counts.col, counts.data]).astype(np.int32)


@dataclass(frozen=True)
class FirstPurchases:
    """When each customer first bought each product, by customer and product.

    Attributes:
        customer_ids: Rising, shape (customers,).
        bounds: Where the cells of each customer begin, and where the last ones end; shape (customers + 1,).
        product: Of each cell.
        day: Of each cell.
        products: How many there are.
    """

    customer_ids: NDArray[np.int64]
    bounds: Positions
    product: Positions
    day: Positions
    products: int

    @classmethod
    def find(cls, lines: pl.DataFrame, products: pl.DataFrame) -> FirstPurchases:
        """Read them off order lines.

        Args:
            lines: `COLUMNS`, of whole customers.
            products: What `number_products` returns.
        """
        cells = (
            lines.join(products, on="product_id", how="inner")
            .group_by("customer_id", "product")
            .agg(pl.col("day").min())
            .sort("customer_id", "product")
        )
        customer_ids, starts = np.unique(cells["customer_id"].to_numpy(), return_index=True)
        product, day = (cells[name].to_numpy().astype(np.int64) for name in ("product", "day"))
        return cls(customer_ids.astype(np.int64), np.append(starts, len(day)), product, day, products.height)

    def select(self, selected: NDArray[np.bool_]) -> sparse.csr_matrix:
        """Who bought what, 1 each, of some cells: shape (customers, products)."""
        before = np.concatenate([[0], np.cumsum(selected)])
        cells = (np.ones(before[-1], np.int32), self.product[selected], before[self.bounds])
        return sparse.csr_matrix(cells, shape=(len(self.customer_ids), self.products))


def number_products(product_ids: Sequence[str]) -> pl.DataFrame:
    """Products with the numbers of their places.

    Example:
        >>> number_products(["mug", "pot"]).rows()
        [(0, 'mug'), (1, 'pot')]
    """
    return pl.DataFrame({"product_id": list(product_ids)}, schema={"product_id": pl.String}).with_row_index("product")
