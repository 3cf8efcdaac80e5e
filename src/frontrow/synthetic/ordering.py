"""Who orders when, and what is in the basket.

A customer's first order stands at the acquisition. Later ones are a Poisson process; on day `d` after the first day
`a[c]` its rate is::

    r(c, d) = cadence[c] * season[d] * exp(-(d - a[c]) / lasting[c])

An order has `1 + Poisson(basket[c])` lines, each drawn on its own by the weights of `choice`; equal products within
an order become one line with a larger quantity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frontrow.synthetic.choice import Picker
from frontrow.synthetic.people import CLOSING, DAY, OPENING, People

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Orders:
    """Orders of a block of customers, in order of time.

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
    """Lines of orders; `order` is a position in `Orders`, `product` one in the catalogue."""

    order: Ints
    product: Ints
    quantity: Ints


def rate(people: People, season: Floats, day: int) -> Floats:
    """Orders expected from each customer on `day`, the first order aside.

    Zero on the day of the first order and before it.
    """
    age = day - people.first_day
    return np.where(age > 0, people.cadence * season[day] * np.exp(-np.maximum(age, 0) / people.lasting), 0.0)


def draw_orders(rng: np.random.Generator, people: People, season: Floats, first: int, stop: int) -> Orders:
    """Orders on the days from `first` up to and without `stop`.

    Candidates are drawn at the rate of the best season and kept in proportion to the day's: exact thinning.
    """
    top = season[first:stop].max()
    start = np.maximum(people.first_day + 1, first)  # first day on which each can order again
    length = np.maximum(stop - start, 0)
    fall = -np.expm1(-length / people.lasting)
    daily = -np.expm1(-1 / people.lasting)
    expected = people.cadence * top * np.exp(-(start - people.first_day) / people.lasting) * fall / daily
    customer = np.repeat(np.arange(len(people)), rng.poisson(expected))
    # the day of a candidate: a geometric distribution cut at `length`, by inversion
    later = -people.lasting[customer] * np.log1p(-rng.random(len(customer)) * fall[customer])
    day = start[customer] + np.minimum(later.astype(np.int64), length[customer] - 1)
    kept = rng.random(len(day)) * top < season[day]
    customer, day = customer[kept], day[kept]
    second = day * DAY + rng.integers(OPENING, CLOSING, len(day))
    is_first = (people.first_day >= first) & (people.first_day < stop)
    return in_time(
        np.concatenate([np.flatnonzero(is_first), customer]), np.concatenate([people.first_second[is_first], second])
    )


def in_time(customer: Ints, second: Ints) -> Orders:
    """Orders sorted by time, then customer."""
    order = np.lexsort((customer, second))
    return Orders(customer=customer[order], second=second[order])


def draw_lines(rng: np.random.Generator, people: People, orders: Orders, picker: Picker) -> Lines:
    """What is in each order."""
    order = np.repeat(np.arange(len(orders.second)), 1 + rng.poisson(people.basket[orders.customer]))
    customer = orders.customer[order]
    product = picker.pick(
        rng, people.taste[customer], people.boost[customer], people.segment[customer], orders.day[order]
    )
    width = int(product.max(initial=0)) + 1
    pairs, quantity = np.unique(order * width + product, return_counts=True)
    more = rng.random(len(pairs)) < 0.15
    return Lines(order=pairs // width, product=pairs % width, quantity=quantity + more * rng.integers(1, 4, len(pairs)))
