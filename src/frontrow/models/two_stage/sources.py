"""The recommenders that find candidates: each is asked for its best products, and what it thinks of the others'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.recommender import Fitted, Recommender
from frontrow.models.top_k import kth_highest

Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Positions among the queries and columns of products, by position, then column."""


@dataclass(frozen=True)
class Sources:
    """Fitted recommenders by file name, in order."""

    fitted: Mapping[str, Fitted]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """What each source thinks of every product; shape (sources, queries, products)."""
        return np.stack([one.scores(queries) for one in self.fitted.values()])

    def save(self, folder: Path) -> None:
        """Write each source into a folder of its own."""
        for name, one in self.fitted.items():
            one.save(folder / name)


def fit_sources(recommenders: Mapping[str, Recommender], interactions: Interactions, *, seed: int) -> Sources:
    """Fit each."""
    return Sources({name: one.fit(interactions, seed=seed) for name, one in recommenders.items()})


def load_sources(recommenders: Mapping[str, Recommender], folder: Path) -> Sources:
    """Read each back.

    Raises:
        ArtifactError: One is missing or damaged.
    """
    return Sources({name: one.load(folder / name) for name, one in recommenders.items()})


def found_by(scores: NDArray[np.float32], shown: NDArray[np.bool_], bought: Cells, count: int) -> Cells:
    """The candidates: the best of each source, and the best of what the customer never bought.

    Args:
        scores: Of each source, shape (sources, queries, products); what it scores 0 or
            less is no candidate of it.
        shown: Products that may be candidates; shape (products,).
        bought: What the queries bought.
        count: Of each source, for either kind; equal scores at the end are all taken.

    Example:
        >>> scores = np.array([[[3.0, 2.0, 1.0, 0.0]]], dtype=np.float32)
        >>> bought = (np.array([0]), np.array([0]))
        >>> _, columns = found_by(scores, np.ones(4, dtype=np.bool_), bought, count=1)
        >>> columns.tolist()
        [0, 1]
    """
    mask = np.zeros(scores[0].shape, dtype=np.bool_)
    for one in scores:
        left = np.where(shown, one, 0)
        mask |= _best(left, count)
        left[bought] = 0
        mask |= _best(left, count)
    position, column = np.nonzero(mask)
    return position, column


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.bool_]:
    if count >= scores.shape[1]:
        return np.asarray(scores > 0)
    return np.asarray((scores >= kth_highest(scores, count)[:, None]) & (scores > 0))
