"""What the files bring, shard by shard: purchases stay on disk, what concerns the whole shop is gathered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.importing.exchange import ExchangeRates
from frontrow.importing.order_assembly import ORDER, Purchases
from frontrow.importing.product_identity import LINE_ATTRIBUTES
from frontrow.importing.product_keys import NAMES
from frontrow.shop.incoming import Incoming, collect_incoming
from frontrow.shop.sharded.parse_shards import ShardedFiles
from frontrow.shop.sharded.shop_shards import ShopShards
from frontrow.shop.sharded.split_files import CUSTOMER_SEED, shard_of
from frontrow.storage.spill import Spill

FIRST: Final = ("ordered_at", "order_id", "line_number")
"""What puts order lines of all shards in order of time."""

NO_ROWS: Final = pl.DataFrame()


@dataclass(frozen=True)
class GatheredShards:
    """What files bring.

    Attributes:
        incoming: Of each shard what the files bring, without purchases, states and contacts.
        lines: Purchases by shard (`importing.order_assembly.Purchases.lines`).
        orders: Their orders by shard.
        states: What the files say of each order, by shard.
        bought: By shard of customers, `source_id`, `ordered_at` and `shard` of the orders with a purchase.
        contacts: What the files say about customers, by shard of customers.
        pairs: The ways in which lines name products, in order of first appearance, with the first value of each
            attribute.
        ties: See `shop.incoming.Incoming`.
    """

    incoming: list[Incoming]
    lines: Spill
    orders: Spill
    states: Spill
    bought: Spill
    contacts: Spill
    pairs: pl.DataFrame
    ties: pl.DataFrame

    @property
    def catalogue(self) -> pl.DataFrame | None:
        """What products exports say; None without one."""
        return self.incoming[0].catalogue

    def read(self, shard: int) -> Incoming:
        """What the files bring of a shard, without contacts; its purchases leave the disk."""
        purchases = Purchases(self.lines.read(shard), self.orders.read(shard))
        incoming = replace(self.incoming[shard], purchases=purchases, states=self.states.read(shard))
        for spill in (self.lines, self.orders, self.states):
            spill.remove(shard)
        return incoming


def gather_shards(
    files: ShardedFiles, shop: ShopShards, rates: ExchangeRates, shards: int, folder: Path
) -> GatheredShards:
    """Find in each shard what the files bring.

    Args:
        files: The files.
        shop: The shop on disk.
        rates: What other currencies than the shop's are worth.
        shards: Number of shards.
        folder: For the rows.
    """
    names = ("lines", "orders", "states", "bought", "contacts")
    lines, orders, states, bought, contacts = (Spill(folder / f"incoming-{name}") for name in names)
    gathered: list[Incoming] = []
    pairs: list[pl.DataFrame] = []
    ties: list[pl.DataFrame] = []
    for shard, incoming in enumerate(_collect(files, shop, rates, shards)):
        purchases = incoming.purchases
        lines.write(shard, purchases.lines)
        orders.write(shard, purchases.orders)
        states.write(shard, incoming.states)
        buyers = _find_buyers(purchases, shard)
        if not shard:
            for number in range(shards):
                bought.add(number, buyers.clear())
                contacts.add(number, incoming.contacts.clear())
        bought.add_by(buyers, shard_of(buyers["source_id"], shards, CUSTOMER_SEED))
        contacts.add_by(incoming.contacts, shard_of(incoming.contacts["source_id"], shards, CUSTOMER_SEED))
        pairs = [_keep_first(pl.concat([*pairs, _find_pairs(purchases)]))]
        ties = [pl.concat([*ties, incoming.ties]).unique()]
        gathered.append(
            replace(incoming, purchases=Purchases(NO_ROWS, NO_ROWS), states=NO_ROWS, contacts=NO_ROWS, ties=NO_ROWS)
        )
    bought.flush()
    contacts.flush()
    return GatheredShards(gathered, lines, orders, states, bought, contacts, _in_order_of_appearance(pairs[0]), ties[0])


def _collect(files: ShardedFiles, shop: ShopShards, rates: ExchangeRates, shards: int) -> Iterator[Incoming]:
    whole = files.find_whole(shards)
    for shard in range(shards):
        parts = [file.read(shard, files.settings.time_zone) for file in files.files]
        for file in files.files:
            for spill in (file.lines, file.orders, file.contacts):
                spill.remove(shard)
        yield collect_incoming(parts, files.settings, shop.read_states(shard), rates, whole)


def _find_buyers(purchases: Purchases, shard: int) -> pl.DataFrame:
    """The customers and times of orders with a purchase."""
    has_line = pl.int_range(pl.len()).is_in(purchases.lines[ORDER].unique().implode())
    orders = purchases.orders.filter(has_line).select("source_id", "ordered_at", shard=pl.lit(shard, pl.UInt16))
    return orders.drop_nulls("source_id")


def _find_pairs(purchases: Purchases) -> pl.DataFrame:
    """The ways in which the lines of a shard name products: the line that does so first, and each attribute's first.

    One row for each attribute of a pair, and one for the pair, told apart by `attribute`; what is first is told by the
    columns `FIRST`.
    """
    lines = purchases.lines.rename({"product_id": "source_product"}, strict=False)
    absent = [pl.lit(None, pl.String).alias(name) for name in NAMES if name not in lines.columns]
    lines = lines.with_columns(absent).with_row_index("at")
    keys = purchases.orders.select("ordered_at", "order_id")
    parts = []
    attributes = ["", *(name for name in LINE_ATTRIBUTES if name in lines.columns)]
    filled = [pl.col("at").filter(pl.col(name).is_not_null()).first().alias(name) for name in attributes[1:]]
    places = lines.group_by(NAMES).agg(pl.col("at").first().alias(""), *filled)
    for attribute in attributes:
        value = pl.col(attribute).cast(pl.String) if attribute and attribute != "price" else pl.lit(None, pl.String)
        price = pl.col("price") if attribute == "price" else pl.lit(None, pl.Float64)
        first = places[attribute].drop_nulls()
        of_pairs = lines.select(*NAMES, ORDER, "line_number", value=value, price=price, attribute=pl.lit(attribute))[
            first
        ]
        times = keys[of_pairs[ORDER]]
        parts.append(of_pairs.drop(ORDER).with_columns(times.get_columns()).cast({pl.Categorical: pl.String}))
    return pl.concat(parts)


def _keep_first(rows: pl.DataFrame) -> pl.DataFrame:
    """Of what several shards say of a pair and attribute, what was first; in order of time."""
    return rows.sort(FIRST).unique([*NAMES, "attribute"], keep="first", maintain_order=True)


def _in_order_of_appearance(rows: pl.DataFrame) -> pl.DataFrame:
    """Pairs in order of first appearance, each with the first value of its attributes."""
    pairs = rows.filter(pl.col("attribute") == "").select(NAMES)
    for attribute in LINE_ATTRIBUTES:
        column = "price" if attribute == "price" else "value"
        of_attribute = rows.filter(pl.col("attribute") == attribute).select(*NAMES, pl.col(column).alias(attribute))
        pairs = pairs.join(of_attribute, on=NAMES, how="left", nulls_equal=True, maintain_order="left")
    return pairs
