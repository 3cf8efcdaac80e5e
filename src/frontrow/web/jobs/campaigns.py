"""Campaigns of a shop by their id, as its register has them."""

from __future__ import annotations

from pathlib import Path

from frontrow.errors import SettingError


def resolve_campaign(shop: Path, campaign_id: str, *, setting: str = "campaign") -> Path:
    """The folder of a campaign that was planned on a shop.

    Args:
        shop: The shop's folder.
        campaign_id: As somebody outside wrote it; it is looked up, never put into a path.
        setting: The field that named it.

    Raises:
        SettingError: The shop has no such campaign.
        ShopError: The folder holds no shop, or a damaged one.
    """
    from frontrow.campaign.record.register import read_register

    campaigns = read_register(shop)
    if campaign_id not in campaigns:
        raise SettingError(setting, "The shop has no campaign of that id. Choose one from its list of campaigns.")
    return Path(campaigns[campaign_id].folder)
