"""What put a product into a list: one of a model's sources, the model, a pin, a launch, or the basket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.popularity.popularity import scaled_ranks
from frontrow.models.recommender import Scorer, Similar

PINNED: Final = "pinned"
LAUNCH: Final = "launch"
BASKET: Final = "basket"


@runtime_checkable
class HasSources(Protocol):
    """A fitted recommender that takes candidates from several sources."""

    def sources(self, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
        """The source that each listed product came from.

        Args:
            queries: The customers.
            lists: Product columns, -1 for none; shape (queries, k).

        Returns:
            Names, of the shape of `lists`.
        """
        ...


SourceFinder: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.str_]]
"""Takes the lists of the customers who were scored, and names the source of each product."""


@runtime_checkable
class ScoresWithSources(Protocol):
    """A fitted recommender that can name sources without scoring once more."""

    def scores_and_sources(self, queries: Queries) -> tuple[NDArray[np.float32], SourceFinder]:
        """The scores, and what `HasSources.sources` would say of their lists.

        Args:
            queries: The customers.
        """
        ...


@runtime_checkable
class HasProbabilities(Protocol):
    """A fitted recommender whose scores are probabilities.

    Attributes:
        probability_horizon_days: Its scores are the probability, on the logit scale, that a customer who orders within
            so many days buys the product; None where it had too little to learn probabilities from.
    """

    probability_horizon_days: int | None


@dataclass(frozen=True)
class BasketScorer:
    """Scores products by their similarity to a basket, for a customer of whom nothing else is known.

    Attributes:
        model: File name of the model.
        fitted: Orders the products that have nothing in common with the basket.
        similarity: Compares products.
        columns: Of the products in the basket; shape (products in it,).
    """

    model: str
    fitted: Scorer
    similarity: Similar
    columns: NDArray[np.int64]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Similarity to the products of the basket, added up; below 0, what the model lists, in its order."""
        similarity = self._basket_similarity
        rest = np.stack([scaled_ranks(row) for row in self.fitted.scores(queries)]) if len(queries) else 0.0
        scores = np.where(similarity > 0, similarity, rest - 1)
        return np.asarray(scores, dtype=np.float32).reshape(len(queries), len(similarity))

    def sources(self, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
        """`BASKET` for products similar to it, else the model's sources.

        Args:
            queries: The customers.
            lists: Product columns, -1 for none; shape (queries, k).
        """
        rest = find_sources(self.model, self.fitted, queries, lists)
        return np.where((lists >= 0) & (self._basket_similarity[np.maximum(lists, 0)] > 0), BASKET, rest)

    @cached_property
    def _basket_similarity(self) -> NDArray[np.float32]:
        """Of each product to those of the basket, added up; shape (products,)."""
        return np.asarray(np.maximum(self.similarity.similar(self.columns), 0).sum(axis=0), dtype=np.float32)


def find_probability_horizon(fitted: Scorer) -> int | None:
    """The days that a fitted recommender's probabilities are for; None where its scores are not probabilities."""
    return fitted.probability_horizon_days if isinstance(fitted, HasProbabilities) else None


def find_sources(model: str, fitted: Scorer, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
    """Find the source of each listed product; it is the model's own name where it has no sources.

    Args:
        model: File name of the model.
        fitted: The model.
        queries: The customers.
        lists: Product columns, -1 for none; shape (queries, k).
    """
    if isinstance(fitted, HasSources):
        return fitted.sources(queries, lists)
    return np.full(lists.shape, model)


def score_and_find_sources(model: str, fitted: Scorer, queries: Queries) -> tuple[NDArray[np.float32], SourceFinder]:
    """Score, and give a function that finds the source of each listed product; see `find_sources`.

    Args:
        model: File name of the model.
        fitted: The model.
        queries: The customers.
    """
    if isinstance(fitted, ScoresWithSources):
        return fitted.scores_and_sources(queries)
    return fitted.scores(queries), lambda lists: find_sources(model, fitted, queries, lists)
