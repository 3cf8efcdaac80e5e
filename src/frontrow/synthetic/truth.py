r"""The true probability that a customer buys a product within a horizon.

Orders of customer `c` on day `d` come at the Poisson rate `r(c, d)` of `ordering`; each has `N = 1 + Poisson(b)` lines,
`b = basket[c]`, and each line is product `p` with the chance `w = P(t | c, d) * P(p | t, c, d)` of `choice`. The chance
that an order holds `p` at all is then::

    q(c, p, d) = 1 - E[(1 - w)^N] = 1 - (1 - w) * exp(-b * w)

and, as orders come independently of each other, for days `d` from the cutoff up to and without cutoff + horizon::

    P(c buys p) = 1 - exp(-sum over d of r(c, d) * q(c, p, d))

This is exact, and nothing that happened before the cutoff changes it: the process has no memory but the customer's
own, fixed traits. Of a customer whose first order falls into the horizon, which stands, the chance is
`1 - (1 - q(c, p, first day)) * exp(-...)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frontrow.synthetic.choice import ChoiceTables
from frontrow.synthetic.ordering import rate
from frontrow.synthetic.people import People, Share
from frontrow.synthetic.world import World

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """The days from `first` up to and without `stop`, counted from the shop's first day."""

    first: int
    stop: int


def purchase_probability(world: World, people: People, products: Ints, days: Window) -> Floats:
    """Chance of each of `people` to buy each of `products` within `days`.

    Args:
        world: The process.
        people: Any customers of it.
        products: Positions in the catalogue.
        days: When.

    Returns:
        Probabilities: [products, customers].
    """
    expected = np.zeros((len(products), len(people)))
    escaped = np.ones_like(expected)  # chance that the first order goes by without the product
    for day in range(days.first, days.stop):
        on_sale = (world.catalogue.launch[products] <= day) & (day < world.catalogue.end[products])
        if not on_sale.any():
            continue
        share = basket_share(world.tables, world.catalogue.kind, people, products, day)
        expected += rate(people, world.season, day) * share
        escaped[:, people.first_day == day] -= share[:, people.first_day == day]
    return np.asarray(1 - escaped * np.exp(-expected), np.float64)


def basket_share(tables: ChoiceTables, kind: Ints, people: People, products: Ints, day: int) -> Floats:
    """Chance that an order placed on `day` holds each of `products`: [products, customers]."""
    weight = line_weight(tables, kind, people, products, day)
    return np.asarray(1 - (1 - weight) * np.exp(-people.basket * weight), np.float64)


def line_weight(tables: ChoiceTables, kind: Ints, people: People, products: Ints, day: int) -> Floats:
    """Chance that a line of an order placed on `day` is each of `products`: [products, customers]."""
    era = tables.era[day]
    types = kind[products]
    interest = people.taste * tables.type_season[day]
    of_type = (interest / interest.sum(axis=1, keepdims=True)).T[types]
    usual = tables.usual[era][people.segment].T[products]
    new = tables.new[era][people.segment].T[products]
    usual_total = tables.usual_total[era][people.segment].T[types]
    new_total = tables.new_total[era][people.segment].T[types]
    within = (usual + people.boost * new) / (usual_total + people.boost * new_total)
    return np.asarray(of_type * within, np.float64)


def buyers(world: World, block: int, products: Ints, days: Window, replicate: int = 0) -> Bools:
    """Who did buy within `days`: [products, customers of the block].

    Days before the history's end are answered from the history, later ones from the future that follows it.

    Args:
        world: The process.
        block: Which block of customers.
        products: Positions in the catalogue.
        days: When.
        replicate: Which course of the world; 0 is the one that `SyntheticShop.shop` shows.
    """
    row = np.full(len(world.catalogue.kind), -1)
    row[products] = np.arange(len(products))
    size = Share.of_block(block, world.customers).size
    bought = np.zeros((len(products), size), np.bool_)
    parts = [world.history(block, replicate)] if days.first < world.days else []
    parts += [world.future(block, replicate)] if days.stop > world.days else []
    for part in parts:
        customer, day = part.orders.customer[part.lines.order], part.orders.day[part.lines.order]
        asked = (row[part.lines.product] >= 0) & (customer < size) & (days.first <= day) & (day < days.stop)
        bought[row[part.lines.product[asked]], customer[asked]] = True
    return bought
