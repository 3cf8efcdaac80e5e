"""Seconds and peak memory of importing 4 million order lines of 1 million customers, and of importing them again.

    python benchmarks/import_memory.py [--lines 4000000] [--customers 1000000] [--layouts csv,parquet,shopify]
    python benchmarks/import_memory.py --lines 1000000,10000000,100000000 --layouts parquet --first

Made-up orders, the same for the same sizes: 2.35 lines an order, products by a long tail. `csv` and `parquet` are the
layout `order_lines`, `shopify` is the raw orders export. The second import reads the whole history once more, with 1 %
of its orders changed since (cancelled or refunded in part) and 1 % new ones. Each import is a separate process. Of
several sizes each has a tenth as many customers as lines, unless they are said. 100 million lines take 10 GB as CSV and
3 GB as Parquet, and as much again while they are imported.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from measure import run

from frontrow.synthetic.shopify_orders import ORDERS_HEADER

LAYOUTS = ("csv", "parquet", "shopify")
LINES_AN_ORDER = 2.35
PRODUCTS = 20_000
NEW_SHARE, CHANGED_SHARE = 0.01, 0.01
BLOCK = 100_000
FIRST_SECOND = 1_640_995_200  # 2022-01-01
SECONDS = 4 * 365 * 86_400
CITIES = ("London", "Leeds", "Bristol", "Glasgow", "Cardiff", "Belfast", "Newcastle upon Tyne", "Stratford-upon-Avon")
ADJECTIVES = ("Small", "Large", "Blue", "Green", "Glazed", "Woven", "Hand-made", "Vintage", "Recycled", "Scented")
NOUNS = ("Candle", "Teapot", "Basket", "Garden Lantern", "Picture Frame", "Cushion Cover", "Watering Can", "Notebook")


@dataclass(frozen=True)
class Size:
    """How much is made up.

    Attributes:
        lines: Order lines of the first file.
        customers: Customers of the first file; each has an order.
    """

    lines: int
    customers: int

    @property
    def orders(self) -> int:
        """Orders of the first file."""
        return max(round(self.lines / LINES_AN_ORDER), self.customers)


def write_export(file: Path, layout: str, size: Size, *, later: bool) -> None:
    """Write the made-up history in blocks of orders, oldest first.

    Args:
        file: What to write.
        layout: One of `LAYOUTS`.
        size: How much.
        later: As exported later, with changed and new orders.
    """
    rng = np.random.default_rng(size.orders)
    buyers = np.concatenate([np.arange(size.customers), rng.integers(0, size.customers, size.orders - size.customers)])
    rng.shuffle(buyers)
    counts = 1 + np.bincount(rng.integers(0, size.orders, size.lines - size.orders), minlength=size.orders)
    changes = np.where(rng.random(size.orders) < CHANGED_SHARE, rng.integers(1, 3, size.orders), 0) * later
    if later:
        new = round(size.orders * NEW_SHARE)
        buyers = np.concatenate([buyers, rng.integers(0, round(1.01 * size.customers), new)])
        counts, changes = np.concatenate([counts, np.full(new, 2)]), np.concatenate([changes, np.zeros(new, int)])
    blocks = file.with_suffix(".blocks")
    blocks.mkdir()
    with file.open("wb") as handle:
        # new orders have blocks of their own, so that the blocks before them are drawn as they were
        starts = [*range(0, size.orders, BLOCK), *range(size.orders, len(buyers), BLOCK)]
        for start, end in itertools.pairwise([*starts, len(buyers)]):
            part = slice(start, end)
            orders = _make_orders(np.arange(len(buyers))[part], buyers[part], changes[part], size)
            rows = _make_lines(orders, counts[part], np.random.default_rng([size.orders, start]))
            if layout == "parquet":
                _order_lines(rows).write_parquet(blocks / f"{start:09}.parquet")
            else:
                table = shopify_rows(rows) if layout == "shopify" else _order_lines(rows)
                table.write_csv(handle, include_header=start == 0)
    if layout == "parquet":
        pl.scan_parquet(blocks / "*.parquet").sink_parquet(file)
    shutil.rmtree(blocks)


def _make_orders(number: np.ndarray, buyer: np.ndarray, change: np.ndarray, size: Size) -> pl.DataFrame:
    """One row an order; a change is 1 where it was cancelled, 2 where a part was refunded."""
    seconds = FIRST_SECOND + number * (SECONDS // size.orders)
    city, house = (pl.col("buyer") % len(CITIES)).replace_strict(dict(enumerate(CITIES))), pl.col("buyer") % 97
    return pl.DataFrame({"number": number, "buyer": buyer, "change": change, "second": seconds}).with_columns(
        order_id=pl.format("#{}", 1_000_001 + pl.col("number")),
        ordered_at=pl.from_epoch("second").dt.replace_time_zone("UTC").dt.strftime("%Y-%m-%d %H:%M:%S +0000"),
        # spread, so that neighbours in the file are none in the alphabet
        email=pl.format("shopper{}@example.com", (pl.col("buyer") * 7_368_787) % 10_000_019),
        phone=pl.format("+44207{}", 1_000_000 + pl.col("buyer")),
        city=city,
        street=pl.format("{} {} Road", house + 1, city),
        accepts_marketing=pl.when(pl.col("buyer") % 3 == 0).then(pl.lit("yes")).otherwise(pl.lit("no")),
    )


def _make_lines(orders: pl.DataFrame, counts: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    """One row an order line, with all fields of its order."""
    rows = orders[np.repeat(np.arange(orders.height), counts)]
    product = (PRODUCTS * rng.random(rows.height) ** 3).astype(np.int64)
    place = pl.int_range(pl.len()).over("number")
    rows = rows.with_columns(product=pl.Series(product), quantity=pl.Series(rng.integers(1, 4, rows.height)))
    price = (pl.col("product") * 37 % 6_000 + 250) / 100
    adjective = (pl.col("product") % len(ADJECTIVES)).replace_strict(dict(enumerate(ADJECTIVES)))
    noun = (pl.col("product") // 7 % len(NOUNS)).replace_strict(dict(enumerate(NOUNS)))
    return rows.with_columns(
        is_first=place == 0,
        sku=pl.format("SKU-{}", 100_000 + pl.col("product")),
        title=pl.format("{} {} {}", adjective, noun, "product"),
        price=price.round(2),
    ).with_columns(total=(pl.col("price") * pl.col("quantity")).sum().over("number").round(2))


def _order_lines(rows: pl.DataFrame) -> pl.DataFrame:
    refunded = pl.when(pl.col("change") == 2).then((pl.col("total") / 4).round(2)).otherwise(0.0)
    return rows.select(
        *("order_id", "ordered_at", "sku", "title", "quantity", "price", "email", "phone", "accepts_marketing", "city"),
        customer_id=pl.format("C{}", pl.col("buyer") + 5_000_000),
        country=pl.lit("United Kingdom"),
        vendor=pl.lit("Frontrow Works"),
        currency=pl.lit("GBP"),
        refunded_amount=refunded,
        cancelled_at=pl.when(pl.col("change") == 1).then("ordered_at"),
    )


def shopify_rows(rows: pl.DataFrame) -> pl.DataFrame:
    change = pl.col("change")
    status = {0: "paid", 1: "refunded", 2: "partially_refunded"}
    of_order = {
        "Financial Status": change.replace_strict(status, return_dtype=pl.String),
        "Paid at": pl.col("ordered_at"),
        "Fulfillment Status": pl.lit("fulfilled"),
        "Accepts Marketing": pl.col("accepts_marketing"),
        "Currency": pl.lit("GBP"),
        "Subtotal": pl.col("total"),
        "Total": pl.col("total"),
        "Discount Amount": pl.lit(0.0),
        "Cancelled at": pl.when(change == 1).then("ordered_at"),
        "Refunded Amount": pl.when(change == 1)
        .then("total")
        .when(change == 2)
        .then((pl.col("total") / 4).round(2))
        .otherwise(0.0),
        **{f"{which} Street": pl.col("street") for which in ("Billing", "Shipping")},
        **{f"{which} City": pl.col("city") for which in ("Billing", "Shipping")},
        **{f"{which} Country": pl.lit("GB") for which in ("Billing", "Shipping")},
        **{f"{which} Phone": pl.format("'{}", "phone") for which in ("Billing", "Shipping")},
        "Payment Method": pl.lit("Shopify Payments"),
        "Id": pl.col("number") + 4_500_000_000_000,
    }
    table = rows.select(
        pl.col("order_id").alias("Name"),
        pl.col("email").alias("Email"),
        pl.col("ordered_at").alias("Created at"),
        pl.col("quantity").alias("Lineitem quantity"),
        pl.col("title").alias("Lineitem name"),
        pl.col("price").alias("Lineitem price"),
        pl.col("sku").alias("Lineitem sku"),
        pl.lit("Frontrow Works").alias("Vendor"),
        *(pl.when("is_first").then(value).alias(name) for name, value in of_order.items()),
    )
    missing = (pl.lit(None, pl.String).alias(name) for name in ORDERS_HEADER if name not in table.columns)
    return table.with_columns(missing).select(ORDERS_HEADER)


def import_export(file: Path, folder: Path) -> None:
    """Import as `frontrow import` does, and print what the shop holds."""
    from frontrow.shop.import_settings import ImportSettings
    from frontrow.shop.update import import_files

    report = import_files([file], folder, settings=ImportSettings(time_zone="Europe/London"))
    counts = {name: getattr(report, name) for name in ("lines", "orders", "customers", "products", "revenue")}
    print(json.dumps({**counts, "changed": dict(report.changed_orders)}))


def main() -> None:
    """Import twice in each layout, and print a line for each import."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", default="4000000", help="several sizes are separated by commas")
    parser.add_argument("--customers", type=int, help="a quarter of the lines, or a tenth of several sizes")
    parser.add_argument("--layouts", default=",".join(LAYOUTS))
    parser.add_argument("--keep", type=Path, help="a folder for the files, used again when it has them")
    parser.add_argument("--first", action="store_true", help="leave the second import out")
    parser.add_argument("--import-file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--shop", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.import_file:
        import_export(arguments.import_file, arguments.shop)
        return
    sizes = [int(lines) for lines in arguments.lines.split(",")]
    share = 4 if len(sizes) == 1 else 10
    for layout in arguments.layouts.split(","):
        for lines in sizes:
            size = Size(lines, arguments.customers or lines // share)
            _import_twice(layout, size, arguments.keep, ("first",) if arguments.first else ("first", "later"))


def _import_twice(layout: str, size: Size, keep: Path | None, names: tuple[str, ...]) -> None:
    """Import a made-up history and a later one, and print a line for each."""
    with tempfile.TemporaryDirectory(dir=keep) as temporary:
        folder = keep or Path(temporary)
        for name in names:
            ending = "parquet" if layout == "parquet" else f"{layout}.csv"
            file = folder / f"{name}-{size.lines}-{size.customers}.{ending}"
            if not file.exists():
                write_export(file, layout, size, later=name == "later")
            cost, printed = run(__file__, "--import-file", str(file), "--shop", str(Path(temporary) / "shop"))
            megabytes = file.stat().st_size / 1e6
            print(f"{layout:8} {name:6} {megabytes:6,.0f} MB  {cost}  {printed.strip()}", flush=True)


if __name__ == "__main__":
    main()
