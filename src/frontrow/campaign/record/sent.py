"""A campaign that was sent: who was contacted, and who must be left alone until it is measured."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.campaign.record.held_out_log import HeldOutLog
from frontrow.storage.folder import CONTACT_LOG, HELD_OUT_LOG, replace_files, write_parquet


def note_sent(folder: str | Path, campaign: Campaign, on: dt.date) -> int:
    """Keep in a shop's folder who was contacted and who was held out; noting the same again changes nothing.

    Args:
        folder: The shop's.
        campaign: As it was planned.
        on: The day it was sent, on the shop's calendar. Its window is the planned one.

    Returns:
        How many contacts are new.

    Raises:
        ShopError: One of the two logs is damaged; both are as they were.
    """
    before, held = ContactLog.read(folder), HeldOutLog.read(folder)
    after = before.with_contacts(campaign.contacted["customer_id"], on, campaign.channel, campaign.name)
    with replace_files(Path(folder)) as staged:
        write_parquet(after.rows.lazy(), staged / CONTACT_LOG)
        if campaign.held_out.height:
            write_parquet(held.with_campaign(campaign).rows.lazy(), staged / HELD_OUT_LOG)
    return after.rows.height - before.rows.height
