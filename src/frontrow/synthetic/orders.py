"""The orders of the synthetic shop: who orders when, and which products.

A customer's first order comes at the arrival. Later ones are a Poisson process; on day `d` after the first day `a[c]`
its rate is::

    r(c, d) = cadence[c] * season[d] * exp(-(d - a[c]) / lasting[c])

An order has `1 + Poisson(basket[c])` lines, drawn independently of each other; equal products within an order become
one line with a larger quantity. A line is drawn in two steps. First the product type `t`, by taste and season::

    P(t | c, d) = taste[c, t] * season[d, t] / sum over t' of taste[c, t'] * season[d, t']

then, among the products of that type on sale that day, the product `p`::

    P(p | t, c, d) ~ appeal[p] * match[c, p] * (1 + boost[c] * new[p, d])

`match` is the product of a style factor and a price-band factor, `new` is 1 in the first `NEW_DAYS` days after the
launch, and `boost` is the customer's extra interest in new products. Customers fall into `SEGMENTS` groups of equal
`match` (preferred style x preferred price band), and days into eras within which the same products are on sale and
new, so that the sums behind the weights are computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from frontrow.synthetic.catalogue import BANDS, Catalogue
from frontrow.synthetic.customers import CLOSING, DAY, OPENING, CustomerBlock
from frontrow.synthetic.vocabulary import PRODUCT_TYPES, STYLES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEW_DAYS: Final = 45
SEGMENTS: Final = len(STYLES) * len(BANDS)
_PREFERRED_STYLE: Final = 4.0  # 1.0 for any other style
_BAND_APART: Final = (1.0, 0.5, 0.2)  # by the distance between preferred and actual price band


@dataclass(frozen=True)
class ChoiceTables:
    """Weights of products by era and customer segment.

    Attributes:
        era: The era of each day: [days].
        usual: `appeal * match` where on sale, else 0: [eras, segments, products].
        new: The same where also new, else 0: [eras, segments, products].
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


def tabulate(catalogue: Catalogue, type_season: Floats) -> ChoiceTables:
    """Compute the weights of every product for every segment and era.

    Args:
        catalogue: All products.
        type_season: Interest in each type on each day: [days, types].
    """
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
    return np.asarray(np.where(same_style, _PREFERRED_STYLE, 1.0) * np.array(_BAND_APART)[apart], np.float64)


class Picker:
    """Draws products by the weights of `ChoiceTables`."""

    def __init__(self, tables: ChoiceTables, kind: Ints) -> None:
        self._tables = tables
        self._first = np.searchsorted(kind, np.arange(len(PRODUCT_TYPES)))
        self._last = np.searchsorted(kind, np.arange(len(PRODUCT_TYPES)), side="right") - 1
        self._usual = tables.usual.cumsum(axis=2)
        self._new = tables.new.cumsum(axis=2)

    def pick(self, rng: np.random.Generator, taste: Floats, boost: Floats, segments: Ints, days: Ints) -> Ints:
        """Draw one product per line: positions in the catalogue.

        Args:
            rng: Random generator.
            taste: Taste of each line's customer: [lines, types].
            boost: Boost of each line's customer.
            segments: Segment of each line's customer.
            days: Day of each line, counted from the shop's first day.
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
        """The product whose part of the type's cumulated weight contains each spot in [0, 1), by bisection."""
        low, high = self._first[kind], self._last[kind]
        below = np.where(low > 0, cumulated[era, segments, low - 1], 0.0)
        target = below + spot * (cumulated[era, segments, high] - below)
        while (low < high).any():
            middle = (low + high) // 2
            right = cumulated[era, segments, middle] <= target
            low = np.where(right & (low < high), middle + 1, low)
            high = np.where(right, high, np.minimum(high, middle))
        return low


@dataclass(frozen=True)
class Orders:
    """Orders of a block of customers, sorted by time.

    Attributes:
        customer: Position in the block.
        second: Wall-clock seconds since the shop's first midnight.
    """

    customer: Ints
    second: Ints

    @property
    def day(self) -> Ints:
        """Days since the shop's first day."""
        return self.second // DAY


@dataclass(frozen=True)
class Lines:
    """Lines of orders; `order` is a position in `Orders`, `product` a position in the catalogue."""

    order: Ints
    product: Ints
    quantity: Ints


def order_rate(customers: CustomerBlock, season: Floats, day: int) -> Floats:
    """Expected number of each customer's orders on a day after the first order; 0 on its day and before.

    Args:
        customers: The customers.
        season: Orders a day relative to the average: [days].
        day: Counted from the shop's first day.
    """
    age = day - customers.first_day
    return np.where(age > 0, customers.cadence * season[day] * np.exp(-np.maximum(age, 0) / customers.lasting), 0.0)


def draw_orders(rng: np.random.Generator, customers: CustomerBlock, season: Floats, first: int, stop: int) -> Orders:
    """Orders on the days from `first` up to and without `stop`.

    Candidates are drawn at the rate of the best day and accepted in proportion to their day's season: exact thinning.

    Args:
        rng: Random generator.
        customers: The customers.
        season: Orders a day relative to the average: [days].
        first: First day, counted from the shop's first day.
        stop: The day after the last one.
    """
    top = season[first:stop].max()
    start = np.maximum(customers.first_day + 1, first)  # first day on which each customer can order again
    length = np.maximum(stop - start, 0)
    fall = -np.expm1(-length / customers.lasting)
    daily = -np.expm1(-1 / customers.lasting)
    expected = customers.cadence * top * np.exp(-(start - customers.first_day) / customers.lasting) * fall / daily
    customer = np.repeat(np.arange(len(customers)), rng.poisson(expected))
    # the day of a candidate: a geometric distribution cut at `length`, by inversion
    later = -customers.lasting[customer] * np.log1p(-rng.random(len(customer)) * fall[customer])
    day = start[customer] + np.minimum(later.astype(np.int64), length[customer] - 1)
    accepted = rng.random(len(day)) * top < season[day]
    customer, day = customer[accepted], day[accepted]
    second = day * DAY + rng.integers(OPENING, CLOSING, len(day))
    is_first = (customers.first_day >= first) & (customers.first_day < stop)
    customer = np.concatenate([np.flatnonzero(is_first), customer])
    second = np.concatenate([customers.first_second[is_first], second])
    order = np.lexsort((customer, second))
    return Orders(customer=customer[order], second=second[order])


def draw_lines(rng: np.random.Generator, customers: CustomerBlock, orders: Orders, picker: Picker) -> Lines:
    """Draw the products and quantities of each order.

    Args:
        rng: Random generator.
        customers: The customers.
        orders: Their orders.
        picker: Draws the products.
    """
    order = np.repeat(np.arange(len(orders.second)), 1 + rng.poisson(customers.basket[orders.customer]))
    customer = orders.customer[order]
    product = picker.pick(
        rng, customers.taste[customer], customers.boost[customer], customers.segment[customer], orders.day[order]
    )
    width = int(product.max(initial=0)) + 1
    pairs, quantity = np.unique(order * width + product, return_counts=True)
    more = rng.random(len(pairs)) < 0.15
    return Lines(order=pairs // width, product=pairs % width, quantity=quantity + more * rng.integers(1, 4, len(pairs)))
