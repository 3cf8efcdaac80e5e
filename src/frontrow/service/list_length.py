"""How many customers to contact: what lists of every length are expected to bring, before a campaign is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.list_length import Origin, choose_length
from frontrow.campaign.economics.offers import offers_profit_curve, select_offers
from frontrow.campaign.economics.profit_curve import ProfitCurve
from frontrow.campaign.eligibility.contact_rules import (
    ContactHistory,
    check_consent,
    include_other_records,
    resolve_identities,
)
from frontrow.campaign.eligibility.eligible_customers import select_eligible
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.holdout import GlobalControlGroup, count_contacted, max_list_length
from frontrow.campaign.experiment.power_analysis import minimum_detectable_effect
from frontrow.campaign.plan import CampaignPlan, CampaignSettings, plan_campaign
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.launch.audience.audience import Audience
from frontrow.present.section import Section
from frontrow.present.sections.campaign import page_values
from frontrow.present.sections.list_length import build_sections
from frontrow.service.defaults import ContactRuleSettings, MoneySettings
from frontrow.service.opening import list_overrides, open_shop
from frontrow.service.saved_audience import SavedAudience
from frontrow.shop.config import ShopConfig

POINTS: Final = 60
"""Lengths between which a slider moves; the curve bends little between two of them."""

MONEY: Final = ("profit", "low", "high")
NAME: Final = "list"

NEWER_ORDERS: Final = (
    "Orders came in after these customers were ranked. A campaign ranks them again, so its figures differ a little: "
    "rank the customers again to see them first."
)


@dataclass(frozen=True)
class ListLengthSettings:
    """What is asked about.

    Attributes:
        length: Customers on the list, the held-out included; None to let `money` decide, else the default
            (`economics.list_length`).
        rules: Who must not be contacted.
        money: Margin, costs and limits.
        suppress: Files of addresses that must not be contacted.
        holdout_share: Share of the list held out by lot.
        global_control_share: Share of all customers held out of every campaign; None for the shop's, if it has one.
    """

    length: int | None = None
    rules: ContactRuleSettings = field(default_factory=ContactRuleSettings)
    money: MoneySettings = field(default_factory=MoneySettings)
    suppress: tuple[Path, ...] = ()
    holdout_share: float = 0.1
    global_control_share: float | None = None


@dataclass(frozen=True)
class ListLengthResult:
    """What lists of every length are expected to bring.

    Attributes:
        plan: What a campaign of the chosen length would be; nothing of it is written.
        points: One row a length, ascending: `length`, `contacted`, `held_out`, `expected_buyers`, `cost` (of the
            contacts), `profit`, `low`, `high` (if everyone on the list is contacted; null without a margin), `uplift`
            (the smallest one that the hold-out detects four times in five; null where it detects none).
        audience: What the lists are chosen from.
        currency: The shop's.
        origin: Why the length is what it is.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    plan: CampaignPlan
    points: pl.DataFrame
    audience: SavedAudience
    currency: str
    origin: Origin
    notices: tuple[str, ...] = ()

    @property
    def table(self) -> pl.DataFrame:
        """One row for each length."""
        return self.points

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        campaign, curve = self.plan.campaign, self.plan.curve
        return {
            "length": campaign.list_length,
            "origin": self.origin,
            "best_length": None if curve is None else curve.best_length,
            "longest_length": int(self.points["length"][-1]) if curve is None else curve.max_length,
            "currency": self.currency,
            "counts": campaign.counts,
            "expected_buyers": list(campaign.expected_buyers),
            "profit_of_contacted": self.plan.profit_of_contacted(),
            "points": self.points.to_dicts(),
            "notices": list(self.notices),
        }

    def page_values(self) -> Mapping[str, Any]:
        """What a page shows of the list: who was considered, who is expected to buy, and what the hold-out can show."""
        return page_values(self.plan, self.audience.audience, self.currency)

    def sections(self) -> list[Section]:
        """The proposed list, who may not be contacted and why, and what the hold-out can show."""
        return build_sections(self.plan, self.origin, self.currency)


def preview_list(folder: Path, saved: SavedAudience, settings: ListLengthSettings) -> ListLengthResult:
    """Say what lists of every length are expected to bring; nothing is written, and nobody is fitted again.

    A campaign with the same settings on the same shop (`campaign.write_plan`) chooses the same customers.

    Args:
        folder: The shop's folder.
        saved: Everyone scored for the new products, with the customers' `source_id`.
        settings: What is asked about.

    Raises:
        CampaignError: Nobody may be contacted, or the settings contradict each other.
        InputError: A file cannot be used.
        SettingError: Costs or limits are given without a margin.
        ShopError: The folder holds no shop.
    """
    config = ShopConfig.read(folder)
    rules, economics = settings.rules.to_rules(config), settings.money.to_economics(config)
    if economics is not None:
        economics = economics.for_products(saved.products)
    run = saved.run
    history = open_shop(folder, run).history
    check_consent(history, rules)
    earlier = ContactHistory(
        SuppressionList.read(list(settings.suppress), default_region=rules.phone_region),
        ContactLog.read(folder),
        HeldOutLog.read(folder),
        GlobalControlGroup.read_or_draw(folder, settings.global_control_share, history.cutoff.date()),
    )
    audience = saved.audience
    eligible = select_eligible(audience.rows, history, rules, earlier)
    offers = select_offers(eligible.rows, economics, audience)
    group = earlier.global_control_group
    if group is not None:
        group = include_other_records(group, resolve_identities(history, rules))
    limits = _Limits(settings.holdout_share, run.seed, group)
    curve = limits.draw_curve(offers, economics, audience)
    length, origin = choose_length(settings.length, offers, curve)
    stated = CampaignSettings(NAME, saved.horizon_days, rules, length, economics, settings.holdout_share, run.seed)
    plan = plan_campaign(audience, saved.products, history, stated, contacts=earlier, eligible=eligible)
    points = _list_points(offers, curve, plan.campaign.list_length, limits)
    notices = list(list_overrides(config, settings.rules, settings.money))
    if history.cutoff != saved.as_of:
        notices.insert(0, NEWER_ORDERS)
    return ListLengthResult(plan, points, saved, history.settings.currency, origin, tuple(notices))


@dataclass(frozen=True)
class _Limits:
    """What decides how many of a list are contacted."""

    holdout_share: float
    seed: int
    control_group: GlobalControlGroup | None

    def draw_curve(self, offers: pl.DataFrame, economics: Economics | None, audience: Audience) -> ProfitCurve | None:
        """Expected profit by length; None without a margin or without probabilities."""
        if economics is None or not offers.height or offers["probability"].null_count():
            return None
        max_length = max_list_length(
            offers["customer_id"],
            economics.max_contacts(offers.height),
            self.holdout_share,
            seed=self.seed,
            control_group=self.control_group,
        )
        return offers_profit_curve(offers, economics, audience, max_length)

    def count_contacted(self, offers: pl.DataFrame) -> NDArray[np.int64]:
        """How many are contacted at each length from 1."""
        return count_contacted(
            offers["customer_id"], self.holdout_share, seed=self.seed, control_group=self.control_group
        )


def _list_points(offers: pl.DataFrame, curve: ProfitCurve | None, chosen: int, limits: _Limits) -> pl.DataFrame:
    """See `ListLengthResult.points`."""
    buyers, contacted = offers["probability"].cum_sum().to_numpy(), limits.count_contacted(offers)
    steps = np.linspace(0.0, 1.0, min(POINTS, offers.height)) ** 2 * offers.height
    notable = [chosen] if curve is None else [chosen, curve.best_length, curve.max_length]
    lengths = np.unique([*np.ceil(steps).astype(np.int64), *notable])
    lengths = lengths[(lengths > 0) & (lengths <= offers.height)]
    money = pl.DataFrame({name: pl.Series([None] * len(lengths), dtype=pl.Float64) for name in MONEY})
    contact_cost = 0.0
    if curve is not None:
        money, contact_cost = curve.table[lengths].select(MONEY), curve.economics.contact_cost
    of_length = lengths - 1
    held_out = lengths - contacted[of_length]
    uplifts = [
        _smallest_uplift(buyers[length - 1] / length, int(held), int(length - held))
        for length, held in zip(lengths, held_out, strict=True)
    ]
    return pl.DataFrame(
        {
            "length": lengths,
            "contacted": contacted[of_length],
            "held_out": held_out,
            "expected_buyers": buyers[of_length],
            "cost": contacted[of_length] * contact_cost,
            **money.to_dict(),
            "uplift": pl.Series(uplifts, dtype=pl.Float64),
        }
    ).with_columns(pl.col("expected_buyers").fill_nan(None))


def _smallest_uplift(base_rate: float, held_out: int, contacted: int) -> float | None:
    """The smallest uplift that the hold-out detects four times in five; None where it detects none."""
    if min(held_out, contacted) < 1 or not 0 < base_rate < 1:
        return None
    return minimum_detectable_effect(base_rate, held_out, contacted)
