"""What files bring to a shop: purchases, what is known of each order, contacts, a catalogue.

The files' own rows are let go before the shop's tables are touched: both do not fit into memory together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from frontrow.importing.cut_files import FileLines, mark_cut_orders
from frontrow.importing.exchange import ExchangeRates, add_rates
from frontrow.importing.format import CATALOGUE_FIELDS, CONTACT_FIELDS, Format, ParsedFile
from frontrow.importing.order_assembly import Purchases, assemble_purchases
from frontrow.importing.order_versions import KEY, LatestOrders, choose_latest
from frontrow.schema import conform, order_state_schema
from frontrow.shop.settings import ShopSettings


@dataclass(frozen=True)
class ReadFile:
    """A file that was read.

    Attributes:
        name: The file's name, without the folder.
        format: Its format.
        parsed: What it holds.
    """

    name: str
    format: Format
    parsed: ParsedFile


@dataclass(frozen=True)
class Incoming:
    """What files bring.

    Attributes:
        files: The files, without their rows.
        purchases: Order lines of the latest state of each order.
        states: What the files say of each order (`schema.order_state_schema`), by order id.
        changed: `order_id` and `change`: what changed between the files.
        ties: Pairs of `sku` and `title` that some row has, whether it is a purchase or not.
        contacts: What customers exports and orders say about customers, with `is_again`: whether the shop has the
            order, so that it was said before unless the customer is new.
        catalogue: What products exports say; None without one.
        counts: Number of rows by `file` and `dropped`, the reason why they are no purchase.
    """

    files: tuple[ReadFile, ...]
    purchases: Purchases
    states: pl.DataFrame
    changed: pl.DataFrame
    ties: pl.DataFrame
    contacts: pl.DataFrame
    catalogue: pl.DataFrame | None
    counts: pl.DataFrame


@dataclass(frozen=True)
class WholeFiles:
    """What must be known of whole files where they are read in parts.

    Attributes:
        lines: What the lines of each begin and end with, by its number.
        export_ends: `file` and `exported_until`, the newest order of the export that it is a piece of.
    """

    lines: Mapping[int, FileLines]
    export_ends: pl.DataFrame


def collect_incoming(
    files: Sequence[ReadFile],
    settings: ShopSettings,
    states: pl.DataFrame,
    rates: ExchangeRates,
    whole: WholeFiles | None = None,
) -> Incoming:
    """Return what files bring; their order does not matter, and neither does where they were cut.

    Args:
        files: Exports of orders, customers and products, or parts of them that hold all rows of the same orders.
        settings: The shop's.
        states: What the shop on disk knows of its orders.
        rates: What other currencies than the shop's are worth.
        whole: What the whole files say, where these are parts.
    """
    latest = _choose_latest(files, settings.currency, states, rates, whole)
    return Incoming(
        files=tuple(replace(file, parsed=without_rows(file.parsed)) for file in files),
        purchases=assemble_purchases(latest, settings.time_zone),
        states=_states(latest, settings.time_zone),
        changed=latest.changed,
        ties=latest.lines.select("sku", "title").unique().drop_nulls().cast(pl.String),
        contacts=_collect_contacts(files, latest, states, settings.time_zone),
        catalogue=collect_catalogue(files),
        counts=latest.lines.group_by("file", "dropped").len().cast({pl.Categorical: pl.String}),
    )


def without_rows(parsed: ParsedFile) -> ParsedFile:
    """What a file holds, without the rows."""
    return replace(parsed, lines=None, orders=None, contacts=None, catalogue=None)


def _choose_latest(
    files: Sequence[ReadFile], currency: str, states: pl.DataFrame, rates: ExchangeRates, whole: WholeFiles | None
) -> LatestOrders:
    """Return the latest state of each order in the files, those left out that the shop has a later state of."""
    lines = [file.parsed.lines for file in files]
    orders = [_with_currency(file, currency, rates) for file in files]
    if whole is None:
        return choose_latest(lines, mark_cut_orders(lines, orders), states)
    return choose_latest(lines, mark_cut_orders(lines, orders, whole.lines), states, whole.export_ends)


def _with_currency(file: ReadFile, currency: str, rates: ExchangeRates) -> pl.DataFrame | None:
    orders = file.parsed.orders
    if orders is None:
        return None
    if file.format.currency and "currency" not in orders.columns:
        orders = orders.with_columns(currency=pl.lit(file.format.currency))
    return add_rates(orders, currency, rates)


def collect_catalogue(files: Sequence[ReadFile]) -> pl.DataFrame | None:
    """Return what all products exports say; a product keeps the order of its variants, whatever the order of files.

    Args:
        files: Some files.
    """
    parts = [
        file.parsed.catalogue.with_columns(place=pl.int_range(pl.len()).over("handle"))
        for file in files
        if file.parsed.catalogue is not None
    ]
    if not parts:
        return None
    rows = pl.concat(parts).unique(maintain_order=True)
    if len(parts) > 1:
        rows = rows.sort("handle", "place", *CATALOGUE_FIELDS, nulls_last=True)
    return rows.drop("place")


def _collect_contacts(
    files: Sequence[ReadFile], latest: LatestOrders, states: pl.DataFrame, time_zone: str
) -> pl.DataFrame:
    """Return what customers exports, and the latest states of orders, say about customers."""
    fields = {**CONTACT_FIELDS, "stated_at": pl.Datetime("us", time_zone)}
    contacts = [
        file.parsed.contacts.with_columns(file=pl.lit(number, pl.Int32))
        for number, file in enumerate(files)
        if file.parsed.contacts is not None
    ]
    rows = pl.concat([pl.DataFrame(schema={**fields, "file": pl.Int32}), *contacts])
    rows = rows.with_columns(version=pl.when(pl.col("order_id").is_not_null()).then(pl.col("version").fill_null(0)))
    current = latest.orders.select(KEY, is_current=pl.lit(True))
    is_current = rows.select(KEY).join(current, on=KEY, how="left", maintain_order="left")["is_current"]
    rows = rows.filter(is_current.fill_null(False) | rows["order_id"].is_null()).drop("file", "version")
    return rows.with_columns(is_again=pl.col("order_id").is_in(states["order_id"].implode()).fill_null(False))


def leave_out_repeated(contacts: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Leave out what was said before: by an order that the shop has, of a customer whom it has.

    A later state of an order may bring a customer whom the shop does not have: the order was no purchase before, or
    somebody else's.

    Args:
        contacts: What files say about customers, with `is_again`.
        customers: The customers of the shop on disk.
    """
    is_customer = pl.col("source_id").is_in(customers["source_id"].implode())
    return contacts.filter(~(pl.col("is_again") & is_customer)).drop("is_again")


def _states(latest: LatestOrders, time_zone: str) -> pl.DataFrame:
    """Return what the shop will know of the orders of these files."""
    return conform(latest.orders, order_state_schema(time_zone)).sort("order_id")
