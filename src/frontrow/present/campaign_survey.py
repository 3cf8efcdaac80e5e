"""Every campaign of a shop at one moment: how far each is, what it earned, which overlap, what all of them caused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from frontrow.campaign.record.overlaps import Overlaps
from frontrow.campaign.uplift.control_group import ControlGroupEffect
from frontrow.campaign.uplift.measured_effects import MeasuredEffects

FORMAT_VERSION: Final = 1


@dataclass(frozen=True)
class SurveyedCampaign:
    """A campaign in the list of all of them.

    Attributes:
        campaign_id: Its id; empty where it was planned without a shop's folder.
        name: Its name.
        created: When it was planned, UTC, in ISO 8601; empty where only the contact log knows of it.
        state: A `shop_status.CampaignState`, or that its folder was moved.
        recorded: Whether it was recorded as sent.
        started_on: The day it was planned for; None where no folder of it is at hand.
        contacted_on: The last day contacts were recorded; None where none were.
        contacted: Customers contacted; None where that is not known.
        held_out: Customers held out; None where that is not known.
        until: The first day whose orders no longer count; None where that is not known.
        pool: Name of the campaigns that are to be measured together with it; empty for none.
        folder: Where it was written; None where no folder of it is at hand.
        effects: What the latest measurement says; None where there is none.
    """

    campaign_id: str
    name: str
    created: str
    state: str
    recorded: bool
    started_on: dt.date | None
    contacted_on: dt.date | None
    contacted: int | None
    held_out: int | None
    until: dt.date | None
    pool: str
    folder: Path | None
    effects: MeasuredEffects | None

    @property
    def key(self) -> str:
        """What `Overlap` calls it."""
        return self.campaign_id or self.name

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        values = {name: value for name, value in vars(self).items() if name not in ("folder", "effects")}
        return {
            **values,
            "folder": None if self.folder is None else str(self.folder),
            "measured": None if self.effects is None else self.effects.to_dict(),
        }


@dataclass(frozen=True)
class CampaignSurvey:
    """All campaigns of a shop.

    Attributes:
        shop: Name of the shop's folder.
        folder: Its path, as it was given, for the commands of the next step.
        today: The day it was looked at, on the shop's calendar.
        orders_until: The day of the shop's last order; None where there is none.
        currency: ISO 4217 code; empty where it is not known.
        campaigns: The latest planned first.
        overlaps: Customers whom two campaigns reached.
        control_group: What all campaigns together caused; None where that cannot be said.
        no_control_group: Why not, in a sentence; empty where it can.
    """

    shop: str
    folder: str
    today: dt.date
    orders_until: dt.date | None
    currency: str
    campaigns: Sequence[SurveyedCampaign]
    overlaps: Overlaps
    control_group: ControlGroupEffect | None
    no_control_group: str = ""

    def name_of(self, key: str) -> str:
        """The name of a campaign, by what an overlap calls it.

        Args:
            key: Its id, or its name.
        """
        return next((campaign.name for campaign in self.campaigns if campaign.key == key), key)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; a key is never renamed within one format version."""
        return {
            "format_version": FORMAT_VERSION,
            "shop": self.shop,
            "today": self.today,
            "orders_until": self.orders_until,
            "currency": self.currency,
            "campaigns": [campaign.to_dict() for campaign in self.campaigns],
            "overlaps": asdict(self.overlaps),
            "control_group": None if self.control_group is None else self.control_group.to_dict(),
            "no_control_group": self.no_control_group,
        }
