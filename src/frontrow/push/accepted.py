"""What a push leaves in the shop's logs: those whom the platform took, and nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import polars as pl

from frontrow.campaign.experiment.holdout import HELD_OUT
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog, record_contacts
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.waiting import DEFAULT_WAIT


def record_accepted(
    folder: Path, campaign: Campaign, accepted_ids: Collection[int], day: dt.date, *, wait: float = DEFAULT_WAIT
) -> int:
    """Record in the shop's logs whom a push has reached, and who is held out.

    A customer whom the log has for this campaign already stays as recorded, so that it holds nobody twice. Called
    before the first batch is sent, with nobody accepted, it protects those held out from other campaigns.

    Args:
        folder: The shop's folder.
        campaign: As it was planned.
        accepted_ids: The customers whom the platform took.
        day: The day of the contacts, on the shop's calendar.
        wait: Seconds to wait for another command that is changing the shop.

    Returns:
        How many contacts are new.

    Raises:
        ShopError: The folder holds no shop, or one of its logs is damaged.
        ShopLockedError: Another command did not finish in time.
    """
    with lock_shop(folder, "push", wait=wait):
        is_own = (pl.col("campaign_id") == campaign.campaign_id) & (pl.col("campaign") == campaign.name)
        recorded = ContactLog.read(folder).rows.filter(is_own)["customer_id"]
        new = pl.Series("customer_id", sorted({*accepted_ids} - {*recorded}), pl.Int64)
        is_logged = (pl.col("group") == HELD_OUT) | pl.col("customer_id").is_in(new.implode())
        return record_contacts(folder, replace(campaign, assignment=campaign.assignment.filter(is_logged)), day)
