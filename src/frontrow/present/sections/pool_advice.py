"""What to do where the hold-out of one campaign can show little: plan the next launches together, in a pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from frontrow.campaign.economics.economics import IncrementalShare
from frontrow.campaign.experiment.power_analysis import POWER, PoolPower, PowerAnalysis
from frontrow.campaign.plan import CampaignPlan
from frontrow.present.wording import counted, percent

LIKELY: Final = 0.5
"""A hold-out that detects what is expected less often than this is called one that can show little."""


def is_telling(power: PowerAnalysis) -> bool:
    """Whether the hold-out is likely to detect what is expected."""
    return power.expected is not None and power.expected.power >= LIKELY


def describe_pool(pool: PoolPower) -> str:
    """How many launches to plan together, and how small an effect they show.

    Args:
        pool: What they show.
    """
    if pool.minimum_detectable_effect is None:
        return (
            f"Even {pool.launches} launches like this one together show nothing: the list is too short for a hold-out."
        )
    effect = percent(pool.minimum_detectable_effect)
    if pool.power is not None and pool.power < POWER:
        return (
            f"Even {pool.launches} launches like this one, measured together, show no less than {effect} more buyers. "
            "Hold out more of each, or contact more."
        )
    return (
        f"Plan the next {pool.launches} launches together: give each of them the same name with --pool. "
        f"{pool.launches} launches like this one show {effect} more buyers, or more than that, four times in five."
    )


def advise_pool(plan: CampaignPlan, power: PowerAnalysis, share: IncrementalShare) -> list[str]:
    """What the pool of a campaign shows so far, and how many launches to plan together where one shows little.

    Args:
        plan: What was decided.
        power: What its hold-out shows alone.
        share: Share of the buyers who would not have bought without the contact.
    """
    own_pool = describe_own_pool(plan, share)
    is_enough = power.pool is None or is_telling(power) or bool(plan.pooled)
    return [
        *([own_pool] if own_pool else []),
        *([] if power.pool is None or is_enough else [describe_pool(power.pool)]),
    ]


def describe_own_pool(plan: CampaignPlan, share: IncrementalShare) -> str:
    """What the pool of a campaign shows with the campaigns planned before; empty for a campaign of no pool.

    Args:
        plan: What was decided.
        share: Share of the buyers who would not have bought without the contact.
    """
    campaign = plan.campaign
    if not campaign.pool:
        return ""
    if not plan.pooled:
        return (
            f'This is the first campaign of the pool "{campaign.pool}"; give the next ones the same name, and measure '
            "them together."
        )
    power = PowerAnalysis.of(_join([*plan.pooled, campaign.assignment]), share)
    before = counted(len(plan.pooled), "campaign", "campaigns")
    if power is None or power.minimum_detectable_effect is None:
        return f'The pool "{campaign.pool}" shows no uplift yet, with the {before} planned before.'
    return (
        f'Measured together with the {before} of the pool "{campaign.pool}" before it, '
        f"{percent(power.minimum_detectable_effect)} more buyers are seen four times in five."
    )


def _join(assignments: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(assignment.select("group", "probability") for assignment in assignments)
