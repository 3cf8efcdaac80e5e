"""The contract of a recommender: learn from interactions, give a score to every product for any customer.

A recommender is one file of this folder with a class `Recommender`; it shows up in `frontrow evaluate` and its
tests without another edit. Scores are given for every column, a block of customers at a time; which products may be
shown, and where the list is cut, is decided downstream, once for all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from frontrow.discovery import create_plugins
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.progress import Progress, no_progress


class Scorer(Protocol):
    """Whatever scores products for customers."""

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """How much each customer is expected to want each product, higher meaning more.

        Returns:
            Finite float32 of shape (queries, products), the columns of the `Interactions` it was fitted on.
            Scores of one row can be compared with one another, not with another row's.
        """
        ...


class Fitted(Scorer, Protocol):
    """A recommender that has learned."""

    def save(self, folder: Path) -> None:
        """Write what is needed to give these scores again: no data of the shop besides, nothing personal."""
        ...


@runtime_checkable
class Similar(Protocol):
    """What a fitted recommender that compares products can do besides."""

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """How alike each given product (column) and every product are; float32 of shape (given, products)."""
        ...


class Recommender(Protocol):
    """What the evaluation asks of a recommender.

    Attributes:
        name: As it stands in tables; the command line asks for it by its file's name.
        extra: The extra of frontrow that it needs (`pip install 'frontrow[EXTRA]'`), or None.
        compares_products: What it fits is `Similar`, which is asked before a fit that takes minutes.
    """

    name: str
    extra: str | None
    compares_products: bool

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> Fitted:
        """Learn; the same seed on the same interactions gives the same scores.

        Raises:
            MissingExtraError: A package of its extra is not installed.
        """
        ...

    def load(self, folder: Path) -> Fitted:
        """Read back what `Fitted.save` wrote; it gives the same scores to the bit.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
            MissingExtraError: A package that its scores need is not installed.
        """
        ...


def recommenders() -> dict[str, Recommender]:
    """Every recommender of this folder, by file name, and those that a file makes besides (`variants`).

    Example:
        >>> recommenders()["popular_recent"].name
        'popular, 30 days'
    """
    import frontrow.models.recommenders as here

    return create_plugins(here, "Recommender")
