"""Orders that the shop has already, in a later state: replaced where something changed, else left alone.

The tables of a large shop do not fit into memory several times. So its lines are compared and put together a column at
a time, by the place of each order in the table of those that came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.importing.order_assembly import ORDER
from frontrow.importing.order_versions import CHANGES, compare_states
from frontrow.shop.new_lines import NewLines

IN_TIME: Final = ("ordered_at", "order_id", "line_number")
COMPARED: Final = (
    *("customer_id", "ordered_at", "product_id", "quantity", "price", "discount"),
    *("refunded", "partially_refunded", "country", "province", "city"),
)


@dataclass(frozen=True)
class ChangedOrders:
    """What becomes of the orders of a shop when others come in.

    Attributes:
        stays: Of each order line of the shop whether it stays; None for all.
        additions: Lines that come in.
        unchanged: Of each order that came in, whether the shop has it just so.
        new_lines: Number of lines of orders that the shop did not have.
        counts: Number of orders by what changed: cancelled, refunded, edited.
    """

    stays: pl.Series | None
    additions: NewLines
    unchanged: pl.Series
    new_lines: int
    counts: Mapping[str, int]


def find_changed_orders(
    old: pl.LazyFrame, new: NewLines, old_states: pl.DataFrame, new_states: pl.DataFrame, changed: pl.DataFrame
) -> ChangedOrders:
    """Compare orders that came in, none of them earlier than the shop's own state, with those of the shop.

    Args:
        old: Order lines of the shop.
        new: Order lines that came in.
        old_states: State of each order of the shop.
        new_states: State of each order that came in.
        changed: `order_id` and `change`: what changed between the files that came in.
    """
    ids = new.orders["order_id"]
    again = ids.is_in(old_states["order_id"].implode())
    if not again.any():
        return ChangedOrders(None, new, again, new.lines.height, _count(changed))
    lines = old.select("order_id", "line_number").collect()
    places = pl.DataFrame([ids]).with_row_index(ORDER).filter(again)
    lines = lines.join(places, on="order_id", how="left", maintain_order="left").select(ORDER, "line_number")
    is_old = _mark(lines[ORDER].drop_nulls(), ids.len())
    differs = _find_different(old, lines, new) & again
    changes = compare_states(old_states, new_states)
    edited = pl.DataFrame([ids.filter(differs & is_old)]).join(changes, on="order_id", how="anti")
    all_changes = pl.concat([changes, edited.with_columns(change=pl.lit(CHANGES[2]))]).unique("order_id", keep="first")
    # an order that the shop had was last seen as the shop had it, not as an earlier one of these files says
    others = changed.join(old_states, on="order_id", how="anti")
    return ChangedOrders(
        stays=~differs.gather(lines[ORDER]).fill_null(False),
        additions=new.filter(~again | differs),
        unchanged=again & ~differs,
        new_lines=new.filter(~is_old).lines.height,
        counts=_count(pl.concat([all_changes, others])),
    )


def rename_products(old: pl.LazyFrame, joined: Mapping[str, str]) -> pl.LazyFrame:
    """Return order lines with the ids of products that turned out to be another one replaced by that one's."""
    return old.with_columns(pl.col("product_id").replace(joined)) if joined else old


def merge_states(old: pl.LazyFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return the state of every order of a shop after others came in, by order id."""
    states = old.collect()
    return pl.concat([states.join(new, on="order_id", how="anti"), new]).sort("order_id")


def merge_orders(old: pl.LazyFrame, changes: ChangedOrders) -> pl.LazyFrame:
    """Return the order lines of a shop after others came in, in order of time.

    Args:
        old: Order lines of the shop.
        changes: Which of them stay, and what is added.
    """
    stays, new = changes.stays, changes.additions
    if not old.select(pl.len()).collect().item():
        return new.table().lazy()
    if not new.lines.height and (stays is None or stays.all()):
        return old

    def both(name: str) -> pl.Series:
        of_shop = old.select(name).collect().to_series()
        return pl.concat([of_shop if stays is None else of_shop.filter(stays), new.column(name)], rechunk=True)

    keys = pl.DataFrame([both(name) for name in IN_TIME])
    in_time = keys.with_row_index("place").sort(IN_TIME, maintain_order=True)["place"]
    del keys
    return pl.DataFrame([both(name).gather(in_time) for name in new.schema]).lazy()


def _mark(places: pl.Series, length: int) -> pl.Series:
    """Return which of the places from 0 are among the given ones."""
    every = pl.DataFrame({ORDER: pl.int_range(length, dtype=pl.UInt32, eager=True)})
    return every.select(pl.col(ORDER).is_in(places.unique().implode())).to_series()


def _find_different(old: pl.LazyFrame, lines: pl.DataFrame, new: NewLines) -> pl.Series:
    """Return of each order that came in whether its lines in the shop are others, null being null.

    Args:
        old: Order lines of the shop.
        lines: Of each of them the place of its order among those that came in, null where it is not among them, and its
            number in the order.
        new: Order lines that came in.
    """
    orders = new.orders.height
    size = _count_lines(new.lines[ORDER], orders)
    old_size = _count_lines(lines[ORDER].drop_nulls(), orders)
    first = size.cum_sum() - size
    is_again = lines[ORDER].is_not_null()
    place = lines[ORDER].filter(is_again)
    number = lines["line_number"].filter(is_again).cast(pl.UInt32)
    same_number = pl.DataFrame({"place": first.gather(place) + number - 1, "exists": number <= size.gather(place)})
    twin = same_number.select(pl.when("exists").then("place").cast(pl.UInt32)).to_series()
    is_other = twin.is_null()
    for name in COMPARED:
        was = old.select(name).collect().to_series().filter(is_again)
        is_other |= was.ne_missing(new.column(name).gather(twin))
    return _mark(place.filter(is_other), orders) | (size != old_size)


def _count_lines(places: pl.Series, orders: int) -> pl.Series:
    """Return the number of lines of each order."""
    counts = places.alias(ORDER).to_frame().group_by(ORDER).len("lines").drop_nulls()
    every = pl.DataFrame({ORDER: pl.int_range(orders, dtype=pl.UInt32, eager=True)})
    return every.join(counts, on=ORDER, how="left", maintain_order="left")["lines"].fill_null(0)


def _count(changes: pl.DataFrame) -> dict[str, int]:
    counts = dict(changes["change"].value_counts().iter_rows())
    return {change: counts[change] for change in CHANGES if change in counts}
