"""A garden shop with planted truth."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA, order_line_schema
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.synthetic import tables
from frontrow.synthetic.world import World, make_world

EPOCH: Final = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class SyntheticShop:
    """A garden shop whose customers' true purchase probabilities are known.

    The same settings give the same shop, to the byte. Customers are drawn in blocks of fixed size
    (`people.BLOCK`), each with chance of its own, so that a shop of any size is written in constant memory.

    Attributes:
        customers: How many have ordered at least once; guests come on top.
        seed: Of everything drawn.
        first_day: First day of the history, which starts at its midnight.
        days: Length of the history.
        products: How many were on sale before the first day.
        launches: Ranges of new products a month, each of one to three products.
        lines_a_year: Order lines, guests' included, divided by customers and years; a customer's first order
            stands, so that few years cannot have few lines.
        guests: Guest orders for each customer.
        time_zone: IANA name of the shop's time zone.
        currency: ISO 4217 code.

    Example:
        >>> shop = SyntheticShop(customers=100, seed=3).shop()
        >>> shop.customers.collect().height
        100
    """

    customers: int = 2_000
    seed: int = 0
    first_day: dt.date = dt.date(2024, 1, 1)
    days: int = 730
    products: int = 240
    launches: float = 2.0
    lines_a_year: float = 1.85
    guests: float = 0.1
    time_zone: str = "America/New_York"
    currency: str = "USD"

    def __post_init__(self) -> None:
        if self.customers < 1 or self.days < 60 or self.products < 12 or self.launches <= 0:
            raise ValueError("A synthetic shop takes 1 customer, 60 days, 12 products and some launches at least.")

    @cached_property
    def world(self) -> World:
        """The process behind the shop."""
        return make_world(
            seed=self.seed,
            customers=self.customers,
            guests=self.guests,
            products=self.products,
            launches=self.launches,
            lines_a_year=self.lines_a_year,
            first_day=self.first_day,
            days=self.days,
        )

    def shop(self) -> Shop:
        """The shop in memory."""
        names = tables.OrderNames(self.world)
        blocks = [self.world.history(number) for number in range(self.world.blocks)]
        return Shop.from_tables(
            orders=pl.concat(
                tables.order_lines(self.world, block, names, self.first_day, self.time_zone) for block in blocks
            ),
            products=tables.products(self.world),
            customers=pl.concat(tables.customers(block.people) for block in blocks),
            settings=self._settings,
        )

    def write(self, folder: str | Path) -> None:
        """Write the shop to `folder`, block by block, so that memory does not grow with the customers."""
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        empty = Shop.from_tables(
            orders=pl.DataFrame(schema=order_line_schema(self.time_zone)),
            products=tables.products(self.world),
            customers=pl.DataFrame(schema=dict(CUSTOMER_SCHEMA)),
            settings=self._settings,
        )
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as there:
            orders, customers = self._write_parts(Path(there))
            Shop(
                orders=pl.scan_parquet(orders),
                products=empty.products,
                customers=pl.scan_parquet(customers),
                settings=empty.settings,
                rules=empty.rules,
            ).write(folder)

    def _write_parts(self, folder: Path) -> tuple[list[Path], list[Path]]:
        names = tables.OrderNames(self.world)
        parts: tuple[list[Path], list[Path]] = ([], [])
        for number in range(self.world.blocks):
            block = self.world.history(number)
            frames = (
                tables.order_lines(self.world, block, names, self.first_day, self.time_zone),
                tables.customers(block.people),
            )
            for kind, frame, paths in zip(("orders", "customers"), frames, parts, strict=True):
                paths.append(folder / f"{kind}-{number:05d}.parquet")
                frame.write_parquet(paths[-1])
        return parts

    @property
    def _settings(self) -> ShopSettings:
        return ShopSettings(time_zone=self.time_zone, currency=self.currency)
