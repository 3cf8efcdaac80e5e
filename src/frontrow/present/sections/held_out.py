"""Who is held out of a campaign, and what that can see."""

from __future__ import annotations

from typing import Any

from frontrow.campaign.economics.economics import IncrementalShare
from frontrow.campaign.experiment.power_analysis import PowerAnalysis, PowerCase
from frontrow.campaign.plan import CampaignPlan
from frontrow.campaign.record.campaign import Campaign
from frontrow.present.wording import count, counted, money, percent


def held_out(planned: CampaignPlan, currency: str) -> dict[str, Any]:
    """What the template `held_out.html` shows."""
    campaign, curve = planned.campaign, planned.curve
    share = IncrementalShare() if curve is None else curve.economics.incremental_share
    sight = PowerAnalysis.of(campaign.assignment, share)
    return {
        "number": campaign.counts["held_out"],
        "chosen": campaign.counts["chosen"],
        "share": percent(campaign.counts["held_out"] / campaign.counts["chosen"], 0),
        "standing": None if campaign.global_control_share is None else percent(campaign.global_control_share, 0),
        "cost": _cost(planned, currency),
        "lift": None
        if sight is None or sight.minimum_detectable_effect is None
        else percent(sight.minimum_detectable_effect),
        "cases": [] if sight is None else [_row(one) for one in sight.cases],
        "blind": sight is not None and sight.minimum_detectable_effect is None,
        "measured": share.measured,
    }


def _row(case: PowerCase) -> tuple[str, str, str, str]:
    needed = "more than half" if case.holdout_needed is None else count(case.holdout_needed)
    return percent(case.share), f"+{percent(case.uplift)}", percent(case.power), needed


def _cost(planned: CampaignPlan, currency: str) -> str | None:
    """What is expected to be forgone by not contacting the held-out; None without money or where nothing is."""
    campaign, curve = planned.campaign, planned.curve
    if curve is None or not campaign.counts["held_out"]:
        return None
    (whole, *_), (contacted, *_) = curve.of_list(campaign.assignment), curve.of_list(campaign.contacted)
    return money(whole - contacted, currency) if whole > contacted else None


def sentence(campaign: Campaign) -> str:
    """How many are held out, in a few words."""
    number = campaign.counts["held_out"]
    return f"{counted(number, 'customer is', 'customers are')} held out by lot" if number else "nobody is held out"
