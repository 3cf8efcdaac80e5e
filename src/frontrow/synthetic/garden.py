"""The synthetic garden shop, whose true purchase probabilities are known."""

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
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.synthetic.orders import NEW_DAYS
from frontrow.synthetic.shopify_export import write_shopify
from frontrow.synthetic.tables import (
    OrderNumbering,
    customer_table,
    launched_between,
    order_lines,
    product_table,
    trait_table,
)
from frontrow.synthetic.truth import Window, outcomes, probabilities, product_positions
from frontrow.synthetic.world import World, make_world
from frontrow.tables.csv_output import write_csv

NEW_PRODUCT_COLUMNS: Final = ("title", "product_type", "vendor", "price", "tags", "description", "launch_date")


@dataclass(frozen=True)
class SyntheticShop:
    """A garden shop whose customers' true purchase probabilities are known.

    The same settings give the same shop, to the byte. Customers are drawn in blocks of fixed size
    (`customers.BLOCK`), each with its own random generator, so that a shop of any size is written in constant memory.

    Attributes:
        customers: Number of customers with at least one order; guests come on top.
        seed: Seed of everything drawn.
        first_day: First day of the history, which starts at its midnight.
        days: Length of the history.
        products: Number of products on sale before the first day.
        launches_a_month: Ranges of new products a month, each of one to three products.
        lines_a_year: Order lines, including those of guests, divided by customers and years. Every customer has a
            first order, so a short history has at least one line per customer.
        guests: Guest orders per customer.
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
            raise ValueError(
                "A synthetic shop needs at least 1 customer, 60 days, 12 products and more than 0 launches a month."
            )

    @cached_property
    def world(self) -> World:
        """The random process behind the shop."""
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
        numbering = OrderNumbering(self.world)
        blocks = [self.world.draw_history(number) for number in range(self.world.blocks)]
        return Shop.from_tables(
            orders=pl.concat(
                order_lines(self.world, block, numbering, self.first_day, self.time_zone) for block in blocks
            ),
            products=product_table(self.world),
            customers=pl.concat(customer_table(block.customers) for block in blocks),
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
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as staging:
            orders, customers = self._write_parts(Path(staging))
            Shop(
                orders=pl.scan_parquet(orders),
                products=empty.products,
                customers=pl.scan_parquet(customers),
                settings=empty.settings,
                rules=empty.rules,
            ).write(folder)

    def write_shopify(self, folder: str | Path) -> list[Path]:
        """Write the shop as Shopify's exports; importing them gives `shop` again.

        Two overlapping exports of orders, one of products and one of customers, with the irregularities of real ones:
        see `shopify_export`. Everything is held in memory at once.

        Returns:
            The files written.
        """
        return write_shopify(self.world, Path(folder), self.first_day, self.time_zone, self.currency)

    def launches(self) -> pl.DataFrame:
        """Products launched within the history.

        Columns: product_id, sku, title, product_type, launch_day, launch_date, returning.
        `launch_day` is in days since 1970-01-01; a `returning` product was sold before under another SKU.
        """
        columns = ("product_id", "sku", "title", "product_type", "launch_day", "launch_date", "returning")
        return launched_between(self.world, self._epoch_day, 0, self.days).select(columns)

    def upcoming(self) -> pl.DataFrame:
        """Products that launch in the 45 days after the end of the history, as a shop would announce them.

        Columns: product_id and sku, which a real shop would not have yet, then those of `write_upcoming`.
        """
        return launched_between(self.world, self._epoch_day, self.days, self.days + NEW_DAYS).select(
            "product_id", "sku", *NEW_PRODUCT_COLUMNS
        )

    def write_upcoming(self, path: str | Path) -> None:
        """Write `upcoming` as a CSV: title, product_type, vendor, price, tags, description, launch_date."""
        write_csv(self.upcoming().select(NEW_PRODUCT_COLUMNS), path, decimals=2)

    def probability(
        self,
        product_ids: Sequence[str],
        customer_ids: Sequence[int] | npt.NDArray[np.int64],
        cutoff_day: int,
        horizon_days: int,
    ) -> npt.NDArray[np.float64]:
        """The true probability that each customer buys each product within the horizon; see `truth` for the formula.

        Args:
            product_ids: Products in the history or to come.
            customer_ids: Ids as in `shop`.
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
        days = Window.from_cutoff(self.world, self._epoch_day, cutoff_day, horizon_days)
        return probabilities(self.world, product_positions(self.world, product_ids), customer_ids, days)

    def truth(self, product_ids: Sequence[str], cutoff_day: int, horizon_days: int, replicate: int = 0) -> pl.DataFrame:
        """The true probability and the actual purchase of every customer who ordered before the cutoff.

        Args:
            product_ids: Products in the history or to come.
            cutoff_day: First day of the horizon, as days since 1970-01-01.
            horizon_days: Length of the horizon in days.
            replicate: 0 for the purchases in this shop, another number for a new draw of the same customers' orders.

        Returns:
            One row per product and customer who ordered before the cutoff: product_id, customer_id, source_id,
            probability, bought.

        Example:
            >>> garden = SyntheticShop(customers=50)
            >>> garden.truth(garden.upcoming()["product_id"][:1], cutoff_day=20_453, horizon_days=30).columns
            ['product_id', 'customer_id', 'source_id', 'probability', 'bought']
        """
        days = Window.from_cutoff(self.world, self._epoch_day, cutoff_day, horizon_days)
        return outcomes(self.world, list(product_ids), days, replicate)

    def traits(self) -> pl.DataFrame:
        """The fixed traits of every customer.

        Columns: customer_id, source_id, first_day (days since 1970-01-01), favourite (product type), style, band (0 to
        2, premium last), boost, cadence (orders a day), lasting (days), basket, city, and `taste`, a list over the
        product types of `vocabulary.PRODUCT_TYPES`.
        """
        return pl.concat(
            trait_table(self.world.draw_block(block), self._epoch_day) for block in range(self.world.blocks)
        )

    def _write_parts(self, folder: Path) -> tuple[list[Path], list[Path]]:
        numbering = OrderNumbering(self.world)
        parts: tuple[list[Path], list[Path]] = ([], [])
        for number in range(self.world.blocks):
            block = self.world.draw_history(number)
            frames = (
                order_lines(self.world, block, numbering, self.first_day, self.time_zone),
                customer_table(block.customers),
            )
            for kind, frame, paths in zip(("orders", "customers"), frames, parts, strict=True):
                paths.append(folder / f"{kind}-{number:05d}.parquet")
                frame.write_parquet(paths[-1])
        return parts

    @property
    def _epoch_day(self) -> int:
        return (self.first_day - EPOCH).days

    @property
    def _settings(self) -> ShopSettings:
        return ShopSettings(time_zone=self.time_zone, currency=self.currency)
