"""Customers of a large shop: numbered in order of first purchase, and what they last said, a shard at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.importing.customers import find_new_customers, number_new_customers, update_contacts
from frontrow.schema import CUSTOMER_SCHEMA, conform
from frontrow.shop.forgotten import Forgotten
from frontrow.shop.incoming import leave_out_repeated
from frontrow.shop.sharded.gather_shards import GatheredShards
from frontrow.shop.sharded.shop_shards import PLACE, ShopShards
from frontrow.storage.spill import Spill

RANGE: Final = 1_000_000
"""Customers that are put in order together."""


@dataclass(frozen=True)
class NumberedCustomers:
    """All customers of a shop.

    Attributes:
        customers: Customers by range of places in the table, in no order within one.
        numbers: By shard of orders, `source_id` and `customer_id` of those who bought.
        count: Number of customers.
        has_changed: Whether any of the shop's customers is other than before.
    """

    customers: Spill
    numbers: Spill
    count: int
    has_changed: bool

    def write(self, folder: Path) -> pl.LazyFrame:
        """The table of customers, in its order, as files in a new folder."""
        folder.mkdir(mode=0o700)
        files = []
        for key in self.customers.present():
            files.append(folder / f"{key:06}.parquet")
            rows = self.customers.read(key).sort(PLACE).drop(PLACE)
            rows.write_parquet(files[-1], compression="lz4", statistics=False)
            self.customers.remove(key)
        return pl.scan_parquet(files, glob=False) if files else pl.LazyFrame(schema=dict(CUSTOMER_SCHEMA))


def number_shards(
    gathered: GatheredShards, shop: ShopShards, forgotten: Forgotten, shards: int, folder: Path
) -> NumberedCustomers:
    """Number the customers whom files bring, and bring all to what the files say.

    Args:
        gathered: What the files bring.
        shop: The shop on disk.
        forgotten: Who was forgotten.
        shards: Number of shards.
        folder: For the rows.
    """
    new = _find_new(gathered, shop, forgotten, shards)
    # a number is never given twice, not even that of a customer who was erased since
    new_customers = number_new_customers(new, max(shop.highest, forgotten.last_customer_id) + 1)
    del new
    places = pl.int_range(shop.count, shop.count + pl.len(), dtype=pl.UInt32)
    new_customers = new_customers.select("source_id", "customer_id", "shard", places.alias(PLACE))
    waiting = Spill(folder / "new-customers")
    waiting.add_by(new_customers.drop("shard"), new_customers["shard"])
    count = shop.count + new_customers.height
    del new_customers
    customers, numbers, has_changed = Spill(folder / "customers"), Spill(folder / "numbers"), count > shop.count
    for shard in range(shards):
        before, bought, contacts = _read_said(gathered, shop, forgotten, shard)
        after = before
        if shard in waiting:
            after = pl.concat([before, conform(waiting.read(shard), {PLACE: pl.UInt32(), **CUSTOMER_SCHEMA})])
        after = after.select(PLACE).hstack(update_contacts(after.drop(PLACE), contacts, shop.last_orders))
        has_changed = has_changed or not after.equals(before)
        customers.add_by(after, after[PLACE] // RANGE)
        ids = after.select("source_id", "customer_id").drop_nulls()
        numbered = bought.select("source_id", "shard").unique().join(ids, on="source_id")
        numbers.add_by(numbered.select("source_id", "customer_id"), numbered["shard"])
    for spill in (waiting, gathered.bought, gathered.contacts):
        spill.remove()
    customers.flush()
    numbers.flush()
    return NumberedCustomers(customers, numbers, count, has_changed)


def _find_new(gathered: GatheredShards, shop: ShopShards, forgotten: Forgotten, shards: int) -> pl.DataFrame:
    """Return who is new, with the shard of customers."""
    new = []
    for shard in range(shards):
        of_shard = find_new_customers(*_read_said(gathered, shop, forgotten, shard))
        new.append(of_shard.with_columns(shard=pl.lit(shard, pl.UInt16)))
    return pl.concat(new)


def _read_said(
    gathered: GatheredShards, shop: ShopShards, forgotten: Forgotten, shard: int
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return a shard's customers so far, who bought, and what is said about customers, without forgotten persons."""
    existing = shop.read_customers(shard)
    contacts = leave_out_repeated(gathered.contacts.read(shard), existing)
    bought, contacts = forgotten.erase(gathered.bought.read(shard), contacts)
    return existing, bought.drop_nulls("source_id"), contacts
