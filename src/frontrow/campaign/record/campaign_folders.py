"""The folders of a shop's campaigns, as `frontrow campaign` wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from frontrow.campaign.record.campaign import CAMPAIGN, Campaign, list_imports_digests
from frontrow.errors import CampaignError


def read_campaigns(
    places: Iterable[Path], imports: Sequence[Mapping[str, Any]]
) -> tuple[dict[Path, Campaign], list[str]]:
    """The campaigns in some folders that were planned on one shop.

    Args:
        places: The folders; one without a campaign, or that is not there or not this user's, is passed over.
        imports: The shop's record of imports.

    Returns:
        Campaigns by their folder, the first planned first; and why others cannot be read, one sentence each.
    """
    campaigns, problems = {}, []
    for place in sorted(set(places)):
        if not _holds_campaign(place):
            continue
        try:
            campaign = Campaign.read(place)
        except (CampaignError, OSError) as error:
            problems.append(str(error) if isinstance(error, CampaignError) else f"{place} cannot be read.")
            continue
        if was_planned_on(campaign, imports):
            campaigns[place] = campaign
    return dict(sorted(campaigns.items(), key=lambda item: (item[1].created, item[0]))), problems


def was_planned_on(campaign: Campaign, imports: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a campaign was planned on a shop, before or after its latest imports.

    Args:
        campaign: As it was planned.
        imports: The shop's record of imports.
    """
    return campaign.imports_digest in list_imports_digests(imports)


def require_planned_on(campaign: Campaign, place: Path, folder: Path, imports: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a campaign of another shop.

    Args:
        campaign: As it was planned.
        place: Its folder.
        folder: The shop's folder.
        imports: The shop's record of imports.

    Raises:
        CampaignError: It was planned on another shop.
    """
    if not was_planned_on(campaign, imports):
        raise CampaignError(
            f"{place} was planned on another shop than {folder}, where customer numbers are not the same. "
            "Give the folder of that shop."
        )


def _holds_campaign(place: Path) -> bool:
    try:
        return (place / CAMPAIGN).is_file()
    except PermissionError:
        return False
