"""Orders that the shop has already, in a later state: replaced where something changed, else left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.importing.order_versions import CHANGES, compare_states

CONTENT: Final = (
    *("order_id", "line_number", "customer_id", "ordered_at", "product_id", "quantity", "price", "discount"),
    *("refunded", "partially_refunded", "country", "province", "city"),
)


@dataclass(frozen=True)
class ChangedOrders:
    """The orders of a shop after others came in.

    Attributes:
        orders: All order lines.
        states: The state of every order (`schema.order_state_schema`), by order id.
        unchanged: Ids of orders that came in as the shop has them.
        new_lines: Number of lines of orders that the shop did not have.
        counts: Number of orders by what changed: cancelled, refunded, edited.
    """

    orders: pl.DataFrame
    states: pl.DataFrame
    unchanged: pl.Series
    new_lines: int
    counts: Mapping[str, int]


def replace_orders(
    old: pl.DataFrame, new: pl.DataFrame, old_states: pl.DataFrame, new_states: pl.DataFrame, changed: pl.DataFrame
) -> ChangedOrders:
    """Return the orders of a shop after others came in, none of them earlier than the shop's own state.

    Args:
        old: Order lines of the shop.
        new: Order lines that came in.
        old_states: State of each order of the shop.
        new_states: State of each order that came in.
        changed: `order_id` and `change`: what changed between the files that came in.
    """
    again = new_states.join(old_states.select("order_id"), on="order_id", how="semi")["order_id"]
    states = pl.concat([old_states.join(new_states, on="order_id", how="anti"), new_states]).sort("order_id")
    if not again.len():
        orders = pl.concat([old, new]) if old.height else new
        return ChangedOrders(orders, states, again, new.height, _count(changed))
    was, comes = (lines.filter(pl.col("order_id").is_in(again.implode())) for lines in (old, new))
    differs = _find_different(was, comes)
    unchanged = again.filter(~again.is_in(differs.implode()))
    changes = compare_states(old_states, new_states)
    edited = was.select(pl.col("order_id").unique()).filter(pl.col("order_id").is_in(differs.implode()))
    edited = edited.join(changes, on="order_id", how="anti")
    all_changes = pl.concat([changes, edited.with_columns(change=pl.lit(CHANGES[2]))]).unique("order_id", keep="first")
    # an order that the shop had was last seen as the shop had it, not as an earlier one of these files says
    others = changed.join(old_states, on="order_id", how="anti")
    orders = pl.concat(
        [
            old.filter(~pl.col("order_id").is_in(differs.implode())),
            new.filter(~pl.col("order_id").is_in(unchanged.implode())),
        ]
    )
    new_lines = new.filter(~pl.col("order_id").is_in(old["order_id"].implode())).height
    return ChangedOrders(orders, states, unchanged, new_lines, _count(pl.concat([all_changes, others])))


def _find_different(was: pl.DataFrame, comes: pl.DataFrame) -> pl.Series:
    """Return the ids of the orders whose lines are not the same, null for null."""
    columns = list(CONTENT)
    gone = was.join(comes, on=columns, how="anti", nulls_equal=True)["order_id"]
    added = comes.join(was, on=columns, how="anti", nulls_equal=True)["order_id"]
    return pl.concat([gone, added]).unique().sort()


def _count(changes: pl.DataFrame) -> dict[str, int]:
    counts = dict(changes["change"].value_counts().iter_rows())
    return {change: counts[change] for change in CHANGES if change in counts}
