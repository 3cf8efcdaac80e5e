"""From a ranked audience to a campaign: who may be contacted, how many, and who of them is held out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

import polars as pl

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.list_length import Origin, choose_length
from frontrow.campaign.economics.offers import offers_profit_curve, select_offers
from frontrow.campaign.economics.profit_curve import ProfitCurve
from frontrow.campaign.eligibility.contact_rules import (
    ContactHistory,
    ContactRules,
    include_other_records,
    resolve_identities,
)
from frontrow.campaign.eligibility.eligible_customers import EligibleCustomers, select_eligible
from frontrow.campaign.experiment.holdout import CONTACTED, GlobalControlGroup, hold_out, max_list_length
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA, Campaign, imports_digest
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience
from frontrow.launch.new_products.frame import conform_new_products
from frontrow.schema import conform
from frontrow.shop.history import History


@dataclass(frozen=True)
class CampaignSettings:
    """What a campaign is to be; each customer hears of one product, the one worth most to the shop.

    Attributes:
        name: Name of the campaign, as recorded in the contact log.
        horizon_days: Days after the launch in which a purchase counts, as for the model.
        rules: Who must not be contacted.
        length: Customers on the list, all products together, the held-out included; None to let `economics` decide,
            else the default (`economics.list_length`).
        economics: Margin and costs, which decide the length; with a length, only the limits are used.
        holdout_share: Share of the list that is held out, drawn at random.
        seed: The same seed gives the same division.
        pool: Name of the campaigns that are to be measured together with this one; empty for none.
    """

    name: str
    horizon_days: int
    rules: ContactRules = field(default_factory=ContactRules)
    length: int | None = None
    economics: Economics | None = None
    holdout_share: float = 0.1
    seed: int = 0
    pool: str = ""


@dataclass(frozen=True)
class CampaignPlan:
    """A campaign, and what it was chosen from.

    Attributes:
        campaign: The campaign as it is written.
        eligible: Who could have been on the list.
        curve: Expected profit by length; None without economics.
        economics: Margin and costs; None where none were given.
        origin: Why the list is as long as it is.
        pooled: The assignments of the campaigns of its pool that were planned before; empty without any.
    """

    campaign: Campaign
    eligible: EligibleCustomers
    curve: ProfitCurve | None
    economics: Economics | None = None
    origin: Origin = "asked"
    pooled: tuple[pl.DataFrame, ...] = ()

    def profit_of_contacted(self) -> dict[str, float] | None:
        """Expected profit of contacting those who are contacted, with its range; None without economics."""
        if self.curve is None:
            return None
        return dict(zip(("expected", "low", "high"), self.curve.of_list(self.campaign.contacted), strict=True))


def plan_campaign(
    audience: Audience,
    products: Any,
    history: History,
    settings: CampaignSettings,
    *,
    contacts: ContactHistory | None = None,
    eligible: EligibleCustomers | None = None,
    created: dt.datetime | None = None,
) -> CampaignPlan:
    """Decide who is contacted and who is held out; nothing is written.

    Args:
        audience: Everyone scored for each new product.
        products: The new products, as they were given to `score_audience`.
        history: The history that was scored.
        settings: What the campaign is to be.
        contacts: Suppression list, logs of earlier campaigns, global control group.
        eligible: Who may be on the list, where `select_eligible` has said so already.
        created: Time of planning; now by default.

    Raises:
        CampaignError: Nobody is left to contact, or the settings contradict each other.
    """
    # a product that the shop sells already is in the audience under the shop's id
    shop_ids = dict(audience.sold.select("new_product_id", "product_id").iter_rows())
    products = conform_new_products(products, history.cutoff_day).with_columns(pl.col("product_id").replace(shop_ids))
    contacts = contacts or ContactHistory()
    control_group = contacts.global_control_group
    if control_group is not None:
        control_group = include_other_records(control_group, resolve_identities(history, settings.rules))
    if eligible is None:
        eligible = select_eligible(audience.rows, history, settings.rules, contacts)
    offers = select_offers(eligible.rows, settings.economics, audience)
    if not offers.height:
        raise CampaignError(
            f"None of the {eligible.considered:,} customers considered may be contacted: "
            f"{', '.join(_reasons(eligible))}. Check the rules, and that the shop's exports say who agreed."
        )
    length, curve, origin = _choose_length(offers, settings, audience, control_group)
    divided = hold_out(offers.head(length), settings.holdout_share, seed=settings.seed, control_group=control_group)
    assignment = conform(divided, ASSIGNMENT_SCHEMA)
    campaign = Campaign(
        name=settings.name,
        seed=settings.seed,
        created=created or dt.datetime.now(dt.UTC).replace(microsecond=0),
        as_of=history.cutoff,
        horizon_days=settings.horizon_days,
        channel=settings.rules.channel,
        products=tuple(products.to_dicts()),
        contact_rules={**asdict(settings.rules), "suppression_lists": list(contacts.suppression_list.sources)},
        holdout_share=settings.holdout_share,
        global_control_share=None if control_group is None else control_group.share,
        economics=None if settings.economics is None else asdict(settings.economics),
        list_length=assignment.height,
        counts=_counts(eligible, assignment),
        expected_buyers=_expected_buyers(assignment),
        imports_digest=imports_digest(history.settings.imports),
        frontrow_version=version("frontrow"),
        assignment=assignment,
        pool=settings.pool,
    )
    return CampaignPlan(campaign, eligible, curve, settings.economics, origin)


def _choose_length(
    offers: pl.DataFrame, settings: CampaignSettings, audience: Audience, control_group: GlobalControlGroup | None
) -> tuple[int, ProfitCurve | None, Origin]:
    """How many to choose, from the top, and why; capacity and budget limit those contacted, not those held out."""
    economics = settings.economics
    if settings.length is not None and settings.length < 1:
        raise CampaignError(f"The length of the list is {settings.length}. Give one or more.")
    if economics is None:
        length, origin = choose_length(settings.length, offers, None)
        return length, None, origin
    max_length = max_list_length(
        offers["customer_id"],
        economics.max_contacts(offers.height),
        settings.holdout_share,
        seed=settings.seed,
        control_group=control_group,
    )
    if settings.length is not None and offers["probability"].null_count():
        return min(settings.length, max_length), None, "asked"
    curve = offers_profit_curve(offers, economics, audience, max_length)
    origin = "profitable" if settings.length is None else "asked"
    length = curve.best_length if settings.length is None else min(settings.length, curve.max_length)
    if length == 0:
        raise CampaignError(
            "At this margin and cost no list is expected to earn anything. "
            "Lower the discount or the cost of a contact, or state a length."
        )
    return length, curve, origin


def _reasons(eligible: EligibleCustomers) -> Iterator[str]:
    """Each reason that holds, with the number of customers counted under it."""
    for reason, customers, _ in eligible.counts.filter(pl.col("customers") > 0).iter_rows():
        yield f"{reason} {customers:,}"


def _counts(eligible: EligibleCustomers, assignment: pl.DataFrame) -> dict[str, Any]:
    contacted = int((assignment["group"] == CONTACTED).sum())
    return {
        "considered": eligible.considered,
        "excluded": eligible.counts.to_dicts(),
        "chosen": assignment.height,
        "contacted": contacted,
        "held_out": assignment.height - contacted,
    }


def _expected_buyers(assignment: pl.DataFrame) -> tuple[dict[str, Any], ...]:
    """Sums of probabilities by product and group; null where a probability is missing."""
    is_contacted = pl.col("group") == CONTACTED
    probability = {
        "contacted": pl.col("probability").filter(is_contacted),
        "held_out": pl.col("probability").filter(~is_contacted),
    }
    sums = assignment.group_by("product_id", maintain_order=True).agg(
        pl.when(column.null_count() == 0).then(column.sum()).alias(name) for name, column in probability.items()
    )
    return tuple(sums.to_dicts())
