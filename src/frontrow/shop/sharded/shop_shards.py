"""The tables of a shop on disk cut into the same shards as the files that come in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA, order_line_schema, order_state_schema
from frontrow.shop.add import find_last_orders
from frontrow.shop.sharded.split_files import CUSTOMER_SEED, ORDER_SEED, shard_of
from frontrow.shop.shop import Shop
from frontrow.storage.spill import Spill
from frontrow.tables.row_ranges import PART

PLACE: Final = "place"


@dataclass(frozen=True)
class ShopShards:
    """The tables of a shop in shards: those of orders by order, those of customers by customer.

    Attributes:
        lines: Order lines.
        states: What is known of each order.
        customers: Customers, with their `place` in the table.
        last_orders: `customer_id` and `ordered_at` of each customer's latest order.
        count: Number of customers.
        highest: The highest number of a customer, 0 without one.
        time_zone: IANA name.
    """

    lines: Spill
    states: Spill
    customers: Spill
    last_orders: pl.DataFrame
    count: int
    highest: int
    time_zone: str

    def without_customers(self) -> ShopShards:
        """The same without what grows with the customers in memory."""
        return replace(self, last_orders=self.last_orders.clear())

    def read_lines(self, shard: int) -> pl.LazyFrame:
        """The order lines of a shard, not read yet."""
        if shard in self.lines:
            return self.lines.scan(shard)
        return pl.LazyFrame(schema=order_line_schema(self.time_zone))

    def read_states(self, shard: int) -> pl.DataFrame:
        """What is known of the orders of a shard."""
        if shard in self.states:
            return self.states.read(shard)
        return pl.DataFrame(schema=order_state_schema(self.time_zone))

    def read_customers(self, shard: int) -> pl.DataFrame:
        """The customers of a shard, with their `place`."""
        if shard in self.customers:
            return self.customers.read(shard)
        return pl.DataFrame(schema={PLACE: pl.UInt32(), **CUSTOMER_SCHEMA})


def cut_shop(shop: Shop, shards: int, folder: Path) -> ShopShards:
    """Cut a shop's tables into shards.

    Args:
        shop: The shop on disk, or an empty one.
        shards: Number of shards.
        folder: For the rows.
    """
    lines = _cut(shop.orders, "order_id", shards, ORDER_SEED, folder / "shop-lines")
    states = _cut(shop.order_states, "order_id", shards, ORDER_SEED, folder / "shop-states")
    rows = shop.customers.select(list(CUSTOMER_SCHEMA))
    customers = _cut(rows, "source_id", shards, CUSTOMER_SEED, folder / "shop-customers", place=PLACE)
    count, highest = shop.customers.select(pl.len(), pl.col("customer_id").max()).collect().row(0)
    last_orders = find_last_orders(shop.orders).collect(engine="streaming")
    return ShopShards(lines, states, customers, last_orders, count, highest or 0, shop.settings.time_zone)


def _cut(rows: pl.LazyFrame, column: str, shards: int, seed: int, folder: Path, *, place: str | None = None) -> Spill:
    """Set rows aside by shard, with their `place` in the table where it has a name."""
    spill = Spill(folder)
    for start in range(0, rows.select(pl.len()).collect().item(), PART):
        batch = rows.slice(start, PART).collect()
        if place is not None:
            batch = batch.with_row_index(place, offset=start)
        spill.add_by(batch, shard_of(batch[column], shards, seed))
    spill.flush()
    return spill
