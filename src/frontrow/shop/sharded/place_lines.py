"""Order lines of a large shop with their products and customers, a shard at a time, set aside by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.engines.engine import Engine
from frontrow.importing.order_versions import CHANGES
from frontrow.importing.product_identity import IdentifiedPairs, put_product_ids
from frontrow.schema import order_line_schema, order_state_schema
from frontrow.shop.add import with_customer_numbers
from frontrow.shop.changed_orders import find_changed_orders, merge_states, rename_products
from frontrow.shop.file_report import LineCounts, count_lines
from frontrow.shop.new_lines import NewLines
from frontrow.shop.order_totals import OrderTotals, add_up_orders
from frontrow.shop.sharded.answers import ShardNumber, pack, unpack
from frontrow.shop.sharded.gather_shards import GatheredShards
from frontrow.shop.sharded.number_shards import NumberedCustomers
from frontrow.shop.sharded.order_files import LineSpill, set_lines_aside
from frontrow.shop.sharded.shop_shards import ShopShards
from frontrow.storage.spill import Spill

STATES_TOGETHER: Final = 1_000_000
"""States of orders that are put in order together."""

STATES: Final = "states"
DROPPED: Final = "dropped"
NOT_PRODUCTS: Final = "not-products"


@dataclass(frozen=True)
class PlacedLines:
    """The order lines and states of orders of a shop, on disk, and what became of what came in.

    Attributes:
        lines: Order lines, to be put in order.
        states: States of orders by range of `order_id`, in no order within one.
        counts: Numbers of rows of each shard.
        totals: What the order lines add up to.
        new_lines: Number of lines of orders that the shop did not have.
        changed: Number of orders by what changed.
        has_changed: Whether a line or a state is other than before.
    """

    lines: LineSpill
    states: Spill
    counts: list[LineCounts]
    totals: OrderTotals
    new_lines: int
    changed: Counter[str]
    has_changed: bool

    def ordered_changes(self) -> dict[str, int]:
        """Number of orders by what changed, in the usual order."""
        return {change: self.changed[change] for change in CHANGES if self.changed[change]}

    def write_states(self, folder: Path, time_zone: str) -> pl.LazyFrame:
        """The table of states by order id, as files in a new folder."""
        folder.mkdir(mode=0o700)
        files = []
        for key in self.states.present():
            files.append(folder / f"{key:06}.parquet")
            self.states.read(key).sort("order_id").write_parquet(files[-1], compression="lz4", statistics=False)
            self.states.remove(key)
        return pl.scan_parquet(files, glob=False) if files else pl.LazyFrame(schema=order_state_schema(time_zone))


@dataclass(frozen=True)
class PlaceShard:
    """Puts the ids of products and customers on the order lines of a shard, and compares orders with the shop's.

    Attributes:
        gathered: What the files bring.
        pairs: The product of each way in which a line names one.
        joined: See `importing.product_identity.IdentifiedPairs`.
        numbers: By shard, `source_id` and `customer_id` of those who bought.
        shop: The shop on disk.
        hidden: The products that are none, with the `reason`.
        bounds: Ids that divide the states of all orders into ranges.
        folder: For the rows.
    """

    gathered: GatheredShards
    pairs: pl.DataFrame
    joined: Mapping[str, str]
    numbers: Spill
    shop: ShopShards
    hidden: pl.DataFrame
    bounds: pl.Series
    folder: Path

    def __call__(self, shard: int) -> pl.DataFrame:
        """Place the lines; see `engines.engine.Step`."""
        incoming = self.gathered.read(shard)
        lines = put_product_ids(incoming.purchases.lines, self.pairs)
        orders = with_customer_numbers(incoming.purchases.orders, self._read_numbers(shard))
        new = NewLines(lines, orders, order_line_schema(self.shop.time_zone))
        old, states = self.shop.read_lines(shard), self.shop.read_states(shard)
        renamed = rename_products(old, self.joined)
        changes = find_changed_orders(renamed, new, states, incoming.states, incoming.changed)
        counts = count_lines(incoming.counts, new, self.hidden, changes.unchanged)
        Spill(self.folder / DROPPED).write(shard, counts.dropped)
        Spill(self.folder / NOT_PRODUCTS).write(shard, counts.not_products)
        stay = renamed.collect()
        rows = [stay if changes.stays is None else stay.filter(changes.stays), changes.additions.table()]
        all_rows = pl.concat([part for part in rows if part.height] or rows[:1])
        guests = set_lines_aside(self.folder, shard, all_rows)
        merged = merge_states(states.lazy(), incoming.states)
        placed = Spill(self.folder / STATES, shard)
        placed.add_by(merged, self.bounds.search_sorted(merged["order_id"]))
        placed.flush()
        return pack(
            {
                "totals": asdict(add_up_orders(all_rows.lazy())),
                "guests": guests,
                "new_lines": changes.new_lines,
                "changed": dict(changes.counts),
                "has_changed": not merged.equals(states.sort("order_id")),
            }
        )

    def _read_numbers(self, shard: int) -> pl.DataFrame:
        if shard in self.numbers:
            return self.numbers.read(shard).unique()
        return pl.DataFrame(schema={"source_id": pl.String, "customer_id": pl.Int64})


def place_lines(
    gathered: GatheredShards,
    identified: IdentifiedPairs,
    customers: NumberedCustomers,
    shop: ShopShards,
    hidden: pl.DataFrame,
    shards: int,
    folder: Path,
    engine: Engine,
) -> PlacedLines:
    """Put the ids of products and customers on order lines, and compare orders with those of the shop.

    Args:
        gathered: What the files bring.
        identified: The products of the shop.
        customers: Its customers.
        shop: The shop on disk.
        hidden: The products that are none, with the `reason`.
        shards: Number of shards.
        folder: A new folder for the rows.
        engine: Where it is done.
    """
    folder.mkdir(mode=0o700)
    first = merge_states(shop.read_states(0).lazy(), gathered.read_states(0))
    bounds = _find_bounds(first["order_id"], shards)
    light = replace(gathered, pairs=pl.DataFrame(), ties=pl.DataFrame(), catalogue=None)
    small_shop = shop.without_customers()
    step = PlaceShard(light, identified.pairs, identified.joined, customers.numbers, small_shop, hidden, bounds, folder)
    counts, totals, guests = [], OrderTotals(), Counter[int]()
    new_lines, changed, has_changed = 0, Counter[str](), False
    for shard, answer in enumerate(engine.map_blocks([ShardNumber(shard) for shard in range(shards)], step)):
        facts = unpack(answer)
        counts.append(LineCounts(*(Spill(folder / name).read(shard) for name in (DROPPED, NOT_PRODUCTS))))
        totals += OrderTotals(**facts["totals"])
        guests.update({int(key): height for key, height in facts["guests"].items()})
        new_lines += facts["new_lines"]
        changed.update(facts["changed"])
        has_changed = has_changed or facts["has_changed"]
        gathered.remove(shard)
        shop.lines.remove(shard)
    lines = LineSpill(folder, totals.lines, guests)
    return PlacedLines(lines, Spill(folder / STATES), counts, totals, new_lines, changed, has_changed)


def _find_bounds(ids: pl.Series, shards: int) -> pl.Series:
    """Ids that divide all orders into ranges, judged by one shard, which holds a share of them by chance."""
    ranges = -(-ids.len() * shards // STATES_TOGETHER)
    places = [ids.len() * number // ranges for number in range(1, ranges)]
    return ids[places].unique().sort()
