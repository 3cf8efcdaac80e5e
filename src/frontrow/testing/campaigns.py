"""Campaigns made by hand: the assignment of customers to groups, everything else filled in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final

import polars as pl

from frontrow.campaign.record.campaign import Campaign, imports_digest
from frontrow.shop.cutoff import EPOCH
from frontrow.testing.shops import DAY_ZERO

START_DAY: Final = DAY_ZERO + 10
START: Final = dt.datetime.combine(EPOCH + dt.timedelta(days=START_DAY), dt.time(), dt.UTC)
"""Start of campaigns made by hand: midnight before day 10 of `shops.order_lines`."""


def hand_made_campaign(assignment: pl.DataFrame, **fields: Any) -> Campaign:
    """Build a campaign by e-mail for a product "New", of a shop that records no imports.

    Args:
        assignment: `plan.ASSIGNMENT_SCHEMA`, or the columns of it that are needed; `group` is required.
        fields: Other fields of `Campaign`.

    Example:
        >>> rows = pl.DataFrame({"customer_id": [7, 8], "group": ["contacted", "held out"]})
        >>> hand_made_campaign(rows, horizon_days=10).held_out["customer_id"].to_list()
        [8]
    """
    campaign = Campaign(
        name="vases",
        seed=0,
        created=START,
        as_of=START,
        horizon_days=30,
        channel="email",
        products=({"product_id": "new", "title": "New"},),
        contact_rules={},
        holdout_share=0.2,
        global_control_share=None,
        economics=None,
        list_length=assignment.height,
        counts={},
        expected_buyers=(),
        imports_digest=imports_digest(()),
        frontrow_version="0",
        assignment=assignment,
    )
    return replace(campaign, **fields)
