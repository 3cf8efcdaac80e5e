"""The campaigns of a shop that lie in one folder, as `frontrow campaign` wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from frontrow.campaign.record.campaign import CAMPAIGN, Campaign, imports_digest
from frontrow.errors import CampaignError


def list_campaigns(parent: Path, imports: Sequence[Mapping[str, Any]]) -> tuple[dict[Path, Campaign], list[str]]:
    """The campaigns in the folders directly below a folder, planned on one shop.

    Args:
        parent: The folder.
        imports: The shop's record of imports.

    Returns:
        Campaigns by their folder, the first planned first; and why others cannot be read, one sentence each.
    """
    campaigns, problems = {}, []
    for file in sorted(parent.glob(f"*/{CAMPAIGN}")):
        try:
            campaign = Campaign.read(file.parent)
        except CampaignError as error:
            problems.append(str(error))
            continue
        if was_planned_on(campaign, imports):
            campaigns[file.parent] = campaign
    return dict(sorted(campaigns.items(), key=lambda item: (item[1].created, item[0]))), problems


def was_planned_on(campaign: Campaign, imports: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a campaign was planned on a shop, before or after its latest imports.

    Args:
        campaign: As it was planned.
        imports: The shop's record of imports.
    """
    return any(imports_digest(imports[:count]) == campaign.imports_digest for count in range(len(imports) + 1))
