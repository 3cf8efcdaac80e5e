"""The lists of one block of customers: the model's ranking, what launches with it, and the rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.recommend.best_columns import best_columns
from frontrow.recommend.merging import LaunchChances, merged
from frontrow.recommend.picking import Columns, pick
from frontrow.recommend.pinning import pinned, placed
from frontrow.recommend.repurchase import Cells
from frontrow.recommend.ruling import POOL_PLACES, Ruling

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Ruled:
    """Lists, and what they were made of; shapes (rows, k), -1 after the last.

    Attributes:
        lists: Rows of the shelf, best first.
        pins: Those of each customer, shape (rows, pins).
        ranked: The first of the ranking that nothing forbids, before limits, diversity and pins.
        alike: The picks as they were without diversity.
        picks: The picks, before pins were put between them.
        hidden: Position and column of what was not shown to a customer.
    """

    lists: Columns
    pins: Columns
    ranked: Columns
    alike: Columns
    picks: Columns
    hidden: Cells


def ruled(scores: Scores, rows: NDArray[np.int64], ruling: Ruling, launches: LaunchChances | None) -> Ruled:
    """Make the lists of a block.

    Args:
        scores: Of the products sold, the first of the shelf; shape (rows, products).
        rows: Of the customers, as in `Interactions`.
        ruling: The rules.
        launches: Of the same customers; None for none.
    """
    hidden = ruling.bought.hidden(rows, ruling.already_bought)
    shown = np.array(scores, copy=True)
    shown[hidden] = -np.inf
    pins = _pins(len(rows), ruling, hidden)
    listed = _Listing(shown, pins, ruling, launches)
    every = np.arange(len(rows))
    places = POOL_PLACES * ruling.k
    found = listed.of(every, places if not ruling.in_order else ruling.k + pins.shape[1])
    short = np.flatnonzero((found.picks < 0).any(axis=1))
    candidates = int(ruling.shown[: scores.shape[1]].sum())
    # what limits leave of a pool may be less than a list, although there is more further down
    while len(short) and places < candidates and not ruling.in_order:
        places *= 8
        again = listed.of(short, places)
        found.picks[short], found.alike[short] = again.picks, again.alike
        short = short[(again.picks < 0).any(axis=1)]
    return Ruled(placed(found.picks, pins, ruling.ranks), pins, found.ranked, found.alike, found.picks, hidden)


@dataclass(frozen=True)
class _Picked:
    """Three of `Ruled`."""

    picks: Columns
    alike: Columns
    ranked: Columns


@dataclass(frozen=True)
class _Listing:
    """Picks for some rows of a block, from so many places of its ranking."""

    shown: Scores
    pins: Columns
    ruling: Ruling
    launches: LaunchChances | None

    def of(self, rows: NDArray[np.int64], places: int) -> _Picked:
        ruling, sold = self.ruling, self.shown.shape[1]
        columns = np.flatnonzero(ruling.shown[:sold])
        part = self.shown[np.ix_(rows, columns)]
        best = best_columns(part, places) if part.size else np.zeros((len(rows), 0), dtype=np.int64)
        pool = np.where(best < 0, -1, columns[best]) if len(columns) else best
        if self.launches is not None:
            value = np.take_along_axis(part, np.maximum(best, 0), axis=1) if part.size else best.astype(np.float32)
            full = pool.shape[1] < len(columns)
            pool = merged(pool, value, self.launches.of(rows), ruling.shown, first=len(ruling.shown), cut=full)
        picks = pick(pool, ruling.k, held=self.pins[rows], limits=ruling.limits)
        alike = picks
        if ruling.diversity is not None:
            picks = pick(pool, ruling.k, held=self.pins[rows], limits=ruling.limits, diversity=ruling.diversity)
        return _Picked(picks, alike, _padded(pool[:, : ruling.k], ruling.k))


def _padded(columns: Columns, k: int) -> Columns:
    return np.pad(columns, ((0, 0), (0, k - columns.shape[1])), constant_values=-1)


def _pins(rows: int, ruling: Ruling, hidden: Cells) -> Columns:
    no = np.broadcast_to(~ruling.shown[ruling.pins], (rows, len(ruling.pins))).copy()
    for place, column in enumerate(ruling.pins):
        no[hidden[0][hidden[1] == column], place] = True
    return pinned(ruling.pins, rows, no, ruling.limits)
