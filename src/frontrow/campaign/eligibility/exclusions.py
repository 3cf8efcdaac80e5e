"""Who may be contacted: everyone on the ranked list who is not excluded, and a count of the others by reason.

Two records with one address are one person. What excludes either of them excludes both, and the likelier of the two
stands for the person; so nobody is written to twice, and nobody who said no is written to under another number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from frontrow.campaign.eligibility.contact_rules import ContactRules
from frontrow.campaign.eligibility.identity_resolution import OF_A_PERSON, known_people, reasons_of_people
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.campaign.record.held_out_log import HeldOutLog
from frontrow.shop.shop import History

BOUGHT: Final = "already bought"
STILL_HELD_OUT: Final = "still held out"
OF_A_PRODUCT: Final = (BOUGHT, STILL_HELD_OUT)
SHARED: Final = "shares an address"
REASONS: Final = (*OF_A_PERSON, *OF_A_PRODUCT, SHARED)
"""In the order in which they count: a customer is counted under the first that holds."""


@dataclass(frozen=True)
class Contactable:
    """What is left of a ranked list, and why the others are not.

    Attributes:
        rows: `product_id`, `title`, `customer_id`, `rank`, `probability` of those who may be contacted, in the list's
            order; no personal data.
        considered: Customers on the list.
        counts: One row a reason of `REASONS`: `customers` who are on no product's list any more, each under the first
            reason that holds; `any_customers` for whom it holds, for at least one product, whatever else does.
    """

    rows: pl.DataFrame
    considered: int
    counts: pl.DataFrame = field(repr=False)

    @property
    def excluded(self) -> int:
        """Customers left with no product."""
        return int(self.counts["customers"].sum())


def contactable(
    rows: pl.DataFrame,
    history: History,
    rules: ContactRules,
    *,
    suppressed: SuppressionList | None = None,
    log: ContactLog | None = None,
    held_out: HeldOutLog | None = None,
) -> Contactable:
    """Decide who on a ranked list may be contacted.

    Consent, tags and addresses are the latest the shop knows; orders are those before the history's cutoff.

    Args:
        rows: `launch.audience.audience.Audience.rows`.
        history: The same that was ranked.
        rules: Who must not be contacted.
        suppressed: Who must not be contacted by name.
        log: Who was contacted before.
        held_out: Who was held out of campaigns for the same products, and until when.
    """
    people = known_people(history, rules)
    flags = reasons_of_people(people, history, rules, suppressed or SuppressionList(), log)
    listed = rows.select("product_id", "title", pl.col("customer_id").cast(pl.Int64), "rank", "probability")
    told = listed.join(flags, on="customer_id", how="left", maintain_order="left").with_columns(
        # a customer whom the shop does not know has given no consent
        *(pl.col(reason).fill_null(reason == "no consent") for reason in OF_A_PERSON)
    )
    asked = listed.select("product_id", "title").unique()
    held = (held_out or HeldOutLog.none()).still_held_out(asked, history.products, history.cutoff.date())
    told = _with_reason(told, BOUGHT, _bought(asked, history), people)
    told = _with_reason(told, STILL_HELD_OUT, held, people)
    told = told.with_columns(_shared(told).alias(SHARED))
    first = pl.coalesce(pl.when(reason).then(pl.lit(reason)) for reason in REASONS)
    told = told.with_columns(first.alias("reason"))
    allowed = told.filter(pl.col("reason").is_null()).select(listed.columns)
    return Contactable(allowed, listed["customer_id"].n_unique(), _counts(told))


def _bought(asked: pl.DataFrame, history: History) -> pl.DataFrame:
    """`product_id`, `customer_id` of who has bought a product, under its id or title."""
    known = history.products.select(pl.col("product_id").alias("sold"), "title", "aliases").explode("aliases")
    names = pl.concat(
        [
            asked.select("product_id", sold="product_id"),
            *(
                asked.with_columns(pl.col("title").str.to_lowercase())
                .join(known.select("sold", title=pl.col(name).str.to_lowercase()), on="title")
                .select("product_id", "sold")
                for name in ("title", "aliases")
            ),
        ]
    ).unique()
    lines = history.lines.select("customer_id", sold="product_id").drop_nulls().unique()
    return lines.join(names.lazy(), on="sold").select("product_id", "customer_id").unique().collect()


def _with_reason(told: pl.DataFrame, reason: str, pairs: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Add whether the customer, or another record of the same person, is among some pairs of product and customer."""
    same = people.select("customer_id", "person")
    theirs = pairs.join(same, on="customer_id").drop_nulls("person").join(same, on="person", suffix="_other")
    pairs = pl.concat([pairs, theirs.select("product_id", customer_id="customer_id_other")]).unique()
    holds = pairs.with_columns(pl.lit(True).alias(reason))
    joined = told.join(holds, on=["product_id", "customer_id"], how="left", maintain_order="left")
    return joined.with_columns(pl.col(reason).fill_null(False))


def _shared(told: pl.DataFrame) -> pl.Series:
    """Rows of records that share an address with a likelier one that may be contacted."""
    free = ~pl.any_horizontal(*OF_A_PERSON, *OF_A_PRODUCT)
    chosen = (
        told.filter(free & pl.col("person").is_not_null())
        .sort("probability", "rank", "customer_id", descending=[True, False, False], nulls_last=True)
        .unique("person", keep="first")
        .select("person", chosen="customer_id")
    )
    joined = told.join(chosen, on="person", how="left", maintain_order="left")
    return joined.select((pl.col("chosen") != pl.col("customer_id")).fill_null(False).alias(SHARED))[SHARED]


def _counts(told: pl.DataFrame) -> pl.DataFrame:
    left = told.filter(pl.col("reason").is_null()).select("customer_id")
    order = {reason: place for place, reason in enumerate(REASONS)}
    gone = told.join(left, on="customer_id", how="anti").with_columns(
        place=pl.col("reason").replace_strict(order, return_dtype=pl.Int32)
    )
    first = gone.group_by("customer_id").agg(pl.col("place").min()).group_by("place").len("customers")
    any_of = [told.filter(pl.col(reason))["customer_id"].n_unique() for reason in REASONS]
    table = pl.DataFrame({"reason": REASONS, "any_customers": any_of}, schema_overrides={"any_customers": pl.Int64})
    return (
        table.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int32))
        .join(first, on="place", how="left", maintain_order="left")
        .select("reason", pl.col("customers").fill_null(0).cast(pl.Int64), "any_customers")
    )
