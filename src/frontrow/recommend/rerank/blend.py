"""Launched products among those sold: each where its chance to be bought puts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.recommend.rerank.diversify import Columns

CAUTION: Final = 0.6
"""A launch stands where so much of its chance puts it.

It takes a place where its own chance happens to read high or that of the product sold low, so that those listed are
bought less often than their mean chance says (the optimizer's curse: Smith and Winkler, 2006). Chosen on six cutoffs
of Online Retail II up to 2011-04-01; .5 to .8 are about as good.
"""


@dataclass(frozen=True)
class LaunchChances:
    """How likely customers are to buy products that nobody has bought yet.

    Attributes:
        chance: To buy each within the horizon, of a customer who orders in it; NaN where nothing is said of it
            or of the customer; float32 of shape (queries, launches), the launches being the last products of the shelf.
        of_place: The chance that a customer who orders buys what stands at each place of the model's list, falling;
            shape (places,). None where the model's scores are such chances themselves, on the logit scale.
    """

    chance: NDArray[np.float32]
    of_place: NDArray[np.float64] | None

    def of(self, rows: NDArray[np.int64] | slice) -> LaunchChances:
        """Those of some customers."""
        return LaunchChances(self.chance[rows], self.of_place)

    def scores(self) -> NDArray[np.float32]:
        """In the units of the model's scores; NaN where those are no chances."""
        return np.full_like(self.chance, np.nan) if self.of_place is not None else logit(self.chance)


def logit(chance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log of the odds, finite for 0 and 1.

    Example:
        >>> logit(np.array([0.5], dtype=np.float32)).tolist()
        [0.0]
    """
    inside = np.clip(chance.astype(np.float64), 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float32)


def merged(
    pool: Columns,
    scores: NDArray[np.float32],
    launches: LaunchChances,
    shown: NDArray[np.bool_],
    *,
    whole: bool,
) -> Columns:
    """Put launches into rankings; a product sold goes before a launch that is not clearly likelier (`CAUTION`).

    A launch that would stand below a pool is left out, unless the pool is the whole ranking.

    Args:
        pool: Product columns, best first, -1 after the last; shape (rows, m).
        scores: The model's, of the pool.
        launches: Of the same customers.
        shown: What may be shown, over the shelf, of which the launches are the last.
        whole: There is nothing below the pool.

    Returns:
        Shape (rows, m + launches).
    """
    number = launches.chance.shape[1]
    columns = np.arange(len(shown) - number, len(shown))
    if launches.of_place is None:
        value, new = scores.astype(np.float64), logit(CAUTION * launches.chance).astype(np.float64)
    else:
        place = np.minimum(np.arange(pool.shape[1]), len(launches.of_place) - 1)
        value, new = np.tile(launches.of_place[place], (len(pool), 1)), CAUTION * launches.chance.astype(np.float64)
    value = np.where(pool < 0, -np.inf, value)
    told = np.isfinite(launches.chance) & shown[columns]
    if not whole:
        told &= new >= value[:, -1:]
    both = np.hstack([pool, np.where(told, columns, -1)])
    order = np.argsort(-np.hstack([value, np.where(told, new, -np.inf)]), axis=1, kind="stable")
    return np.take_along_axis(both, order, axis=1)
