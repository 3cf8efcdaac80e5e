"""How many will buy each product of a campaign: of everyone scored, of those contacted, of those held out."""

from __future__ import annotations

from typing import Any

import polars as pl

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.plan import CampaignPlan
from frontrow.campaign.record.campaign import Campaign
from frontrow.launch.audience.audience import Audience
from frontrow.present.wording import ABSENT, buyers_between, count

Cell = tuple[str, str]
"""A figure and what stands small below it."""


def expected(campaign: Campaign, audience: Audience | None) -> list[tuple[str, list[Cell]]]:
    """One row a product: its title; buyers expected of everyone scored with their interval, contacted, held out."""
    sizes = {row[:2]: row[2] for row in campaign.assignment.group_by("product_id", "group").len().iter_rows()}
    sums = {one["product_id"]: one for one in campaign.expected_buyers}
    scored = {} if audience is None else _scored(audience)
    rows = []
    for product in campaign.products:
        key = product["product_id"]
        told = sums.get(key, {"contacted": 0.0, "held_out": 0.0})
        cells = [_group(sizes.get((key, CONTACTED), 0), told["contacted"])]
        cells += [_group(sizes.get((key, HELD_OUT), 0), told["held_out"])]
        rows.append((str(product["title"]), [scored.get(key, (ABSENT, "")), *cells]))
    return rows


def chosen_by(planned: CampaignPlan) -> str:
    """Which product a customer hears of, as the end of a sentence."""
    own = planned.curve is not None and (planned.curve.economics.margins or planned.curve.economics.stocks)
    return (
        "that is worth most to the shop: chance times margin, while stock lasts" if own else "they are likeliest to buy"
    )


def sold_out_anyway(planned: CampaignPlan) -> list[str]:
    """Titles of the products that sell out without any contact."""
    gone = [] if planned.curve is None else planned.curve.sold_out_anyway()
    return [str(one["title"]) for one in planned.campaign.products if one["product_id"] in gone]


def buyers(campaign: Campaign) -> float | None:
    """Buyers expected among those contacted, all products together; None where there are no probabilities."""
    told = [one["contacted"] for one in campaign.expected_buyers]
    return None if any(one is None for one in told) else float(sum(told))


def _scored(audience: Audience) -> dict[str, Cell]:
    told = audience.expected_buyers().filter(pl.col("expected_buyers").is_not_null())
    return {row["product_id"]: (count(row["expected_buyers"]), _interval(row)) for row in told.iter_rows(named=True)}


def _interval(row: dict[str, Any]) -> str:
    return "" if row["low"] is None else buyers_between(row["low"], row["high"])


def _group(customers: int, expected: float | None) -> Cell:
    told = "" if expected is None or not customers else f"{count(expected)} buy"
    return count(customers), told
