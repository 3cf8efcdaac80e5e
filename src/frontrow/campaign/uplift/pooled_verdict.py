"""What pooled campaigns mean, in plain sentences, also where the data allow no conclusion."""

from __future__ import annotations

from typing import Final

from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.pooled_campaigns import PooledCampaigns, PooledOutcome
from frontrow.campaign.uplift.verdict import format_bounds, format_points

FEW: Final = 3
"""So many campaigns, or fewer, say little of how campaigns differ."""
DIFFERENT: Final = 0.1
"""Below this probability the campaigns are said to differ: Q seldom sees differences that are there (Higgins, 2003)."""


def describe_pooled_conversion(conversion: PooledOutcome) -> str:
    """Whether the campaigns together did anything.

    Args:
        conversion: The pooled effect on the share that bought.
    """
    fixed, campaigns = conversion.pooled.fixed, len(conversion.effects)
    figures = f"{format_points(fixed.value)} {format_bounds(fixed.interval)} points"
    if not fixed.significant:
        return (
            f"No effect was detected, not by {campaigns} campaigns together either: {figures}. Together they detect a "
            f"difference of {conversion.minimum_detectable_effect * 100:.2f} points or more four times in five."
        )
    direction = "more" if fixed.value > 0 else "less"
    total = conversion.total
    return (
        f"Together the {campaigns} campaigns sold {direction}: {figures}. That is {total.value:+,.0f} "
        f"{_whole(total.interval)} buyers over everyone contacted."
    )


def describe_next_campaign(conversion: PooledOutcome) -> str:
    """What may be expected of another campaign.

    Args:
        conversion: The pooled effect on the share that bought.
    """
    mean, campaigns = conversion.pooled.random, len(conversion.effects)
    text = (
        f"Campaigns like these have a mean effect of {format_points(mean.value)} {format_bounds(mean.interval)} points"
    )
    fixed = conversion.pooled.fixed.interval
    if fixed.low < mean.interval.low and mean.interval.high < fixed.high:
        # a narrower interval than that of these very campaigns is luck: they lie closer together than chance has it
        return f"{text}. These happened to lie close together: plan the next one with the wider interval above."
    text += "; plan the next one with this interval."
    if campaigns > FEW:
        return text
    return f"{text} It is wide because {campaigns} campaigns say little of how others differ."


def describe_differences(conversion: PooledOutcome) -> str:
    """Whether the campaigns differ by more than chance.

    Args:
        conversion: The pooled effect on the share that bought.
    """
    pooled, degrees = conversion.pooled, len(conversion.effects) - 1
    figures = (
        f"Q {pooled.q:.1f} with {degrees} {'degree' if degrees == 1 else 'degrees'} of freedom, "
        f"p {pooled.p_value:.2f}, "
        f"I² {pooled.i_squared:.0%}, tau {pooled.tau_squared**0.5 * 100:.2f} points"
    ).replace("%", " %")
    if pooled.p_value < DIFFERENT:
        return f"The campaigns differ by more than chance explains ({figures}): see what set the better ones apart."
    return f"Chance alone explains how the campaigns differ ({figures}); a small true difference would not be seen."


def describe_money(margin: PooledOutcome, currency: str = "") -> str:
    """What the campaigns earned in all, after the cost of the contacts.

    Args:
        margin: The pooled effect on the margin.
        currency: ISO 4217 code, or empty.
    """
    total, unit = margin.total, f" {currency}" if currency else ""
    contacted = sum(effect.contacted for effect in margin.effects)
    return (
        f"Over the {contacted:,} contacts of all campaigns the margin less the cost of the contacts is "
        f"{total.value:+,.0f}{unit} {_whole(total.interval)} against contacting nobody."
    )


def describe_repeated(pooled: PooledCampaigns) -> str:
    """How many customers are in several campaigns, and why that does no harm; empty where nobody is.

    Args:
        pooled: All campaigns together.
    """
    if not pooled.repeated:
        return ""
    text = f"{pooled.repeated:,} of {pooled.customers:,} customers are in two campaigns or more"
    if not pooled.repeatedly_held_out:
        return f"{text}; no one was held out twice, so the campaigns are independent."
    return (
        f"{text}, and {pooled.repeatedly_held_out:,} were held out of two or more. The intervals take into account "
        "that the same customers are compared again."
    )


def _whole(interval: Interval) -> str:
    return f"[{interval.low:+,.0f}, {interval.high:+,.0f}]"
