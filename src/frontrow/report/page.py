"""The pages: each one HTML file that opens with no network, drawn from what `present` has made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.uplift.measurement import Measurement
from frontrow.campaign.uplift.pooled_campaigns import PooledCampaigns
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.settings import LaunchSettings
from frontrow.present import wording
from frontrow.present.campaign_survey import CampaignSurvey
from frontrow.present.report_content import ReportContent
from frontrow.present.sections import (
    audience,
    backtest,
    campaign,
    campaigns,
    classification,
    delivery,
    facts,
    launches,
    measurement,
    new_products,
    next_steps,
    platform_guide,
    profit,
)
from frontrow.present.sections import pooled as pooled_sections
from frontrow.storage.folder import write_text


def write_report(file: str | Path, content: ReportContent) -> None:
    """Write the report of a launch or a campaign; sections with nothing to say are left out.

    It holds no personal data: customers are named by their number in the shop, never by e-mail or source id. The
    same figures give the same file, to the byte. It is written in one step: the old file or the new, never a part.

    Args:
        file: Where to write it; its folder is made if need be.
        content: The results the report is made from.
    """
    history, currency = content.history, content.history.settings.currency
    settings, plan = _choose_settings(content), content.campaign
    planned = dict.fromkeys(("campaign", "considered", "expected", "held_out"))
    shown = {
        "as_of": wording.instant(history.cutoff),
        "horizon": settings.horizon_days if content.model is not None or content.backtest is not None else None,
        "facts": _list_facts(content, settings),
        "findings": content.findings,
        "similar": new_products.page_tables(content.similar_launches, settings.horizon_days, currency),
        "answers": None if content.audience is None else audience.page_values(content.audience, currency),
        **(planned if plan is None else campaign.page_values(plan, content.audience, currency)),
        "profit": profit.page_values(plan, content.audience, content.economics, currency),
        "reliability": backtest.reliability_values(content.backtest),
        "evidence": None if content.backtest is None else backtest.page_values(content.backtest),
        "untested": content.untested,
        "classified": None if content.classification is None else classification.page_values(content.classification),
        "examples": {}
        if content.audience is None
        else audience.list_examples(content.audience, None if plan is None else plan.campaign),
        "guides": [] if plan is None else platform_guide.build_guides(plan.campaign, content.places.files),
        "steps": _list_steps(content),
        "timeline": launches.page_values(compute_life_cycles(history, settings), settings),
    }
    write_text(render("report.html", shown), Path(file), private=False)


def write_measurement(
    file: str | Path, measured: Measurement, planned: Campaign, *, places: next_steps.Places = next_steps.NOWHERE
) -> None:
    """Write the page of a measured campaign: what it earned, how sure that is, and what may be concluded.

    It holds no personal data and no customer's number either: groups only.

    Args:
        file: Where to write it; its folder is made if need be.
        measured: What was measured.
        planned: What was planned.
        places: Where the shop and the campaign are that the next steps name.
    """
    values = measurement.page_values(measured, planned, places)
    values["delivery"] = delivery.build_sections(measured.delivery)
    write_text(render("measurement.html", values), Path(file), private=False)


def write_pooled(
    file: str | Path, measurements: Sequence[Measurement], pooled: PooledCampaigns, pool: str = ""
) -> None:
    """Write the page of several campaigns measured together: a forest plot, the verdict and the figures.

    It holds no personal data and no customer's number either: groups only.

    Args:
        file: Where to write it; its folder is made if need be.
        measurements: Each campaign alone.
        pooled: All of them together.
        pool: Name of their pool; empty for none.
    """
    values = pooled_sections.page_values(measurements, pooled, pool)
    write_text(render("pooled.html", values), Path(file), private=False)


def write_campaigns(file: str | Path, survey: CampaignSurvey) -> None:
    """Write the page of all campaigns of a shop: a calendar, what each earned, and what all of them caused.

    It holds no personal data and no customer's number either: groups only.

    Args:
        file: Where to write it; its folder is made if need be.
        survey: All campaigns.
    """
    write_text(render("campaigns.html", campaigns.page_values(survey)), Path(file), private=False)


def render(template: str, values: Mapping[str, Any]) -> str:
    """Fill in one of `templates/`; every value is escaped, and a name that is not given is an error.

    Args:
        template: Its file name.
        values: What it shows.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("frontrow.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        count=wording.count, percent=wording.percent, decimal=wording.decimal, buyers_between=wording.buyers_between
    )
    return environment.get_template(template).render(version=version("frontrow"), **values)


def _choose_settings(content: ReportContent) -> LaunchSettings:
    """The settings the figures were made with; the defaults where nothing says."""
    if content.model is not None:
        return content.model.settings
    if content.backtest is not None:
        return content.backtest.settings
    return LaunchSettings() if content.classification is None else content.classification.launch_settings


def _list_facts(content: ReportContent, settings: LaunchSettings) -> list[facts.Fact]:
    currency, request = content.history.settings.currency, []
    if content.campaign is not None:
        request = facts.describe_campaign(content.campaign, currency)
    elif content.audience is not None:
        request = [facts.describe_products(content.audience.expected_buyers().to_dicts(), currency)]
    if content.campaign is None and content.economics is not None:
        request.append(("Money", facts.describe_economics(content.economics, currency)))
    run = facts.describe_run(content.history, settings, content.audience, content.model)
    if content.classification is not None and content.audience is None and content.backtest is None:
        # Who was compared by classifiers at a launch of the past are not those who are active now.
        run = [fact for fact in run if fact[0] != facts.CONSIDERED]
    return [*request, *run]


def _list_steps(content: ReportContent) -> list[next_steps.Step]:
    if content.campaign is not None:
        return next_steps.steps_after_planning(content.campaign.campaign, content.places)
    return [] if content.audience is None else next_steps.steps_to_campaign(content.places, content.economics)
