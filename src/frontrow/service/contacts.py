"""Record that a campaign was sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.campaign.record import contact_log
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.campaign_folders import require_planned_on
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.present.section import Section, Sentence
from frontrow.present.sections.campaign import describe_held_out
from frontrow.service.changing import change_shop
from frontrow.shop.settings import ShopSettings
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class ContactsResult:
    """Contacts that were recorded.

    Attributes:
        folder: The shop's folder.
        campaign: What was sent.
        contacted_on: The day it was sent, on the shop's calendar.
        contacts: Number of contacts that were not in the log before.
    """

    folder: Path
    campaign: Campaign
    contacted_on: dt.date
    contacts: int
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"campaign": self.campaign.name, "contacted_on": self.contacted_on, "contacts": self.contacts}

    def sections(self) -> list[Section]:
        """How many contacts are new, and who is held out."""
        recorded = f"{self.contacts:,} contacts of {self.contacted_on} recorded in the contact log of {self.folder}."
        return [Section("contacted", "", (Sentence(recorded), *describe_held_out(self.campaign.held_out.height)))]


def record_contacts(
    folder: Path, campaign: Path, contacted_on: dt.date | None = None, *, wait: float = DEFAULT_WAIT
) -> ContactsResult:
    """Record in the shop's contact log whom a campaign contacted; recording it again changes nothing.

    Args:
        folder: The shop's folder.
        campaign: The campaign's folder.
        contacted_on: The day it was sent; None for the day recorded before, else the day it was planned for.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        CampaignError: The folder holds no campaign, or one that was planned on another shop.
        ShopError: The folder holds no shop, or one of its logs is damaged.
        ShopLockedError: Another command did not finish in time.
    """
    planned = Campaign.read(campaign)
    with change_shop(folder, "contacted", wait=wait):
        require_planned_on(planned, campaign, folder, ShopSettings.read(folder).imports)
        contacts = contact_log.record_contacts(folder, planned, contacted_on)
        day = contacted_on or ContactLog.read(folder).day_of(planned) or planned.as_of.date()
    return ContactsResult(folder, planned, day, contacts)
