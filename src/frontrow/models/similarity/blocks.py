"""Similar products from sums over blocks of customers, for shops that do not fit into memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import DTypeLike, NDArray
from scipy import sparse

from frontrow.models.interactions.blocks import InteractionBlocks
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.similarity.products import BLOCK_CELLS
from frontrow.models.sparse_products import stack
from frontrow.models.top_k import top_positive_cells

TABLE_BYTES: Final = 1_600_000_000
"""Of the sums that are held at a time; where there are more products, the blocks are read several times."""

Weigh: TypeAlias = Callable[[Interactions], sparse.csr_matrix]
"""Whole numbers, shape (customers, products): what products have in common is the dot product of their columns."""


@dataclass(frozen=True)
class SumTogether:
    """A step on interactions: what some products have in common with every product, in a block.

    Attributes:
        weigh: Gives the whole numbers of a block.
        start: First of the products.
        end: Product after the last one.
    """

    weigh: Weigh
    start: int
    end: int

    def __call__(self, interactions: Interactions) -> pl.DataFrame:
        """Multiply.

        Returns:
            `first` (counted from `start`), `second` and `sum`, one row for each pair that has something in common.
        """
        weights = self.weigh(interactions)
        of_some = weights if self.end - self.start == weights.shape[1] else weights[:, self.start : self.end]
        sums = (sparse.csr_matrix(of_some.T) @ weights).tocoo()
        return pl.DataFrame({"first": sums.row, "second": sums.col, "sum": sums.data})


def nearest_of_blocks(
    blocks: InteractionBlocks,
    weigh: Weigh,
    k: int,
    *,
    lengths: NDArray[np.float64] | None = None,
    units: float = 1.0,
    dtype: DTypeLike = np.int64,
    table_bytes: int = TABLE_BYTES,
) -> sparse.csr_matrix:
    """Find the k nearest products of each one; equal to the bit to `products.nearest_products` of all blocks together.

    Args:
        blocks: The customers.
        weigh: Gives the whole numbers of a block.
        k: Number of neighbours per product.
        lengths: See `products.SharedPurchases`.
        units: See `products.SharedPurchases`.
        dtype: Of the sums: whole numbers that do not overflow.
        table_bytes: Of the sums that are held at a time.
    """
    products = blocks.products.height
    step = max(1, table_bytes // max(1, products * np.dtype(dtype).itemsize))
    parts = []
    for start in range(0, products, step):
        end = min(start + step, products)
        sums = np.zeros((end - start, products), dtype=dtype)
        for part in blocks.map(SumTogether(weigh, start, end)):
            # a pair is once in a part
            sums[part["first"].to_numpy(), part["second"].to_numpy()] += part["sum"].to_numpy()
        parts += _find_nearest(sums, k, None if lengths is None else (lengths[start:end], lengths), units)
    return stack(parts, products)


def _find_nearest(
    sums: NDArray[Any], k: int, lengths: tuple[NDArray[np.float64], NDArray[np.float64]] | None, units: float
) -> list[sparse.csr_matrix]:
    """The nearest of the products of a table of sums, some rows at a time."""
    step = max(1, BLOCK_CELLS // max(1, sums.shape[1]))
    parts = []
    for start in range(0, len(sums), step):
        values = sums[start : start + step] / units
        if lengths is not None:
            own, others = lengths
            np.divide(values, own[start : start + step, None] * others, out=values, where=values > 0)
        parts.append(top_positive_cells(values.astype(np.float32), k))
    return parts
