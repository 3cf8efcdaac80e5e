"""List the campaigns of a shop: how far each is, and what it earned where it was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.campaign.record.register import RegisteredCampaign, read_register
from frontrow.campaign.uplift.measured_effects import read_measured_effects
from frontrow.present.campaign_survey import SurveyedCampaign
from frontrow.present.section import Section
from frontrow.present.shop_status import CampaignStatus
from frontrow.service.status import StatusSettings, read_status

MOVED = "its folder was moved"


@dataclass(frozen=True)
class CampaignsResult:
    """Every campaign of a shop.

    Attributes:
        rows: One record a campaign, the latest first: `SurveyedCampaign.to_dict`.
        campaigns: The same campaigns, as a page draws them.
        notices: Sentences about campaigns that cannot be read.
    """

    rows: tuple[dict[str, Any], ...]
    campaigns: tuple[SurveyedCampaign, ...] = ()
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"campaigns": list(self.rows), "notices": list(self.notices)}

    def sections(self) -> list[Section]:
        """Nothing: a page draws the rows."""
        return []


def list_campaigns(folder: Path) -> CampaignsResult:
    """List the campaigns that were planned on a shop, the latest first.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    result, register = read_status(folder, StatusSettings()), read_register(folder)
    rows = describe_all(result.status.campaigns, register.values())
    campaigns = tuple(row for row in rows if row.campaign_id in register)
    return CampaignsResult(tuple(row.to_dict() for row in campaigns), campaigns, result.notices)


def describe_all(statuses: Sequence[CampaignStatus], register: Iterable[RegisteredCampaign]) -> list[SurveyedCampaign]:
    """Every campaign of a shop's register, folders and logs, the latest planned first.

    Args:
        statuses: How far each is, by the logs and the folders.
        register: The campaigns planned on the shop.

    Raises:
        CampaignError: The measurement of a campaign is damaged.
    """
    registered = {campaign.campaign_id: campaign for campaign in register}
    rows = [_describe(status, registered.pop(status.campaign_id, None)) for status in statuses]
    rows += [_describe_moved(campaign) for campaign in registered.values()]
    return sorted(rows, key=lambda row: (row.created, str(row.contacted_on or "")), reverse=True)


def _describe(status: CampaignStatus, registered: RegisteredCampaign | None) -> SurveyedCampaign:
    is_gone = registered is not None and status.folder is None
    return SurveyedCampaign(
        campaign_id=status.campaign_id,
        name=status.name,
        created=status.created if registered is None else registered.created,
        state=MOVED if is_gone else status.state,
        recorded=status.contacted_on is not None,
        started_on=status.started_on,
        contacted_on=status.contacted_on,
        contacted=status.contacted,
        held_out=status.held_out,
        until=status.until,
        pool=status.pool,
        folder=status.folder,
        effects=None if status.folder is None else read_measured_effects(status.folder),
    )


def _describe_moved(registered: RegisteredCampaign) -> SurveyedCampaign:
    """A campaign of which neither a folder nor a log says more."""
    return SurveyedCampaign(
        campaign_id=registered.campaign_id,
        name=registered.name,
        created=registered.created,
        state=MOVED,
        recorded=registered.recorded,
        started_on=None,
        contacted_on=None,
        contacted=None,
        held_out=None,
        until=None,
        pool="",
        folder=None,
        effects=None,
    )
