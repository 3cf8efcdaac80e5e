"""A shop with campaigns whose windows are over: two of a pool that were sent, and one that was not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA, Campaign
from frontrow.campaign.record.contact_log import record_contacts
from frontrow.campaign.record.register import REGISTER, with_campaign
from frontrow.schema import conform
from frontrow.storage.commit import commit
from frontrow.testing.campaigns import START, hand_made_campaign
from frontrow.testing.shops import hand_made_shop

CUSTOMERS = range(1, 161)
POOL = "both"


def planned(name: str, campaign_id: str, held_out: range, *, start: int = 0, pool: str = POOL) -> Campaign:
    groups = ["held out" if customer in held_out else "contacted" for customer in CUSTOMERS]
    rows = pl.DataFrame({"product_id": "new", "customer_id": CUSTOMERS, "rank": CUSTOMERS, "group": groups})
    instant = START + dt.timedelta(days=start)
    return hand_made_campaign(
        conform(rows.with_columns(probability=0.1, stratum=1), ASSIGNMENT_SCHEMA),
        name=name,
        campaign_id=campaign_id,
        as_of=instant,
        created=instant,
        economics={"margin": 5.0, "contact_cost": 0.1},
        exports=("klaviyo",),
        counts={
            "considered": len(CUSTOMERS),
            "chosen": len(CUSTOMERS),
            "contacted": len(CUSTOMERS) - len(held_out),
            "held_out": len(held_out),
            "excluded": [],
        },
        pool=pool,
    )


def write_programme(shops: Path, shop: str) -> None:
    """Write the shop, its campaigns and what is recorded of them.

    Args:
        shops: Folder of shops.
        shop: Name of the shop.
    """
    bought = [customer for customer in CUSTOMERS if customer % 4 == 0 or customer in (10, 50)]
    lines = [(customer, "pot", 0) for customer in CUSTOMERS] + [(customer, "New", 15) for customer in bought]
    folder = shops / shop
    hand_made_shop([*lines, (None, "pot", 45)]).write(folder)
    commit(folder, {}, GlobalControlGroup("salt", 0.2, drawn_on=START.date()).to_sections())
    campaigns = [
        planned("first", "e5", range(1, 41)),
        planned("second", "f6", range(41, 81)),
        planned("third", "a7", range(81, 121), start=34, pool=""),
    ]
    for campaign in campaigns:
        place = shops / "campaigns" / shop / campaign.name
        campaign.save(place)
        commit(folder, {}, {REGISTER: with_campaign(folder, campaign, place, recorded=False)})
    for campaign in campaigns[:2]:
        record_contacts(folder, campaign)
