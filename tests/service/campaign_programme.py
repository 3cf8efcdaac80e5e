"""A shop with three campaigns: one over, one that began within its window, and one not sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA, Campaign
from frontrow.campaign.record.contact_log import record_contacts
from frontrow.campaign.record.register import REGISTER, with_campaign
from frontrow.schema import conform
from frontrow.shop.cutoff import EPOCH
from frontrow.storage.commit import commit
from frontrow.testing.campaigns import START, hand_made_campaign
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

CUSTOMERS = range(1, 101)
GROUP = GlobalControlGroup("salt", 0.2, drawn_on=START.date())
TODAY = EPOCH + dt.timedelta(days=DAY_ZERO + 60)


def planned(name: str, campaign_id: str, *, start: int, held_out: range, **fields: object) -> Campaign:
    groups = ["held out" if customer in held_out else "contacted" for customer in CUSTOMERS]
    rows = pl.DataFrame({"product_id": "new", "customer_id": CUSTOMERS, "rank": CUSTOMERS, "group": groups})
    assignment = conform(rows.with_columns(probability=0.1, stratum=1), ASSIGNMENT_SCHEMA)
    instant = START + dt.timedelta(days=start)
    return hand_made_campaign(
        assignment,
        name=name,
        campaign_id=campaign_id,
        as_of=instant,
        created=instant,
        economics={"margin": 5.0, "contact_cost": 0.1},
        global_control_share=GROUP.share,
        **fields,
    )


def write_programme(parent: Path) -> Path:
    """Write the shop and its campaigns.

    Args:
        parent: Folder that gets them.

    Returns:
        The shop's folder; the campaigns are in `kept` beside it.
    """
    lines = [(customer, "pot", 0) for customer in CUSTOMERS] + [(customer, "New", 15) for customer in range(21, 61)]
    shop = parent / "shop"
    hand_made_shop([*lines, (None, "pot", 45)]).write(shop)
    commit(shop, {}, GROUP.to_sections())
    campaigns = [
        planned("spring", "a1", start=0, held_out=range(1, 21), pool="year"),
        planned("reminder", "b2", start=20, held_out=range(11, 31), pool="year"),
        planned("summer", "c3", start=34, held_out=range(81, 101)),
    ]
    for campaign in campaigns:
        place = parent / "kept" / campaign.name
        campaign.save(place)
        commit(shop, {}, {REGISTER: with_campaign(shop, campaign, place, recorded=False)})
    for campaign in campaigns[:2]:
        record_contacts(shop, campaign)
    return shop
