"""A trained recommender that answers for a customer at a time, at once: lists are made ahead where that is possible."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Queries
from frontrow.recommend.customers import FIRST_ORDER_SCHEMA, build_first_order_queries, normalize_regions
from frontrow.recommend.lists import Lists, build_lists, scale_scores
from frontrow.recommend.rankings import RankedScorer, Rankings
from frontrow.recommend.rerank.compile_rules import CompiledRules
from frontrow.recommend.rerank.rules import Rules
from frontrow.recommend.sources import find_probability_horizon
from frontrow.recommend.trained import TrainedRecommender
from frontrow.schema import conform

READY_LENGTH: Final = 20
"""Length of the lists under no rules that are made ahead."""

MOST_COMPILED: Final = 64
"""Rules that stay compiled."""

NO_RULES: Final = Rules()


@dataclass(frozen=True)
class ListedProduct:
    """One product of a list.

    Attributes:
        rank: From 1.
        product_id: The product.
        title: Its title; None where it has none.
        score: The probability to buy it, or a score that only orders the products of one customer; None for a product
            that the model does not score.
        source: What put it there (`recommend.sources`).
    """

    rank: int
    product_id: str
    title: str | None
    score: float | None
    source: str


@dataclass(frozen=True)
class _ReadyLists:
    """Lists of every ranked customer under no rules, by row; scores as they are shown."""

    columns: NDArray[np.int32]
    scores: NDArray[np.float32]
    sources: NDArray[np.uint8]
    names: tuple[str, ...]


class ServedRecommender:
    """A trained recommender in memory. Several threads may ask it at the same time.

    Attributes:
        trained: The recommender.
        scores_are_probabilities: Whether the scores of lists are probabilities to buy.
    """

    def __init__(self, trained: TrainedRecommender, rankings: Rankings | None = None) -> None:
        """Make the lists ahead.

        Args:
            trained: The recommender.
            rankings: Its rankings; without them every list is computed by the model.
        """
        self.trained = trained
        self.scores_are_probabilities = find_probability_horizon(trained.fitted) is not None
        self._rankings = rankings
        self._rows = {int(customer_id): row for row, customer_id in enumerate(trained.customer_ids)}
        self._product_ids = trained.items["product_id"].to_list()
        self._titles = trained.items["title"].to_list()
        self._compiled: OrderedDict[tuple[Rules, int], CompiledRules] = OrderedDict()
        self._compiling = threading.Lock()
        self._ready = None if rankings is None else self._make_lists(rankings)

    def has_orders(self, customer_id: int) -> bool:
        """Whether the recommender learned from orders of a customer."""
        return customer_id in self._rows

    def is_ready(self, customer_id: int, k: int, rules: Rules = NO_RULES) -> bool:
        """Whether a list is there already, so that `list_products` takes no time."""
        return self._ready is not None and rules == NO_RULES and k <= READY_LENGTH and self._is_ranked(customer_id)

    def list_products(self, customer_id: int, k: int, rules: Rules = NO_RULES) -> list[ListedProduct]:
        """The products that a customer is likely to want next, the likeliest first.

        Args:
            customer_id: Number of the customer; one without orders gets the list of somebody of whom nothing is known.
            k: Length of the list.
            rules: The rules of the shop.

        Raises:
            RecommendationError: A pinned product is unknown.
        """
        if self.is_ready(customer_id, k, rules):
            return self._read_ready(self._rows[customer_id], k)
        if self._rankings is not None and self._is_ranked(customer_id):
            row = np.array([self._rows[customer_id]], dtype=np.int64)
            queries = Queries(row, pl.DataFrame(schema=CONTEXT_SCHEMA).clear(1))
            compiled = self._compile(rules, k)
            lists = build_lists(self.trained.model, RankedScorer(self._rankings), queries, compiled)
            if self._rankings.is_complete or (compiled.keeps_model_order and (lists.columns >= 0).all()):
                return self._describe(lists, are_probabilities=self.scores_are_probabilities)[0]
        queries = self.trained.queries(np.array([customer_id], dtype=np.int64))
        lists = build_lists(self.trained.model, self.trained.fitted, queries, self._compile(rules, k))
        return self._describe(lists, are_probabilities=self.scores_are_probabilities)[0]

    def list_for_first_orders(
        self, contexts: pl.DataFrame, k: int, rules: Rules = NO_RULES, basket: Sequence[str] = ()
    ) -> list[list[ListedProduct]]:
        """A list for each of some new customers, by what is known of their first order.

        Args:
            contexts: `customers.FIRST_ORDER_SCHEMA`; a month that is not known is that of the cutoff.
            k: Length of the lists.
            rules: The rules of the shop.
            basket: Products that each of them has in the basket.

        Raises:
            RecommendationError: A product of the basket was never sold, or a pinned one is unknown.
        """
        known_month = conform(contexts, FIRST_ORDER_SCHEMA).with_columns(pl.col("month").fill_null(self.trained.month))
        queries = build_first_order_queries(normalize_regions(known_month, self.trained.contexts))
        if basket:
            lists = self.trained.recommend(queries, k=k, rules=rules, basket=basket)
        else:
            lists = build_lists(self.trained.model, self.trained.fitted, queries, self._compile(rules, k))
        return self._describe(lists, are_probabilities=self.scores_are_probabilities and not basket)

    def _is_ranked(self, customer_id: int) -> bool:
        return self._rankings is not None and self._rankings.has(self._rows.get(customer_id, -1))

    def _compile(self, rules: Rules, k: int) -> CompiledRules:
        key = (rules, k)
        with self._compiling:
            if key in self._compiled:
                self._compiled.move_to_end(key)
            else:
                self._compiled[key] = self.trained.compile_rules(rules, k=k)
            while len(self._compiled) > MOST_COMPILED:
                self._compiled.popitem(last=False)
            return self._compiled[key]

    def _make_lists(self, rankings: Rankings) -> _ReadyLists | None:
        """The lists under no rules, which are exact where no ranking ends too early."""
        rows = np.flatnonzero(rankings.columns[:, 0] >= 0)
        queries = Queries(rows, pl.DataFrame(schema=CONTEXT_SCHEMA).clear(len(rows)))
        lists = build_lists(self.trained.model, RankedScorer(rankings), queries, self._compile(NO_RULES, READY_LENGTH))
        if not rankings.is_complete and (lists.columns < 0).any():
            return None
        names, codes = np.unique(lists.sources, return_inverse=True)
        shape = (len(rankings.columns), lists.columns.shape[1])
        columns, scores = np.full(shape, -1, dtype=np.int32), np.full(shape, np.nan, dtype=np.float32)
        sources = np.zeros(shape, dtype=np.uint8)
        columns[rows] = lists.columns
        scores[rows] = scale_scores(lists.scores, are_probabilities=self.scores_are_probabilities)
        sources[rows] = codes.reshape(lists.sources.shape)
        return _ReadyLists(columns, scores, sources, tuple(map(str, names)))

    def _read_ready(self, row: int, k: int) -> list[ListedProduct]:
        ready = self._ready
        assert ready is not None
        cells = zip(*(part[row, :k].tolist() for part in (ready.columns, ready.scores, ready.sources)), strict=True)
        return [
            self._product(rank, column, score, ready.names[code])
            for rank, (column, score, code) in enumerate(cells, 1)
            if column >= 0
        ]

    def _describe(self, lists: Lists, *, are_probabilities: bool) -> list[list[ListedProduct]]:
        scores = scale_scores(lists.scores, are_probabilities=are_probabilities).tolist()
        rows = zip(lists.columns.tolist(), scores, lists.sources.tolist(), strict=True)
        return [
            [
                self._product(rank, column, score, source)
                for rank, (column, score, source) in enumerate(zip(*row, strict=True), 1)
                if column >= 0
            ]
            for row in rows
        ]

    def _product(self, rank: int, column: int, score: float, source: str) -> ListedProduct:
        shown = None if math.isnan(score) else score
        return ListedProduct(rank, self._product_ids[column], self._titles[column], shown, source)
