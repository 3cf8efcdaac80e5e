"""What an import did with every row, kept or dropped and why, and what the shop holds afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from frontrow.shop.add import UpdatedShop
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.file_report import FileReport
from frontrow.shop.order_totals import add_up_orders
from frontrow.shop.shop import Shop


@dataclass(frozen=True)
class DataReport:
    """What an import did, and what the shop holds afterwards.

    Attributes:
        files: One report per file, in the order given.
        new_lines: Order lines of orders that the shop did not have.
        changed_orders: Orders by what changed since they were last seen: cancelled, refunded, edited.
        joined_products: Products of the shop that turned out to be another one under another title.
        new_products: Products added.
        new_customers: Customers added.
        orders: Orders of the whole shop.
        lines: Order lines of the whole shop.
        customers: Customers of the whole shop.
        guest_orders: Orders without a customer.
        revenue: What all order lines earned, after discounts and refunds, in `currency`.
        products: Products of the whole shop, without those that the product rules exclude.
        not_products: Products that the product rules exclude.
        first_day: Day of the first order; None when there is none.
        last_day: Day of the last order.
        currency: ISO 4217 code; empty when no file said.
        time_zone: IANA name.
        written: Whether the shop on disk was changed.
        dry_run: Whether only the report was asked for.
        warnings: What a person should know.
    """

    files: tuple[FileReport, ...]
    new_lines: int
    changed_orders: Mapping[str, int]
    joined_products: int
    new_products: int
    new_customers: int
    orders: int
    lines: int
    customers: int
    guest_orders: int
    revenue: float
    products: int
    not_products: int
    first_day: dt.date | None
    last_day: dt.date | None
    currency: str
    time_zone: str
    written: bool
    dry_run: bool = False
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        return asdict(self)


def build_report(
    before: Shop, updated: UpdatedShop, *, warnings: tuple[str, ...], written: bool, dry_run: bool
) -> DataReport:
    """Return the data report of files that were added to a shop.

    Args:
        before: The shop before.
        updated: The shop after, and what became of each file's rows.
        warnings: What a person should know.
        written: Whether the shop on disk was changed.
        dry_run: Whether only the report was asked for.
    """
    shop = updated.shop
    totals = add_up_orders(shop.orders) if updated.totals is None else updated.totals
    customers = _count(shop.customers)
    not_products = shop.rules.not_products(shop.products).height
    return DataReport(
        files=updated.files,
        new_lines=updated.new_lines,
        changed_orders=updated.changed,
        joined_products=updated.joined_products,
        new_products=shop.products.height - before.products.height,
        new_customers=customers - _count(before.customers),
        orders=totals.orders,
        lines=totals.lines,
        customers=customers,
        guest_orders=totals.guest_orders,
        revenue=pl.Series([totals.revenue]).round(2).item(),
        products=shop.products.height - not_products,
        not_products=not_products,
        first_day=_date(totals.first_day),
        last_day=_date(totals.last_day),
        currency=shop.settings.currency,
        time_zone=shop.settings.time_zone,
        written=written,
        dry_run=dry_run,
        warnings=warnings,
    )


def warn_of_future_orders(shop: Shop) -> tuple[str, ...]:
    """Warn if orders of the shop are dated after today in every time zone, as a mistyped year makes them."""
    tomorrow = (dt.datetime.now(dt.UTC).date() - EPOCH).days + 1
    future = shop.orders.filter(pl.col("day") > tomorrow).select(pl.len(), pl.col("day").max())
    lines, last = future.collect().row(0)
    if not lines:
        return ()
    count = "1 order line is dated" if lines == 1 else f"{lines:,} order lines are dated"
    problem = f"{count} after today, up to {_date(last)}, where the history ends now"
    return (f"{problem}; give --as-of the day it really ends, or correct the file and import into a new folder",)


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def _date(day: int | None) -> dt.date | None:
    return None if day is None else EPOCH + dt.timedelta(days=day)
