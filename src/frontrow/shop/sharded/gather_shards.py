"""What the files bring, shard by shard: purchases stay on disk, what concerns the whole shop is gathered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.engines.engine import Engine
from frontrow.importing.exchange import ExchangeRates
from frontrow.importing.order_assembly import ORDER, Purchases
from frontrow.importing.product_identity import LINE_ATTRIBUTES
from frontrow.importing.product_keys import NAMES
from frontrow.shop.incoming import Incoming, WholeFiles, collect_catalogue, collect_incoming
from frontrow.shop.settings import ShopSettings
from frontrow.shop.sharded.answers import ShardNumber, pack
from frontrow.shop.sharded.parse_shards import ShardedFile, ShardedFiles
from frontrow.shop.sharded.shop_shards import ShopShards
from frontrow.shop.sharded.split_files import CUSTOMER_SEED, shard_of
from frontrow.storage.spill import Spill

FIRST: Final = ("ordered_at", "order_id", "line_number")
"""What puts order lines of all shards in order of time."""

OF_SHARD: Final = ("lines", "orders", "states", "changed", "counts")
"""What the files bring of a shard, by table of `shop.incoming.Incoming` and of its purchases."""


@dataclass(frozen=True)
class GatheredShards:
    """What files bring.

    Attributes:
        folder: Where the tables of each shard are (`OF_SHARD`).
        bought: By shard of customers, `source_id`, `ordered_at` and `shard` of the orders with a purchase.
        contacts: What the files say about customers, by shard of customers.
        pairs: The ways in which lines name products, in order of first appearance, with the first value of each
            attribute.
        ties: See `shop.incoming.Incoming`.
        catalogue: What products exports say; None without one.
    """

    folder: Path
    bought: Spill
    contacts: Spill
    pairs: pl.DataFrame
    ties: pl.DataFrame
    catalogue: pl.DataFrame | None

    def read(self, shard: int) -> Incoming:
        """What the files bring of a shard, without contacts and what concerns the whole shop."""
        lines, orders, states, changed, counts = (_open(self.folder, name).read(shard) for name in OF_SHARD)
        nothing = pl.DataFrame()
        return Incoming((), Purchases(lines, orders), states, changed, nothing, nothing, None, counts)

    def read_states(self, shard: int) -> pl.DataFrame:
        """What the files say of each order of a shard."""
        return _open(self.folder, "states").read(shard)

    def remove(self, shard: int) -> None:
        """Remove what the files bring of a shard from the disk."""
        for name in OF_SHARD:
            _open(self.folder, name).remove(shard)


@dataclass(frozen=True)
class CollectShard:
    """Finds what files bring of a shard, and writes it.

    Attributes:
        files: The files.
        shop: The shop on disk.
        settings: The shop's.
        rates: What other currencies than the shop's are worth.
        whole: What must be known of whole files.
        shards: Number of shards.
        folder: For the rows.
    """

    files: Sequence[ShardedFile]
    shop: ShopShards
    settings: ShopSettings
    rates: ExchangeRates
    whole: WholeFiles
    shards: int
    folder: Path

    def __call__(self, shard: int) -> pl.DataFrame:
        """Find what the files bring; see `engines.engine.Step`."""
        parts = [file.read(shard, self.settings.time_zone) for file in self.files]
        incoming = collect_incoming(parts, self.settings, self.shop.read_states(shard), self.rates, self.whole)
        purchases = incoming.purchases
        tables = (purchases.lines, purchases.orders, incoming.states, incoming.changed, incoming.counts)
        for name, rows in zip(OF_SHARD, tables, strict=True):
            _open(self.folder, name).write(shard, rows)
        bought, contacts = _open(self.folder, "bought", shard), _open(self.folder, "contacts", shard)
        buyers = _find_buyers(purchases, shard)
        if not shard:
            for number in range(self.shards):
                bought.add(number, buyers.clear())
                contacts.add(number, incoming.contacts.clear())
        bought.add_by(buyers, shard_of(buyers["source_id"], self.shards, CUSTOMER_SEED))
        contacts.add_by(incoming.contacts, shard_of(incoming.contacts["source_id"], self.shards, CUSTOMER_SEED))
        bought.flush()
        contacts.flush()
        _open(self.folder, "pairs").write(shard, _find_pairs(purchases))
        _open(self.folder, "ties").write(shard, incoming.ties)
        return pack({})


def gather_shards(
    files: ShardedFiles, shop: ShopShards, rates: ExchangeRates, shards: int, folder: Path, engine: Engine
) -> GatheredShards:
    """Find in each shard what the files bring.

    Args:
        files: The files.
        shop: The shop on disk.
        rates: What other currencies than the shop's are worth.
        shards: Number of shards.
        folder: A new folder for the rows.
        engine: Where it is done.
    """
    folder.mkdir(mode=0o700)
    whole = files.find_whole(shards)
    step = CollectShard(files.files, shop.without_customers(), files.settings, rates, whole, shards, folder)
    pairs: list[pl.DataFrame] = []
    ties: list[pl.DataFrame] = []
    for shard, _ in enumerate(engine.map_blocks([ShardNumber(shard) for shard in range(shards)], step)):
        for file in files.files:
            file.remove(shard)
        pairs = [_keep_first(pl.concat([*pairs, _open(folder, "pairs").read(shard)]))]
        ties = [pl.concat([*ties, _open(folder, "ties").read(shard)]).unique()]
    return GatheredShards(
        folder,
        _open(folder, "bought"),
        _open(folder, "contacts"),
        _in_order_of_appearance(pairs[0]),
        ties[0],
        collect_catalogue([file.read(0, files.settings.time_zone) for file in files.files if file.whole is not None]),
    )


def _open(folder: Path, name: str, writer: int = 0) -> Spill:
    return Spill(folder / name, writer)


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
