"""What a customer picks: the known weights of every product on every day.

A line of an order is drawn in two steps. First the product type `t`, by taste and season::

    P(t | c, d) = taste[c, t] * season[d, t] / sum over t' of taste[c, t'] * season[d, t']

then, among the products of that type on sale that day, the product `p`::

    P(p | t, c, d) ~ appeal[p] * match[c, p] * (1 + boost[c] * new[p, d])

`match` is the product of a style factor and a price-band factor, `new` is one in the first `NEW_DAYS` days after the
launch, and `boost` is how much more the customer looks at what is new. Customers fall into `SEGMENTS` groups of equal
`match` (style liked x price band liked), and days into eras within which the same products are on sale and new, so
that the sums behind the weights are tabulated once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from frontrow.synthetic.catalogue import BANDS, Catalogue
from frontrow.synthetic.words import PRODUCT_TYPES, STYLES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEW_DAYS: Final = 45
SEGMENTS: Final = len(STYLES) * len(BANDS)
_LIKED_STYLE: Final = 4.0  # against 1.0 for any other
_BAND_APART: Final = (1.0, 0.5, 0.2)  # bands between what is liked and what it costs: none, one, two


@dataclass(frozen=True)
class ChoiceTables:
    """Weights of products, tabulated by era and customer segment.

    Attributes:
        era: The era of each day: [days].
        usual: `appeal * match` where on sale, else zero: [eras, segments, products].
        new: The same where also new, else zero: [eras, segments, products].
        usual_total: `usual` summed over the products of a type: [eras, segments, types].
        new_total: `new` summed over the products of a type: [eras, segments, types].
        type_season: Interest in each type on each day: [days, types].
    """

    era: Ints
    usual: Floats
    new: Floats
    usual_total: Floats
    new_total: Floats
    type_season: Floats


def segment(style: Ints, band: Ints) -> Ints:
    """The segment of customers who like `style` and `band`.

    Example:
        >>> int(segment(np.array([1]), np.array([2]))[0])
        5
    """
    return style * len(BANDS) + band


def tabulate(catalogue: Catalogue, type_season: Floats) -> ChoiceTables:
    """The weights of every product, for every segment and era."""
    days = len(type_season)
    changes = np.concatenate([[0], catalogue.launch, catalogue.launch + NEW_DAYS, catalogue.end])
    starts = np.unique(changes[(changes >= 0) & (changes < days)])
    on_sale = (catalogue.launch <= starts[:, None]) & (starts[:, None] < catalogue.end)  # [eras, products]
    is_new = on_sale & (starts[:, None] < catalogue.launch + NEW_DAYS)
    weight = catalogue.appeal * _match(catalogue)  # [segments, products]
    usual = on_sale[:, None, :] * weight
    new = is_new[:, None, :] * weight
    first = np.searchsorted(catalogue.kind, np.arange(len(PRODUCT_TYPES)))
    return ChoiceTables(
        era=np.searchsorted(starts, np.arange(days), side="right") - 1,
        usual=usual,
        new=new,
        usual_total=np.add.reduceat(usual, first, axis=2),
        new_total=np.add.reduceat(new, first, axis=2),
        type_season=type_season,
    )


def _match(catalogue: Catalogue) -> Floats:
    style, band = np.divmod(np.arange(SEGMENTS), len(BANDS))
    same_style = style[:, None] == catalogue.style
    apart = np.abs(band[:, None] - catalogue.band)
    return np.asarray(np.where(same_style, _LIKED_STYLE, 1.0) * np.array(_BAND_APART)[apart], np.float64)


class Picker:
    """Draws products by the weights of `ChoiceTables`."""

    def __init__(self, tables: ChoiceTables, kind: Ints) -> None:
        self._tables = tables
        self._first = np.searchsorted(kind, np.arange(len(PRODUCT_TYPES)))
        self._last = np.searchsorted(kind, np.arange(len(PRODUCT_TYPES)), side="right") - 1
        self._usual = tables.usual.cumsum(axis=2)
        self._new = tables.new.cumsum(axis=2)

    def pick(self, rng: np.random.Generator, taste: Floats, boost: Floats, segments: Ints, days: Ints) -> Ints:
        """One product a line: positions in the catalogue.

        Args:
            rng: Where chance comes from.
            taste: Of each line's customer: [lines, types].
            boost: Of each line's customer.
            segments: Of each line's customer.
            days: Of each line, counted from the shop's first day.
        """
        tables = self._tables
        interest = (taste * tables.type_season[days]).cumsum(axis=1)
        kind = (interest < rng.random(len(days))[:, None] * interest[:, -1:]).sum(axis=1)
        era = tables.era[days]
        new = boost * tables.new_total[era, segments, kind]
        from_new = rng.random(len(days)) * (new + tables.usual_total[era, segments, kind]) < new
        spot = rng.random(len(days))
        picked = np.empty(len(days), np.int64)
        for cumulated, rows in ((self._usual, ~from_new), (self._new, from_new)):
            picked[rows] = self._search(cumulated, era[rows], segments[rows], kind[rows], spot[rows])
        return picked

    def _search(self, cumulated: Floats, era: Ints, segments: Ints, kind: Ints, spot: Floats) -> Ints:
        """Find the product on whose share of the type's weight each spot in [0, 1) lies, by bisection."""
        low, high = self._first[kind], self._last[kind]
        below = np.where(low > 0, cumulated[era, segments, low - 1], 0.0)
        target = below + spot * (cumulated[era, segments, high] - below)
        while (low < high).any():
            middle = (low + high) // 2
            right = cumulated[era, segments, middle] <= target
            low = np.where(right & (low < high), middle + 1, low)
            high = np.where(right, high, np.minimum(high, middle))
        return low
