"""The contract of a recommender: it learns from interactions, and scores every product for any customer.

A recommender is one file of `models/recommenders` with a class `Recommender`, or with a function `variants` that
returns several ones. It appears in `frontrow evaluate` and needs no other edit. Which products may be shown, and where
the list ends, is decided afterwards, once for all recommenders.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from frontrow.discovery import create_plugins
from frontrow.models.interactions.blocks import InteractionBlocks
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.progress import Progress, no_progress


class Scorer(Protocol):
    """Anything that scores products for customers."""

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Score how much each customer is expected to want each product, higher meaning more.

        Returns:
            Finite float32 of shape (queries, products), the columns of the `Interactions` it was fitted on.
            Scores of one row can be compared with one another, not with those of another row.
        """
        ...


class Fitted(Scorer, Protocol):
    """A recommender after `fit`."""

    def save(self, folder: Path) -> None:
        """Write everything that is needed to give these scores again, and no personal data."""
        ...


@runtime_checkable
class Similar(Protocol):
    """A fitted recommender that compares products."""

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Similarity of some products (columns) to every product; float32 of shape (given, products)."""
        ...


class Recommender(Protocol):
    """A recommender before `fit`.

    Attributes:
        name: Name in tables; on the command line it is called by its file name.
        extra: The optional dependency group of frontrow that it needs, or None.
        compares_products: Whether what it fits is `Similar`; known before a fit that takes minutes.
    """

    name: str
    extra: str | None
    compares_products: bool

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> Fitted:
        """Learn; the same seed and interactions give the same scores.

        Args:
            interactions: Everything that may be learned from.
            seed: Seed of all random numbers.
            progress: Called with (steps done, steps) during the fit.

        Raises:
            MissingExtraError: A package of `extra` is not installed.
        """
        ...

    def load(self, folder: Path) -> Fitted:
        """Read what `Fitted.save` wrote; the scores are equal to the bit.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
            MissingExtraError: A package that its scores need is not installed.
        """
        ...


@runtime_checkable
class TakesCustomers(Protocol):
    """A recommender that can serve customers whom it was not fitted on: what it has learned of products stays."""

    def with_customers(self, fitted: Any, interactions: Interactions, rows: NDArray[np.int64]) -> Fitted:
        """Put other customers in the place of those it was fitted on.

        Args:
            fitted: What `fit` or `learn` returned.
            interactions: Of the other customers, with the same columns.
            rows: Of each customer of `fitted`, the row among the others; -1 for those who are not among them. Shape
                (customers of `fitted`,).

        Returns:
            The fitted recommender of the other customers; their scores are equal to the bit, in whatever company they
            are.
        """
        ...


@runtime_checkable
class LearnsFromBlocks(TakesCustomers, Protocol):
    """A recommender that learns without all order lines in one memory, here or on a cluster."""

    def learn(
        self, blocks: InteractionBlocks, *, seed: int, progress: Progress = no_progress
    ) -> tuple[Fitted, Interactions]:
        """Learn from all blocks.

        Args:
            blocks: Everything that may be learned from.
            seed: Seed of all random numbers.
            progress: Called with (steps done, steps).

        Returns:
            The fitted recommender, of the few customers without whom it could not serve others, and their interactions.
            After `with_customers` it is what `fit` would have given.
        """
        ...


def recommenders() -> dict[str, Recommender]:
    """Return every recommender in `models/recommenders`, by file name or the name of the variant.

    Example:
        >>> recommenders()["popular_recent"].name
        'popular, 30 days'
    """
    import frontrow.models.recommenders as folder

    return create_plugins(folder, "Recommender")
