"""The contract of a baseline: a score for each customer and one new product, from what was known at the cutoff.

A baseline is one file of this folder with a class `Baseline`; it shows up in the back-test, its table and its tests
without another edit. A launch model that does not beat them is reported as such.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.discovery import load_plugins


@dataclass(frozen=True)
class Asked:
    """One new product at its cutoff.

    Attributes:
        everyone: Lines of all customers before the cutoff, shape (customers, products).
        similarity: TF-IDF cosine of each earlier product's text to the new one's, shape (products,).
        seed: For what is drawn.
    """

    everyone: sparse.csr_matrix
    similarity: NDArray[np.float64]
    seed: int


@dataclass(frozen=True)
class Customers:
    """Some of the customers to score.

    Attributes:
        rows: One row a customer, with `features.launch.FEATURES`.
        purchases: Their lines before the cutoff, shape (rows, products).
    """

    rows: pl.DataFrame
    purchases: sparse.csr_matrix


Scorer = Callable[[Customers], NDArray[np.float64]]
"""A score for each customer, higher meaning more likely; shape (rows,)."""


class Baseline(Protocol):
    """What the back-test asks of a baseline.

    Attributes:
        name: As it stands in tables.
    """

    name: str

    def scorer(self, asked: Asked) -> Scorer:
        """What is worked out once for a product, ready to score customers in blocks."""
        ...


def baselines() -> list[Baseline]:
    """Every baseline of this folder, by file name.

    Example:
        >>> [baseline.name for baseline in baselines()][:2]
        ['lines in the category', 'item-to-item']
    """
    import frontrow.models.baselines as here

    return [one() for one in load_plugins(here, "Baseline").values()]
