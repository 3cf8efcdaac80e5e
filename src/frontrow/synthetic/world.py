"""The process behind a synthetic shop, and the drawing of its history block by block."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from frontrow.synthetic.catalogue import Catalogue, make_catalogue
from frontrow.synthetic.choice import ChoiceTables, Picker, tabulate
from frontrow.synthetic.ordering import Lines, Orders, draw_lines, draw_orders
from frontrow.synthetic.people import BLOCK, People, Share, draw_people, together
from frontrow.synthetic.seasons import order_season, type_season

Floats = npt.NDArray[np.float64]

BEYOND: Final = 120  # days after the history's end on which the process still goes on
_SAMPLE: Final = 4_096  # customers on whom the cadence is set
_ALREADY_THERE: Final = 3.0  # how many times more customers show up first in the history's first days
_FADING: Final = 60.0  # days over which that wears off
_GROWTH: Final = 0.6  # how many more customers arrive a day at the end than at the beginning
Stream = Literal["catalogue", "sample", "people", "guests", "history", "future", "extras", "shopify"]
_STREAMS: Final[dict[Stream, int]] = {
    "catalogue": 0, "sample": 1, "people": 2, "guests": 3, "history": 4, "future": 5, "extras": 6, "shopify": 7
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """What some customers did.

    Attributes:
        number: Which block, from 0.
        people: The customers.
        everyone: The customers, then the guests.
        orders: Orders of everyone.
        lines: Lines of the orders.
    """

    number: int
    people: People
    everyone: People
    orders: Orders
    lines: Lines


@dataclass(frozen=True)
class World:
    """Everything the process is made of, apart from the customers.

    Attributes:
        seed: Of every stream of chance.
        customers: How many the shop has.
        guests: Guest orders for each customer.
        days: Length of the history; the process goes on for `BEYOND` more.
        catalogue: All products.
        tables: What customers pick.
        picker: Draws from `tables`.
        season: Orders a day against the usual: [days + BEYOND].
        arrivals: Share of the customers who have come by the start of each day: [days + 1].
        cadence: Median orders a day of those who come back, right after the first order.
    """

    seed: int
    customers: int
    guests: float
    days: int
    catalogue: Catalogue
    tables: ChoiceTables
    picker: Picker
    season: Floats
    arrivals: Floats
    cadence: float

    @property
    def blocks(self) -> int:
        """How many blocks of customers there are."""
        return -(-self.customers // BLOCK)

    def rng(self, stream: Stream, block: int = 0, replicate: int = 0) -> np.random.Generator:
        """The chance of one stream of one block."""
        return _rng(self.seed, stream, block, replicate)

    def people(self, block: int) -> People:
        """The customers of a block, without what they bought."""
        share = Share.of_block(block, self.customers)
        return draw_people(self.rng("people", block), self.arrivals, share, cadence=self.cadence, heads=share.size)

    def history(self, block: int, replicate: int = 0) -> Block:
        """What a block's customers and guests did; another `replicate` is another course of the same world."""
        share, people = Share.of_block(block, self.customers), self.people(block)
        heads = round(share.size * self.guests)
        guests = draw_people(self.rng("guests", block), self.arrivals, share, cadence=0.0, heads=heads)
        everyone = together(people, guests)
        rng = self.rng("history", block, replicate)
        orders = draw_orders(rng, everyone, self.season, 0, self.days)
        return Block(block, people, everyone, orders, draw_lines(rng, everyone, orders, self.picker))

    def future(self, block: int, replicate: int = 0) -> Block:
        """What a block's customers do in the `BEYOND` days after the history's end; guests are left out."""
        people = self.people(block)
        rng = self.rng("future", block, replicate)
        orders = draw_orders(rng, people, self.season, self.days, self.days + BEYOND)
        return Block(block, people, people, orders, draw_lines(rng, people, orders, self.picker))


def make_world(
    *,
    seed: int,
    customers: int,
    guests: float,
    products: int,
    launches: float,
    lines_a_year: float,
    first_day: dt.date,
    days: int,
) -> World:
    """The process for these settings; see `SyntheticShop` for what they mean."""
    catalogue = make_catalogue(
        _rng(seed, "catalogue"), products=products, launches=launches, first_day=first_day, days=days + BEYOND
    )
    tables = tabulate(catalogue, type_season(first_day, days + BEYOND))
    season = order_season(first_day, days + BEYOND)
    arrivals = _arrivals(season[:days])
    return World(
        seed=seed,
        customers=customers,
        guests=guests,
        days=days,
        catalogue=catalogue,
        tables=tables,
        picker=Picker(tables, catalogue.kind),
        season=season,
        arrivals=arrivals,
        cadence=_cadence(_rng(seed, "sample"), season, arrivals, guests, lines_a_year * days / 365.25),
    )


def _rng(seed: int, stream: Stream, block: int = 0, replicate: int = 0) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAMS[stream], block, replicate)))


def _arrivals(season: Floats) -> Floats:
    day = np.arange(len(season))
    new = season * (1 + _GROWTH * day / len(season)) + _ALREADY_THERE * np.exp(-day / _FADING)
    return np.concatenate([[0.0], new.cumsum() / new.sum()])


def _cadence(rng: np.random.Generator, season: Floats, arrivals: Floats, guests: float, lines: float) -> float:
    """The cadence at which a customer, with the guests that come for each, makes `lines` lines in the history."""
    days = len(arrivals) - 1
    people = draw_people(rng, arrivals, Share(0, _SAMPLE, _SAMPLE), cadence=1.0, heads=_SAMPLE)
    age = np.arange(days) - people.first_day[:, None]
    again = np.where(age > 0, np.exp(-np.maximum(age, 0) / people.lasting[:, None]), 0.0) @ season[:days]
    basket = 1 + people.basket
    missing = lines - (1 + guests) * basket.mean()
    return float(max(missing, 0.0) / (people.cadence * again * basket).mean())
