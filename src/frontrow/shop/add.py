"""Add files to a shop: new and changed orders, the products and customers in them, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from frontrow.importing.catalogue import merge_catalogue
from frontrow.importing.customers import number_customers, update_contacts
from frontrow.importing.identity_settings import IdentitySettings
from frontrow.importing.order_assembly import ORDER
from frontrow.importing.product_identity import identify_products
from frontrow.schema import order_line_schema
from frontrow.shop.changed_orders import (
    ChangedOrders,
    find_changed_orders,
    merge_orders,
    merge_states,
    rename_products,
)
from frontrow.shop.file_report import FileReport, count_lines, report_files
from frontrow.shop.forgotten import Forgotten
from frontrow.shop.incoming import Incoming, leave_out_repeated
from frontrow.shop.new_lines import NewLines
from frontrow.shop.order_totals import OrderTotals
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
        totals: What the order lines add up to; None where nobody has counted yet.
        sizes: Sizes of the blocks that the order lines are in; None where they are in order of time.
        has_changed: Whether anything is other than before; None where nobody has compared yet.
    """

    shop: Shop
    files: tuple[FileReport, ...]
    new_lines: int
    changed: Mapping[str, int] = field(default_factory=dict)
    joined_products: int = 0
    totals: OrderTotals | None = None
    sizes: pl.DataFrame | None = None
    has_changed: bool | None = None


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
    contacts = leave_out_repeated(incoming.contacts, shop.customers.select("source_id").collect())
    orders, contacts = forgotten.erase(incoming.purchases.orders, contacts)
    bought = orders.filter(pl.int_range(pl.len()).is_in(identified.lines[ORDER].unique().implode()))
    customers = _update_customers(shop, bought, contacts, forgotten)
    new = NewLines(identified.lines, with_customer_numbers(orders, customers), order_line_schema(settings.time_zone))
    old = rename_products(shop.orders, identified.joined)
    changes = find_changed_orders(old, new, shop.order_states.collect(), incoming.states, incoming.changed)
    hidden = shop.rules.not_products(identified.products)
    return Additions(
        products=identified.products,
        customers=customers,
        orders=changes,
        states=incoming.states,
        joined=identified.joined,
        files=report_files(incoming.files, count_lines(incoming.counts, new, hidden, changes.unchanged)),
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
    joined = count_joined(shop.products, additions.joined)
    return UpdatedShop(updated, additions.files, additions.orders.new_lines, additions.orders.counts, joined)


def count_joined(products: pl.DataFrame, joined: Mapping[str, str]) -> int:
    """Return the number of products of a shop that turned out to be another one.

    Args:
        products: The shop's before.
        joined: See `Additions`.
    """
    return len(set(products["product_id"]) & joined.keys())


def _update_customers(shop: Shop, bought: pl.DataFrame, contacts: pl.DataFrame, forgotten: Forgotten) -> pl.DataFrame:
    customers = shop.customers.collect()
    # a number is never given twice, not even that of a customer who was erased since
    highest = max(int(customers["customer_id"].max() or 0), forgotten.last_customer_id)  # type: ignore[arg-type]
    customers = number_customers(customers, bought, contacts, next_id=highest + 1)
    return update_contacts(customers, contacts, find_last_orders(shop.orders).collect())


def find_last_orders(orders: pl.LazyFrame) -> pl.LazyFrame:
    """Return `customer_id` and `ordered_at` of each customer's latest order."""
    return orders.drop_nulls("customer_id").group_by("customer_id").agg(pl.col("ordered_at").max())


def with_customer_numbers(orders: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Return orders with the customer's number in place of the id in the source.

    Args:
        orders: With `source_id`.
        customers: With `source_id` and `customer_id`.
    """
    numbers = customers.select("source_id", "customer_id").drop_nulls()
    number = orders.select("source_id").join(numbers, on="source_id", how="left", maintain_order="left")["customer_id"]
    return orders.drop("source_id").with_columns(number)
