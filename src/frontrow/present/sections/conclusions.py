"""What a measured campaign lets one conclude, what it does not, and what to do next."""

from __future__ import annotations

from shlex import quote

from frontrow.campaign.uplift.measurement import Measurement
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.campaign.uplift.verdict import format_bounds
from frontrow.present.sections.next_steps import Places, Step
from frontrow.present.wording import counted, minus

Point = tuple[str, str]
"""What is said, and the sentences after it."""


def may_be_concluded(bought: Uplift) -> list[Point]:
    """What holds, as far as chance allows."""
    if not bought.significant:
        return [
            (
                f"The effect lies between {_points(bought)} points, most likely.",
                "Of a hundred such intervals, ninety-five hold the truth. Zero is in this one: the campaign may have "
                "sold more, nothing, or less.",
            )
        ]
    more = "more" if bought.difference > 0 else "less"
    told = [
        (
            f"The contact caused it: it sold {more}.",
            "Who was held out was drawn by lot, so nothing else sets the two groups apart; by chance alone a "
            "difference this large comes less than once in twenty.",
        ),
        (
            f"It was {_points(bought)} points.",
            "How much, is known no better than that: plan with both ends, not with the middle alone.",
        ),
    ]
    if bought.incremental_share is not None and bought.difference > 0:
        share = "What part of the buyers would not have bought otherwise was an assumption, and is measured now."
        told.append(("The next campaign can reckon with it.", share))
    return told


def may_not_be_concluded(found: Measurement, bought: Uplift) -> list[Point]:
    """What the figures do not say."""
    told = []
    if not all(one.closed for one in found.products):
        early = "Orders are missing until the end of the window. Some contacted may only have bought sooner."
        told.append(("That these are the final figures.", early))
    if not bought.significant:
        told.append(
            (
                "That it did nothing, or that it worked.",
                f"With {counted(bought.held_out, 'customer', 'customers')} held out, only a difference of "
                f"{bought.minimum_detectable_effect * 100:.2f} points or more is seen four times in five.",
            )
        )
    if not bought.significant and any(one.significant for one in found.overall):
        told.append(
            (
                "That the money was earned.",
                "An interval of units, revenue or margin leaves out zero, and that of the buyers does not. With few "
                "buyers, intervals of amounts are too short: trust the buyers.",
            )
        )
    return [*told, *_always(found)]


def steps(found: Measurement, bought: Uplift, places: Places) -> list[Step]:
    """What to do next, as it is typed."""
    shop, folder = quote(places.shop), quote(places.campaign)
    told: list[Step] = []
    if not all(one.closed for one in found.products):
        end = max(one.window.end for one in found.products)
        told.append(
            (
                f"Measure again when the window is over, on {end:%Y-%m-%d}, with the orders until then.",
                f"frontrow measure {shop} {folder} --orders orders_export.csv",
            )
        )
    if bought.incremental_share is not None:
        told.append(
            (
                "Plan the next campaign with the share measured here, and its interval, instead of an assumption.",
                f"frontrow campaign {shop} --products next.csv --output next --margin 12 --measured {folder}",
            )
        )
    if not bought.significant:
        advice = (
            "Hold out more next time, or look at several campaigns together: the plan says beforehand what is seen."
        )
        told.append((advice, None))
    return told


def _always(found: Measurement) -> list[Point]:
    several = " or product" if len(found.products) > 1 else ""
    return [
        (
            f"Anything from one tenth{several} by itself.",
            "Each has few held out. Where nothing is to be found, one or more of ten such intervals leave out zero in "
            "four pages of ten.",
        ),
        (
            "What those would have done who were on no list.",
            "It holds for the customers on this one, for these products, at that time of the year.",
        ),
        (
            "What reading the message does.",
            "Everyone who was to be contacted counts as contacted, whether it arrived, was opened or not.",
        ),
        (
            "That sales came from nowhere.",
            "They may have come from other products or from later weeks. The revenue of all products in the window "
            "says something about the first; nothing here about the second.",
        ),
        (
            "Anything at all, if the held-out heard of it too.",
            "frontrow keeps them out of other campaigns for the product once this one was noted as sent. Newsletters, "
            "advertising and other tools are yours to look after; where they reached them, the effect reads too small.",
        ),
    ]


def _points(bought: Uplift) -> str:
    return minus(
        format_bounds(bought.interval).strip("[]").replace(", ", " and " if not bought.significant else " to ")
    )
