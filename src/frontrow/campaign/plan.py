"""From a ranked audience to a campaign: who may be contacted, how many, and who of them is held out."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.offers import offers_profit_curve, select_offers
from frontrow.campaign.economics.profit_curve import ProfitCurve
from frontrow.campaign.eligibility.contact_rules import ContactRules
from frontrow.campaign.eligibility.exclusions import Contactable, contactable
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.global_control_group import StandingControl
from frontrow.campaign.experiment.holdout import CONTACTED, hold_out, longest_list
from frontrow.campaign.record.campaign import (
    ASSIGNMENT_SCHEMA,
    Campaign,
    frontrow_version,
    imports_digest,
    rules_record,
)
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.campaign.record.held_out_log import HeldOutLog
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience
from frontrow.schema import conform
from frontrow.shop.shop import History


@dataclass(frozen=True)
class CampaignSettings:
    """What a campaign is to be; each customer hears of one product, the one worth most to the shop.

    Attributes:
        name: Its own, kept in the contact log.
        horizon_days: The model's.
        rules: Who must not be contacted.
        length: Customers on the list, all products together, the held-out included; None to let `economics` decide.
        economics: Margin and costs, which decide the length; with a length, only the limits count.
        holdout_share: Of the list, chosen by lot.
        seed: The same seed gives the same division.
    """

    name: str
    horizon_days: int
    rules: ContactRules = field(default_factory=ContactRules)
    length: int | None = None
    economics: Economics | None = None
    holdout_share: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class Planned:
    """A campaign, and what it was chosen from.

    Attributes:
        campaign: As it is written.
        contactable: Who could have been on the list.
        curve: Expected profit by length; None without economics.
    """

    campaign: Campaign
    contactable: Contactable
    curve: ProfitCurve | None


def plan_campaign(
    audience: Audience,
    products: pl.DataFrame,
    history: History,
    wanted: CampaignSettings,
    *,
    suppressed: SuppressionList | None = None,
    log: ContactLog | None = None,
    held_out: HeldOutLog | None = None,
    standing: StandingControl | None = None,
    created: dt.datetime | None = None,
) -> Planned:
    """Decide who is contacted and who is held out; nothing is written.

    Args:
        audience: Everyone scored for each new product.
        products: What was asked, `launch.new_products.NEW_PRODUCT_SCHEMA`.
        history: The one that was scored.
        wanted: What the campaign is to be.
        suppressed: Who must not be contacted by name.
        log: Who was contacted before.
        held_out: Who was held out of campaigns for the same products, and until when.
        standing: Who is always held out.
        created: Now by default.

    Raises:
        CampaignError: Nobody is left to contact, or what is wanted contradicts itself.
    """
    suppressed = suppressed or SuppressionList()
    found = contactable(audience.rows, history, wanted.rules, suppressed=suppressed, log=log, held_out=held_out)
    offers = select_offers(found.rows, wanted.economics, audience)
    if not offers.height:
        raise CampaignError(
            f"None of the {found.considered:,} customers considered may be contacted: {_told(found)}. "
            "Check the rules, and that the shop's exports say who agreed."
        )
    length, curve = _length(offers, wanted, audience, standing)
    divided = hold_out(offers.head(length), wanted.holdout_share, seed=wanted.seed, standing=standing)
    assignment = conform(divided, ASSIGNMENT_SCHEMA)
    campaign = Campaign(
        name=wanted.name,
        seed=wanted.seed,
        created=created or dt.datetime.now(dt.UTC).replace(microsecond=0),
        as_of=history.cutoff,
        horizon_days=wanted.horizon_days,
        channel=wanted.rules.channel,
        products=tuple(products.to_dicts()),
        contact_rules=rules_record(wanted.rules, suppressed.sources),
        holdout_share=wanted.holdout_share,
        standing_control=None if standing is None else standing.share,
        economics=None if wanted.economics is None else asdict(wanted.economics),
        list_length=assignment.height,
        counts=_counts(found, assignment),
        expected_buyers=_expected_buyers(assignment),
        imports_digest=imports_digest(history.settings),
        frontrow_version=frontrow_version(),
        assignment=assignment,
    )
    return Planned(campaign, found, curve)


def _length(
    offers: pl.DataFrame, wanted: CampaignSettings, audience: Audience, standing: StandingControl | None
) -> tuple[int, ProfitCurve | None]:
    """How many to choose, from the top; capacity and budget limit those contacted, the held-out come on top."""
    economics = wanted.economics
    if wanted.length is not None and wanted.length < 1:
        raise CampaignError(f"A list of {wanted.length} was asked for. Give one or more.")
    if economics is None:
        return offers.height if wanted.length is None else wanted.length, None
    ids, contacts = offers["customer_id"], economics.max_contacts(offers.height)
    longest = longest_list(ids, contacts, wanted.holdout_share, seed=wanted.seed, standing=standing)
    if wanted.length is not None and offers["probability"].null_count():
        return min(wanted.length, longest), None
    curve = offers_profit_curve(offers, economics, audience, longest)
    length = curve.best_length if wanted.length is None else min(wanted.length, curve.max_length)
    if length == 0:
        raise CampaignError(
            "At this margin and cost no list is expected to earn anything. "
            "Lower the discount or the cost of a contact, or state a length."
        )
    return length, curve


def _told(found: Contactable) -> str:
    counts = found.counts.filter(pl.col("customers") > 0)
    return ", ".join(f"{reason} {customers:,}" for reason, customers, _ in counts.iter_rows())


def _counts(found: Contactable, assignment: pl.DataFrame) -> dict[str, Any]:
    contacted = int((assignment["group"] == CONTACTED).sum())
    return {
        "considered": found.considered,
        "excluded": found.counts.to_dicts(),
        "chosen": assignment.height,
        "contacted": contacted,
        "held_out": assignment.height - contacted,
    }


def _expected_buyers(assignment: pl.DataFrame) -> tuple[dict[str, Any], ...]:
    def expected(group: pl.Expr, name: str) -> pl.Expr:
        own = pl.col("probability").filter(group)
        return pl.when(own.null_count() == 0).then(own.sum()).alias(name)

    contacted = pl.col("group") == CONTACTED
    sums = assignment.group_by("product_id", maintain_order=True).agg(
        expected(contacted, "contacted"), expected(~contacted, "held_out")
    )
    return tuple(sums.to_dicts())
