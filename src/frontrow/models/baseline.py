"""The contract of a baseline: it scores customers for one new product, from what was known at the cutoff.

A baseline is one file of `models/baselines` with a class `Baseline`. It appears in the back-test, its tables and its
tests and needs no other edit. A launch model that does not beat the baselines is reported as such.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.discovery import load_plugins, look_up
from frontrow.errors import LaunchError

NEAREST: Final = 20
"""Number of earlier products that stand for the new one, which has no buyers of its own."""


@dataclass(frozen=True)
class NewProduct:
    """A product to be launched, at its cutoff. Customers are counted, so that the numbers can be added up from blocks.

    Attributes:
        similarity: TF-IDF cosine of each earlier product's text to the new one's, shape (products,).
        nearest: Positions of the `NEAREST` earlier products of the highest similarity, best first, shape (nearest,).
        buyers: Customers who bought each earlier product before the cutoff, shape (products,).
        bought_together: Customers who bought both a nearest product and each earlier one before the cutoff, shape
            (nearest, products).
        seed: Seed of random numbers.
    """

    similarity: NDArray[np.float64]
    nearest: NDArray[np.int64]
    buyers: NDArray[np.int64]
    bought_together: NDArray[np.int32]
    seed: int


@dataclass(frozen=True)
class Customers:
    """A block of the customers to score.

    Attributes:
        rows: One row per customer, with `features.launch.FEATURES`.
        purchases: Their order lines before the cutoff, shape (rows, products).
    """

    rows: pl.DataFrame
    purchases: sparse.csr_matrix


Scorer = Callable[[Customers], NDArray[np.float64]]
"""Scores each customer, higher meaning more likely to buy; shape (rows,)."""


class Baseline(Protocol):
    """A rule that scores customers for a new product.

    Attributes:
        name: Name in tables.
    """

    name: str

    def scorer(self, product: NewProduct) -> Scorer:
        """Compute what is needed once per product, and return the function that scores blocks of customers."""
        ...


def baselines() -> dict[str, Baseline]:
    """Return every baseline in `models/baselines`, by file name.

    Example:
        >>> [baseline.name for baseline in baselines().values()][:2]
        ['lines in the category', 'item-to-item']
    """
    import frontrow.models.baselines as folder

    return {name: plugin() for name, plugin in load_plugins(folder, "Baseline").items()}


def get_baseline(name: str) -> Baseline:
    """Return a baseline by its file name.

    Raises:
        LaunchError: There is no such baseline; the message lists the available ones.

    Example:
        >>> get_baseline("order_lines").name
        'order lines, 180 days (RFM)'
    """
    return look_up(baselines(), name, kind="baseline", error=LaunchError)
