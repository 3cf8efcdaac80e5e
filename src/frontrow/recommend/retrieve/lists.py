"""The lists of all customers, a block at a time: what is held in memory does not grow with the shop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.recommender import Scorer
from frontrow.progress import Progress, no_progress
from frontrow.recommend.rerank.blend import LaunchChances
from frontrow.recommend.rerank.compile_rules import Ruling
from frontrow.recommend.rerank.diversify import Columns
from frontrow.recommend.rerank.effects import Effects
from frontrow.recommend.rerank.rerank import Ruled, ruled
from frontrow.recommend.retrieve.index import BLOCK_CELLS
from frontrow.recommend.retrieve.sources import LAUNCH, PINNED, sources_of


@dataclass(frozen=True)
class Lists:
    """Lists, shape (queries, k); -1, NaN and "" after the last of a list.

    Attributes:
        columns: Rows of the shelf, best first, int64.
        scores: The model's, float32; NaN for a product of which it says nothing.
        sources: What put each product there.
        effects: `effects.EFFECT_SCHEMA`.
    """

    columns: Columns
    scores: NDArray[np.float32]
    sources: NDArray[np.str_]
    effects: pl.DataFrame


def lists(
    model: str,
    fitted: Scorer,
    queries: Queries,
    ruling: Ruling,
    *,
    launches: LaunchChances | None = None,
    block: int | None = None,
    progress: Progress = no_progress,
) -> Lists:
    """Score, rule and cut, block by block.

    Args:
        model: Name of the model, as a source.
        fitted: Gives the scores.
        queries: The customers.
        ruling: The rules.
        launches: Of the same customers.
        block: Customers at a time; None for as many as `index.BLOCK_CELLS` allows.
        progress: Called with the customers done.
    """
    rows = block or max(1, BLOCK_CELLS // max(len(ruling.shown), 1))
    effects = Effects(ruling)
    launched = 0 if launches is None else launches.chance.shape[1]
    parts = []
    for start in range(0, len(queries), rows):
        asked = queries.block(start, start + rows)
        new = None if launches is None else launches.of(slice(start, start + rows))
        scores = fitted.scores(asked)
        made = ruled(scores, asked.rows, ruling, new)
        effects.add(made, launched)
        named = sources_of(model, fitted, asked, np.where(made.lists < scores.shape[1], made.lists, -1))
        parts.append((made.lists, _scores(scores, made.lists, ruling, new), _named(named, made, ruling, launched)))
        progress(start + len(asked), len(queries))
    if not parts:
        nothing = np.zeros((0, ruling.k))
        return Lists(nothing.astype(np.int64), nothing.astype(np.float32), nothing.astype(np.str_), effects.table())
    columns, found, names = (np.concatenate(one) for one in zip(*parts, strict=True))
    return Lists(columns, found, names, effects.table())


def _scores(
    scores: NDArray[np.float32], listed: Columns, ruling: Ruling, launches: LaunchChances | None
) -> NDArray[np.float32]:
    found = np.full(listed.shape, np.nan, dtype=np.float32)
    row, place = np.nonzero((listed >= 0) & (listed < scores.shape[1]))
    found[row, place] = scores[row, listed[row, place]]
    if launches is not None:
        first = len(ruling.shown) - launches.chance.shape[1]
        row, place = np.nonzero(listed >= first)
        found[row, place] = launches.scores()[row, listed[row, place] - first]
    return found


def _named(named: NDArray[np.str_], made: Ruled, ruling: Ruling, launched: int) -> NDArray[np.str_]:
    new = made.lists >= len(ruling.shown) - launched
    stuck = (made.lists[:, :, None] == made.pins[:, None, :]).any(axis=2) & (made.lists >= 0)
    return np.where(made.lists < 0, "", np.where(stuck, PINNED, np.where(new, LAUNCH, named)))
