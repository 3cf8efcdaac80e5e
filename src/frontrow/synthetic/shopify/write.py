"""A synthetic shop as the exports a Shopify shop makes, with the oddities of real ones.

* Orders: one row a line, an order's own fields on its first row only, newest first; two files that overlap; the
  second opens with a byte-order mark and ends its lines with CRLF; offsets change with daylight saving; notes hold
  quoted line breaks; zip codes and phone numbers carry an apostrophe; some e-mails are spelled in capitals.
* Orders that never count, on top of those that do: cancelled, voided, refunded in full, test orders. Partially
  refunded orders count. Guests have no e-mail.
* Lines that are no product: shipping protection, gift cards, tips. Variants stand as "Title - Option".
* Customers: a few have never ordered, and some consents are not known.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.synthetic.shopify.catalogue import customers_export, products_export
from frontrow.synthetic.shopify.orders import orders_export
from frontrow.synthetic.tables import OrderNames, order_lines
from frontrow.synthetic.world import World

_FIRST_ENDS: Final = 0.55  # share of the rows of all orders that the first export holds, the oldest
_SECOND_STARTS: Final = 0.50


def write_shopify(world: World, folder: Path, first_day: dt.date, time_zone: str, currency: str) -> list[Path]:
    """Write the exports into `folder`; see `SyntheticShop.write_shopify`."""
    folder.mkdir(parents=True, exist_ok=True)
    names = OrderNames(world)
    blocks = [world.history(number) for number in range(world.blocks)]
    lines = pl.concat(order_lines(world, block, names, first_day, time_zone) for block in blocks)
    people = pl.concat(
        block.people.names.select(pl.Series("customer_id", block.people.customer_id), pl.all()) for block in blocks
    )
    orders = orders_export(world, lines, people, currency)
    older, newer = _two_parts(orders)
    paths = [
        folder / name
        for name in ("orders_export_1.csv", "orders_export_2.csv", "products_export.csv", "customers_export.csv")
    ]
    older.write_csv(paths[0], float_precision=2)
    newer.write_csv(paths[1], float_precision=2, include_bom=True, line_terminator="\r\n")
    products_export(world).write_csv(paths[2], float_precision=2)
    customers_export(people, orders).write_csv(paths[3], float_precision=2)
    return paths


def _two_parts(orders: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The older and the newer orders, newest first; orders in the middle are in both, whole."""
    position = orders["Name"].rle_id()  # 0 is the newest order
    total = orders["Name"].n_unique()
    older = orders.filter(position >= int(total * (1 - _FIRST_ENDS)))
    return older, orders.filter(position < int(total * (1 - _SECOND_STARTS)))
