"""Who of those with a list of recommendations may be written to: the rules of campaigns, product by product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.campaign.eligibility.contact_rules import (
    CUSTOMER_REASONS,
    ContactHistory,
    ContactRules,
    flag_customers,
    resolve_identities,
)
from frontrow.campaign.eligibility.eligible_customers import SHARED
from frontrow.shop.history import History

CONTROL: Final = "global control group"
"""Held out of every campaign, and so of every list that is sent."""

NOTHING_LEFT: Final = "nothing left to show"
"""Held out of every product of the list."""

LIST_REASONS: Final = (*CUSTOMER_REASONS, CONTROL, NOTHING_LEFT, SHARED)


@dataclass(frozen=True)
class EligibleLists:
    """The lists of those who may be written to.

    Attributes:
        rows: The lists' rows, without products that the customer is held out of; ranks close the gaps.
        customers: `customer_id`, `address` and `tags` of those who may be written to, by number.
        considered: Customers with a list.
        counts: One row a reason of `LIST_REASONS`: `customers`, each under the first reason that holds.
    """

    rows: pl.DataFrame
    customers: pl.DataFrame
    considered: int
    counts: pl.DataFrame


def select_eligible_lists(
    rows: pl.DataFrame, history: History, rules: ContactRules, contacts: ContactHistory
) -> EligibleLists:
    """Keep the lists that may be sent.

    Nobody is in them whom a campaign could not contact. A product that somebody is still held out of is taken out of
    that customer's list: a list is a message about it too.

    Args:
        rows: `customer_id`, `rank`, `product_id`, `title` and any other columns.
        history: The shop's customers, products and orders.
        rules: Who must not be contacted.
        contacts: Suppression list, and logs of earlier campaigns.
    """
    customers = resolve_identities(history, rules)
    flags = flag_customers(customers, history, rules, contacts)
    listed = rows.select(pl.col("customer_id").cast(pl.Int64)).unique().sort("customer_id")
    shown = _without_held_out(rows.with_columns(pl.col("customer_id").cast(pl.Int64)), customers, history, contacts)
    flagged = listed.join(flags, on="customer_id", how="left", maintain_order="left").with_columns(
        # a customer whom the shop does not know has given no consent
        *(pl.col(reason).fill_null(reason == "no consent") for reason in CUSTOMER_REASONS),
        _in_control_group(listed, customers, contacts),
        (~pl.col("customer_id").is_in(shown["customer_id"].unique().implode())).alias(NOTHING_LEFT),
    )
    is_free = ~pl.any_horizontal(*LIST_REASONS[:-1])
    first = pl.col("customer_id").filter(is_free).min().over("identity")
    flagged = flagged.with_columns((is_free & (pl.col("customer_id") != first)).fill_null(False).alias(SHARED))
    reason = pl.coalesce(pl.when(name).then(pl.lit(name)) for name in LIST_REASONS)
    flagged = flagged.with_columns(reason.alias("reason"))
    eligible = flagged.filter(pl.col("reason").is_null()).select("customer_id")
    numbers = dict(flagged.drop_nulls("reason").group_by("reason").len().iter_rows())
    counts = {"reason": LIST_REASONS, "customers": [numbers.get(name, 0) for name in LIST_REASONS]}
    return EligibleLists(
        shown.join(eligible, on="customer_id", how="semi"),
        eligible.join(customers.select("customer_id", "address", "tags"), on="customer_id").sort("customer_id"),
        listed.height,
        pl.DataFrame(counts, schema={"reason": pl.String, "customers": pl.Int64}),
    )


def _without_held_out(
    rows: pl.DataFrame, customers: pl.DataFrame, history: History, contacts: ContactHistory
) -> pl.DataFrame:
    """The rows without products that the person is still held out of, under whichever record."""
    offered = rows.select("product_id", "title").unique("product_id")
    held_out = contacts.held_out_log.still_held_out(offered, history.products, history.cutoff.date())
    identities = customers.select("customer_id", "identity").drop_nulls()
    same_person = held_out.join(identities, on="customer_id").join(identities, on="identity", suffix="_other")
    others = same_person.select("product_id", customer_id="customer_id_other")
    pairs = pl.concat([held_out.select("product_id", "customer_id"), others])
    shown = rows.join(pairs, on=["product_id", "customer_id"], how="anti", maintain_order="left")
    rank = pl.col("rank").rank("ordinal").over("customer_id")
    return shown.with_columns(rank.cast(rows.schema["rank"]))


def _in_control_group(listed: pl.DataFrame, customers: pl.DataFrame, contacts: ContactHistory) -> pl.Series:
    """Whether the customer, or another record of the same person, is in the global control group."""
    group = contacts.global_control_group
    if group is None:
        return pl.repeat(False, listed.height, eager=True).alias(CONTROL)
    flagged = customers.select("customer_id", "identity", group.contains(customers["customer_id"]).alias(CONTROL))
    person = pl.when(pl.col("identity").is_null()).then(CONTROL).otherwise(pl.col(CONTROL).any().over("identity"))
    joined = listed.join(
        flagged.with_columns(person.alias(CONTROL)), on="customer_id", how="left", maintain_order="left"
    )
    return joined[CONTROL].fill_null(True)
