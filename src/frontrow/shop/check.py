"""What is wrong in the tables of a shop, in a shop owner's words, and the tables without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from frontrow.schema import (
    CUSTOMER_SCHEMA,
    FIRST_DAY,
    PRODUCT_SCHEMA,
    last_day,
    order_line_schema,
    order_state_schema,
)
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.unsubscribed import UNSUBSCRIBED_SCHEMA
from frontrow.storage.pointer import CUSTOMERS, ORDER_STATES, ORDERS, PRODUCTS, UNSUBSCRIBED

KEYS: Final = {PRODUCTS: "product_id", CUSTOMERS: "customer_id"}
REQUIRED: Final = ("order_id", "line_number", "ordered_at", "day", "product_id", "quantity", "price", "discount")


@dataclass(frozen=True)
class Finding:
    """Something that is wrong in a shop.

    Attributes:
        problem: What is wrong, as a sentence.
        repair: What `frontrow check --repair` does about it; None where it can do nothing.
        advice: What a person can do; empty where the repair is all there is to do.
    """

    problem: str
    repair: str | None = None
    advice: str = ""


@dataclass(frozen=True)
class TableCheck:
    """What is wrong in the tables, and the tables that a repair would write.

    Attributes:
        findings: What is wrong.
        repaired: The tables that change, by name.
    """

    findings: tuple[Finding, ...] = ()
    repaired: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def check_schemas(tables: Mapping[str, pl.DataFrame], time_zone: str) -> Iterator[Finding]:
    """Tables whose columns are not those of this frontrow.

    Args:
        tables: The shop's, by name.
        time_zone: The shop's.
    """
    schemas: dict[str, Mapping[str, pl.DataType]] = {
        ORDERS: order_line_schema(time_zone),
        PRODUCTS: PRODUCT_SCHEMA,
        CUSTOMERS: CUSTOMER_SCHEMA,
        ORDER_STATES: order_state_schema(time_zone),
        UNSUBSCRIBED: UNSUBSCRIBED_SCHEMA,
    }
    for name, schema in schemas.items():
        if name in tables and dict(tables[name].schema) != dict(schema):
            expected = ", ".join(schema)
            yield Finding(f"The table of {name} has other columns than {expected}.", advice="Import the exports again.")


def check_tables(tables: Mapping[str, pl.DataFrame], today: dt.date) -> TableCheck:
    """Compare what the tables say with what a shop can have: dates, amounts, keys, and numbers that exist.

    Args:
        tables: All of the shop's, by name, with the columns of this frontrow.
        today: Orders far after it are not believed.
    """
    findings: list[Finding] = []
    changed: dict[str, pl.DataFrame] = {}
    for name, key in KEYS.items():
        rows = tables[name]
        unique = rows.filter(pl.col(key).is_not_null()).unique(key, keep="first", maintain_order=True)
        if unique.height < rows.height:
            changed[name] = unique
            repeated = f"{rows.height - unique.height:,} rows of {name} have no key, or that of another row."
            findings.append(Finding(repeated, "they are left out"))
    orders = tables[ORDERS]
    bad = pl.repeat(False, orders.height, eager=True)
    for reason, lines in _bad_lines(orders, changed.get(PRODUCTS, tables[PRODUCTS]), today):
        if lines.any():
            problem = f"{counted_orders(orders.filter(lines)['order_id'].n_unique())} {reason}."
            findings.append(Finding(problem, "these orders are left out", "An export that has them brings them again."))
            bad |= lines
    if bad.any():
        ids = orders.filter(bad)["order_id"].drop_nulls().unique()
        changed[ORDERS] = orders.filter(~bad & ~orders["order_id"].is_in(ids.implode()).fill_null(False))
        if ORDER_STATES in tables:
            # an export of any age brings the orders again
            states = tables[ORDER_STATES]
            changed[ORDER_STATES] = states.filter(~pl.col("order_id").is_in(ids.implode()))
    for name, rows in tables.items():
        if name != CUSTOMERS and "customer_id" in rows.columns:
            finding, changed_rows = _check_customers(name, changed.get(name, rows), tables[CUSTOMERS])
            if finding is not None:
                findings.append(finding)
                changed[name] = changed_rows
    return TableCheck(tuple(findings), changed)


def counted_orders(count: int) -> str:
    """A number of orders with its verb.

    Example:
        >>> counted_orders(1), counted_orders(1200)
        ('1 order is', '1,200 orders are')
    """
    return "1 order is" if count == 1 else f"{count:,} orders are"


def _bad_lines(orders: pl.DataFrame, products: pl.DataFrame, today: dt.date) -> Iterator[tuple[str, pl.Series]]:
    """Why orders are wrong, each with the lines of which it holds."""
    first, last = (FIRST_DAY - EPOCH).days, (last_day(today) - EPOCH).days
    reasons = {
        f"dated outside {FIRST_DAY} to {last_day(today)}": ~pl.col("day").is_between(first, last),
        "without an id, a date, a product or an amount": pl.any_horizontal(pl.col(name).is_null() for name in REQUIRED),
        "of a quantity that is not above zero": pl.col("quantity") <= 0,
        "of a price or discount below zero, or that is no number": pl.any_horizontal(
            (pl.col(name) < 0) | ~pl.col(name).is_finite() for name in ("price", "discount")
        ),
        "on another day than their time says": pl.col("ordered_at").dt.date().cast(pl.Int32) != pl.col("day"),
        "of a product that the table of products lacks": ~pl.col("product_id").is_in(
            products["product_id"].drop_nulls().implode()
        ),
        "there twice": pl.struct("order_id", "line_number").is_duplicated(),
    }
    for reason, is_bad in reasons.items():
        yield reason, orders.select(is_bad.fill_null(False).alias("bad"))["bad"]


def _check_customers(name: str, rows: pl.DataFrame, customers: pl.DataFrame) -> tuple[Finding | None, pl.DataFrame]:
    """Rows with a number that no customer has: orders become a guest's, rows of other tables are left out."""
    is_unknown = ~rows["customer_id"].is_in(customers["customer_id"].drop_nulls().implode())
    unknown = rows["customer_id"].is_not_null() & is_unknown.fill_null(False)
    if not unknown.any():
        return None, rows
    problem = f"{unknown.sum():,} rows of {name.replace('_', ' ')} have a customer number that no customer has."
    if name == ORDERS:
        return Finding(problem, "they become a guest's"), rows.with_columns(
            customer_id=pl.when(~unknown).then("customer_id")
        )
    return Finding(problem, "they are left out"), rows.filter(~unknown)
