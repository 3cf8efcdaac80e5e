"""The page: what was found, what it rests on, why to believe it, what to do next, what it does not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.plan import CampaignPlan
from frontrow.launch.audience.audience import Audience
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.present import wording
from frontrow.present.report_content import ReportContent
from frontrow.present.sections import campaign_facts as campaign_asked
from frontrow.present.sections import facts as asked
from frontrow.present.sections import next_steps, reliability
from frontrow.present.sections.classification import section
from frontrow.present.sections.examples import examples
from frontrow.report import sections
from frontrow.report.render import rendered
from frontrow.shop.shop import History
from frontrow.storage.folder import write_text


def write_report(file: str | Path, content: ReportContent) -> None:
    """Write one HTML file that opens with no network; sections with nothing to say are left out.

    It holds no personal data: customers are named by their number in the shop, never by e-mail or source id. The
    same figures give the same file, to the byte. It is written in one step: the old file or the new, never a part.

    Args:
        file: Where to write it; its folder is made if need be.
        content: The results the report is made from.
    """
    history, backtest, audience, campaign = content.history, content.backtest, content.audience, content.campaign
    settings = asked.settings_of(backtest, content.model, content.classification)
    currency, alone = history.settings.currency, audience is None and backtest is None and content.classification
    shown = {
        "as_of": wording.instant(history.cutoff),
        "horizon": settings.horizon_days if content.model is not None or backtest is not None else None,
        "facts": [
            *_asked(campaign, audience, content.economics, currency),
            *_known(history, settings, audience, content.model, alone=alone),
        ],
        "answers": sections.answers_section(audience, history),
        **sections.campaign_sections(campaign, audience, currency),
        "profit": sections.profit_section(campaign, audience, content.economics, currency),
        "reliability": reliability.section(backtest),
        "evidence": sections.evidence_section(backtest),
        "untested": content.untested,
        "classified": None if content.classification is None else section(content.classification),
        "examples": {} if audience is None else examples(audience, None if campaign is None else campaign.campaign),
        "steps": _steps(campaign, audience, content.economics, content.places),
        "timeline": sections.timeline_section(history, settings),
    }
    write_text(rendered("report.html", shown), Path(file))


def _asked(
    campaign: CampaignPlan | None, audience: Audience | None, economics: Economics | None, currency: str
) -> list[tuple[str, str]]:
    if campaign is not None:
        return campaign_asked.facts(campaign, currency)
    facts = [] if audience is None else [campaign_asked.new(audience.expected_buyers().to_dicts(), currency)]
    return facts if economics is None else [*facts, ("Money", campaign_asked.economics(economics, currency))]


def _known(
    history: History, settings: Any, audience: Audience | None, model: LaunchModel | None, *, alone: object
) -> list[tuple[str, str]]:
    facts = asked.facts(history, settings, audience, model)
    # Who was compared by classifiers at a launch of the past are not those who are active now.
    return [fact for fact in facts if fact[0] != asked.CONSIDERED] if alone else facts


def _steps(
    campaign: CampaignPlan | None, audience: Audience | None, economics: Economics | None, places: next_steps.Places
) -> list[next_steps.Step]:
    if campaign is not None:
        return next_steps.after(campaign.campaign, places)
    return [] if audience is None else next_steps.before(places, economics)
