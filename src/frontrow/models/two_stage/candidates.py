"""The first stage: several recommenders find candidates, which are described for the ranker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.ranker import Candidates
from frontrow.models.recommender import Fitted, Recommender
from frontrow.models.top_k import kth_highest
from frontrow.models.two_stage.customer_tables import CUSTOMER_FEATURES, PAIR_FEATURES
from frontrow.models.two_stage.product_table import PRODUCT_FEATURES
from frontrow.models.two_stage.snapshot import Snapshot

BLOCK_CELLS = 8_000_000
"""Scores of sources held in memory at a time, approximately."""

CONTEXT_FEATURES = ("country_share", "price_above_own", "log_buyers_above_own", "hour", "month")

Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Position among the queries and column of the product of each candidate, by position, then column."""


@dataclass(frozen=True)
class Sources:
    """The recommenders that find candidates.

    Attributes:
        fitted: Fitted recommenders by file name, in order.
    """

    fitted: Mapping[str, Fitted]

    @classmethod
    def fit(cls, recommenders: Mapping[str, Recommender], interactions: Interactions, *, seed: int) -> Sources:
        """Fit each recommender.

        Args:
            recommenders: Recommenders by file name.
            interactions: What they learn from.
            seed: Seed of each fit.
        """
        fitted = {name: recommender.fit(interactions, seed=seed) for name, recommender in recommenders.items()}
        return cls(fitted)

    @classmethod
    def load(cls, recommenders: Mapping[str, Recommender], folder: Path) -> Sources:
        """Read back what `save` wrote.

        Args:
            recommenders: Recommenders by file name.
            folder: The folder given to `save`.

        Raises:
            ArtifactError: A source is missing or damaged.
        """
        return cls({name: recommender.load(folder / name) for name, recommender in recommenders.items()})

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Score every product by each source; shape (sources, queries, products)."""
        return np.stack([source.scores(queries) for source in self.fitted.values()])

    def save(self, folder: Path) -> None:
        """Write each source into a folder of its own."""
        for name, source in self.fitted.items():
            source.save(folder / name)

    def block_rows(self, products: int) -> int:
        """Number of customers to score at a time, given the number of products."""
        return max(1, BLOCK_CELLS // max(1, len(self.fitted) * products))


def score_and_find(
    snapshot: Snapshot, sources: Sources, queries: Queries, count: int
) -> tuple[NDArray[np.float32], Cells]:
    """Score every product by each source, and find the candidates.

    Args:
        snapshot: Features at the cutoff.
        sources: Find candidates.
        queries: The customers.
        count: Number of candidates per source; see `find_candidates`.

    Returns:
        Scores of shape (sources, queries, products), and the candidates.
    """
    scores = sources.scores(queries)
    returning = np.flatnonzero(queries.rows >= 0)
    position, column = snapshot.pairs.bought(queries.rows[returning])
    return scores, find_candidates(scores, snapshot.on_sale, (returning[position], column), count)


def find_candidates(scores: NDArray[np.float32], on_sale: NDArray[np.bool_], bought: Cells, count: int) -> Cells:
    """Find the best products of each source, and the best of those that the customer never bought.

    Args:
        scores: Shape (sources, queries, products); a product that a source scores 0 or less is no candidate of it.
        on_sale: Products that may be candidates; shape (products,).
        bought: What the queries bought.
        count: Number of products per source, of each kind; products that share the last score are all taken.

    Example:
        >>> scores = np.array([[[3.0, 2.0, 1.0, 0.0]]], dtype=np.float32)
        >>> bought = (np.array([0]), np.array([0]))
        >>> _, columns = find_candidates(scores, np.ones(4, dtype=np.bool_), bought, count=1)
        >>> columns.tolist()
        [0, 1]
    """
    mask = np.zeros(scores[0].shape, dtype=np.bool_)
    for source_scores in scores:
        remaining = np.where(on_sale, source_scores, 0)
        mask |= _best(remaining, count)
        remaining[bought] = 0
        mask |= _best(remaining, count)
    position, column = np.nonzero(mask)
    return position, column


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.bool_]:
    if count >= scores.shape[1]:
        return np.asarray(scores > 0)
    return np.asarray((scores >= kth_highest(scores, count)[:, None]) & (scores > 0))


def describe_candidates(
    snapshot: Snapshot, sources: Sources, queries: Queries, scores: NDArray[np.float32], cells: Cells
) -> Candidates:
    """Collect everything that a ranker knows of some candidates.

    Args:
        snapshot: Features at the cutoff.
        sources: Name the features made of the scores.
        queries: The customers; either all of them have a row, or none has.
        scores: Scores of the sources, shape (sources, queries, products).
        cells: The candidates.
    """
    position, column = cells
    returning = bool((queries.rows >= 0).any())
    country = snapshot.shares.rows(queries)
    cell_scores = scores[:, position, column]
    highest = np.maximum(scores.max(axis=2, initial=0), np.finfo(np.float32).tiny)
    parts = [cell_scores.T, (cell_scores / highest[:, position]).T, snapshot.products[column]]
    if returning:
        rows = queries.rows[position]
        parts += [snapshot.pairs.of(rows, column), snapshot.customers[rows]]
    context = _context(snapshot, queries, cells, country, returning)
    history = snapshot.history[queries.rows]
    history[queries.rows < 0] = -1
    return Candidates(
        query=position.astype(np.int32),
        product=column.astype(np.int32),
        features=np.column_stack([*parts, *context]).astype(np.float32, copy=False),
        names=feature_names(tuple(sources.fitted), returning=returning),
        categories=np.column_stack([column, snapshot.codes[column], country[position]]).astype(np.int32),
        category_sizes=(len(snapshot.products), *snapshot.code_counts, len(snapshot.shares.values)),
        history=history,
        products=len(snapshot.products),
    )


def feature_names(sources: tuple[str, ...], *, returning: bool) -> tuple[str, ...]:
    """Names of the columns of `describe_candidates`.

    Args:
        sources: File names of the sources.
        returning: Whether the customers have a history.
    """
    score_names = (*(f"score_{name}" for name in sources), *(f"score_of_best_{name}" for name in sources))
    tables = {"product": PRODUCT_FEATURES}
    if returning:
        tables |= {"pair": PAIR_FEATURES, "customer": CUSTOMER_FEATURES}
    table_names = (f"{table}_{name}" for table, names in tables.items() for name in names)
    return (*score_names, *table_names, *CONTEXT_FEATURES)


def _context(
    snapshot: Snapshot, queries: Queries, cells: Cells, country: NDArray[np.int64], returning: bool
) -> list[NDArray[np.float32]]:
    """`CONTEXT_FEATURES`."""
    position, column = cells
    above_own = np.full((2, len(position)), np.nan, dtype=np.float32)
    if returning:
        customer_columns = [CUSTOMER_FEATURES.index(name) for name in ("log_price_mean", "log_buyers_mean")]
        product_columns = [PRODUCT_FEATURES.index(name) for name in ("log_price", "buyers_365d")]
        products = snapshot.products[:, product_columns].copy()
        products[:, 1] = np.log1p(products[:, 1])
        above_own = (products[column] - snapshot.customers[queries.rows[position]][:, customer_columns]).T
    hour, month = (queries.context[name].cast(pl.Float32).fill_null(np.nan).to_numpy() for name in ("hour", "month"))
    return [snapshot.shares.values[country[position], column], *above_own, hour[position], month[position]]
