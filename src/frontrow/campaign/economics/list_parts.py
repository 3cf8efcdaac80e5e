"""A list whose customers hear of different products, taken apart by product: each has its own margin and stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.incremental_share import IncrementalShare

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ListPart:
    """What lists of each length, from nobody to everyone, hold of one product.

    Attributes:
        economics: Of the product.
        customers: Who hear of it, shape (longest list + 1,).
        buyers: Expected among them, same shape.
        demand: Buyers expected if everyone scored were contacted.
    """

    economics: Economics
    customers: Floats
    buyers: Floats
    demand: float

    def at_random(self) -> ListPart:
        """The same of lists drawn by chance."""
        drawn = np.linspace(0.0, 1.0, len(self.customers))
        return ListPart(self.economics, drawn * self.customers[-1], drawn * self.buyers[-1], self.demand)


def list_parts(listed: pl.DataFrame, economics: Economics, demand: Mapping[str, float]) -> list[ListPart]:
    """The parts of a list.

    Args:
        listed: `product_id`, `probability`, in the order in which customers are contacted.
        economics: Margins and stocks.
        demand: Buyers expected if everyone scored were contacted, by product id.

    Example:
        >>> listed = pl.DataFrame({"product_id": ["pot", "vase"], "probability": [0.4, 0.5]})
        >>> list_parts(listed, Economics(margin=1.0), {"pot": 0.4, "vase": 0.5})[1].buyers.tolist()
        [0.0, 0.0, 0.5]
    """
    parts = []
    for product_id in listed["product_id"].unique(maintain_order=True):
        own = (listed["product_id"] == product_id).to_numpy()
        buyers = _running(own * listed["probability"].to_numpy())
        parts.append(ListPart(economics.of(product_id), _running(own), buyers, demand[product_id]))
    return parts


def earned(parts: Sequence[ListPart], factor: float = 1.0, share: float | None = None) -> Floats:
    """What lists of each length are expected to earn.

    Args:
        parts: Of the list.
        factor: Actual over expected buyers.
        share: Incremental share; the expected one by default.
    """
    each = [
        one.economics.profit(one.customers, one.buyers * factor, all_buyers=one.demand * factor, share=share)
        for one in parts
    ]
    return np.asarray(np.sum(each, axis=0))


def band(
    parts: Sequence[ListPart], share: IncrementalShare, count_factor: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Least and most of the pairs of ends; profit is monotone in each, without stock, but in either direction."""
    corners = [
        earned(parts, factor, one)
        for one, factor in product({share.low, share.expected, share.high}, {*count_factor, 1.0})
    ]
    return np.min(corners, axis=0), np.max(corners, axis=0)


def _running(values: NDArray[np.generic]) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
