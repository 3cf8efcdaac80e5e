"""A made-up shop's folder written directly, with the tables that its import would have written."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import polars as pl
from scale_shops import (
    BLOCK_ORDERS,
    DAY_SECONDS,
    DAYS,
    FIRST_SECOND,
    ScaleShop,
    email,
    order_id,
    source_id,
    write_export,
)

from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, conform, order_line_schema, order_state_schema
from frontrow.shop.product_rules import RULES, ProductRules
from frontrow.shop.settings import SECTION, ShopSettings
from frontrow.storage.commit import commit
from frontrow.storage.pointer import CUSTOMERS, ORDER_STATES, ORDERS, PRODUCTS
from frontrow.storage.shop_lock import lock_shop

SETTINGS: Final = ShopSettings(time_zone="UTC", currency="GBP", imports=({"file": "made up"},))


def make_shop(shop: ScaleShop, folder: Path) -> None:
    """Write the shop as `frontrow import` of its order lines would, a block at a time.

    Args:
        shop: What is written.
        folder: The shop's folder, made if there is none.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as parts, lock_shop(folder, "import", new=True):
        orders = _write_parts(map(_order_lines, shop.blocks()), Path(parts) / ORDERS)
        states = _write_parts(_ranges(shop.orders, lambda rows: _states(rows, shop)), Path(parts) / ORDER_STATES)
        customers = _write_parts(_ranges(shop.customers, _customers), Path(parts) / CUSTOMERS)
        tables = {ORDERS: orders, ORDER_STATES: states, CUSTOMERS: customers, PRODUCTS: _products(shop, orders)}
        commit(folder, tables, {SECTION: SETTINGS.to_section()}, texts={RULES: ProductRules.default().to_json()})


def _write_parts(tables: Iterator[pl.DataFrame], folder: Path) -> pl.LazyFrame:
    """Write tables to files of a folder, holding one of them at a time, and scan them."""
    folder.mkdir()
    for index, table in enumerate(tables):
        table.write_parquet(folder / f"{index:06}.parquet")
    return pl.scan_parquet(folder / "*.parquet")


def _ranges(count: int, make: Callable[[pl.DataFrame], pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for start in range(0, count, BLOCK_ORDERS):
        yield make(pl.DataFrame({"number": range(start, min(start + BLOCK_ORDERS, count))}))


def _order_lines(block: pl.DataFrame) -> pl.DataFrame:
    lines = block.with_columns(
        order_id=order_id(),
        customer_id=pl.col("customer") + 1,
        ordered_at=pl.from_epoch("second").dt.replace_time_zone("UTC"),
        day=pl.col("second") // DAY_SECONDS,
        refunded=pl.lit(0.0),
        partially_refunded=pl.lit(False),
    )
    return conform(lines, order_line_schema("UTC"))


def _states(rows: pl.DataFrame, shop: ScaleShop) -> pl.DataFrame:
    newest = FIRST_SECOND + (shop.orders - 1) * (DAYS * DAY_SECONDS) // shop.orders
    until = dt.datetime.fromtimestamp(newest, dt.UTC)
    return conform(rows.select(order_id=order_id(), exported_until=pl.lit(until)), order_state_schema("UTC"))


def _customers(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.select(customer="number")
    columns = {"customer_id": pl.col("customer") + 1, "source_id": source_id(), "email": email()}
    return conform(rows.select(**columns, accepts_email=pl.col("customer") % 3 == 0), CUSTOMER_SCHEMA)


def _products(shop: ScaleShop, orders: pl.LazyFrame) -> pl.LazyFrame:
    """The products that were sold, by their first sale."""
    sold = orders.select("product_id").unique(maintain_order=True).collect(engine="streaming")
    products = sold.join(shop.product_table, on="product_id", how="left", maintain_order="left")
    products = products.with_columns(skus=pl.concat_list("sku"), aliases=pl.concat_list("title"))
    return conform(products, PRODUCT_SCHEMA).lazy()


def main() -> None:
    """Write an export, or a shop's folder: `scale_folders.py LAYOUT|shop LINES SEED TARGET`."""
    what, lines, seed, target = sys.argv[1:]
    shop = ScaleShop(int(lines), int(seed))
    if what == "shop":
        make_shop(shop, Path(target))
        return
    staged = Path(f"{target}.staged")
    write_export(shop, staged, what)
    staged.rename(target)


if __name__ == "__main__":
    main()
