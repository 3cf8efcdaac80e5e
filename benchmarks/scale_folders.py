"""A made-up shop's folder written directly, with the tables that its import would have written."""

from __future__ import annotations

import datetime as dt
import shutil
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

from frontrow.engines.blocks import SIZE_SCHEMA, no_sizes
from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, conform, order_line_schema, order_state_schema
from frontrow.shop.order_blocks import choose_block_count, measure_blocks
from frontrow.shop.product_rules import RULES, ProductRules
from frontrow.shop.settings import SECTION, ShopSettings
from frontrow.storage.commit import commit
from frontrow.storage.pointer import CUSTOMERS, ORDER_BLOCKS, ORDER_STATES, ORDERS, PRODUCTS
from frontrow.storage.shop_lock import lock_shop

SETTINGS: Final = ShopSettings(time_zone="UTC", currency="GBP", imports=({"file": "made up"},))
FILE_LINES: Final = 700_000
"""Order lines that are sorted into blocks at a time."""


def make_shop(shop: ScaleShop, folder: Path) -> None:
    """Write the shop as `frontrow import` of its order lines would, a block at a time.

    Args:
        shop: What is written.
        folder: The shop's folder, made if there is none.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name, lock_shop(folder, "import", new=True):
        parts = Path(name)
        states = _write_parts(_ranges(shop.orders, lambda rows: _states(rows, shop)), parts / ORDER_STATES)
        customers = _write_parts(_ranges(shop.customers, _customers), parts / CUSTOMERS)
        orders, sizes, sold = _write_orders(shop, parts)
        tables = {ORDERS: orders, ORDER_STATES: states, CUSTOMERS: customers, PRODUCTS: _products(shop, sold).lazy()}
        if sizes.height:
            tables[ORDER_BLOCKS] = sizes.lazy()
        commit(folder, tables, {SECTION: SETTINGS.to_section()}, texts={RULES: ProductRules.default().to_json()})


def _write_orders(shop: ScaleShop, parts: Path) -> tuple[pl.LazyFrame, pl.DataFrame, pl.Series]:
    """Write the order lines in blocks of customers, by way of files of several blocks each.

    Args:
        shop: What is written.
        parts: A folder for the files.

    Returns:
        The lines in the order of blocks, the sizes of the blocks, and the products by their first sale.
    """
    blocks = choose_block_count(shop.lines)
    files = max(1, shop.lines // FILE_LINES)
    block = pl.col("customer_id") % blocks
    sold = pl.Series([], dtype=pl.String)
    for index, lines in enumerate(map(to_orders, shop.blocks())):
        sold = pl.concat([sold, lines["product_id"]]).unique(maintain_order=True)
        file = (block * files // blocks).fill_null(files) if blocks > 1 else pl.lit(0)
        for (number,), part in lines.group_by(file, maintain_order=True):
            folder = parts / f"{ORDERS}-{number:06}"
            folder.mkdir(exist_ok=True)
            part.write_parquet(folder / f"{index:06}.parquet")
    if blocks == 1:
        return pl.scan_parquet(parts / f"{ORDERS}-000000" / "*.parquet"), no_sizes(), sold
    sizes = [_sort_file(parts / f"{ORDERS}-{number:06}", block) for number in range(files)]
    guests = pl.scan_parquet(parts / f"{ORDERS}-{files:06}" / "*.parquet")
    of_guests = {"block": [None], "lines": guests.select(pl.len()).collect().item(), "customers": 0}
    orders = pl.concat([pl.scan_parquet(sorted(parts.glob(f"{ORDERS}-*.parquet"))), guests])
    return orders, pl.concat([*sizes, pl.DataFrame(of_guests, schema=SIZE_SCHEMA)]), sold


def _sort_file(folder: Path, block: pl.Expr) -> pl.DataFrame:
    """Sort the parts of a folder by block, and within it as they were, into one file; returns the blocks' sizes."""
    lines = pl.read_parquet(folder / "*.parquet").with_columns(block=block.cast(pl.Int32))
    shutil.rmtree(folder)
    lines = lines.sort("block", maintain_order=True)
    lines.drop("block").write_parquet(folder.with_suffix(".parquet"))
    return measure_blocks(lines.select("customer_id", "block"))


def _write_parts(tables: Iterator[pl.DataFrame], folder: Path) -> pl.LazyFrame:
    """Write tables to files of a folder, holding one of them at a time, and scan them."""
    folder.mkdir()
    for index, table in enumerate(tables):
        table.write_parquet(folder / f"{index:06}.parquet")
    return pl.scan_parquet(folder / "*.parquet")


def _ranges(count: int, make: Callable[[pl.DataFrame], pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for start in range(0, count, BLOCK_ORDERS):
        yield make(pl.DataFrame({"number": range(start, min(start + BLOCK_ORDERS, count))}))


def to_orders(block: pl.DataFrame) -> pl.DataFrame:
    """Lines of the table of order lines of a shop."""
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


def _products(shop: ScaleShop, sold: pl.Series) -> pl.DataFrame:
    """The products that were sold, by their first sale."""
    products = sold.to_frame("product_id").join(shop.product_table, on="product_id", how="left", maintain_order="left")
    products = products.with_columns(skus=pl.concat_list("sku"), aliases=pl.concat_list("title"))
    return conform(products, PRODUCT_SCHEMA)


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
