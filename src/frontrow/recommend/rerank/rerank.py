"""The lists of a block of customers: the model's ranking, the launches among it, the rules, and what each rule did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.top_k import top_columns
from frontrow.recommend.rerank.blend import LaunchProbabilities, blend_launches, insert_pins, select_pins
from frontrow.recommend.rerank.compile_rules import POOL_FACTOR, CompiledRules
from frontrow.recommend.rerank.diversify import Columns, select_products
from frontrow.recommend.rerank.filters import Mask

MARGIN: Final = 3
"""So many times the needed ranks are looked at first: most lists lose fewer products to the filters."""

EFFECT_SCHEMA: Final = {
    "rule": pl.String(),
    # products it excludes for everyone; null for other rules
    "products": pl.Int64(),
    # products it removed from lists, and products it put into lists; null where the rule does not do that
    "removed": pl.Int64(),
    "moved": pl.Int64(),
    # customers whose list it changed
    "customers": pl.Int64(),
}


@dataclass(frozen=True)
class RerankedLists:
    """Lists, and what they were made of; shapes (rows, k), -1 after the last.

    Attributes:
        lists: Candidate items, best first.
        pins: Those of each customer, shape (rows, pins).
        model_lists: What the model alone would list.
        is_hidden: Which of `model_lists` are hidden because the customer has bought them.
        allowed_lists: The first of the ranking that no filter excludes, before limits, diversity and pins.
        undiversified: The picks without diversity.
        picks: The picks, before pins were put between them.
    """

    lists: Columns
    pins: Columns
    model_lists: Columns
    is_hidden: Mask
    allowed_lists: Columns
    undiversified: Columns
    picks: Columns


def rerank(
    scores: NDArray[np.float32], rows: NDArray[np.int64], rules: CompiledRules, launches: LaunchProbabilities | None
) -> RerankedLists:
    """Make the lists of a block of customers.

    Args:
        scores: Of the products sold, the first of the candidate items; shape (rows, products).
        rows: Of the customers, as in `Interactions`.
        rules: The compiled rules.
        launches: Of the same customers; None for none.
    """
    hidden = np.zeros(scores.shape, dtype=np.bool_)
    hidden[rules.past_purchases.hidden_cells(rows, rules.already_bought)] = True
    pins = _pins(rules, hidden)
    selection = _Selection(Ranking(scores, hidden | ~rules.allowed[: scores.shape[1]]), pins, rules, launches)
    depth = rules.k + pins.shape[1] if rules.keeps_model_order else POOL_FACTOR * rules.k
    picked = selection.pick(np.arange(len(rows)), depth)
    short = np.flatnonzero((picked.picks < 0).any(axis=1))
    # what limits leave of a pool may be less than a list, although there is more further down
    while len(short) and depth < scores.shape[1] and not rules.keeps_model_order:
        depth *= 8
        deeper = selection.pick(short, depth)
        picked.picks[short], picked.undiversified[short] = deeper.picks, deeper.undiversified
        short = short[(deeper.picks < 0).any(axis=1)]
    is_listed = picked.model_lists >= 0
    if scores.shape[1]:
        is_listed &= np.take_along_axis(hidden, np.maximum(picked.model_lists, 0), axis=1)
    return RerankedLists(
        lists=insert_pins(picked.picks, pins, rules.pin_ranks),
        pins=pins,
        model_lists=picked.model_lists,
        is_hidden=is_listed,
        allowed_lists=picked.allowed_lists,
        undiversified=picked.undiversified,
        picks=picked.picks,
    )


@dataclass
class RuleEffects:
    """Changes of list entries by rule, added up block by block.

    A filter is counted on the lists that the model alone would give, each rule by itself; a limit on what the filters
    leave of the ranking; diversity, pins and launches by the ranks where they put another product.

    Attributes:
        rules: The compiled rules.
        counts: Products removed, products moved and customers, by rule.
    """

    rules: CompiledRules
    counts: dict[str, list[int]] = field(default_factory=dict)

    def add(self, reranked: RerankedLists, launch_count: int) -> None:
        """Count a block of customers.

        Args:
            reranked: Its lists.
            launch_count: How many of the last candidate items are launches.
        """
        listed, allowed = reranked.model_lists, reranked.allowed_lists
        for rule, mask in self.rules.excluded.items():
            if rule != "nothing":
                self._count(rule, removed=(listed >= 0) & mask[np.maximum(listed, 0)])
        if self.rules.already_bought != "show":
            self._count("already bought", removed=reranked.is_hidden)
        for limit in self.rules.limits:
            exceeds = np.zeros(allowed.shape, dtype=np.bool_)
            for position in range(1, allowed.shape[1]):
                exceeds[:, position] = limit.is_reached(allowed[:, position], allowed[:, :position])
            self._count(limit.name, removed=exceeds & (allowed >= 0))
        if self.rules.diversity is not None:
            self._count("diversity", moved=_not_in(reranked.picks, reranked.undiversified))
        if len(self.rules.pins):
            self._count("pinned", moved=reranked.pins >= 0)
        if launch_count:
            is_launch = reranked.lists >= len(self.rules.allowed) - launch_count
            self._count("launches", moved=is_launch & _not_in(reranked.lists, reranked.pins))

    def to_table(self) -> pl.DataFrame:
        """One row a rule, in `EFFECT_SCHEMA`."""
        rows = []
        for rule, (removed, moved, customers) in self.counts.items():
            mask = self.rules.excluded.get(rule)
            moves = rule in ("diversity", "pinned", "launches")
            products = None if mask is None else int(mask.sum())
            rows.append((rule, products, None if moves else removed, moved if moves else None, customers))
        return pl.DataFrame(rows, schema=EFFECT_SCHEMA, orient="row")

    def _count(
        self, rule: str, *, removed: NDArray[np.bool_] | None = None, moved: NDArray[np.bool_] | None = None
    ) -> None:
        sums = self.counts.setdefault(rule, [0, 0, 0])
        for index, cells in enumerate((removed, moved)):
            if cells is not None:
                sums[index] += int(cells.sum())
                sums[2] += int(cells.any(axis=1).sum())


@dataclass(frozen=True)
class Ranking:
    """The scores of a block of customers, and what may not be listed.

    Attributes:
        scores: Shape (rows, products).
        excluded: Of the same shape.
    """

    scores: NDArray[np.float32]
    excluded: Mask

    def rank(self, rows: NDArray[np.int64], depth: int) -> tuple[Columns, Columns]:
        """Rank the products of some rows, with and without the excluded ones.

        Args:
            rows: Of the block.
            depth: Number of allowed products that are needed.

        Returns:
            Product columns, best first, equal scores by column, -1 after the last: of all products, at least `depth`
            of them where there are so many, and of the allowed ones, shape (rows, at most `depth`).

        Example:
            >>> ranking = Ranking(np.array([[3, 2, 1]], dtype=np.float32), np.array([[True, False, False]]))
            >>> [part.tolist() for part in ranking.rank(np.array([0]), 2)]
            [[[0, 1, 2]], [[1, 2]]]
        """
        scores, excluded = self.scores, self.excluded
        if len(rows) < len(scores):
            scores, excluded = scores[rows], excluded[rows]
        products = scores.shape[1]
        if products == 0 or len(rows) == 0:
            empty = np.full((len(rows), 0), -1, dtype=np.int64)
            return empty, empty
        ranked = top_columns(scores, MARGIN * depth)
        is_gone = np.take_along_axis(excluded, np.maximum(ranked, 0), axis=1) | (ranked < 0)
        # the allowed products, moved to the front in their order
        order = np.argsort(is_gone, axis=1, kind="stable")
        allowed = np.take_along_axis(np.where(is_gone, -1, ranked), order, axis=1)[:, :depth]
        if ranked.shape[1] < products:
            short = np.flatnonzero(allowed[:, -1] < 0)
            if len(short):
                allowed[short] = top_columns(np.where(excluded[short], -np.inf, scores[short]), depth)
        return ranked, allowed


@dataclass(frozen=True)
class _Picked:
    """Four of the fields of `RerankedLists`."""

    picks: Columns
    undiversified: Columns
    allowed_lists: Columns
    model_lists: Columns


@dataclass(frozen=True)
class _Selection:
    """Picks for some rows of a block, from a given depth of its ranking."""

    ranking: Ranking
    pins: Columns
    rules: CompiledRules
    launches: LaunchProbabilities | None

    def pick(self, rows: NDArray[np.int64], depth: int) -> _Picked:
        rules, held = self.rules, self.pins[rows]
        ranked, pool = self.ranking.rank(rows, depth)
        if self.launches is not None:
            scores = self.ranking.scores[rows[:, None], np.maximum(pool, 0)] if pool.size else pool.astype(np.float32)
            is_complete = pool.shape[1] == self.ranking.scores.shape[1]
            pool = blend_launches(pool, scores, self.launches.for_rows(rows), rules.allowed, is_complete=is_complete)
        picks = undiversified = select_products(pool, rules.k, held=held, limits=rules.limits)
        if rules.diversity is not None:
            picks = select_products(pool, rules.k, held=held, limits=rules.limits, diversity=rules.diversity)
        return _Picked(picks, undiversified, _cut(pool, rules.k), _cut(ranked, rules.k))


def _cut(columns: Columns, k: int) -> Columns:
    """The first k, -1 where there are fewer."""
    return np.pad(columns[:, :k], ((0, 0), (0, max(k - columns.shape[1], 0))), constant_values=-1)


def _pins(rules: CompiledRules, hidden: Mask) -> Columns:
    is_sold = rules.pins < hidden.shape[1]
    is_excluded = np.tile(~rules.allowed[rules.pins], (len(hidden), 1))
    is_excluded[:, is_sold] |= hidden[:, rules.pins[is_sold]]
    return select_pins(rules.pins, is_excluded, rules.limits)


def _not_in(columns: Columns, others: Columns) -> NDArray[np.bool_]:
    """Cells whose product is not in the same row of the others."""
    return np.asarray((columns >= 0) & ~(columns[:, :, None] == others[:, None, :]).any(axis=2))
