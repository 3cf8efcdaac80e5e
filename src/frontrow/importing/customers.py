"""Who bought: a number for each customer, and what the customer last said about being contacted."""

from __future__ import annotations

import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA, conform

ATTRIBUTES = ("email", "phone", "company", "tags")


def number_customers(
    existing: pl.DataFrame, lines: pl.DataFrame, contacts: pl.DataFrame, *, next_id: int
) -> pl.DataFrame:
    """Return the customers of the shop, unchanged, and the new ones, numbered from `next_id`.

    New customers are numbered in order of first purchase, then of `source_id`; those who never bought and are
    only in a customers export come after them. So the numbers do not depend on the export they were read from.

    Args:
        existing: The customers of the shop on disk.
        lines: New order lines, with `source_id` and `ordered_at`.
        contacts: What the files say about customers (`importing.format.CONTACT_FIELDS`).
        next_id: The first number that was never given.
    """
    new = find_new_customers(existing, lines, contacts).pipe(number_new_customers, next_id)
    return pl.concat([existing, conform(new, CUSTOMER_SCHEMA)])


def find_new_customers(existing: pl.DataFrame, lines: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return who is new: `source_id`, when the first purchase was (`ordered_at`), and whether there is none.

    Args:
        existing: See `number_customers`, or some of them and all else that is known of these.
        lines: See `number_customers`.
        contacts: See `number_customers`.
    """
    bought = lines.drop_nulls("source_id").group_by("source_id").agg(pl.col("ordered_at").min())
    listed = contacts.filter(pl.col("stated_at").is_null()).select("source_id").unique()
    never = listed.join(bought, on="source_id", how="anti", nulls_equal=True)
    parts = [bought.with_columns(never_bought=False), never.with_columns(ordered_at=None, never_bought=True)]
    return pl.concat(parts, how="vertical_relaxed").join(existing, on="source_id", how="anti")


def number_new_customers(new: pl.DataFrame, next_id: int) -> pl.DataFrame:
    """Return new customers in the order of their `customer_id`.

    Args:
        new: All that are new (`find_new_customers`).
        next_id: The first number that was never given.
    """
    return new.sort("never_bought", "ordered_at", "source_id").with_row_index("customer_id", offset=next_id)


def update_contacts(customers: pl.DataFrame, contacts: pl.DataFrame, last_orders: pl.DataFrame) -> pl.DataFrame:
    """Fill in what the files say about each customer; the latest statement on consent counts, and none means no.

    A customers export counts more than the orders before it; the customers it listed are those with `accepts_sms`,
    which nothing else sets. An order newer than all on disk may be later than that export, or not, because the export
    has no date: its no counts, its yes does not. Of orders the latest one counts, those on disk included.

    Args:
        customers: All customers, the new ones included.
        contacts: What the files say (`importing.format.CONTACT_FIELDS`).
        last_orders: `customer_id` and `ordered_at` of each customer's latest order on disk.
    """
    if not contacts.height:
        return customers
    statements = contacts.join(customers.select("source_id", "customer_id"), on="source_id").join(
        last_orders.select("customer_id", last_order="ordered_at"), on="customer_id", how="left"
    )
    # nothing but what they say decides between statements of one time, so that the order of files does not matter
    ties = [name for name in ("order_id", *ATTRIBUTES) if name in statements.columns]
    refusals = [pl.col(name).not_() for name in ("accepts_email", "accepts_sms")]
    statements = statements.sort(pl.col("stated_at").is_null(), "stated_at", *refusals, *ties)
    is_newer = (pl.col("stated_at") > pl.col("last_order")).fill_null(True)
    latest = statements.group_by("customer_id").agg(
        *(pl.col(name).drop_nulls().last().alias(f"new_{name}") for name in ATTRIBUTES),
        pl.col("accepts_email").filter(is_newer).drop_nulls().last().alias("new_accepts_email"),
        pl.col("accepts_sms").drop_nulls().last().alias("new_accepts_sms"),
        pl.col("stated_at").is_null().any().alias("listed"),
    )
    joined = customers.join(latest, on="customer_id", how="left", maintain_order="left")
    listed_before = pl.col("accepts_sms").is_not_null() & ~pl.col("listed").fill_null(False)
    agreed_since = pl.col("new_accepts_email").fill_null(True)
    return joined.with_columns(
        *(_updated_attribute(name) for name in ATTRIBUTES),
        accepts_email=pl.when(listed_before)
        .then(pl.col("accepts_email") & agreed_since)
        .otherwise(pl.coalesce("new_accepts_email", "accepts_email")),
        accepts_sms=pl.coalesce("new_accepts_sms", "accepts_sms"),
    ).select(list(CUSTOMER_SCHEMA))


def _updated_attribute(name: str) -> pl.Expr:
    """A customers export replaces what is known; an order only fills what is missing."""
    listed = pl.col("listed").fill_null(False)
    return (
        pl.when(listed).then(pl.coalesce(f"new_{name}", name)).otherwise(pl.coalesce(name, f"new_{name}")).alias(name)
    )
