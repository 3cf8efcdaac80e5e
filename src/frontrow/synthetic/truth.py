r"""The true probability that a customer buys a product within a horizon, and the purchases that follow from it.

Orders of customer `c` on day `d` have the Poisson rate `r(c, d)` of `orders`; each has `N = 1 + Poisson(b)` lines,
`b = basket[c]`, and each line is product `p` with probability `w = P(t | c, d) * P(p | t, c, d)`. The probability
that an order contains `p` at all is then::

    q(c, p, d) = 1 - E[(1 - w)^N] = 1 - (1 - w) * exp(-b * w)

and, as orders are independent of each other, for days `d` from the cutoff up to and without cutoff + horizon::

    P(c buys p) = 1 - exp(-sum over d of r(c, d) * q(c, p, d))

This is exact, and nothing that happened before the cutoff changes it: the process has no memory except the customer's
fixed traits. For a customer whose first order, which is certain, falls into the horizon, the probability is
`1 - (1 - q(c, p, first day)) * exp(-...)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from frontrow.synthetic.customers import BLOCK, BlockRange, CustomerBlock
from frontrow.synthetic.orders import ChoiceTables, order_rate
from frontrow.synthetic.world import BEYOND, World

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """The days from `first` up to and without `stop`, counted from the shop's first day."""

    first: int
    stop: int

    @classmethod
    def from_cutoff(cls, world: World, epoch_day: int, cutoff_day: int, horizon_days: int) -> Window:
        """The days of a horizon.

        Args:
            world: The process.
            epoch_day: The shop's first day, as days since 1970-01-01.
            cutoff_day: First day of the horizon, as days since 1970-01-01.
            horizon_days: Length of the horizon.

        Raises:
            ValueError: The process does not run that long.
        """
        first = cutoff_day - epoch_day
        if not 0 <= first < first + horizon_days <= world.days + BEYOND:
            raise ValueError(
                f"Day {cutoff_day} and {horizon_days} days from it do not lie within the days on which the process "
                f"runs: {epoch_day} up to and without {epoch_day + world.days + BEYOND}."
            )
        return cls(first, first + horizon_days)


def purchase_probability(world: World, customers: CustomerBlock, products: Ints, days: Window) -> Floats:
    """Probability that each customer buys each product within `days`.

    Args:
        world: The process.
        customers: Any customers of the process.
        products: Positions in the catalogue.
        days: The horizon.

    Returns:
        Probabilities: [products, customers].
    """
    expected = np.zeros((len(products), len(customers)))
    escaped = np.ones_like(expected)  # probability that the first order does not contain the product
    for day in range(days.first, days.stop):
        on_sale = (world.catalogue.launch[products] <= day) & (day < world.catalogue.end[products])
        if not on_sale.any():
            continue
        share = basket_share(world.tables, world.catalogue.kind, customers, products, day)
        expected += order_rate(customers, world.season, day) * share
        escaped[:, customers.first_day == day] -= share[:, customers.first_day == day]
    return np.asarray(1 - escaped * np.exp(-expected), np.float64)


def basket_share(tables: ChoiceTables, kind: Ints, customers: CustomerBlock, products: Ints, day: int) -> Floats:
    """Probability that an order placed on `day` contains each product: [products, customers].

    Args:
        tables: Weights of the products.
        kind: Product type of every product in the catalogue.
        customers: The customers.
        products: Positions in the catalogue.
        day: Counted from the shop's first day.
    """
    weight = line_weight(tables, kind, customers, products, day)
    return np.asarray(1 - (1 - weight) * np.exp(-customers.basket * weight), np.float64)


def line_weight(tables: ChoiceTables, kind: Ints, customers: CustomerBlock, products: Ints, day: int) -> Floats:
    """Probability that a line of an order placed on `day` is each product: [products, customers].

    Args:
        tables: Weights of the products.
        kind: Product type of every product in the catalogue.
        customers: The customers.
        products: Positions in the catalogue.
        day: Counted from the shop's first day.
    """
    era = tables.era[day]
    types = kind[products]
    interest = customers.taste * tables.type_season[day]
    of_type = (interest / interest.sum(axis=1, keepdims=True)).T[types]
    usual = tables.usual[era][customers.segment].T[products]
    new = tables.new[era][customers.segment].T[products]
    usual_total = tables.usual_total[era][customers.segment].T[types]
    new_total = tables.new_total[era][customers.segment].T[types]
    within = (usual + customers.boost * new) / (usual_total + customers.boost * new_total)
    return np.asarray(of_type * within, np.float64)


def buyers(world: World, block: int, products: Ints, days: Window, replicate: int = 0) -> Bools:
    """Whether each customer bought each product within `days`: [products, customers of the block].

    Days before the end of the history are read from the history, later ones from the future that follows it.

    Args:
        world: The process.
        block: Number of the block of customers.
        products: Positions in the catalogue.
        days: The horizon.
        replicate: 0 for the shop itself, another number for another course of the same process.
    """
    row = np.full(len(world.catalogue.kind), -1)
    row[products] = np.arange(len(products))
    size = BlockRange.from_block(block, world.customers).size
    bought = np.zeros((len(products), size), np.bool_)
    parts = [world.draw_history(block, replicate)] if days.first < world.days else []
    parts += [world.draw_future(block, replicate)] if days.stop > world.days else []
    for part in parts:
        customer, day = part.orders.customer[part.lines.order], part.orders.day[part.lines.order]
        counts = (row[part.lines.product] >= 0) & (customer < size) & (days.first <= day) & (day < days.stop)
        bought[row[part.lines.product[counts]], customer[counts]] = True
    return bought


def product_positions(world: World, product_ids: Iterable[str]) -> Ints:
    """Positions of the products in the catalogue.

    Args:
        world: The process.
        product_ids: Products in the history or to come.

    Raises:
        ValueError: The catalogue lacks one of them.
    """
    position = {product: index for index, product in enumerate(world.catalogue.frame["product_id"])}
    ids = list(product_ids)
    for product in ids:
        if product not in position:
            raise ValueError(f"The shop has no product {product}.")
    return np.array([position[product] for product in ids], np.int64)


def probabilities(world: World, products: Ints, customer_ids: Sequence[int] | Ints, days: Window) -> Floats:
    """Probability that each customer buys each product: [products, customers].

    Args:
        world: The process.
        products: Positions in the catalogue.
        customer_ids: Ids as in `SyntheticShop.shop`.
        days: The horizon.

    Raises:
        ValueError: There is no customer with one of the ids.
    """
    position = np.asarray(customer_ids, np.int64) - 1
    if position.size and not (position.min() >= 0 and position.max() < world.customers):
        raise ValueError(f"Customers are numbered from 1 to {world.customers}.")
    result = np.empty((len(products), len(position)))
    for block in np.unique(position // BLOCK):
        columns = np.flatnonzero(position // BLOCK == block)
        customers = world.draw_block(int(block)).take(position[columns] - block * BLOCK)
        result[:, columns] = purchase_probability(world, customers, products, days)
    return result


def outcomes(world: World, product_ids: Sequence[str], days: Window, replicate: int) -> pl.DataFrame:
    """Probability and purchase of every customer who ordered before the horizon; see `SyntheticShop.truth`.

    Args:
        world: The process.
        product_ids: Products in the history or to come.
        days: The horizon.
        replicate: As for `buyers`.
    """
    products = product_positions(world, product_ids)
    parts: list[pl.DataFrame] = []
    for block in range(world.blocks):
        customers = world.draw_block(block)
        rows = np.flatnonzero(customers.first_day < days.first)
        probability = purchase_probability(world, customers.take(rows), products, days)
        bought = buyers(world, block, products, days, replicate)[:, rows]
        ids = customers.names.select(pl.Series("customer_id", customers.customer_id), "source_id")[rows]
        parts += [
            ids.select(
                pl.lit(product).alias("product_id"),
                pl.all(),
                pl.Series("probability", probability[row]),
                pl.Series("bought", bought[row]),
            )
            for row, product in enumerate(product_ids)
        ]
    return pl.concat(parts).sort("product_id", "customer_id")
