"""Add files to a shop: new and changed orders, the products and customers in them, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from frontrow.importing.catalogue import merge_catalogue
from frontrow.importing.customers import number_customers, update_contacts
from frontrow.importing.format import SHARED_TEXT
from frontrow.importing.order_assembly import ORDER
from frontrow.importing.order_versions import ALREADY_IMPORTED
from frontrow.importing.product_identity import IdentitySettings, identify_products
from frontrow.schema import order_line_schema
from frontrow.shop.changed_orders import (
    ChangedOrders,
    find_changed_orders,
    merge_orders,
    merge_states,
    rename_products,
)
from frontrow.shop.file_report import FileReport
from frontrow.shop.forgotten import Forgotten
from frontrow.shop.incoming import Incoming, ReadFile
from frontrow.shop.new_lines import NewLines
from frontrow.shop.shop import Shop


@dataclass(frozen=True)
class UpdatedShop:
    """A shop after files were added to it.

    Attributes:
        shop: The shop as it would be written.
        files: What became of each file's rows.
        new_lines: Number of order lines of orders that the shop did not have.
        changed: Number of orders by what changed since they were last seen: cancelled, refunded, edited.
        joined_products: Number of products of the shop that turned out to be another one under another title.
    """

    shop: Shop
    files: tuple[FileReport, ...]
    new_lines: int
    changed: Mapping[str, int] = field(default_factory=dict)
    joined_products: int = 0


@dataclass(frozen=True)
class Additions:
    """What files add to a shop, before it is put together with the shop's own tables.

    Attributes:
        products: All products.
        customers: All customers.
        orders: Which order lines come in, and which of the shop's stay.
        states: What the files say of each order (`schema.order_state_schema`).
        joined: Products of the shop that turned out to be another one: the id that they had, and that of the other.
        files: What became of each file's rows.
    """

    products: pl.DataFrame
    customers: pl.DataFrame
    orders: ChangedOrders
    states: pl.DataFrame
    joined: Mapping[str, str]
    files: tuple[FileReport, ...]


def find_additions(shop: Shop, incoming: Incoming, forgotten: Forgotten) -> Additions:
    """Find the products, the customers and the changed orders in what files bring.

    Args:
        shop: The shop on disk, or an empty one.
        incoming: What the files bring.
        forgotten: Who was forgotten: their orders come in as a guest's.
    """
    settings = shop.settings
    products = shop.products
    if incoming.catalogue is not None:
        products = merge_catalogue(products, incoming.catalogue, settings.grain)
    identity = IdentitySettings(settings.grain, settings.parent_sku)
    identified = identify_products(incoming.purchases.lines, products, identity, ties=incoming.ties)
    orders, contacts = forgotten.erase(incoming.purchases.orders, incoming.contacts)
    bought = orders.filter(pl.int_range(pl.len()).is_in(identified.lines[ORDER].unique().implode()))
    customers = _update_customers(shop, bought, contacts, forgotten)
    new = NewLines(identified.lines, _with_customer_numbers(orders, customers), order_line_schema(settings.time_zone))
    old = rename_products(shop.orders, identified.joined)
    changes = find_changed_orders(old, new, shop.order_states.collect(), incoming.states, incoming.changed)
    hidden = shop.rules.not_products(identified.products)
    return Additions(
        products=identified.products,
        customers=customers,
        orders=changes,
        states=incoming.states,
        joined=identified.joined,
        files=_report_files(incoming, new, hidden, changes.unchanged),
    )


def add_files(shop: Shop, additions: Additions) -> UpdatedShop:
    """Add to a shop what files bring.

    Args:
        shop: The shop on disk, or an empty one.
        additions: What the files add to it.
    """
    orders = merge_orders(rename_products(shop.orders, additions.joined), additions.orders)
    states = merge_states(shop.order_states, additions.states)
    updated = Shop(
        orders,
        additions.products,
        additions.customers.lazy(),
        shop.settings,
        shop.rules,
        order_states=states.lazy(),
    )
    joined = len(set(shop.products["product_id"]) & additions.joined.keys())
    return UpdatedShop(updated, additions.files, additions.orders.new_lines, additions.orders.counts, joined)


def _update_customers(shop: Shop, bought: pl.DataFrame, contacts: pl.DataFrame, forgotten: Forgotten) -> pl.DataFrame:
    customers = shop.customers.collect()
    # a number is never given twice, not even that of a customer who was erased since
    highest = max(int(customers["customer_id"].max() or 0), forgotten.last_customer_id)  # type: ignore[arg-type]
    customers = number_customers(customers, bought, contacts, next_id=highest + 1)
    last_orders = shop.orders.drop_nulls("customer_id").group_by("customer_id").agg(pl.col("ordered_at").max())
    return update_contacts(customers, contacts, last_orders.collect())


def _with_customer_numbers(orders: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Return orders with the customer's number in place of the id in the source."""
    numbers = customers.select("source_id", "customer_id").drop_nulls()
    number = orders.select("source_id").join(numbers, on="source_id", how="left", maintain_order="left")["customer_id"]
    return orders.drop("source_id").with_columns(number)


def _report_files(
    incoming: Incoming, new: NewLines, hidden: pl.DataFrame, unchanged: pl.Series
) -> tuple[FileReport, ...]:
    """Return what became of the rows of each file; `hidden` are the products that are none, with the reason."""
    of_orders = new.lines.select("file", unchanged=unchanged.gather(new.lines[ORDER]))
    same = of_orders.filter("unchanged").group_by("file").len().with_columns(dropped=pl.lit(ALREADY_IMPORTED))
    different = of_orders.filter(~pl.col("unchanged")).group_by("file").len()
    counted = different.with_columns(dropped=pl.lit(None, pl.String))
    others = incoming.counts.filter(pl.col("dropped").is_not_null())
    counts = pl.concat([others, *(part.select(others.columns) for part in (same, counted))])
    counts = counts.group_by("file", "dropped").agg(pl.col("len").sum())
    hidden = hidden.with_columns(pl.col("product_id").cast(SHARED_TEXT))
    purchases = new.filter(~unchanged).lines.select("file", "product_id")
    not_products = purchases.join(hidden, on="product_id").group_by("file", "reason").len()
    return tuple(_report_file(file, number, counts, not_products) for number, file in enumerate(incoming.files))


def _report_file(file: ReadFile, number: int, counts: pl.DataFrame, not_products: pl.DataFrame) -> FileReport:
    of_file = counts.filter(pl.col("file") == number).sort(["len", "dropped"], descending=[True, False])
    dropped = dict(of_file.filter(pl.col("dropped").is_not_null()).select("dropped", "len").iter_rows())
    rows = int(of_file["len"].sum())
    if not rows:
        dropped = dict(file.parsed.dropped)
        rows = file.parsed.kept + sum(dropped.values())
    hidden = not_products.filter(pl.col("file") == number).sort(["len", "reason"], descending=[True, False])
    return FileReport(
        file=file.name,
        format=file.format.name,
        rows=rows,
        kept=rows - sum(dropped.values()),
        dropped=dropped,
        not_products=dict(hidden.select("reason", "len").iter_rows()),
        columns=file.parsed.columns,
        guessed=file.parsed.guessed,
        warnings=file.parsed.warnings,
    )
