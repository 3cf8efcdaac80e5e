"""Who bought: a number for each customer, and what the customer last said about being contacted."""

from __future__ import annotations

import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA

KNOWN = ("email", "phone", "company", "tags")


def number_customers(known: pl.DataFrame, lines: pl.DataFrame, contacts: pl.DataFrame, *, next_id: int) -> pl.DataFrame:
    """The customers known before, unchanged, and the new ones, numbered from `next_id`.

    New customers are numbered in order of first purchase, then of `source_id`; those who never bought and are
    only in a customers export come after them. So the numbers do not depend on the export they were read from.

    Args:
        known: The customers of the shop on disk.
        lines: New order lines, with `source_id` and `ordered_at`.
        contacts: What the files say of customers (`importing.format.CONTACT_FIELDS`).
        next_id: The first number that was never given.
    """
    bought = (
        lines.filter(pl.col("source_id").is_not_null())
        .group_by("source_id")
        .agg(pl.col("ordered_at").min())
        .join(known, on="source_id", how="anti")
        .sort("ordered_at", "source_id")
        .select("source_id")
    )
    listed = (
        contacts.filter(pl.col("said_at").is_null())
        .select("source_id")
        .unique()
        .join(known, on="source_id", how="anti")
        .join(bought, on="source_id", how="anti")
        .sort("source_id")
    )
    new = pl.concat([bought, listed]).with_row_index("customer_id", offset=next_id)
    return pl.concat(
        [
            known,
            new.select(
                (pl.col(name) if name in new.columns else pl.lit(None)).cast(dtype).alias(name)
                for name, dtype in CUSTOMER_SCHEMA.items()
            ),
        ]
    )


def learn_contacts(customers: pl.DataFrame, contacts: pl.DataFrame, last_order: pl.DataFrame) -> pl.DataFrame:
    """Fill in what the files say of each customer; the latest word on consent wins, and no word is no.

    A customers export outweighs the orders before it: customers it has spoken of are told apart by their
    `accepts_sms`, which nothing else sets. An order newer than all on disk may be later than that export, or not, as
    the export has no date: its no counts, its yes does not. Of orders the latest one counts, those on disk included.

    Args:
        customers: All customers, the new ones included.
        contacts: What the files say (`importing.format.CONTACT_FIELDS`).
        last_order: `customer_id` and `ordered_at` of the latest order on disk.
    """
    if not contacts.height:
        return customers
    said = contacts.join(customers.select("source_id", "customer_id"), on="source_id").join(
        last_order.select("customer_id", last_order="ordered_at"), on="customer_id", how="left"
    )
    said = said.sort(pl.col("said_at").is_null(), "said_at", maintain_order=True)
    news = (pl.col("said_at") > pl.col("last_order")).fill_null(True)
    word = said.group_by("customer_id").agg(
        *(pl.col(name).drop_nulls().last().alias(f"new_{name}") for name in KNOWN),
        pl.col("accepts_email").filter(news).drop_nulls().last().alias("new_accepts_email"),
        pl.col("accepts_sms").drop_nulls().last().alias("new_accepts_sms"),
        pl.col("said_at").is_null().any().alias("listed"),
    )
    joined = customers.join(word, on="customer_id", how="left", maintain_order="left")
    spoken = pl.col("accepts_sms").is_not_null() & ~pl.col("listed").fill_null(False)
    agreed_since = pl.col("new_accepts_email").fill_null(True)
    return joined.with_columns(
        *(_known_or_new(name) for name in KNOWN),
        accepts_email=pl.when(spoken)
        .then(pl.col("accepts_email") & agreed_since)
        .otherwise(pl.coalesce("new_accepts_email", "accepts_email")),
        accepts_sms=pl.coalesce("new_accepts_sms", "accepts_sms"),
    ).select(list(CUSTOMER_SCHEMA))


def _known_or_new(name: str) -> pl.Expr:
    """A customers export replaces what is known; an order only fills what is not."""
    listed = pl.col("listed").fill_null(False)
    return (
        pl.when(listed).then(pl.coalesce(f"new_{name}", name)).otherwise(pl.coalesce(name, f"new_{name}")).alias(name)
    )
