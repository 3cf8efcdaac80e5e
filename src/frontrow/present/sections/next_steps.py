"""What to do next, with the commands as they are typed, and what a measured campaign lets one conclude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import Final

from frontrow.campaign.contacts import ExportFile
from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.uplift.measurement import Measurement
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.campaign.uplift.verdict import format_bounds
from frontrow.present.wording import counted, minus

Step = tuple[str, str | None]
"""A sentence or two, and the command to type, where there is one."""


@dataclass(frozen=True)
class Places:
    """Where things are, as they are typed on the command line.

    Attributes:
        shop: The shop's folder.
        products: The file of new products.
        campaign: The campaign's folder.
        files: The files that were written to send it with.
        recorded: Whether the contacts are in the contact log.
        options: Other options of the run, as they are typed.
    """

    shop: str = "SHOP"
    products: str = "new.csv"
    campaign: str = "CAMPAIGN"
    files: tuple[ExportFile, ...] = field(default=())
    recorded: bool = False
    options: str = ""


NOWHERE: Final = Places()


def steps_after_planning(campaign: Campaign, places: Places) -> list[Step]:
    """The steps after a campaign was planned.

    Args:
        campaign: What was planned.
        places: Where things are.
    """
    end, shop, folder = find_last_day(campaign), quote(places.shop), quote(places.campaign)
    steps: list[Step] = [(_describe_upload(places.files), None)]
    if not places.recorded:
        record = (
            "Record that it was sent, so that nobody is written to too often, and those held out hear nothing of it "
            "in the next campaign either."
        )
        steps.append((record, f"frontrow contacted {shop} {folder}"))
    if not campaign.counts["held_out"]:
        return steps
    steps.append(
        (f"Leave those held out alone: no message about {_describe_products(campaign)} to them until {end}.", None)
    )
    steps.append(
        (
            f"Wait until {end}, when the {campaign.horizon_days} days are over. Then export the orders since and "
            "measure what the campaign caused.",
            f"frontrow measure {shop} {folder} --orders orders_export.csv",
        )
    )
    steps.append(
        (
            "Lift the hold-out, so that those held out are customers like others again. The command says what to do on "
            "each platform, and refuses while the window is open.",
            f"frontrow lift {shop} {folder}",
        )
    )
    steps.append(
        (
            "Plan the next campaign with the share that was measured instead of the assumption.",
            f"frontrow campaign {shop} --products next.csv --output next --margin 12 --measured {folder}",
        )
    )
    return steps


def steps_to_campaign(places: Places, economics: Economics | None = None) -> list[Step]:
    """The steps from a list to a campaign.

    Args:
        places: Where things are.
        economics: Margin and costs, where they were named.
    """
    shop, products = quote(places.shop), quote(places.products)
    length = "--length 500" if economics is None else format_money_options(economics)
    options = f" {places.options}" if places.options else ""
    advice = " Instead of a length, name what a sale earns (--margin) and what a contact costs (--contact-cost)."
    return [
        (
            "Plan a campaign: frontrow leaves out who may not be contacted, and holds some out by lot."
            f"{advice if economics is None else ''}",
            f"frontrow campaign {shop} --products {products}{options} --output spring {length} --holdout 0.1 "
            "--export generic_csv --report spring.html",
        ),
        ("Send the files in the campaign’s folder with your platform. The new page says what comes after.", None),
    ]


def format_money_options(economics: Economics) -> str:
    """Margin, costs and limits as they are typed.

    Example:
        >>> format_money_options(Economics(margin=12.0, contact_cost=0.05, capacity=500))
        '--margin 12 --contact-cost 0.05 --capacity 500'
    """
    names = ("margin", "contact_cost", "discount", "capacity", "budget", "stock")
    given = [(name.replace("_", "-"), getattr(economics, name)) for name in names]
    options = [f"--{name} {value:.10g}" for name, value in given if value or name == "margin"]
    share = economics.incremental_share
    if not share.measured and share != IncrementalShare():
        options.append(f"--incremental-share {share.low:g} {share.high:g}")
    return " ".join(options)


def find_last_day(campaign: Campaign) -> str:
    """The ISO date on which the window of every product is over."""
    return max(campaign.window_end(product) for product in campaign.products).isoformat()


def _describe_upload(files: Sequence[ExportFile]) -> str:
    if not files:
        return (
            "No file was written to send it with. Plan the campaign again into another folder, with --export and the "
            "name of your platform."
        )
    platforms = []
    uploads = [file for file in files if not file.held_out]
    for name in dict.fromkeys(file.export for file in uploads):
        contacts = sum(file.rows for file in uploads if file.export == name)
        platforms.append(f"{name} ({counted(contacts, 'contact', 'contacts')})")
    several = len({file.product_id for file in uploads}) > 1
    each = "; there is one file a product, each for a list of its own" if several else ""
    folder, held_out = files[0].path.parent, ""
    if len(uploads) < len(files):
        held_out = (
            " The file with held-out in its name is for the platform's list of those who must not hear of it, and for "
            "nothing else."
        )
    return f"Upload the files in {folder} to {', '.join(platforms)}{each}.{held_out} Delete them when that is done."


def _describe_products(campaign: Campaign) -> str:
    return "the product" if len(campaign.products) == 1 else "these products"


Point = tuple[str, str]
"""A statement, and the sentences that explain it."""


def list_conclusions(conversion: Uplift) -> list[Point]:
    """What a measured campaign lets one conclude, as far as chance allows."""
    if not conversion.significant:
        return [
            (
                f"The effect lies between {_describe_interval(conversion)} points, most likely.",
                "Of a hundred such intervals, ninety-five hold the truth. Zero is in this one: the campaign may have "
                "sold more, nothing, or less.",
            )
        ]
    more = "more" if conversion.difference > 0 else "less"
    conclusions = [
        (
            f"The contact caused it: it sold {more}.",
            "Who was held out was drawn by lot, so nothing else sets the two groups apart; by chance alone a "
            "difference this large comes less than once in twenty.",
        ),
        (
            f"It was {_describe_interval(conversion)} points.",
            "How much, is known no better than that: plan with both ends, not with the middle alone.",
        ),
    ]
    if conversion.incremental_share is not None and conversion.difference > 0:
        share = "What part of the buyers would not have bought otherwise was an assumption, and is measured now."
        conclusions.append(("The next campaign can reckon with it.", share))
    return conclusions


def list_cautions(measurement: Measurement, conversion: Uplift) -> list[Point]:
    """What the figures of a measured campaign do not say.

    Args:
        measurement: What was measured.
        conversion: The overall uplift of the share that bought.
    """
    cautions = []
    if not all(product.closed for product in measurement.products):
        early = "Orders are missing until the end of the window. Some contacted may only have bought sooner."
        cautions.append(("That these are the final figures.", early))
    if not conversion.significant:
        cautions.append(
            (
                "That it did nothing, or that it worked.",
                f"With {counted(conversion.held_out, 'customer', 'customers')} held out, only a difference of "
                f"{conversion.minimum_detectable_effect * 100:.2f} points or more is seen four times in five.",
            )
        )
    if not conversion.significant and any(uplift.significant for uplift in measurement.overall):
        cautions.append(
            (
                "That the money was earned.",
                "An interval of units, revenue or margin leaves out zero, and that of the buyers does not. With few "
                "buyers, intervals of amounts are too short: trust the buyers.",
            )
        )
    return [*cautions, *_general_cautions(measurement)]


def steps_after_measuring(measurement: Measurement, conversion: Uplift, places: Places) -> list[Step]:
    """The steps after a campaign was measured.

    Args:
        measurement: What was measured.
        conversion: The overall uplift of the share that bought.
        places: Where things are.
    """
    shop, folder = quote(places.shop), quote(places.campaign)
    steps: list[Step] = []
    if not all(product.closed for product in measurement.products):
        end = max(product.window.end for product in measurement.products)
        steps.append(
            (
                f"Measure again when the window is over, on {end:%Y-%m-%d}, with the orders until then.",
                f"frontrow measure {shop} {folder} --orders orders_export.csv",
            )
        )
    if conversion.incremental_share is not None:
        steps.append(
            (
                "Plan the next campaign with the share measured here, and its interval, instead of an assumption.",
                f"frontrow campaign {shop} --products next.csv --output next --margin 12 --measured {folder}",
            )
        )
    if not conversion.significant:
        advice = (
            "Hold out more next time, or look at several campaigns together: the plan says beforehand what is seen."
        )
        steps.append((advice, None))
    return steps


def _general_cautions(measurement: Measurement) -> list[Point]:
    several = " or product" if len(measurement.products) > 1 else ""
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
            "frontrow keeps them out of other campaigns for the product once this one was recorded as sent. "
            "Newsletters, advertising and other tools are yours to look after; where they reached "
            "them, the effect reads too small.",
        ),
    ]


def _describe_interval(conversion: Uplift) -> str:
    return minus(
        format_bounds(conversion.interval).strip("[]").replace(", ", " and " if not conversion.significant else " to ")
    )
