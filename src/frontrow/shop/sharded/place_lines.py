"""Order lines of a large shop with their products and customers, a shard at a time, set aside by block."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.importing.order_versions import CHANGES
from frontrow.importing.product_identity import IdentifiedPairs, put_product_ids
from frontrow.schema import order_line_schema, order_state_schema
from frontrow.shop.add import with_customer_numbers
from frontrow.shop.changed_orders import find_changed_orders, merge_states, rename_products
from frontrow.shop.file_report import LineCounts, count_lines
from frontrow.shop.new_lines import NewLines
from frontrow.shop.order_totals import OrderTotals, add_up_orders
from frontrow.shop.sharded.gather_shards import GatheredShards
from frontrow.shop.sharded.number_shards import NumberedCustomers
from frontrow.shop.sharded.order_files import LineSpill
from frontrow.shop.sharded.shop_shards import ShopShards
from frontrow.storage.spill import Spill

STATES_TOGETHER: Final = 1_000_000
"""States of orders that are put in order together."""


@dataclass
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


def place_lines(
    gathered: GatheredShards,
    identified: IdentifiedPairs,
    customers: NumberedCustomers,
    shop: ShopShards,
    hidden: pl.DataFrame,
    shards: int,
    folder: Path,
) -> PlacedLines:
    """Put the ids of products and customers on order lines, and compare orders with those of the shop.

    Args:
        gathered: What the files bring.
        identified: The products of the shop.
        customers: Its customers.
        shop: The shop on disk.
        hidden: The products that are none, with the `reason`.
        shards: Number of shards.
        folder: For the rows.
    """
    placed = PlacedLines(
        LineSpill(folder), Spill(folder / "states"), [], OrderTotals(), 0, Counter(), has_changed=False
    )
    bounds: pl.Series | None = None
    for shard in range(shards):
        incoming = gathered.read(shard)
        lines = put_product_ids(incoming.purchases.lines, identified.pairs)
        orders = with_customer_numbers(incoming.purchases.orders, _numbers(customers, shard))
        new = NewLines(lines, orders, order_line_schema(shop.time_zone))
        old, states = shop.read_lines(shard), shop.read_states(shard)
        renamed = rename_products(old, identified.joined)
        changes = find_changed_orders(renamed, new, states, incoming.states, incoming.changed)
        placed.counts.append(count_lines(incoming.counts, new, hidden, changes.unchanged))
        stay = renamed.collect()
        rows = [stay if changes.stays is None else stay.filter(changes.stays), changes.additions.table()]
        all_rows = pl.concat([part for part in rows if part.height] or rows[:1])
        placed.lines.add(all_rows)
        placed.totals += add_up_orders(all_rows.lazy())
        placed.new_lines += changes.new_lines
        placed.changed.update(changes.counts)
        merged = merge_states(states.lazy(), incoming.states)
        placed.has_changed = placed.has_changed or not merged.equals(states.sort("order_id"))
        if bounds is None:
            bounds = _find_bounds(merged["order_id"], shards)
        placed.states.add_by(merged, bounds.search_sorted(merged["order_id"]))
        shop.lines.remove(shard)
    placed.lines.flush()
    placed.states.flush()
    return placed


def _numbers(customers: NumberedCustomers, shard: int) -> pl.DataFrame:
    if shard in customers.numbers:
        return customers.numbers.read(shard).unique()
    return pl.DataFrame(schema={"source_id": pl.String, "customer_id": pl.Int64})


def _find_bounds(ids: pl.Series, shards: int) -> pl.Series:
    """Ids that divide all orders into ranges, judged by one shard, which holds a share of them by chance."""
    ranges = -(-ids.len() * shards // STATES_TOGETHER)
    places = [ids.len() * number // ranges for number in range(1, ranges)]
    return ids[places].unique().sort()
