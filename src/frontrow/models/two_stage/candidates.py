"""The first stage: several recommenders find candidates, which are described for the ranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.ranker import Candidates, FeatureTable
from frontrow.models.recommender import Fitted, Recommender
from frontrow.models.top_k import cells_reaching, kth_of_runs, true_cells
from frontrow.models.two_stage.customer_tables import CUSTOMER_FEATURES, PAIR_FEATURES
from frontrow.models.two_stage.product_table import PRODUCT_FEATURES
from frontrow.models.two_stage.snapshot import Snapshot

BLOCK_CELLS = 8_000_000
"""Scores of sources held in memory at a time, approximately."""

USUAL_PURCHASES = 200
"""Products bought by nearly every customer at most; the candidates of the others are found apart."""

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

    def scores(self, queries: Queries) -> list[NDArray[np.float32]]:
        """Score every product by each source; each of shape (queries, products)."""
        return [source.scores(queries) for source in self.fitted.values()]

    def save(self, folder: Path) -> None:
        """Write each source into a folder of its own."""
        for name, source in self.fitted.items():
            source.save(folder / name)

    def block_rows(self, products: int) -> int:
        """Number of customers to score at a time, given the number of products."""
        return max(1, BLOCK_CELLS // max(1, len(self.fitted) * products))


@dataclass(frozen=True)
class Scored:
    """The candidates of some customers, and what the sources say of every product.

    Attributes:
        queries: The customers.
        scores: Of each source, shape (queries, products).
        tops: Of each source, what it scores highest.
        cells: The candidates.
        is_bought: Whether the customer bought each candidate before; shape (candidates,).
    """

    queries: Queries
    scores: list[NDArray[np.float32]]
    tops: list[Top]
    cells: Cells
    is_bought: NDArray[np.bool_]

    def select(self, rows: NDArray[np.bool_]) -> Scored:
        """The same with some of the candidates."""
        position, column = self.cells
        return replace(self, cells=(position[rows], column[rows]), is_bought=self.is_bought[rows])


def score_and_find(snapshot: Snapshot, sources: Sources, queries: Queries, count: int) -> Scored:
    """Score every product by each source, and find the candidates.

    Args:
        snapshot: Features at the cutoff.
        sources: Find candidates.
        queries: The customers.
        count: Number of candidates per source; see `find_candidates`.
    """
    scores = sources.scores(queries)
    returning = np.flatnonzero(queries.rows >= 0)
    position, column = snapshot.pairs.bought(queries.rows[returning])
    is_bought = np.zeros((len(queries), len(snapshot.products)), dtype=np.bool_)
    is_bought[returning[position], column] = True
    cells, tops = find_candidates(scores, snapshot.on_sale, is_bought, count)
    return Scored(queries, scores, tops, cells, is_bought[cells])


@dataclass(frozen=True)
class Top:
    """What a source scores highest, above zero, on sale or not: all down to its last candidate.

    Attributes:
        values: Scores of one customer after the other.
        starts: First of each customer, and the end of the last; shape (queries + 1,).
    """

    values: NDArray[np.float32]
    starts: NDArray[np.int64]


def find_candidates(
    scores: Sequence[NDArray[np.float32]], on_sale: NDArray[np.bool_], is_bought: NDArray[np.bool_], count: int
) -> tuple[Cells, list[Top]]:
    """Find the best products of each source, and the best of those that the customer never bought.

    Args:
        scores: Of each source, shape (queries, products); a product that a source scores 0 or less is no candidate of
            it.
        on_sale: Products that may be candidates; shape (products,).
        is_bought: What the queries bought, shape (queries, products).
        count: Number of products per source, of each kind; products that share the last score are all taken.

    Example:
        >>> scores = [np.array([[3.0, 2.0, 1.0, 0.0]], dtype=np.float32)]
        >>> is_bought = np.array([[True, False, False, False]])
        >>> (_, columns), _ = find_candidates(scores, np.ones(4, dtype=np.bool_), is_bought, count=1)
        >>> columns.tolist()
        [0, 1]
    """
    queries, products = is_bought.shape
    is_candidate = np.zeros(queries * products, dtype=np.bool_)
    bought = is_bought.sum(axis=1)
    # few customers bought so much that finding their candidates would cost the others more than themselves
    usual = bought <= USUAL_PURCHASES
    parts = [part for part in (np.flatnonzero(usual), np.flatnonzero(~usual)) if len(part)]
    tops = []
    for source_scores in scores:
        tops.append(_mark_best(source_scores, on_sale, is_bought, parts, count, is_candidate))
    flat, _ = true_cells(is_candidate.reshape(queries, products))
    return tuple(np.divmod(flat, max(products, 1))), tops


def _mark_best(
    scores: NDArray[np.float32],
    on_sale: NDArray[np.bool_],
    is_bought: NDArray[np.bool_],
    parts: Sequence[NDArray[np.int64]],
    count: int,
    is_candidate: NDArray[np.bool_],
) -> Top:
    """Mark the candidates of one source, and return what it scores highest."""
    products = scores.shape[1]
    found = []
    for rows in parts:
        is_all = len(rows) == len(scores)
        part, part_bought = (scores, is_bought) if is_all else (scores[rows], is_bought[rows])
        # so many that those never bought are among them
        depth = count + int(part_bought.sum(axis=1).max())
        cells, counts = cells_reaching(part, depth, on_sale)
        values, row = part.reshape(-1)[cells], np.repeat(np.arange(len(rows)), counts)
        listed = on_sale[cells - row * products]
        best = _is_best(values, row, listed, len(rows), count)
        best |= _is_best(values, row, listed & ~part_bought.reshape(-1)[cells], len(rows), count)
        chosen = cells[best] if is_all else cells[best] + (rows[row] - row)[best] * products
        is_candidate[chosen] = True
        found.append((rows, counts, values))
    if len(found) == 1 and len(found[0][0]) == len(scores):
        ((_, counts, values),) = found
        return Top(values, np.concatenate([[0], np.cumsum(counts)]))
    order = np.argsort(np.concatenate([np.repeat(rows, counts) for rows, counts, _ in found]), kind="stable")
    all_counts = np.zeros(len(scores), dtype=np.int64)
    for rows, counts, _ in found:
        all_counts[rows] = counts
    return Top(np.concatenate([values for _, _, values in found])[order], np.concatenate([[0], np.cumsum(all_counts)]))


def _is_best(
    values: NDArray[np.float32], row: NDArray[np.int64], counted: NDArray[np.bool_], rows: int, count: int
) -> NDArray[np.bool_]:
    """Whether each value is counted and reaches the last of the `count` highest of its row that are."""
    least = kth_of_runs(values[counted], np.bincount(row[counted], minlength=rows), count)
    return np.asarray(counted & (values >= least[row]))


def describe_candidates(snapshot: Snapshot, sources: Sources, scored: Scored) -> Candidates:
    """Collect everything that a ranker knows of some candidates.

    Args:
        snapshot: Features at the cutoff.
        sources: Name the features made of the scores.
        scored: The candidates; either all of the customers have a row, or none has.
    """
    queries, (position, column) = scored.queries, scored.cells
    returning = bool((queries.rows >= 0).any())
    country = snapshot.shares.rows(queries)
    tables = [FeatureTable(_score_features(scored)), FeatureTable(snapshot.products, column)]
    if returning:
        tables += [_pair_features(snapshot, scored), FeatureTable(snapshot.customers[queries.rows], position)]
    tables += _context(snapshot, queries, scored.cells, country, returning)
    history = snapshot.history[queries.rows]
    history[queries.rows < 0] = -1
    return Candidates(
        query=position.astype(np.int32),
        product=column.astype(np.int32),
        tables=tuple(tables),
        names=feature_names(tuple(sources.fitted), returning=returning),
        categories=np.column_stack([column, snapshot.codes[column], country[position]]).astype(np.int32),
        category_sizes=(len(snapshot.products), *snapshot.code_counts, len(snapshot.shares.values)),
        history=history,
        products=len(snapshot.products),
    )


def _score_features(scored: Scored) -> NDArray[np.float32]:
    """The score of each source, and as a share of the customer's highest one; column by column in memory."""
    position, column = scored.cells
    sources = len(scored.scores)
    features = np.empty((2 * sources, len(position)), dtype=np.float32)
    for number, scores in enumerate(scored.scores):
        highest = np.maximum(scores.max(axis=1, initial=0), np.finfo(np.float32).tiny)
        features[number] = scores[position, column]
        features[sources + number] = features[number] / highest[position]
    return features.T


def _pair_features(snapshot: Snapshot, scored: Scored) -> FeatureTable:
    """Those of the products that each customer bought, after a row for all others."""
    position, column = scored.cells
    rows = scored.queries.rows[position[scored.is_bought]]
    never = snapshot.pairs.of(np.array([-1]), np.array([0]))
    bought = np.zeros(len(position), dtype=np.int64)
    bought[scored.is_bought] = np.arange(1, len(rows) + 1)
    return FeatureTable(np.concatenate([never, snapshot.pairs.of(rows, column[scored.is_bought])]), bought)


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
) -> list[FeatureTable]:
    """`CONTEXT_FEATURES`."""
    position, column = cells
    above_own = np.full((2, len(position)), np.nan, dtype=np.float32)
    if returning:
        customer_columns = [CUSTOMER_FEATURES.index(name) for name in ("log_price_mean", "log_buyers_mean")]
        product_columns = [PRODUCT_FEATURES.index(name) for name in ("log_price", "buyers_365d")]
        products = snapshot.products[:, product_columns].copy()
        products[:, 1] = np.log1p(products[:, 1])
        above_own = (products[column] - snapshot.customers[queries.rows][:, customer_columns][position]).T
    pairs = np.stack([snapshot.shares.values[country[position], column], *above_own])
    of_order = queries.context.select(pl.col("hour", "month").cast(pl.Float32).fill_null(np.nan)).to_numpy()
    return [FeatureTable(pairs.T), FeatureTable(of_order, position)]
