"""Past windows to learn from: who bought what in the days after an earlier cutoff, as things stood then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.interactions.split import WindowPurchases
from frontrow.models.ranker import Candidates
from frontrow.models.two_stage.candidates import described
from frontrow.models.two_stage.sources import Cells, Sources, found_by
from frontrow.models.two_stage.standing import Standing

BLOCK_CELLS = 8_000_000
"""Scores of sources held at a time, about."""


@dataclass(frozen=True)
class Lesson:
    """Candidates, and which of them were bought; shape (candidates,), bool."""

    candidates: Candidates
    bought: NDArray[np.bool_]


def lesson(
    stand: Standing,
    sources: Sources,
    customers: WindowPurchases,
    count: int,
    negatives: float,
    rng: np.random.Generator,
) -> list[Lesson]:
    """The candidates bought and a share of the others, a block of customers each; nothing where nobody bought."""
    products = len(stand.products)
    step = block_rows(len(sources.fitted), products)
    lessons = []
    for start in range(0, len(customers.queries), step):
        queries = customers.queries.block(start, start + step)
        scores, cells = found(stand, sources, queries, count)
        bought = np.isin((cells[0] + start) * products + cells[1], customers.keys)
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
