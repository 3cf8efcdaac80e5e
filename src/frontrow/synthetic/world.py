"""The random process behind a synthetic shop, its seasons, and the history of each block of customers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from frontrow.synthetic.catalogue import Catalogue, make_catalogue
from frontrow.synthetic.customers import BLOCK, BlockRange, CustomerBlock, concat_blocks, draw_customers
from frontrow.synthetic.orders import ChoiceTables, Lines, Orders, Picker, draw_lines, draw_orders, tabulate
from frontrow.synthetic.vocabulary import PRODUCT_TYPES

Floats = npt.NDArray[np.float64]

BEYOND: Final = 120  # days that the process continues after the end of the history
_SAMPLE: Final = 4_096  # customers from whom the cadence is computed
_EARLIER_CUSTOMERS: Final = 3.0  # extra arrivals in the first days: customers from before the history
_FADING: Final = 60.0  # days in which the extra arrivals fall to 1/e
_GROWTH: Final = 0.6  # additional arrivals a day at the end relative to the beginning
_ORDERS_BY_MONTH: Final = (0.6, 0.7, 1.1, 1.4, 1.4, 1.1, 0.8, 0.7, 0.8, 0.9, 1.3, 1.2)
_ORDERS_BY_WEEKDAY: Final = (1.1, 1.0, 0.95, 0.95, 0.9, 0.95, 1.15)
_MID_MONTH: Final = 15.2
_MONTH: Final = 365.25 / 12
Stream = Literal["catalogue", "sample", "customers", "guests", "history", "future", "extras", "shopify"]
_STREAMS: Final[dict[Stream, int]] = {
    "catalogue": 0, "sample": 1, "customers": 2, "guests": 3, "history": 4, "future": 5, "extras": 6, "shopify": 7
}  # fmt: skip


@dataclass(frozen=True)
class BlockHistory:
    """The orders of a block of customers.

    Attributes:
        number: Number of the block, from 0.
        customers: The customers.
        buyers: The customers, then the guests.
        orders: Orders of the buyers.
        lines: Lines of the orders.
    """

    number: int
    customers: CustomerBlock
    buyers: CustomerBlock
    orders: Orders
    lines: Lines


@dataclass(frozen=True)
class World:
    """The parameters of the process, apart from the customers.

    Attributes:
        seed: Seed of every random stream.
        customers: Number of customers of the shop.
        guests: Guest orders per customer.
        days: Length of the history; the process continues for `BEYOND` more.
        catalogue: All products.
        tables: Weights of the products.
        picker: Draws from `tables`.
        season: Orders a day relative to the average: [days + BEYOND].
        arrivals: Share of the customers who have arrived by the start of each day: [days + 1].
        cadence: Median orders a day of those who order again, right after the first order.
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
        """Number of blocks of customers."""
        return -(-self.customers // BLOCK)

    def rng(self, stream: Stream, block: int = 0, replicate: int = 0) -> np.random.Generator:
        """The random generator of one stream of one block.

        Args:
            stream: Name of the stream.
            block: Number of the block.
            replicate: 0 for the shop itself, another number for another course of the same process.
        """
        return _rng(self.seed, stream, block, replicate)

    def draw_block(self, block: int) -> CustomerBlock:
        """The customers of a block, without their orders."""
        part = BlockRange.from_block(block, self.customers)
        return draw_customers(self.rng("customers", block), self.arrivals, part, cadence=self.cadence, size=part.size)

    def draw_history(self, block: int, replicate: int = 0) -> BlockHistory:
        """The orders of a block's customers and guests.

        Args:
            block: Number of the block.
            replicate: 0 for the shop itself, another number for another course of the same process.
        """
        part, customers = BlockRange.from_block(block, self.customers), self.draw_block(block)
        size = round(part.size * self.guests)
        guests = draw_customers(self.rng("guests", block), self.arrivals, part, cadence=0.0, size=size)
        buyers = concat_blocks(customers, guests)
        rng = self.rng("history", block, replicate)
        orders = draw_orders(rng, buyers, self.season, 0, self.days)
        return BlockHistory(block, customers, buyers, orders, draw_lines(rng, buyers, orders, self.picker))

    def draw_future(self, block: int, replicate: int = 0) -> BlockHistory:
        """The orders of a block's customers, without guests, in the `BEYOND` days after the end of the history.

        Args:
            block: Number of the block.
            replicate: As for `draw_history`.
        """
        customers = self.draw_block(block)
        rng = self.rng("future", block, replicate)
        orders = draw_orders(rng, customers, self.season, self.days, self.days + BEYOND)
        return BlockHistory(block, customers, customers, orders, draw_lines(rng, customers, orders, self.picker))


def order_season(first_day: dt.date, days: int) -> Floats:
    """Orders of each day relative to the average: [days].

    Args:
        first_day: The shop's first day.
        days: Number of days.

    Example:
        >>> season = order_season(dt.date(2024, 1, 1), 366)
        >>> bool(season[:31].mean() < season[100:131].mean())
        True
    """
    weekdays = (first_day.weekday() + np.arange(days)) % 7
    by_weekday = np.array(_ORDERS_BY_WEEKDAY)[weekdays]
    return np.asarray(_over_the_year(_ORDERS_BY_MONTH, first_day, days) * by_weekday, np.float64)


def type_season(first_day: dt.date, days: int) -> Floats:
    """Share of the shop's interest in each product type on each day: [days, product types].

    Args:
        first_day: The shop's first day.
        days: Number of days.
    """
    return np.column_stack([kind.share * _over_the_year(kind.months, first_day, days) for kind in PRODUCT_TYPES])


def _over_the_year(by_month: tuple[float, ...], first_day: dt.date, days: int) -> Floats:
    """Monthly values at the middle of their months, interpolated linearly."""
    day_of_year = (first_day.timetuple().tm_yday - 1 + np.arange(days)) % 365.25
    middles = _MID_MONTH + _MONTH * np.arange(-1, 13)
    wrapped = [by_month[-1], *by_month, by_month[0]]
    return np.asarray(np.interp(day_of_year, middles, wrapped), np.float64)


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
    """Build the process from the settings of a `SyntheticShop`.

    Args:
        seed: Seed of every random stream.
        customers: See `SyntheticShop`.
        guests: See `SyntheticShop`.
        products: See `SyntheticShop`.
        launches: See `SyntheticShop.launches_a_month`.
        lines_a_year: See `SyntheticShop`.
        first_day: See `SyntheticShop`.
        days: See `SyntheticShop`.
    """
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
    new = season * (1 + _GROWTH * day / len(season)) + _EARLIER_CUSTOMERS * np.exp(-day / _FADING)
    return np.concatenate([[0.0], new.cumsum() / new.sum()])


def _cadence(rng: np.random.Generator, season: Floats, arrivals: Floats, guests: float, lines: float) -> float:
    """The cadence at which a customer, together with the guests per customer, orders `lines` lines in the history."""
    days = len(arrivals) - 1
    customers = draw_customers(rng, arrivals, BlockRange(0, _SAMPLE, _SAMPLE), cadence=1.0, size=_SAMPLE)
    age = np.arange(days) - customers.first_day[:, None]
    again = np.where(age > 0, np.exp(-np.maximum(age, 0) / customers.lasting[:, None]), 0.0) @ season[:days]
    basket = 1 + customers.basket
    missing = lines - (1 + guests) * basket.mean()
    return float(max(missing, 0.0) / (customers.cadence * again * basket).mean())
