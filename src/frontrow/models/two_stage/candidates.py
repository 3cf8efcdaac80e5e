"""The first stage: several recommenders find candidates, which are described for the ranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.ranker import Candidates, FeatureTable
from frontrow.models.recommender import Fitted, Recommender, TakesCustomers
from frontrow.models.similarity.customers import Neighbours
from frontrow.models.top_k import kth_highest, true_cells
from frontrow.models.two_stage.customer_tables import CUSTOMER_FEATURES, PAIR_FEATURES
from frontrow.models.two_stage.product_table import PRODUCT_FEATURES
from frontrow.models.two_stage.snapshot import Snapshot
from frontrow.models.two_stage.source_scores import Cells, SourceScores, Top, score_source

BLOCK_CELLS = 16_000_000
"""Scores of sources looked at together, about; most of them are sparse, and take a tenth of the memory."""

CONTEXT_FEATURES = ("country_share", "price_above_own", "log_buyers_above_own", "hour", "month")


@runtime_checkable
class HasNeighbours(Protocol):
    """A fitted recommender that looks for neighbours among a pool of customers."""

    @property
    def neighbours(self) -> Neighbours:
        """The pool."""
        ...


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

    def with_customers(
        self, recommenders: Mapping[str, Recommender], interactions: Interactions, rows: NDArray[np.int64]
    ) -> Sources:
        """The same for other customers; see `recommender.TakesCustomers`.

        Args:
            recommenders: Recommenders by file name.
            interactions: Of the other customers.
            rows: Where those of the fit are among them.

        Raises:
            TypeError: One of the sources cannot do that.
        """
        replaced: dict[str, Fitted] = {}
        for name, source in self.fitted.items():
            recommender = recommenders[name]
            if not isinstance(recommender, TakesCustomers):
                raise TypeError(f"{name} serves nobody but the customers whom it was fitted on")
            replaced[name] = recommender.with_customers(source, interactions, rows)
        return Sources(replaced)

    def pool(self) -> NDArray[np.int64]:
        """Rows of the customers without whom the sources could not serve others, ascending."""
        pools = [source.neighbours.pool for source in self.fitted.values() if isinstance(source, HasNeighbours)]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *pools]))

    def scores(self, queries: Queries) -> list[SourceScores]:
        """Score the products by each source."""
        return [score_source(source, queries) for source in self.fitted.values()]

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
        scores: Of each source.
        tops: Of each source, what it scores highest.
        cells: The candidates.
        cell_scores: Of the candidates; shape (sources, candidates).
        is_bought: Whether the customer bought each candidate before; shape (candidates,).
    """

    queries: Queries
    scores: Sequence[SourceScores]
    tops: Sequence[Top]
    cells: Cells
    cell_scores: NDArray[np.float32]
    is_bought: NDArray[np.bool_]

    def select(self, rows: NDArray[np.bool_]) -> Scored:
        """The same with some of the candidates."""
        position, column = self.cells
        return replace(
            self,
            cells=(position[rows], column[rows]),
            cell_scores=self.cell_scores[:, rows],
            is_bought=self.is_bought[rows],
        )


def score_and_find(snapshot: Snapshot, sources: Sources, queries: Queries, count: int) -> Scored:
    """Score the products by each source, and find the candidates.

    Args:
        snapshot: Features at the cutoff.
        sources: Find candidates.
        queries: The customers.
        count: Number of candidates per source; see `find_candidates`.
    """
    scores, shape = sources.scores(queries), (len(queries), len(snapshot.products))
    returning = np.flatnonzero(queries.rows >= 0)
    position, column = snapshot.pairs.bought(queries.rows[returning])
    is_bought = np.zeros(shape, dtype=np.bool_)
    is_bought[returning[position], column] = True
    # so deep that those never bought are among them
    depth = count + int(is_bought.sum(axis=1).max(initial=0))
    tops = [source.top(snapshot.on_sale, depth) for source in scores]
    cells = find_candidates(tops, snapshot.on_sale, is_bought, count)
    numbers = np.zeros(shape, dtype=np.int32)
    numbers[cells] = np.arange(1, len(cells[0]) + 1)
    cell_scores = np.stack([source.of_candidates(cells, numbers.reshape(-1)) for source in scores])
    return Scored(queries, scores, tops, cells, cell_scores, is_bought[cells])


def find_candidates(tops: Sequence[Top], on_sale: NDArray[np.bool_], is_bought: NDArray[np.bool_], count: int) -> Cells:
    """Find the best products of each source, and the best of those that the customer never bought.

    Args:
        tops: What each source scores highest.
        on_sale: Products that may be candidates; shape (products,).
        is_bought: What the queries bought, shape (queries, products).
        count: Number of products per source, of each kind; products that share the last score are all taken.

    Example:
        >>> top = Top(np.array([[3, 2, 1]], dtype=np.float32), np.array([[0, 1, 2]]))
        >>> is_bought = np.array([[True, False, False, False]])
        >>> find_candidates([top], np.ones(4, dtype=np.bool_), is_bought, count=1)[1].tolist()
        [0, 1]
    """
    is_candidate = np.zeros(is_bought.shape, dtype=np.bool_)
    first_cell = np.arange(len(is_bought))[:, None] * is_bought.shape[1]
    for top in tops:
        top_cells = top.columns + first_cell
        listed = (top.values > 0) & on_sale.take(top.columns)
        best = _is_best(top.values, listed, count)
        best |= _is_best(top.values, listed & ~is_bought.reshape(-1).take(top_cells), count)
        is_candidate.reshape(-1)[top_cells[best]] = True
    cells, counts = true_cells(is_candidate)
    position = np.repeat(np.arange(len(counts)), counts)
    return position, cells - position * is_bought.shape[1]


def _is_best(values: NDArray[np.float32], counted: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Whether each value is counted, and reaches the last of the `count` highest of its row that are."""
    if values.shape[1] <= count:
        return counted
    least = kth_highest(np.where(counted, values, np.float32(0)), count)
    return np.asarray(counted & (values >= least[:, None]))


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
    tiny = np.finfo(np.float32).tiny
    highest = np.stack([np.maximum(top.highest(), tiny) for top in scored.tops])
    return np.concatenate([scored.cell_scores, scored.cell_scores / highest[:, scored.cells[0]]]).T


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
