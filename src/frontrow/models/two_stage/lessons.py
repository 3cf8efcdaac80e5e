"""Past windows to learn from: who bought what in the days after an earlier cutoff, as things stood then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.contexts import first_contexts
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.ranker import Candidates
from frontrow.models.two_stage.candidates import described
from frontrow.models.two_stage.sources import Cells, Sources, found_by
from frontrow.models.two_stage.standing import Standing

BLOCK_CELLS = 8_000_000
"""Scores of sources held at a time, about."""


@dataclass(frozen=True)
class Asked:
    """Customers who bought something in a window.

    Attributes:
        queries: As they stood before it.
        keys: `query * products + column` of what they bought, ascending.
    """

    queries: Queries
    keys: NDArray[np.int64]

    def sampled(self, most: int, products: int, rng: np.random.Generator) -> Asked:
        """At most so many of the customers, drawn by chance: what bounds the memory of a fit."""
        if len(self.queries) <= most:
            return self
        kept = np.sort(rng.choice(len(self.queries), most, replace=False))
        query = self.keys // products
        inside = np.isin(query, kept)
        place = np.searchsorted(kept, query[inside])
        queries = Queries(self.queries.rows[kept], self.queries.context[kept])
        return Asked(queries, place * products + self.keys[inside] % products)


@dataclass(frozen=True)
class Lesson:
    """Candidates, and which of them were bought; shape (candidates,), bool."""

    candidates: Candidates
    bought: NDArray[np.bool_]


def window(known: Interactions, day: int, days: int) -> tuple[Interactions, Asked, Asked]:
    """What was known before a day, and who bought what in the days from it: returning customers, and new ones.

    Example:
        >>> from frontrow.models.interactions.interactions import interactions
        >>> from frontrow.testing.shops import DAY_ZERO, hand_made_shop
        >>> known = interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 9), (8, "pot", 9)]).as_of())
        >>> before, returning, new = window(known, DAY_ZERO + 5, days=30)
        >>> before.lines.height, returning.queries.rows.tolist(), returning.keys.tolist(), new.queries.rows.tolist()
        (1, [0], [1], [-1])
    """
    before = known.before(day)
    lines = known.lines.filter(pl.col("day").is_between(day, day + days, closed="left"))
    seen = before.lines.select("customer").unique()
    old = lines.join(seen, on="customer", how="semi", maintain_order="left")
    first = lines.join(seen, on="customer", how="anti", maintain_order="left")
    rows, strangers = old["customer"].unique().sort(), first["customer"].unique().sort()
    unknown = np.full(len(strangers), -1, dtype=np.int64)
    return (
        before,
        Asked(before.queries(rows.to_numpy().astype(np.int64)), _keys(old, rows, known.shape[1])),
        Asked(Queries(unknown, first_contexts(first, strangers)), _keys(first, strangers, known.shape[1])),
    )


def lesson(
    stand: Standing, sources: Sources, asked: Asked, count: int, negatives: float, rng: np.random.Generator
) -> list[Lesson]:
    """The candidates bought and a share of the others, a block of customers each; nothing where nobody bought."""
    products = len(stand.products)
    step = block_rows(len(sources.fitted), products)
    lessons = []
    for start in range(0, len(asked.queries), step):
        queries = asked.queries.block(start, start + step)
        scores, cells = found(stand, sources, queries, count)
        bought = np.isin((cells[0] + start) * products + cells[1], asked.keys)
        kept = bought | (rng.random(len(bought)) < negatives)
        cells = cells[0][kept], cells[1][kept]
        lessons.append(Lesson(described(stand, sources, queries, scores, cells), bought[kept]))
    return lessons


def found(stand: Standing, sources: Sources, queries: Queries, count: int) -> tuple[NDArray[np.float32], Cells]:
    """What the sources think of every product, and the candidates."""
    scores = sources.scores(queries)
    seen = np.flatnonzero(queries.rows >= 0)
    position, column = stand.pairs.bought(queries.rows[seen])
    return scores, found_by(scores, stand.shown, (seen[position], column), count)


def block_rows(sources: int, products: int) -> int:
    """How many customers to look at together."""
    return max(1, BLOCK_CELLS // max(1, sources * products))


def _keys(lines: pl.DataFrame, customers: pl.Series, products: int) -> NDArray[np.int64]:
    pairs = lines.select("customer", "product").unique()
    query = np.searchsorted(customers.to_numpy(), pairs["customer"].to_numpy())
    return np.sort(query.astype(np.int64) * products + pairs["product"].to_numpy())
