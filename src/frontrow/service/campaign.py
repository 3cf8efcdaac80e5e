"""Plan a campaign: who may be contacted, how many, who is held out, and its files."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.campaign.contacts import ExportFile, collect_contacts, collect_held_out, write_files
from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.eligibility.contact_rules import ContactHistory, ContactRules, check_consent
from frontrow.campaign.eligibility.rule_checks import check_rules
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.export import get_export
from frontrow.campaign.plan import CampaignPlan, CampaignSettings, plan_campaign
from frontrow.campaign.properties import check_properties
from frontrow.campaign.record.campaign import check_free
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog, logs_with
from frontrow.campaign.record.register import check_same_plan, holds_campaign, publish_campaign, staged_name
from frontrow.errors import SettingError
from frontrow.present.report_content import ReportContent
from frontrow.present.section import Section
from frontrow.present.sections.campaign import analyse_power, build_closing_section, build_sections
from frontrow.present.sections.next_steps import Places
from frontrow.present.sections.platform_guide import build_guide_sections
from frontrow.progress import Progress, no_progress
from frontrow.service.audience import AudienceResult, AudienceSettings, load_model, rank_audience
from frontrow.service.campaign_identity import identify_campaign
from frontrow.service.campaign_properties import check_figures, compute_properties, describe_platforms
from frontrow.service.changing import change_shop
from frontrow.service.opening import RunSettings, list_overrides, open_shop
from frontrow.service.plan_settings import PlanSettings
from frontrow.service.pools import list_pool
from frontrow.service.report import build_content
from frontrow.shop.config import ShopConfig
from frontrow.shop.history import History
from frontrow.shop.shop import Shop
from frontrow.storage.address import require_own_folder
from frontrow.storage.commit import stage_in_shop
from frontrow.storage.durable import report_full_disk
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class CampaignResult:
    """A campaign that was planned and written.

    Attributes:
        plan: What was decided.
        ranked: What it was chosen from.
        places: Where the campaign and its files are.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    plan: CampaignPlan
    ranked: AudienceResult
    places: Places
    notices: tuple[str, ...] = ()

    @property
    def table(self) -> pl.DataFrame:
        """One row for each customer on the list, by number."""
        return self.plan.campaign.assignment

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        campaign, curve, power = self.plan.campaign, self.plan.curve, analyse_power(self.plan)
        return {
            "folder": self.places.campaign,
            "campaign": json.loads(campaign.to_json()),
            "length_origin": self.plan.origin,
            "minimum_detectable_effect": None if power is None else power.minimum_detectable_effect,
            "profit": None if curve is None else curve.summary(campaign.list_length).to_dicts(),
            "profit_of_contacted": self.plan.profit_of_contacted(),
            "files": [
                {
                    "export": file.export,
                    "product_id": file.product_id,
                    "path": str(file.path),
                    "rows": file.rows,
                    "held_out": file.held_out,
                }
                for file in self.places.files
            ],
            "recorded_in_contact_log": self.places.recorded,
            "similar_launches": self.ranked.similar_launches.to_dicts(),
            "notices": list(self.notices),
        }

    def sections(self) -> list[Section]:
        """Who was considered, chosen and held out, what it is expected to earn, and what is to do."""
        sections = build_sections(self.plan, self.ranked.audience, self.places)
        guides = build_guide_sections(self.plan.campaign, self.places.files)
        return [*sections, *guides, build_closing_section(self.plan.campaign, self.places)]

    def report(self, *, include_backtest: bool = True, progress: Progress = no_progress) -> ReportContent:
        """What the report of the campaign shows.

        Args:
            include_backtest: Whether past launches are tested, which may take minutes.
            progress: Called with (done, total) steps of the back-test.
        """
        return build_content(
            self.ranked, self.places, plan=self.plan, include_backtest=include_backtest, progress=progress
        )


def write_plan(
    folder: Path,
    settings: PlanSettings,
    run: RunSettings,
    *,
    progress: Progress = no_progress,
    wait: float = DEFAULT_WAIT,
) -> CampaignResult:
    """Plan a campaign and write its folder; nobody is contacted without consent for the channel.

    The same command on the same shop is the same campaign: it completes what an interrupted one began, and changes
    nothing where that one was complete.

    Args:
        folder: The shop's folder.
        settings: What the campaign is to be.
        run: What this run decides.
        progress: Called with (done, total) steps.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        CampaignError: Nobody may be contacted, the settings contradict each other, or the output folder holds
            something, which may be this campaign with other customers.
        InputError: A file cannot be used.
        LaunchError: There is too little history to learn from.
        ShopError: The folder holds no shop.
        ShopLockedError: Another command did not finish in time.
    """
    require_own_folder(folder)  # before a fit that takes minutes
    config = ShopConfig.read(folder)
    check_plan(settings, settings.money.to_economics(config), identify_campaign(folder, settings, run))
    # fitted and kept before the shop is locked, because a fit may take minutes
    load_model(open_shop(folder, run), settings.model)
    with change_shop(folder, "campaign", wait=wait):
        config = ShopConfig.read(folder)
        rules, economics = settings.rules.to_rules(config), settings.money.to_economics(config)
        campaign_id = identify_campaign(folder, settings, run)
        check_plan(settings, economics, campaign_id)
        history = Shop.read(folder).as_of(run.as_of)
        check_consent(history, rules)
        rule_notices = _check_rules(rules, history, strict=settings.strict)
        earlier = _read_contact_history(folder, settings, rules, campaign_id, history.cutoff.date())
        audience_settings = AudienceSettings(settings.products, model=settings.model, reasons=0, strict=settings.strict)
        ranked = rank_audience(folder, audience_settings, run, progress=progress)
        plan = _plan(ranked, settings, rules, economics, earlier)
        plan = replace(
            plan,
            campaign=replace(plan.campaign, campaign_id=campaign_id),
            pooled=_list_pooled(folder, settings.pool, campaign_id),
        )
        check_same_plan(folder, plan.campaign, settings.output)
        files = _write(folder, plan, settings, ranked, rules, earlier.global_control_group)
    places = Places(str(folder), str(settings.products), str(settings.output), files, settings.contacted)
    notices = [*ranked.notices, *rule_notices, *list_overrides(config, settings.rules, settings.money)]
    notices += describe_platforms(check_properties(settings.properties), settings.exports)
    if economics is None and config.contact_cost:
        notices.append("The shop states a contact cost; it is used only beside a margin (frontrow config SHOP margin).")
    return CampaignResult(plan, ranked, places, tuple(notices))


def _read_contact_history(
    folder: Path, settings: PlanSettings, rules: ContactRules, campaign_id: str, day: dt.date
) -> ContactHistory:
    """Who was contacted and held out before; what an earlier run of this campaign recorded does not count."""
    return ContactHistory(
        SuppressionList.read(list(settings.suppress), default_region=rules.phone_region),
        ContactLog.read(folder).without(campaign_id),
        HeldOutLog.read(folder).without(campaign_id),
        GlobalControlGroup.read_or_draw(folder, settings.global_control_share, day),
    )


def _plan(
    ranked: AudienceResult,
    settings: PlanSettings,
    rules: ContactRules,
    economics: Economics | None,
    earlier: ContactHistory,
) -> CampaignPlan:
    return plan_campaign(
        ranked.audience,
        ranked.products,
        ranked.shop.history,
        CampaignSettings(
            name=settings.name or settings.output.resolve().name,
            horizon_days=ranked.model.settings.horizon_days,
            rules=rules,
            length=settings.length,
            economics=None if economics is None else economics.for_products(ranked.products),
            holdout_share=settings.holdout_share,
            seed=ranked.shop.seed,
            pool=settings.pool or "",
        ),
        contacts=earlier,
    )


def _list_pooled(folder: Path, pool: str | None, campaign_id: str) -> tuple[pl.DataFrame, ...]:
    """The assignments of the campaigns of a pool that were planned before."""
    if pool is None:
        return ()
    members = list_pool(folder, pool).values()
    return tuple(campaign.assignment for campaign in members if campaign.campaign_id != campaign_id)


def _write(
    folder: Path,
    plan: CampaignPlan,
    settings: PlanSettings,
    ranked: AudienceResult,
    rules: ContactRules,
    control_group: GlobalControlGroup | None,
) -> tuple[ExportFile, ...]:
    """Stage the campaign's folder, record it in the shop, and move it to its place."""
    campaign, history = plan.campaign, ranked.shop.history
    contacts = collect_contacts(campaign, history, rules)
    held_out = collect_held_out(campaign, history, rules)
    properties = compute_properties(ranked, campaign, plan.economics, check_properties(settings.properties))
    staged = stage_in_shop(folder, staged_name(campaign))
    with report_full_disk(settings.output):
        files = write_files(
            campaign,
            staged,
            contacts,
            settings.exports,
            held_out=held_out,
            properties=properties,
            place=settings.output,
        )
    tables = logs_with(folder, campaign) if settings.contacted else {}
    sections = {} if control_group is None else control_group.to_sections()
    publish_campaign(folder, campaign, settings.output, tables, sections)
    return tuple(files)


def _check_rules(rules: ContactRules, history: History, *, strict: bool) -> list[str]:
    """What the rules name and the shop does not have; an error where that is strict."""
    sentences = check_rules(rules, history)
    if strict and sentences:
        setting, _, problem = sentences[0].removeprefix("--").partition(": ")
        raise SettingError(setting.replace("-", "_"), problem)
    return sentences


def check_plan(settings: PlanSettings, economics: Economics | None, campaign_id: str = "") -> None:
    """Refuse settings that cannot be met, before anything is read.

    Args:
        settings: What the campaign is to be.
        economics: Margin and costs; None where neither the run nor the shop names a margin.
        campaign_id: The campaign's id: the same campaign may be in the output folder.

    Raises:
        SettingError: A property is unknown or cannot be worked out, or the pool has no name.
        CampaignError: An export is unknown, or the output folder holds something else.
    """
    if settings.pool is not None and not settings.pool.strip():
        raise SettingError("pool", "Give the pool a name, such as spring-2026.")
    check_figures(check_properties(settings.properties), economics)
    for name in settings.exports:
        get_export(name)
    if not holds_campaign(settings.output, campaign_id):
        check_free(settings.output)
