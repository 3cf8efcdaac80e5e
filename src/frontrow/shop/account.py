"""What an import did and what the shop holds now, counted for the data report."""

from __future__ import annotations

import datetime as dt

import polars as pl

from frontrow.shop.add import UpdatedShop
from frontrow.shop.import_report import DataReport
from frontrow.shop.shop import EPOCH, Shop


def account(before: Shop, added: UpdatedShop, notes: tuple[str, ...], *, written: bool, dry_run: bool) -> DataReport:
    """The data report of files that were added to a shop, whether it was written or not."""
    shop = added.shop
    totals = shop.orders.select(
        lines=pl.len(),
        orders=pl.col("order_id").n_unique(),
        guest_orders=pl.col("order_id").filter(pl.col("customer_id").is_null()).n_unique(),
        first_day=pl.col("day").min(),
        last_day=pl.col("day").max(),
    )
    total = totals.collect().row(0, named=True)
    customers = _count(shop.customers)
    not_products = shop.rules.not_products(shop.products).height
    return DataReport(
        files=added.files,
        new_lines=added.lines,
        new_products=shop.products.height - before.products.height,
        new_customers=customers - _count(before.customers),
        orders=total["orders"],
        lines=total["lines"],
        customers=customers,
        guest_orders=total["guest_orders"],
        products=shop.products.height - not_products,
        not_products=not_products,
        first_day=_date(total["first_day"]),
        last_day=_date(total["last_day"]),
        currency=shop.settings.currency,
        time_zone=shop.settings.time_zone,
        written=written,
        dry_run=dry_run,
        warnings=notes,
    )


def dated_ahead(shop: Shop) -> tuple[str, ...]:
    """Whether orders of the shop are dated after today, wherever it is, as a mistyped year makes them."""
    tomorrow = (dt.datetime.now(dt.UTC).date() - EPOCH).days + 1
    late = shop.orders.filter(pl.col("day") > tomorrow).select(pl.len(), pl.col("day").max())
    lines, last = late.collect().row(0)
    if not lines:
        return ()
    dated = "1 order line is dated" if lines == 1 else f"{lines:,} order lines are dated"
    note = f"{dated} after today, up to {_date(last)}, where the history ends now; give --as-of the day it really ends"
    return (f"{note}, or correct the file and import into a new folder",)


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def _date(day: int | None) -> dt.date | None:
    return None if day is None else EPOCH + dt.timedelta(days=day)
