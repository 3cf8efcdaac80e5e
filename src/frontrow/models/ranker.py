"""The contract of a ranker: learn which candidates were bought, give a score to every candidate.

A ranker is one file of this folder with a class `Ranker`; it shows up in `frontrow evaluate` as a two-stage
recommender of its own, and in its tests, without another edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.discovery import load_plugins, look_up
from frontrow.errors import RecommendationError
from frontrow.progress import Progress, no_progress


@dataclass(frozen=True)
class Candidates:
    """What a ranker sees: one row a candidate, the rows of a customer together.

    Attributes:
        query: Number of the customer asked about, from 0, never falling; shape (rows,), int32.
        product: Column of the product; shape (rows,), int32.
        features: What is known of customer, product, and both; NaN where not known; shape (rows, features), float32.
        names: Of the features.
        categories: Codes from 0 of product, product type, vendor and country, -1 where not known; shape (rows, 4),
            int32.
        category_sizes: Number of codes of each category.
        history: Columns of the products each customer bought last, the latest first, -1 where there are no more;
            shape (queries, length), int32.
        products: Number of product columns.
    """

    query: NDArray[np.int32]
    product: NDArray[np.int32]
    features: NDArray[np.float32]
    names: tuple[str, ...]
    categories: NDArray[np.int32]
    category_sizes: tuple[int, ...]
    history: NDArray[np.int32]
    products: int

    def __len__(self) -> int:
        return len(self.query)

    def kept(self, rows: NDArray[np.bool_]) -> Candidates:
        """Some of the rows; the queries keep their numbers."""
        return replace(
            self,
            query=self.query[rows],
            product=self.product[rows],
            features=self.features[rows],
            categories=self.categories[rows],
        )


def joined(parts: Sequence[Candidates]) -> Candidates:
    """The candidates of several windows under one another, the queries numbered through."""
    starts = np.cumsum([0, *(len(part.history) for part in parts)])
    return replace(
        parts[0],
        query=np.concatenate([part.query + start for part, start in zip(parts, starts[:-1], strict=True)]).astype(
            np.int32
        ),
        product=np.concatenate([part.product for part in parts]),
        features=np.concatenate([part.features for part in parts]),
        categories=np.concatenate([part.categories for part in parts]),
        history=np.concatenate([part.history for part in parts]),
    )


def row_weights(candidates: Candidates, bought: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much each row counts in a fit: one over the root of what its customer bought of the candidates.

    A customer who buys fifty products would else teach as much as fifty who buy one.

    Returns:
        float64 in (0, 1], shape (rows,).
    """
    purchases = np.bincount(candidates.query, weights=bought, minlength=len(candidates.history))
    weights: NDArray[np.float64] = 1 / np.sqrt(np.maximum(purchases, 1))
    return weights[candidates.query]


class FittedRanker(Protocol):
    """A ranker that has learned."""

    def scores(self, candidates: Candidates) -> NDArray[np.float32]:
        """The chance that each candidate is bought in the window learned from, on the logit scale; shape (rows,)."""
        ...

    def save(self, folder: Path) -> None:
        """Write what is needed to give these scores again."""
        ...


class Ranker(Protocol):
    """What the two-stage recommender asks of a ranker.

    Attributes:
        name: As it stands in tables.
        extra: The extra of frontrow that it needs, or None.
    """

    name: str
    extra: str | None

    def fit(
        self, candidates: Candidates, bought: NDArray[np.bool_], *, seed: int, progress: Progress = no_progress
    ) -> FittedRanker:
        """Learn; the same seed on the same candidates gives the same scores.

        Args:
            candidates: Of customers who bought something in the window, as things stood before it.
            bought: Whether the customer bought the candidate in the window; shape (rows,).
            seed: Of everything drawn.
            progress: Called as the fit goes on.

        Raises:
            MissingExtraError: A package of its extra is not installed.
        """
        ...

    def load(self, folder: Path) -> FittedRanker:
        """Read back what `FittedRanker.save` wrote; it gives the same scores to the bit.

        Raises:
            ArtifactError: The folder holds no such ranker, or a damaged one.
        """
        ...


def ranker_named(name: str) -> Ranker:
    """The ranker in `models/rankers/NAME.py`.

    Raises:
        RecommendationError: There is none.

    Example:
        >>> ranker_named("boosted_trees").name
        'boosted trees'
    """
    return look_up(rankers(), name, kind="ranker", error=RecommendationError)


def rankers() -> dict[str, Ranker]:
    """Every ranker of this folder, by file name."""
    import frontrow.models.rankers as here

    return {name: one() for name, one in load_plugins(here, "Ranker").items()}
