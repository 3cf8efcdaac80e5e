"""The campaigns of a pool: those that are to be measured together."""

from __future__ import annotations

from pathlib import Path

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.campaign_folders import read_campaigns
from frontrow.campaign.record.register import read_register
from frontrow.shop.settings import ShopSettings
from frontrow.storage.pointer import Pointer


def list_pool(folder: Path, pool: str) -> dict[Path, Campaign]:
    """The campaigns of a pool, the first planned first: those of the shop's register, and those beside the shop.

    Args:
        folder: The shop's folder.
        pool: Its name.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    registered = [Path(campaign.folder) for campaign in read_register(folder).values()]
    beside = folder.resolve().parent.glob("*/")
    planned, _ = read_campaigns([*registered, *beside], ShopSettings.parse(Pointer.read(folder), folder).imports)
    first_places: dict[str, Path] = {}
    for place, campaign in planned.items():
        if campaign.pool == pool:
            # a copy of a campaign's folder is the same campaign
            first_places.setdefault(campaign.campaign_id or campaign.name, place)
    return {place: planned[place] for place in first_places.values()}
