"""The customers of a shop as people: what keeps each from being contacted, whatever the product."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl

from frontrow.campaign.eligibility.addresses import normal_addresses, same_person
from frontrow.campaign.eligibility.contact_rules import CONSENT, ContactRules
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.errors import CampaignError
from frontrow.shop.shop import History

OF_A_PERSON: Final = (
    "suppression list",
    "do-not-contact tag",
    "no consent",
    "no address",
    "country",
    "partial refund",
    "recently contacted",
)
"""Reasons that hold for a person, in the order in which they count."""


def check_anyone_agreed(history: History, rules: ContactRules) -> None:
    """Make sure, before hours are spent on a model, that there is someone to contact at all.

    Raises:
        CampaignError: No customer is known to have agreed to the channel.
    """
    column = CONSENT[rules.channel]
    if not history.customers.select(pl.col(column).fill_null(False).any()).collect().item():
        raise CampaignError(
            f"No customer of the shop is known to have agreed to {rules.channel}, and not known counts as no. "
            "Import an export that says who agreed: Shopify's customers export, or orders with accepts_marketing."
        )


def known_people(history: History, rules: ContactRules) -> pl.DataFrame:
    """All customers of the shop with the country of the last order, `address` and `person` (null without address)."""
    last = history.lines.filter(pl.col("country").is_not_null()).sort("ordered_at", maintain_order=True)
    country = last.group_by("customer_id").agg(pl.col("country").last())
    known = history.customers.drop("company").join(country, on="customer_id", how="left").sort("customer_id")
    people = known.collect()
    address = normal_addresses(people, rules.channel, rules.phone_region)
    return people.with_columns(address, same_person(address, rules.channel))


def reasons_of_people(
    people: pl.DataFrame, history: History, rules: ContactRules, suppressed: SuppressionList, log: ContactLog | None
) -> pl.DataFrame:
    """`customer_id`, `person`, one Boolean a reason of `OF_A_PERSON`; what holds for a record holds for its person."""
    yes = pl.col(CONSENT[rules.channel])
    refused = ~yes.fill_null(False) | _of_person(~yes.fill_null(True))
    flags = people.with_columns(
        _suppressed(people, suppressed, rules.phone_region).alias("suppression list"),
        _tagged(rules.not_tagged).alias("do-not-contact tag"),
        pl.col("address").is_null().alias("no address"),
        _country(rules).alias("country"),
        pl.col("customer_id").is_in(_refunded(history, rules).implode()).alias("partial refund"),
        pl.col("customer_id").is_in(_recently(history, rules, log).implode()).alias("recently contacted"),
    )
    spread = [_of_person(pl.col(reason)).alias(reason) for reason in OF_A_PERSON if reason != "no consent"]
    return flags.select("customer_id", "person", refused.alias("no consent"), *spread)


def _of_person(record: pl.Expr) -> pl.Expr:
    """Whether it holds for any record of the same person; records without an address stand for themselves."""
    return pl.when(pl.col("person").is_null()).then(record).otherwise(record.any().over("person"))


def _suppressed(people: pl.DataFrame, suppressed: SuppressionList, region: str | None) -> pl.Series:
    found = [suppressed.has_email(one) for one in people["email"]]
    if suppressed.numbers or suppressed.local_numbers:
        normal = normal_addresses(people, "sms", region)
        called = [suppressed.has_phone(*one) for one in zip(people["phone"], normal, strict=True)]
        found = [one or other for one, other in zip(found, called, strict=True)]
    return pl.Series("suppressed", found, pl.Boolean)


def _tagged(tags: Sequence[str]) -> pl.Expr:
    wanted = [_plain(tag) for tag in tags]
    own = pl.col("tags").fill_null("").str.split(",").list.eval(_plain_tag(pl.element()))
    return own.list.set_intersection(pl.lit(wanted, pl.List(pl.String))).list.len() > 0


def _plain(tag: str) -> str:
    return " ".join(tag.lower().replace("-", " ").replace("_", " ").split())


def _plain_tag(tag: pl.Expr) -> pl.Expr:
    return tag.str.to_lowercase().str.replace_all(r"[\s_-]+", " ").str.strip_chars()


def _country(rules: ContactRules) -> pl.Expr:
    if not rules.countries and not rules.not_countries:
        return pl.lit(False)
    country = pl.col("country").str.strip_chars().str.to_lowercase()
    wrong = pl.lit(False)
    if rules.countries:
        wrong |= ~country.is_in([one.strip().lower() for one in rules.countries])
    wrong |= country.is_in([one.strip().lower() for one in rules.not_countries])
    return wrong.fill_null(True)


def _refunded(history: History, rules: ContactRules) -> pl.Series:
    since = history.cutoff_day - (rules.not_refunded_days or 0)
    lines = history.lines.filter(pl.col("partially_refunded") & (pl.col("day") >= since))
    found = lines.select(pl.col("customer_id").drop_nulls().unique()).collect()["customer_id"]
    return found if rules.not_refunded_days is not None else found.clear()


def _recently(history: History, rules: ContactRules, log: ContactLog | None) -> pl.Series:
    if rules.not_contacted_days is None or log is None:
        return pl.Series("customer_id", [], pl.Int64)
    since = history.cutoff.date() - dt.timedelta(days=rules.not_contacted_days)
    return log.contacted(since=since, at_least=rules.max_contacts)
