"""The contract of a ranker: it learns which candidates were bought and scores every candidate.

A ranker is one file of `models/rankers` with a class `Ranker`, or with a function `variants` that returns several ones.
It appears in `frontrow evaluate` as a two-stage recommender of its own and needs no other edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.progress import Progress, no_progress


@dataclass(frozen=True)
class FeatureTable:
    """Features that several candidates may share, such as those of one product.

    Attributes:
        values: Shape (table rows, features), float32; NaN where unknown.
        rows: Row of the table of each candidate; None where the table has one for each.
    """

    values: NDArray[np.float32]
    rows: NDArray[np.int64] | None = None

    def full(self) -> NDArray[np.float32]:
        """The features of each candidate; shape (candidates, features)."""
        return self.values if self.rows is None else self.values[self.rows]

    def select(self, rows: NDArray[np.bool_]) -> FeatureTable:
        """The features of the candidates where `rows` is true."""
        return FeatureTable(self.values[rows]) if self.rows is None else FeatureTable(self.values, self.rows[rows])


@dataclass(frozen=True)
class Candidates:
    """The products a ranker has to order: one row per customer and product, the rows of a customer together.

    Attributes:
        query: Number of the customer, ascending from 0; int32 (rows,).
        product: Column of the product; int32 (rows,).
        tables: Features of customer, product and pair, in the order of the names.
        names: Name of each feature.
        categories: Codes from 0 of product, product type, vendor and country; -1 where unknown; int32 (rows, 4).
        category_sizes: Number of codes of each category.
        history: Columns of the products each customer bought, the latest first, filled up with -1; int32 (queries,
            length).
        products: Number of product columns.
    """

    query: NDArray[np.int32]
    product: NDArray[np.int32]
    tables: tuple[FeatureTable, ...]
    names: tuple[str, ...]
    categories: NDArray[np.int32]
    category_sizes: tuple[int, ...]
    history: NDArray[np.int32]
    products: int

    def __len__(self) -> int:
        return len(self.query)

    @cached_property
    def features(self) -> NDArray[np.float32]:
        """All features; float32 (rows, features)."""
        return _stack(self.tables)

    def select(self, rows: NDArray[np.bool_]) -> Candidates:
        """Return the rows where `rows` is true; the queries keep their numbers."""
        return replace(
            self,
            query=self.query[rows],
            product=self.product[rows],
            tables=tuple(table.select(rows) for table in self.tables),
            categories=self.categories[rows],
        )


def concatenate(parts: Sequence[Candidates]) -> Candidates:
    """Join the candidates of several cutoffs; the queries are numbered through."""
    starts = np.cumsum([0, *(len(part.history) for part in parts)])
    queries = [part.query + start for part, start in zip(parts, starts[:-1], strict=True)]
    return replace(
        parts[0],
        query=np.concatenate(queries).astype(np.int32),
        product=np.concatenate([part.product for part in parts]),
        # not `part.features`, which would stay in memory beside their copy
        tables=(FeatureTable(np.concatenate([_stack(part.tables) for part in parts])),),
        categories=np.concatenate([part.categories for part in parts]),
        history=np.concatenate([part.history for part in parts]),
    )


def _stack(tables: Sequence[FeatureTable]) -> NDArray[np.float32]:
    if len(tables) == 1 and tables[0].rows is None:
        return tables[0].values
    return np.column_stack([table.full() for table in tables]).astype(np.float32, copy=False)


def row_weights(candidates: Candidates, bought: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the weight of each row in a fit: 1 / sqrt(number of candidates that its customer bought).

    Without these weights, a customer who bought fifty products would count as much as fifty who bought one.

    Args:
        candidates: The rows.
        bought: Whether each was bought; bool (rows,).

    Returns:
        Weights in (0, 1]; float64 (rows,).
    """
    purchases = np.bincount(candidates.query, weights=bought, minlength=len(candidates.history))  # (queries,)
    weights: NDArray[np.float64] = 1 / np.sqrt(np.maximum(purchases, 1))
    return weights[candidates.query]


class FittedRanker(Protocol):
    """A ranker after `fit`."""

    def scores(self, candidates: Candidates) -> NDArray[np.float32]:
        """Return the logit of the probability that each candidate is bought within the horizon; shape (rows,)."""
        ...

    def save(self, folder: Path) -> None:
        """Write everything that is needed to give these scores again."""
        ...


class Ranker(Protocol):
    """A ranker before `fit`.

    Attributes:
        name: Name in tables.
        extra: The optional dependency group of frontrow that it needs, or None.
    """

    name: str
    extra: str | None

    def fit(
        self, candidates: Candidates, bought: NDArray[np.bool_], *, seed: int, progress: Progress = no_progress
    ) -> FittedRanker:
        """Fit the ranker; the same seed and candidates give the same scores.

        Args:
            candidates: Candidates of customers who bought something within the horizon, as of the cutoff before it.
            bought: Whether each candidate was bought within the horizon; bool (rows,).
            seed: Seed of all random numbers.
            progress: Called during the fit.

        Raises:
            MissingExtraError: A package of `extra` is not installed.
        """
        ...

    def load(self, folder: Path) -> FittedRanker:
        """Read what `FittedRanker.save` wrote; the scores are equal to the bit.

        Raises:
            ArtifactError: The folder holds no such ranker, or a damaged one.
        """
        ...
