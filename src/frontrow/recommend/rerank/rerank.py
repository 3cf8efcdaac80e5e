"""The lists of one block of customers: the model's ranking, what launches with it, and the rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.recommend.rerank.blend import LaunchChances, merged
from frontrow.recommend.rerank.compile_rules import POOL_PLACES, Ruling
from frontrow.recommend.rerank.diversify import Columns, pick
from frontrow.recommend.rerank.pins import pinned, placed
from frontrow.recommend.rerank.predicates import Mask
from frontrow.recommend.rerank.ranking import Ranking


@dataclass(frozen=True)
class Ruled:
    """Lists, and what they were made of; shapes (rows, k), -1 after the last.

    Attributes:
        lists: Rows of the shelf, best first.
        pins: Those of each customer, shape (rows, pins).
        plain: What the model alone would list.
        hidden: Which of that the customer has bought and is not shown.
        ranked: The first of the ranking that nothing forbids, before limits, diversity and pins.
        alike: The picks as they were without diversity.
        picks: The picks, before pins were put between them.
    """

    lists: Columns
    pins: Columns
    plain: Columns
    hidden: Mask
    ranked: Columns
    alike: Columns
    picks: Columns


def ruled(
    scores: NDArray[np.float32], rows: NDArray[np.int64], ruling: Ruling, launches: LaunchChances | None
) -> Ruled:
    """Make the lists of a block.

    Args:
        scores: Of the products sold, the first of the shelf; shape (rows, products).
        rows: Of the customers, as in `Interactions`.
        ruling: The rules.
        launches: Of the same customers; None for none.
    """
    hidden = np.zeros(scores.shape, dtype=np.bool_)
    hidden[ruling.bought.hidden(rows, ruling.already_bought)] = True
    pins = _pins(ruling, hidden)
    listing = _Listing(Ranking(scores, hidden | ~ruling.shown[: scores.shape[1]]), pins, ruling, launches)
    every = np.arange(len(rows))
    places = ruling.k + pins.shape[1] if ruling.in_order else POOL_PLACES * ruling.k
    found = listing.of(every, places)
    short = np.flatnonzero((found.picks < 0).any(axis=1))
    # what limits leave of a pool may be less than a list, although there is more further down
    while len(short) and places < scores.shape[1] and not ruling.in_order:
        places *= 8
        again = listing.of(short, places)
        found.picks[short], found.alike[short] = again.picks, again.alike
        short = short[(again.picks < 0).any(axis=1)]
    own = np.take_along_axis(hidden, np.maximum(found.plain, 0), axis=1) if scores.shape[1] else found.plain >= 0
    return Ruled(
        lists=placed(found.picks, pins, ruling.ranks),
        pins=pins,
        plain=found.plain,
        hidden=own & (found.plain >= 0),
        ranked=found.ranked,
        alike=found.alike,
        picks=found.picks,
    )


@dataclass(frozen=True)
class _Picked:
    """Four of `Ruled`."""

    picks: Columns
    alike: Columns
    ranked: Columns
    plain: Columns


@dataclass(frozen=True)
class _Listing:
    """Picks for some rows of a block, from so many places of its ranking."""

    ranking: Ranking
    pins: Columns
    ruling: Ruling
    launches: LaunchChances | None

    def of(self, rows: NDArray[np.int64], places: int) -> _Picked:
        ruling, held = self.ruling, self.pins[rows]
        plain, pool = self.ranking.of(rows, places)
        if self.launches is not None:
            scores = self.ranking.scores[rows[:, None], np.maximum(pool, 0)] if pool.size else pool.astype(np.float32)
            whole = pool.shape[1] == self.ranking.scores.shape[1]
            pool = merged(pool, scores, self.launches.of(rows), ruling.shown, whole=whole)
        picks = alike = pick(pool, ruling.k, held=held, limits=ruling.limits)
        if ruling.diversity is not None:
            picks = pick(pool, ruling.k, held=held, limits=ruling.limits, diversity=ruling.diversity)
        return _Picked(picks, alike, _cut(pool, ruling.k), _cut(plain, ruling.k))


def _cut(columns: Columns, k: int) -> Columns:
    """The first k, -1 where there are fewer."""
    return np.pad(columns[:, :k], ((0, 0), (0, max(k - columns.shape[1], 0))), constant_values=-1)


def _pins(ruling: Ruling, hidden: Mask) -> Columns:
    sold = ruling.pins < hidden.shape[1]
    no = np.tile(~ruling.shown[ruling.pins], (len(hidden), 1))
    no[:, sold] |= hidden[:, ruling.pins[sold]]
    return pinned(ruling.pins, len(hidden), no, ruling.limits)
