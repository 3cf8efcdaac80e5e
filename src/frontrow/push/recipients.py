"""Who is reached by a push, worked out at the moment of the push: what a person said since the plan counts.

The list of a campaign is days old when it is sent. Who withdrew consent, was suppressed or forgotten, or is held out of
another campaign for the same product by now, is left out. So is everybody who is held out of this one, whatever
happened to a person's records in the meantime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import polars as pl

from frontrow.campaign.contacts import HELD_OUT_STEM, campaign_tag, product_stems
from frontrow.campaign.eligibility.contact_rules import ContactHistory, ContactRules, resolve_identities
from frontrow.campaign.eligibility.eligible_customers import REASONS, select_eligible
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.properties import LONG_HEADERS
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.push.journal import Group
from frontrow.push.platform import RECIPIENT_SCHEMA
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.shop.unsubscribed import CONSENT
from frontrow.storage.json_file import to_json_text

NOT_IN_THE_SHOP: Final = "not in the shop"
IN_CONTROL_GROUP: Final = "global control group"
LEFT_OUT_REASONS: Final = (NOT_IN_THE_SHOP, IN_CONTROL_GROUP, *REASONS)
"""Why somebody of a campaign's list is not reached, in the order in which they count."""


@dataclass(frozen=True)
class Recipients:
    """Who is reached, and how many are not and why.

    Attributes:
        rows: `RECIPIENT_SCHEMA`, by tag and customer number.
        planned: Customers of the group as the campaign was planned.
        left_out: Customers who are not reached, by reason of `LEFT_OUT_REASONS`; each under the first that holds.
    """

    rows: pl.DataFrame = field(repr=False)
    planned: int
    left_out: Mapping[str, int]


def select_recipients(
    campaign: Campaign,
    group: Group,
    history: History,
    contacts: ContactHistory,
    properties: pl.DataFrame | None = None,
    tag_property: str = "",
) -> Recipients:
    """Work out who is reached now.

    Args:
        campaign: As it was planned.
        group: The customers who are contacted, or those who are held out: they are to be left out of messages.
        history: The shop's customers as they are now, and its orders.
        contacts: Suppression lists that are given now, the shop's logs and its global control group.
        properties: What was chosen for the campaign (`campaign.properties.read_properties`); None for nothing.
        tag_property: The property of profiles that gets the tag as well; empty for none.
    """
    rules = read_contact_rules(campaign)
    rows = campaign.contacted if group == "contacted" else campaign.held_out
    is_in_shop = pl.col("customer_id").is_in(history.customers.select("customer_id").collect()["customer_id"].implode())
    present = rows.filter(is_in_shop)
    left_out = {NOT_IN_THE_SHOP: rows.height - present.height}
    if group == "contacted":
        reached, reasons = _select_contacted(campaign, present, history, rules, contacts)
    else:
        reached, reasons = _select_held_out(present, history, rules)
    recipients = _to_recipients(campaign, reached, group, history, rules)
    recipients = _add_properties(recipients, properties, tag_property)
    return Recipients(
        recipients, rows.height, {reason: count for reason, count in (left_out | reasons).items() if count}
    )


def read_contact_rules(campaign: Campaign) -> ContactRules:
    """The contact rules by which a campaign was planned.

    Args:
        campaign: As it was planned.
    """
    names = {item.name for item in fields(ContactRules)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in campaign.contact_rules.items()
        if name in names
    }
    return ContactRules(**values | {"channel": campaign.channel})


def _select_contacted(
    campaign: Campaign, rows: pl.DataFrame, history: History, rules: ContactRules, contacts: ContactHistory
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Those of the list who may still be contacted, by the rules of the plan; and how many may not, by reason."""
    others_log = contacts.contact_log.rows.filter(
        (pl.col("campaign_id") != campaign.campaign_id) | (pl.col("campaign") != campaign.name)
    )
    held_out_log = contacts.held_out_log.with_campaign(campaign)
    contacts = replace(contacts, contact_log=ContactLog(others_log), held_out_log=held_out_log)
    left_out = {}
    if contacts.global_control_group is not None:
        free = rows.filter(~_is_in_control_group(rows, history, rules, contacts.global_control_group))
        left_out[IN_CONTROL_GROUP] = rows.height - free.height
        rows = free
    titles = {str(product["product_id"]): str(product["title"]) for product in campaign.products}
    listed = rows.with_columns(pl.col("product_id").replace_strict(titles, return_dtype=pl.String).alias("title"))
    eligible = select_eligible(listed, history, rules, contacts)
    counts = dict(eligible.counts.select("reason", "customers").iter_rows())
    return eligible.rows.select("customer_id", "product_id"), left_out | counts


def _is_in_control_group(
    rows: pl.DataFrame, history: History, rules: ContactRules, group: GlobalControlGroup
) -> pl.Series:
    """Whether each row's customer, or another record with the same address, is held out of every campaign."""
    records = resolve_identities(history, rules).select("customer_id", "identity")
    records = records.with_columns(group.contains(records["customer_id"]).alias("is_control"))
    spread = (
        pl.when(pl.col("identity").is_null())
        .then(pl.col("is_control"))
        .otherwise(pl.col("is_control").any().over("identity"))
    )
    flags = records.select("customer_id", spread.alias("is_control"))
    return rows.join(flags, on="customer_id", how="left", maintain_order="left")["is_control"].fill_null(True)


def _select_held_out(rows: pl.DataFrame, history: History, rules: ContactRules) -> tuple[pl.DataFrame, dict[str, int]]:
    """Those held out who could be written to; nobody writes to the others anyway."""
    customers = resolve_identities(history, rules).select("customer_id", "address", consent=CONSENT[rules.channel])
    joined = rows.join(customers, on="customer_id").with_columns(pl.col("consent").fill_null(False))
    agreed = joined.filter("consent")
    reached = agreed.filter(pl.col("address").is_not_null())
    left_out = {"no consent": joined.height - agreed.height, "no address": agreed.height - reached.height}
    return reached.select("customer_id", "product_id"), left_out


def _to_recipients(
    campaign: Campaign,
    reached: pl.DataFrame,
    group: Group,
    history: History,
    rules: ContactRules,
) -> pl.DataFrame:
    customers = resolve_identities(history, rules).select("customer_id", "source_id", "address")
    stems = product_stems(campaign)
    tags = {
        product_id: campaign_tag(campaign.name, stem if group == "contacted" else HELD_OUT_STEM)
        for product_id, stem in stems.items()
    }
    recipients = reached.join(customers, on="customer_id").with_columns(
        channel=pl.lit(rules.channel),
        campaign_tag=pl.col("product_id").replace_strict(tags, return_dtype=pl.String),
    )
    return conform(recipients, RECIPIENT_SCHEMA).sort("campaign_tag", "customer_id")


def _add_properties(recipients: pl.DataFrame, properties: pl.DataFrame | None, tag_property: str) -> pl.DataFrame:
    """Recipients with what the platform is to know of each beside the address, as the JSON object of their profile."""
    if properties is None and not tag_property:
        return recipients
    values = {} if properties is None else {row.pop("customer_id"): row for row in properties.iter_rows(named=True)}
    texts = []
    for customer_id, tag in recipients.select("customer_id", "campaign_tag").iter_rows():
        profile = {
            LONG_HEADERS[name]: value for name, value in values.get(customer_id, {}).items() if value is not None
        }
        texts.append(to_json_text({**profile, **({tag_property: tag} if tag_property else {})}, indent=None).strip())
    return recipients.with_columns(pl.Series("properties", texts, pl.String))
