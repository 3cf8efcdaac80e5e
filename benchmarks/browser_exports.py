"""Exports of a made-up shop before a launch, and its orders since, for a browser that walks through the pages.

The orders since are those of the synthetic shop, and those that the campaign caused: some of the customers contacted
order the product once more, so that there is something to measure.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from frontrow.synthetic import SyntheticShop
from frontrow.tables.csv_output import write_csv

DAYS_BEFORE = 730
DAYS_SINCE = 60
"""Longer than the window of a launch, so that a measurement is final."""

OVERLAP_DAYS = 10
"""Days before the launch that the later export has too, as exports do."""

CREATED = "Created at"


@dataclass(frozen=True)
class Exports:
    """What a shop has on the day of a launch, and what it exports later.

    Attributes:
        before: Files of orders, products and customers until the launch.
        later: Orders of some days before the launch, and of those since.
        launch_day: The day of the launch.
        product: What the shop knows of the product: title, product_type, vendor, tags and price.
        time_zone: Of the shop.
    """

    before: tuple[Path, ...]
    later: Path
    launch_day: dt.date
    product: dict[str, str]
    time_zone: str


def write_exports(folder: Path, *, customers: int, seed: int = 7) -> Exports:
    """Write the exports of a garden shop that is about to launch a product.

    Args:
        folder: Where to write them.
        customers: Customers of the shop.
        seed: Of everything drawn.
    """
    garden = SyntheticShop(customers=customers, seed=seed, days=DAYS_BEFORE + DAYS_SINCE, lines_a_year=6.0)
    *orders, products, others = garden.write_shopify(folder / "whole")
    launches = garden.launches().filter(
        ~pl.col("returning"), pl.col("launch_date") >= garden.first_day + dt.timedelta(DAYS_BEFORE)
    )
    launch = launches.sort("launch_date", "product_id").row(0, named=True)
    launch_day = launch["launch_date"]
    catalogue = _read(products)
    later_handles = launches["product_id"].to_list()
    product = catalogue.filter(pl.col("Handle") == launch["product_id"]).row(0, named=True)
    (folder / "before").mkdir()
    before = [_write(_read(file).filter(_day() < launch_day), folder / "before" / file.name) for file in orders]
    known = catalogue.filter(~pl.col("Handle").is_in(later_handles))
    before.append(_write(known, folder / "before" / products.name))
    before.append(_write(_read(others), folder / "before" / others.name))
    since = _read(orders[-1]).filter(_day() >= launch_day - dt.timedelta(OVERLAP_DAYS))
    later = _write(since, folder / "orders_export_later.csv")
    fields = {"title": "Title", "product_type": "Type", "vendor": "Vendor", "tags": "Tags", "price": "Variant Price"}
    described = {name: str(product[column] or "") for name, column in fields.items()}
    return Exports(tuple(before), later, launch_day, described, garden.time_zone)


def add_caused_orders(exports: Exports, contacted: Path, *, share: float, seed: int = 0) -> int:
    """Let some of the customers who were contacted order the product, and return how many.

    Args:
        exports: Their later orders are added to.
        contacted: The file that was sent with, with a column of addresses.
        share: Of those contacted.
        seed: Of who orders, and when.
    """
    addresses = _read(contacted).to_series(0)
    random = np.random.default_rng(seed)
    ordering = addresses.filter(random.random(addresses.len()) < share)
    orders = _read(exports.later)
    # one line of a paid order; whatever a line needs is on it
    line = orders.filter(pl.col("Financial Status") == "paid", pl.col("Name").is_unique()).head(1)
    price = exports.product["price"]
    last = max(int(name[1:]) for name in orders["Name"])
    days = random.integers(1, 25, ordering.len())
    caused = pl.concat([line] * ordering.len()).with_columns(
        pl.Series("Name", [f"#{last + number + 1}" for number in range(ordering.len())]),
        pl.Series("Email", ordering),
        pl.Series("Id", [f"77{number:09d}" for number in range(ordering.len())]),
        pl.Series(CREATED, [f"{exports.launch_day + dt.timedelta(int(day))} 12:00:00 -0500" for day in days]),
        *(pl.lit(price).alias(column) for column in ("Lineitem price", "Subtotal", "Total")),
        pl.lit(exports.product["title"]).alias("Lineitem name"),
        pl.lit(None, pl.String).alias("Lineitem sku"),
        pl.lit("1").alias("Lineitem quantity"),
    )
    _write(pl.concat([orders, caused]), exports.later)
    return ordering.len()


def _day() -> pl.Expr:
    return pl.col(CREATED).str.head(10).str.to_date()


def _read(file: Path) -> pl.DataFrame:
    return pl.read_csv(file, infer_schema=False)


def _write(table: pl.DataFrame, file: Path) -> Path:
    write_csv(table, file)
    return file
