"""Look at all campaigns of a shop together: how far each is, whom two of them reached, and what all of them caused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.campaign.record.overlaps import Overlaps, list_overlaps, to_windows
from frontrow.campaign.record.register import read_register
from frontrow.campaign.uplift.control_group import ControlGroupEffect, measure_control_group
from frontrow.present.campaign_survey import CampaignSurvey, SurveyedCampaign
from frontrow.present.section import Section
from frontrow.present.sections.campaigns import build_sections
from frontrow.service.campaign_list import describe_all
from frontrow.service.opening import RunSettings, launch_settings
from frontrow.service.status import StatusSettings, read_status
from frontrow.shop.config import ShopConfig
from frontrow.shop.shop import Shop

NO_GROUP = (
    "The shop has no global control group, so nobody can say what all campaigns together caused. Begin one with the "
    "next campaign: --global-control-share 0.05."
)
NO_DRAW = "It is not known when the global control group was drawn, because the folders of its campaigns are gone."
NO_ORDERS = "No orders are known since the global control group was drawn. Import the orders since."


@dataclass(frozen=True)
class SurveySettings:
    """What is looked at.

    Attributes:
        outputs: Folder that holds what `frontrow campaign` wrote; None for the one that holds the shop.
        today: The day it is; None for today, on the shop's calendar.
        seed: Of the bootstraps.
    """

    outputs: Path | None = None
    today: dt.date | None = None
    seed: int = 0


@dataclass(frozen=True)
class SurveyResult:
    """All campaigns of a shop.

    Attributes:
        survey: All of it.
        notices: Sentences about campaigns that cannot be read.
    """

    survey: CampaignSurvey
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.survey.to_dict()

    def sections(self) -> list[Section]:
        """The list, the overlaps, and what all campaigns together caused."""
        return build_sections(self.survey)


def survey_campaigns(folder: Path, settings: SurveySettings) -> SurveyResult:
    """Look at all campaigns of a shop; nothing is changed.

    Args:
        folder: The shop's folder.
        settings: What is looked at.

    Raises:
        CampaignError: The measurement of a campaign is damaged.
        SettingError: The outputs are not in a folder.
        ShopError: The folder holds no shop, or a damaged one.
    """
    result = read_status(folder, StatusSettings(outputs=settings.outputs, today=settings.today))
    status = result.status
    campaigns = describe_all(status.campaigns, read_register(folder).values())
    planned = {row.key: Campaign.read(row.folder) for row in campaigns if row.folder is not None}
    shop, effect, reason = Shop.read(folder), None, NO_ORDERS
    if status.holdings.orders:
        effect, reason = _measure_control_group(folder, shop, planned, settings.seed)
    survey = CampaignSurvey(
        shop=status.shop,
        folder=str(folder),
        today=status.today,
        orders_until=status.holdings.last_day,
        currency=status.currency,
        campaigns=campaigns,
        overlaps=_list_overlaps(folder, shop, campaigns, planned),
        control_group=effect,
        no_control_group=reason,
    )
    return SurveyResult(survey, result.notices)


def _list_overlaps(
    folder: Path, shop: Shop, campaigns: list[SurveyedCampaign], planned: Mapping[str, Campaign]
) -> Overlaps:
    """The overlaps of the campaigns that were recorded as sent."""
    untils = {row.key: row.until for row in reversed(campaigns) if row.recorded}
    windows = list(to_windows(planned, untils))
    return list_overlaps(ContactLog.read(folder).rows, HeldOutLog.read(folder).rows, windows, shop.products)


def _measure_control_group(
    folder: Path, shop: Shop, planned: Mapping[str, Campaign], seed: int
) -> tuple[ControlGroupEffect | None, str]:
    """What all campaigns together caused, or why that cannot be said."""
    group = GlobalControlGroup.read(folder)
    if group is None:
        return None, NO_GROUP
    # a shop of before the day was recorded: the first campaign that had the group
    days = [campaign.as_of.date() for campaign in planned.values() if campaign.global_control_share is not None]
    drawn_on = group.drawn_on or min(days, default=None)
    if drawn_on is None:
        return None, NO_DRAW
    active_days = launch_settings(RunSettings(), ShopConfig.read(folder)).active_days
    effect = measure_control_group(shop.as_of(), group, drawn_on, active_days=active_days, seed=seed)
    return effect, "" if effect is not None else NO_ORDERS
