"""A garden shop with planted truth."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA, order_line_schema
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.synthetic.answers import launched_between, outcomes, positions, probabilities, window
from frontrow.synthetic.choice import NEW_DAYS
from frontrow.synthetic.shopify.write import write_shopify
from frontrow.synthetic.tables import OrderNames, order_lines
from frontrow.synthetic.tables import customers as customer_table
from frontrow.synthetic.tables import products as product_table
from frontrow.synthetic.tables import traits as trait_table
from frontrow.synthetic.world import World, make_world

NEW_PRODUCT_COLUMNS: Final = ("title", "product_type", "vendor", "price", "tags", "description", "launch_date")


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
        launches_a_month: Ranges of new products, each of one to three products.
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
    launches_a_month: float = 2.0
    lines_a_year: float = 1.85
    guests: float = 0.1
    time_zone: str = "America/New_York"
    currency: str = "USD"

    def __post_init__(self) -> None:
        if self.customers < 1 or self.days < 60 or self.products < 12 or self.launches_a_month <= 0:
            raise ValueError("A synthetic shop takes 1 customer, 60 days, 12 products and some launches at least.")

    @cached_property
    def world(self) -> World:
        """The process behind the shop."""
        return make_world(
            seed=self.seed,
            customers=self.customers,
            guests=self.guests,
            products=self.products,
            launches=self.launches_a_month,
            lines_a_year=self.lines_a_year,
            first_day=self.first_day,
            days=self.days,
        )

    def shop(self) -> Shop:
        """The shop in memory."""
        names = OrderNames(self.world)
        blocks = [self.world.history(number) for number in range(self.world.blocks)]
        return Shop.from_tables(
            orders=pl.concat(order_lines(self.world, block, names, self.first_day, self.time_zone) for block in blocks),
            products=product_table(self.world),
            customers=pl.concat(customer_table(block.people) for block in blocks),
            settings=self._settings,
        )

    def write(self, folder: str | Path) -> None:
        """Write the shop to `folder`, block by block, so that memory does not grow with the customers."""
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        empty = Shop.from_tables(
            orders=pl.DataFrame(schema=order_line_schema(self.time_zone)),
            products=product_table(self.world),
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

    def write_shopify(self, folder: str | Path) -> list[Path]:
        """Write the shop as Shopify's own exports; an import of them gives `shop` again.

        Two exports of orders that overlap, one of products and one of customers, with the oddities of real ones:
        see `shopify`. Everything is held in memory at once.

        Returns:
            The files written.
        """
        return write_shopify(self.world, Path(folder), self.first_day, self.time_zone, self.currency)

    def launches(self) -> pl.DataFrame:
        """Products launched within the history.

        Columns: product_id, sku, title, product_type, launch_day, launch_date, returning.
        `launch_day` counts days since 1970-01-01; a `returning` product was sold before under another SKU.
        """
        columns = ("product_id", "sku", "title", "product_type", "launch_day", "launch_date", "returning")
        return launched_between(self.world, self._epoch_day, 0, self.days).select(columns)

    def upcoming(self) -> pl.DataFrame:
        """Products that launch in the 45 days after the history's end, as one would announce them.

        Columns: product_id and sku, which a shop would not know yet, then those of `write_upcoming`.
        """
        return launched_between(self.world, self._epoch_day, self.days, self.days + NEW_DAYS).select(
            "product_id", "sku", *NEW_PRODUCT_COLUMNS
        )

    def write_upcoming(self, path: str | Path) -> None:
        """Write `upcoming` as a CSV: title, product_type, vendor, price, tags, description, launch_date."""
        self.upcoming().select(NEW_PRODUCT_COLUMNS).write_csv(path)

    def probability(
        self,
        product_ids: Sequence[str],
        customer_ids: Sequence[int] | npt.NDArray[np.int64],
        cutoff_day: int,
        horizon_days: int,
    ) -> npt.NDArray[np.float64]:
        """The true probability that each customer buys each product within the horizon; the formula is in `truth`.

        Args:
            product_ids: Of products in the history or to come.
            customer_ids: Numbers as in `shop`.
            cutoff_day: First day of the horizon, as days since 1970-01-01.
            horizon_days: Length of the horizon in days.

        Returns:
            Probabilities: [products, customers].

        Example:
            >>> garden = SyntheticShop(customers=50)
            >>> new = garden.upcoming()["product_id"]
            >>> garden.probability(new[:2], [1, 2, 3], cutoff_day=20_453, horizon_days=30).shape
            (2, 3)
        """
        days = window(self.world, self._epoch_day, cutoff_day, horizon_days)
        return probabilities(self.world, positions(self.world, product_ids), customer_ids, days)

    def truth(self, product_ids: Sequence[str], cutoff_day: int, horizon_days: int, replicate: int = 0) -> pl.DataFrame:
        """What a perfect model would say of every customer known at the cutoff, and what came of it.

        Args:
            product_ids: Of products in the history or to come.
            cutoff_day: First day of the horizon, as days since 1970-01-01.
            horizon_days: Length of the horizon in days.
            replicate: 0 for what happens in this shop, another for a fresh draw of the same customers' orders.

        Returns:
            One row a product and customer who ordered before the cutoff: product_id, customer_id, source_id,
            probability, bought.

        Example:
            >>> garden = SyntheticShop(customers=50)
            >>> garden.truth(garden.upcoming()["product_id"][:1], cutoff_day=20_453, horizon_days=30).columns
            ['product_id', 'customer_id', 'source_id', 'probability', 'bought']
        """
        days = window(self.world, self._epoch_day, cutoff_day, horizon_days)
        return outcomes(self.world, list(product_ids), days, replicate)

    def traits(self) -> pl.DataFrame:
        """Every customer's fixed traits: who they are in `shop`, and what the process knows of them.

        Columns: customer_id, source_id, first_day (days since 1970-01-01), favourite (product type), style, band (0 to
        2, dear last), boost, cadence (orders a day), lasting (days), basket, city, and `taste`, a list over the
        product types of `words.PRODUCT_TYPES`.
        """
        return pl.concat(trait_table(self.world.people(block), self._epoch_day) for block in range(self.world.blocks))

    def _write_parts(self, folder: Path) -> tuple[list[Path], list[Path]]:
        names = OrderNames(self.world)
        parts: tuple[list[Path], list[Path]] = ([], [])
        for number in range(self.world.blocks):
            block = self.world.history(number)
            frames = (
                order_lines(self.world, block, names, self.first_day, self.time_zone),
                customer_table(block.people),
            )
            for kind, frame, paths in zip(("orders", "customers"), frames, parts, strict=True):
                paths.append(folder / f"{kind}-{number:05d}.parquet")
                frame.write_parquet(paths[-1])
        return parts

    @property
    def _epoch_day(self) -> int:
        return (self.first_day - dt.date(1970, 1, 1)).days

    @property
    def _settings(self) -> ShopSettings:
        return ShopSettings(time_zone=self.time_zone, currency=self.currency)
