"""The rules of a shop about who must not be contacted, and the customers that they exclude, whatever the product."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from frontrow.campaign.addresses import Channel, address_identities, normal_addresses
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.errors import CampaignError
from frontrow.shop.history import History
from frontrow.shop.unsubscribed import CONSENT

DO_NOT_CONTACT: Final = ("do not contact", "refunded")
"""Customer tags that exclude customers from every campaign."""

CUSTOMER_REASONS: Final = (
    "suppression list",
    "do-not-contact tag",
    "no consent",
    "no address",
    "country",
    "partial refund",
    "recently contacted",
)
"""Reasons that hold for a customer whatever the product, in the order in which they count."""


@dataclass(frozen=True)
class ContactRules:
    """Who must not be contacted. Consent, an address and not having bought the product are always required.

    Attributes:
        channel: email or sms; consent and address are those of the channel.
        countries: Only customers whose last order went to one of these, spelled as in the orders; empty for all.
        not_countries: Nobody whose last order went to one of these. Where either is given, customers whose country is
            unknown are excluded.
        not_tagged: Nobody with one of these customer tags; case, spaces, hyphens and underscores do not matter.
        not_contacted_days: Nobody contacted `max_contacts` times in so many days before the cutoff, or since; None for
            no rule.
        max_contacts: Number of contacts in `not_contacted_days` from which a customer is excluded.
        not_refunded_days: Nobody with a partially refunded order in so many days; None for no rule, as most are
            refunds of one article. Orders refunded in full are not in the shop.
        phone_region: ISO country code of two letters, for phone numbers without a country code of customers whose
            country is not known as two letters.

    Raises:
        CampaignError: The channel is unknown, or a number of days or contacts is below one.
    """

    channel: Channel = "email"
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    not_tagged: tuple[str, ...] = DO_NOT_CONTACT
    not_contacted_days: int | None = None
    max_contacts: int = 1
    not_refunded_days: int | None = None
    phone_region: str | None = None

    def __post_init__(self) -> None:
        if self.channel not in CONSENT:
            raise CampaignError(f'"{self.channel}" is not a channel. The channels are: {", ".join(CONSENT)}.')
        for name in ("not_contacted_days", "max_contacts", "not_refunded_days"):
            if getattr(self, name) is not None and getattr(self, name) < 1:
                raise CampaignError(f"{name} is {getattr(self, name)}. Give one or more.")


@dataclass(frozen=True)
class ContactHistory:
    """What earlier campaigns and suppression lists say about the customers of a shop; empty by default.

    Attributes:
        suppression_list: Addresses that must not be contacted.
        contact_log: Who was contacted before.
        held_out_log: Who was held out of campaigns for the same products, and until when.
        global_control_group: Who is held out of every campaign; None where the shop has no such group.
    """

    suppression_list: SuppressionList = field(default_factory=SuppressionList)
    contact_log: ContactLog = field(default_factory=ContactLog.empty)
    held_out_log: HeldOutLog = field(default_factory=HeldOutLog.empty)
    global_control_group: GlobalControlGroup | None = None


def check_consent(history: History, rules: ContactRules) -> None:
    """Make sure, before hours are spent on a model, that there is someone to contact at all.

    Args:
        history: The shop's customers.
        rules: The channel.

    Raises:
        CampaignError: No customer is known to have agreed to the channel.
    """
    column = CONSENT[rules.channel]
    if not history.customers.select(pl.col(column).fill_null(False).any()).collect().item():
        raise CampaignError(
            f"No customer of the shop is known to have agreed to {rules.channel}, and unknown counts as no. "
            "Import an export that says who agreed: Shopify's customers export, or orders with accepts_marketing."
        )


def resolve_identities(history: History, rules: ContactRules) -> pl.DataFrame:
    """All customers of the shop, with what identifies the person behind each record.

    Args:
        history: The shop's customers and orders.
        rules: The channel, and the region of phone numbers.

    Returns:
        The columns of `schema.CUSTOMER_SCHEMA` without `company`, the `country` of the last order, `address` for the
        channel, and `identity`, equal for records of one person (null without address).
    """
    last = history.lines.filter(pl.col("country").is_not_null()).sort("ordered_at", maintain_order=True)
    country = last.group_by("customer_id").agg(pl.col("country").last())
    customers = history.customers.drop("company").join(country, on="customer_id", how="left").sort("customer_id")
    collected = customers.collect()
    address = normal_addresses(collected, rules.channel, rules.phone_region)
    return collected.with_columns(address, address_identities(address, rules.channel))


def flag_customers(
    customers: pl.DataFrame, history: History, rules: ContactRules, contacts: ContactHistory
) -> pl.DataFrame:
    """Which reasons exclude each customer; what holds for one record holds for all records of the person.

    Args:
        customers: What `resolve_identities` returns.
        history: Orders before the cutoff.
        rules: Who must not be contacted.
        contacts: Suppression list and contact log.

    Returns:
        `customer_id`, `identity`, and one Boolean a reason of `CUSTOMER_REASONS`.
    """
    consent = pl.col(CONSENT[rules.channel])
    refused = ~consent.fill_null(False) | _any_record(~consent.fill_null(True))
    recently_contacted = _recently_contacted(history, rules, contacts.contact_log)
    flags = customers.with_columns(
        is_suppressed(customers, contacts.suppression_list, rules.phone_region).alias("suppression list"),
        _has_tag(rules.not_tagged).alias("do-not-contact tag"),
        pl.col("address").is_null().alias("no address"),
        _is_excluded_country(rules).alias("country"),
        pl.col("customer_id").is_in(_refunded(history, rules).implode()).alias("partial refund"),
        pl.col("customer_id").is_in(recently_contacted.implode()).alias("recently contacted"),
    )
    spread = [_any_record(pl.col(reason)).alias(reason) for reason in CUSTOMER_REASONS if reason != "no consent"]
    return flags.select("customer_id", "identity", refused.alias("no consent"), *spread)


def include_other_records(group: GlobalControlGroup, customers: pl.DataFrame) -> GlobalControlGroup:
    """The same group, to which its persons belong under every number of theirs.

    Args:
        group: The global control group.
        customers: What `resolve_identities` returns.
    """
    records = customers.select("customer_id", "identity").with_columns(
        group.contains(customers["customer_id"]).alias("is_member")
    )
    others = records.filter(_any_record(pl.col("is_member")) & ~pl.col("is_member"))["customer_id"]
    return replace(group, other_records=group.other_records | frozenset(others))


def _any_record(flag: pl.Expr) -> pl.Expr:
    """Whether a flag holds for any record of the same person; a record without an address has only its own flag."""
    return pl.when(pl.col("identity").is_null()).then(flag).otherwise(flag.any().over("identity"))


def is_suppressed(customers: pl.DataFrame, suppression_list: SuppressionList, region: str | None) -> pl.Series:
    """Which customers are on a suppression list, by either address; in case of doubt, yes.

    Args:
        customers: What `resolve_identities` returns.
        suppression_list: The addresses.
        region: ISO country code of two letters for phone numbers without a country code.
    """
    flags = [False] * customers.height
    if suppression_list.mailboxes:
        flags = [suppression_list.has_email(email) for email in customers["email"]]
    if suppression_list.numbers or suppression_list.local_numbers:
        normal = normal_addresses(customers, "sms", region)
        by_phone = [suppression_list.has_phone(*pair) for pair in zip(customers["phone"], normal, strict=True)]
        flags = [email or phone for email, phone in zip(flags, by_phone, strict=True)]
    return pl.Series("suppressed", flags, pl.Boolean)


def _has_tag(tags: Sequence[str]) -> pl.Expr:
    excluded = [" ".join(tag.lower().replace("-", " ").replace("_", " ").split()) for tag in tags]
    tag = pl.element().str.to_lowercase().str.replace_all(r"[\s_-]+", " ").str.strip_chars()
    customer_tags = pl.col("tags").fill_null("").str.split(",").list.eval(tag)
    return customer_tags.list.set_intersection(pl.lit(excluded, pl.List(pl.String))).list.len() > 0


def _is_excluded_country(rules: ContactRules) -> pl.Expr:
    if not rules.countries and not rules.not_countries:
        return pl.lit(False)
    country = pl.col("country").str.strip_chars().str.to_lowercase()
    excluded = pl.lit(False)
    if rules.countries:
        excluded |= ~country.is_in([name.strip().lower() for name in rules.countries])
    excluded |= country.is_in([name.strip().lower() for name in rules.not_countries])
    return excluded.fill_null(True)


def _refunded(history: History, rules: ContactRules) -> pl.Series:
    since = history.cutoff_day - (rules.not_refunded_days or 0)
    lines = history.lines.filter(pl.col("partially_refunded") & (pl.col("day") >= since))
    customer_ids = lines.select(pl.col("customer_id").drop_nulls().unique()).collect()["customer_id"]
    return customer_ids if rules.not_refunded_days is not None else customer_ids.clear()


def _recently_contacted(history: History, rules: ContactRules, contact_log: ContactLog) -> pl.Series:
    if rules.not_contacted_days is None:
        return pl.Series("customer_id", [], pl.Int64)
    since = history.cutoff.date() - dt.timedelta(days=rules.not_contacted_days)
    return contact_log.contacted(since=since, at_least=rules.max_contacts)
