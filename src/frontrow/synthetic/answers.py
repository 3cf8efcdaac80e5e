"""What the process knows, as frames and arrays keyed as the shop is: product_id, customer_id, days since 1970-01-01."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from frontrow.synthetic.people import BLOCK
from frontrow.synthetic.truth import Window, buyers, purchase_probability
from frontrow.synthetic.world import BEYOND, World

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def launched_between(world: World, epoch_day: int, first: int, stop: int) -> pl.DataFrame:
    """Products launched on the days from `first` up to and without `stop`, with launch_day and launch_date."""
    launch = pl.Series("launch_day", world.catalogue.launch)
    frame = world.catalogue.frame.with_columns(launch).filter((first <= launch) & (launch < stop))
    frame = frame.with_columns(pl.col("launch_day") + epoch_day)
    return frame.with_columns(launch_date=pl.col("launch_day").cast(pl.Int32).cast(pl.Date)).sort("launch_day", "sku")


def positions(world: World, product_ids: Iterable[str]) -> Ints:
    """Where in the catalogue the products are.

    Raises:
        ValueError: The catalogue lacks one.
    """
    known = {product: position for position, product in enumerate(world.catalogue.frame["product_id"])}
    asked = list(product_ids)
    unknown = [product for product in asked if product not in known]
    if unknown:
        raise ValueError(f"The shop has no product {unknown[0]}.")
    return np.array([known[product] for product in asked], np.int64)


def window(world: World, epoch_day: int, cutoff_day: int, horizon_days: int) -> Window:
    """The days from the cutoff up to and without cutoff + horizon, counted from the shop's first day.

    Raises:
        ValueError: The process does not run that long.
    """
    first = cutoff_day - epoch_day
    if not 0 <= first < first + horizon_days <= world.days + BEYOND:
        raise ValueError(
            f"Day {cutoff_day} and {horizon_days} days from it do not lie within the days on which the process runs: "
            f"{epoch_day} up to and without {epoch_day + world.days + BEYOND}."
        )
    return Window(first, first + horizon_days)


def probabilities(world: World, products: Ints, customers: Sequence[int] | Ints, days: Window) -> Floats:
    """Chance of each customer to buy each product: [products, customers].

    Raises:
        ValueError: There is no customer of such a number.
    """
    position = np.asarray(customers, np.int64) - 1
    if position.size and not (position.min() >= 0 and position.max() < world.customers):
        raise ValueError(f"Customers are numbered from 1 to {world.customers}.")
    answer = np.empty((len(products), len(position)))
    for block in np.unique(position // BLOCK):
        asked = np.flatnonzero(position // BLOCK == block)
        people = world.people(int(block)).take(position[asked] - block * BLOCK)
        answer[:, asked] = purchase_probability(world, people, products, days)
    return answer


def outcomes(world: World, product_ids: Sequence[str], days: Window, replicate: int) -> pl.DataFrame:
    """Chance and purchase of every customer who ordered before the window; see `SyntheticShop.truth`."""
    products = positions(world, product_ids)
    parts: list[pl.DataFrame] = []
    for block in range(world.blocks):
        people = world.people(block)
        known = np.flatnonzero(people.first_day < days.first)
        chance = purchase_probability(world, people.take(known), products, days)
        bought = buyers(world, block, products, days, replicate)[:, known]
        who = people.names.select(pl.Series("customer_id", people.customer_id), "source_id")[known]
        parts += [
            who.select(
                pl.lit(product).alias("product_id"),
                pl.all(),
                pl.Series("probability", chance[row]),
                pl.Series("bought", bought[row]),
            )
            for row, product in enumerate(product_ids)
        ]
    return pl.concat(parts).sort("product_id", "customer_id")
