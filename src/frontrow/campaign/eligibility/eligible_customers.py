"""Who may be contacted: everyone on the ranked list who is not excluded, and a count of the others by reason.

Two records with one address are one person. What excludes either of them excludes both, and the likelier of the two
stays on the list; so nobody is written to twice, and nobody who refused is written to under another number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from frontrow.campaign.eligibility.contact_rules import (
    CUSTOMER_REASONS,
    ContactHistory,
    ContactRules,
    flag_customers,
    resolve_identities,
)
from frontrow.shop.history import History

BOUGHT: Final = "already bought"
STILL_HELD_OUT: Final = "still held out"
PRODUCT_REASONS: Final = (BOUGHT, STILL_HELD_OUT)
SHARED: Final = "shares an address"
REASONS: Final = (*CUSTOMER_REASONS, *PRODUCT_REASONS, SHARED)
"""In the order in which they count: a customer is counted under the first that holds."""


@dataclass(frozen=True)
class EligibleCustomers:
    """Who remains of a ranked list, and why the others do not.

    Attributes:
        rows: `product_id`, `title`, `customer_id`, `rank`, `probability` of those who may be contacted, in the list's
            order; no personal data.
        considered: Customers on the list.
        counts: One row a reason of `REASONS`: `customers` who remain on no product's list, each under the first
            reason that holds; `any_customers` for whom it holds, for at least one product, whatever else holds.
    """

    rows: pl.DataFrame
    considered: int
    counts: pl.DataFrame = field(repr=False)


def select_eligible(
    rows: pl.DataFrame, history: History, rules: ContactRules, contacts: ContactHistory | None = None
) -> EligibleCustomers:
    """Decide who on a ranked list may be contacted.

    Consent, tags and addresses are the latest the shop knows; orders are those before the history's cutoff.

    Args:
        rows: `launch.audience.audience.Audience.rows`.
        history: The history that was scored.
        rules: Who must not be contacted.
        contacts: Suppression list, and logs of earlier campaigns.
    """
    contacts = contacts or ContactHistory()
    customers = resolve_identities(history, rules)
    flags = flag_customers(customers, history, rules, contacts)
    listed = rows.select("product_id", "title", pl.col("customer_id").cast(pl.Int64), "rank", "probability")
    flagged = listed.join(flags, on="customer_id", how="left", maintain_order="left").with_columns(
        # a customer whom the shop does not know has given no consent
        *(pl.col(reason).fill_null(reason == "no consent") for reason in CUSTOMER_REASONS)
    )
    new_products = listed.select("product_id", "title").unique()
    held_out = contacts.held_out_log.still_held_out(new_products, history.products, history.cutoff.date())
    flagged = _flag_pairs(flagged, BOUGHT, _bought(new_products, history), customers)
    flagged = _flag_pairs(flagged, STILL_HELD_OUT, held_out, customers)
    flagged = flagged.with_columns(_shares_address(flagged).alias(SHARED))
    first_reason = pl.coalesce(pl.when(reason).then(pl.lit(reason)) for reason in REASONS)
    flagged = flagged.with_columns(first_reason.alias("reason"))
    eligible = flagged.filter(pl.col("reason").is_null()).select(listed.columns)
    return EligibleCustomers(eligible, listed["customer_id"].n_unique(), _counts(flagged))


def _bought(new_products: pl.DataFrame, history: History) -> pl.DataFrame:
    """`product_id`, `customer_id` of who has bought a product, under its id or title."""
    shop_products = history.products.select(pl.col("product_id").alias("sold"), "title", "aliases").explode("aliases")
    by_title = new_products.with_columns(pl.col("title").str.to_lowercase())
    sold_as = pl.concat(
        [
            new_products.select("product_id", sold="product_id"),
            *(
                by_title.join(shop_products.select("sold", title=pl.col(column).str.to_lowercase()), on="title").select(
                    "product_id", "sold"
                )
                for column in ("title", "aliases")
            ),
        ]
    ).unique()
    lines = history.lines.select("customer_id", sold="product_id").drop_nulls().unique()
    return lines.join(sold_as.lazy(), on="sold").select("product_id", "customer_id").unique().collect()


def _flag_pairs(flagged: pl.DataFrame, reason: str, pairs: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Flag the rows whose customer, or another record of the same person, is among pairs of product and customer."""
    identities = customers.select("customer_id", "identity")
    with_identity = pairs.join(identities, on="customer_id").drop_nulls("identity")
    same_person = with_identity.join(identities, on="identity", suffix="_other")
    pairs = pl.concat([pairs, same_person.select("product_id", customer_id="customer_id_other")]).unique()
    flags = pairs.with_columns(pl.lit(True).alias(reason))
    joined = flagged.join(flags, on=["product_id", "customer_id"], how="left", maintain_order="left")
    return joined.with_columns(pl.col(reason).fill_null(False))


def _shares_address(flagged: pl.DataFrame) -> pl.Series:
    """Rows of records that share an address with a likelier one that may be contacted."""
    is_free = ~pl.any_horizontal(*CUSTOMER_REASONS, *PRODUCT_REASONS)
    chosen = (
        flagged.filter(is_free & pl.col("identity").is_not_null())
        .sort("probability", "rank", "customer_id", descending=[True, False, False], nulls_last=True)
        .unique("identity", keep="first")
        .select("identity", chosen="customer_id")
    )
    joined = flagged.join(chosen, on="identity", how="left", maintain_order="left")
    return joined.select((pl.col("chosen") != pl.col("customer_id")).fill_null(False).alias(SHARED))[SHARED]


def _counts(flagged: pl.DataFrame) -> pl.DataFrame:
    eligible = flagged.filter(pl.col("reason").is_null()).select("customer_id")
    order = {reason: position for position, reason in enumerate(REASONS)}
    excluded = flagged.join(eligible, on="customer_id", how="anti").with_columns(
        position=pl.col("reason").replace_strict(order, return_dtype=pl.Int32)
    )
    first = excluded.group_by("customer_id").agg(pl.col("position").min()).group_by("position").len("customers")
    any_customers = [flagged.filter(pl.col(reason))["customer_id"].n_unique() for reason in REASONS]
    counts = pl.DataFrame(
        {"reason": REASONS, "any_customers": any_customers}, schema_overrides={"any_customers": pl.Int64}
    )
    return (
        counts.with_columns(position=pl.int_range(pl.len(), dtype=pl.Int32))
        .join(first, on="position", how="left", maintain_order="left")
        .select("reason", pl.col("customers").fill_null(0).cast(pl.Int64), "any_customers")
    )
