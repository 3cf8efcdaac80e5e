"""How far each campaign of a shop is, by the shop's two logs and the folders of the campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.campaign.record.overlaps import KEY
from frontrow.campaign.uplift.measurement import is_measured
from frontrow.present.shop_status import CampaignState, CampaignStatus
from frontrow.push.journal import Journal, list_journals


@dataclass(frozen=True)
class Facts:
    """What is known of one campaign.

    Attributes:
        contacted_on: The last day contacts were recorded; None where none were.
        contacted: Customers contacted.
        held_out: Customers held out.
        until: The first day whose orders no longer count; None where that is not known.
        folder: Where it was written; None where no folder holds it.
        campaign_id: Its id; empty where it was planned without a shop's folder.
        started_on: The day it was planned for; None where no folder holds it.
        pool: Name of the campaigns that are to be measured together with it; empty for none.
        created: When it was planned, UTC, in ISO 8601; empty where no folder holds it.
        unfinished_pushes: Destinations to which a push was interrupted.
    """

    contacted_on: dt.date | None
    contacted: int
    held_out: int
    until: dt.date | None
    folder: Path | None
    campaign_id: str = ""
    started_on: dt.date | None = None
    pool: str = ""
    created: str = ""
    unfinished_pushes: tuple[str, ...] = ()


def describe_campaigns(
    folder: Path, planned: Mapping[Path, Campaign], *, orders_until: dt.date | None, today: dt.date
) -> tuple[CampaignStatus, ...]:
    """How far each campaign is, those that were recorded as sent first, by the day of the last contact.

    Args:
        folder: The shop's folder, with its logs.
        planned: Campaigns by folder.
        orders_until: The day of the shop's last order; None where there is none.
        today: On the shop's calendar.

    Raises:
        CampaignError: The measurement of a campaign is damaged.
        ShopError: A log is damaged.
    """
    folders = {campaign.campaign_id or campaign.name: path for path, campaign in planned.items()}
    contacts = ContactLog.read(folder).rows.with_columns(key=KEY)
    held_out = HeldOutLog.read(folder).rows.with_columns(key=KEY)
    sent = contacts.group_by("key").agg(pl.col("contacted_on").max(), pl.col("campaign").first())
    names = dict(sent.sort("contacted_on", "campaign").select("key", "campaign").iter_rows())
    names |= {key: planned[path].name for key, path in folders.items()}
    statuses = []
    for key, name in names.items():
        path = folders.get(key)
        facts = _read_facts(
            path,
            None if path is None else planned[path],
            contacts.filter(pl.col("key") == key),
            held_out.filter(pl.col("key") == key),
        )
        state = decide_state(facts, orders_until=orders_until, today=today)
        statuses.append(CampaignStatus(name=name, state=state, **vars(facts)))
    return tuple(statuses)


def decide_state(facts: Facts, *, orders_until: dt.date | None, today: dt.date) -> CampaignState:
    """How far a campaign is.

    Args:
        facts: What is known of it.
        orders_until: The day of the shop's last order; None where there is none.
        today: On the shop's calendar.

    Example:
        >>> facts = Facts(dt.date(2026, 3, 1), 900, 100, dt.date(2026, 4, 1), None)
        >>> decide_state(facts, orders_until=dt.date(2026, 3, 20), today=dt.date(2026, 3, 21))
        'open'
        >>> decide_state(facts, orders_until=dt.date(2026, 3, 30), today=dt.date(2026, 4, 2))
        'waiting for orders'
        >>> decide_state(facts, orders_until=dt.date(2026, 3, 31), today=dt.date(2026, 4, 2))
        'to be measured'
    """
    if facts.folder is not None and is_measured(facts.folder):
        return "measured"
    if facts.contacted_on is None:
        return "planned"
    if facts.until is None or not facts.held_out:
        return "cannot be measured"
    if today < facts.until:
        return "open"
    if orders_until is None or orders_until < facts.until - dt.timedelta(days=1):
        return "waiting for orders"
    return "to be measured"


def _read_facts(path: Path | None, campaign: Campaign | None, contacts: pl.DataFrame, held_out: pl.DataFrame) -> Facts:
    """What the plan says, and where its folder is not at hand what the logs say."""
    days = contacts["contacted_on"].to_list()
    ends = held_out["until"].to_list()
    if campaign is not None:
        ends = [campaign.window_end(product) for product in campaign.products]
    return Facts(
        contacted_on=max(days, default=None),
        contacted=contacts["customer_id"].n_unique() if campaign is None else campaign.contacted.height,
        held_out=held_out["customer_id"].n_unique() if campaign is None else campaign.held_out.height,
        until=max(ends, default=None),
        folder=path,
        campaign_id=contacts["campaign_id"][0] if campaign is None else campaign.campaign_id,
        started_on=None if campaign is None else campaign.as_of.date(),
        pool="" if campaign is None else campaign.pool,
        created="" if campaign is None else campaign.created.isoformat(),
        unfinished_pushes=() if path is None else tuple(_list_unfinished_pushes(path)),
    )


def _list_unfinished_pushes(path: Path) -> Iterator[str]:
    """The destinations of journals that say that something is left to be sent or asked about."""
    for file in list_journals(path):
        journal = Journal.read(file)
        if journal is not None and not journal.is_finished:
            yield journal.destination
