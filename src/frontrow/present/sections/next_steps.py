"""What to do next: plain steps, with the commands as they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import Final

from frontrow.campaign.contacts import ExportFile
from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.campaign.record.campaign import Campaign
from frontrow.present.wording import counted

Step = tuple[str, str | None]
"""A sentence or two, and the command to type, where there is one."""


@dataclass(frozen=True)
class Places:
    """Where things are, as they are typed on the command line.

    Attributes:
        shop: The shop's folder.
        products: The file of new products.
        campaign: The campaign's folder.
        files: What was written to send it with.
        noted: Whether the contacts stand in the contact log.
        options: What else was asked, as it is typed.
    """

    shop: str = "SHOP"
    products: str = "new.csv"
    campaign: str = "CAMPAIGN"
    files: tuple[ExportFile, ...] = field(default=())
    noted: bool = False
    options: str = ""


NOWHERE: Final = Places()


def after(campaign: Campaign, places: Places) -> list[Step]:
    """The steps after a campaign was planned."""
    end, shop, folder = last_day(campaign), quote(places.shop), quote(places.campaign)
    told: list[Step] = [(_send(places.files), None)]
    if not places.noted:
        note = (
            "Note that it was sent, so that nobody is written to too often, and those held out hear nothing of it "
            "in the next campaign either."
        )
        told.append((note, f"frontrow contacted {shop} {folder}"))
    if not campaign.counts["held_out"]:
        return told
    told.append((f"Leave those held out alone: no message about {_what(campaign)} to them until {end}.", None))
    told.append(
        (
            f"Wait until {end}, when the {campaign.horizon_days} days are over. Then export the orders since and "
            "measure what the campaign caused.",
            f"frontrow measure {shop} {folder} --orders orders_export.csv",
        )
    )
    told.append(
        (
            "Plan the next campaign with the share that was measured instead of the assumption.",
            f"frontrow campaign {shop} --products next.csv --output next --margin 12 --measured {folder}",
        )
    )
    return told


def before(places: Places, economics: Economics | None = None) -> list[Step]:
    """The steps from a list to a campaign."""
    shop, products = quote(places.shop), quote(places.products)
    length = "--length 500" if economics is None else money_options(economics)
    asked = f" {places.options}" if places.options else ""
    advice = " Instead of a length, name what a sale earns (--margin) and what a contact costs (--contact-cost)."
    return [
        (
            "Plan a campaign: frontrow leaves out who may not be contacted, and holds some out by lot."
            f"{advice if economics is None else ''}",
            f"frontrow campaign {shop} --products {products}{asked} --output spring {length} --holdout 0.1 "
            "--export generic_csv --report spring.html",
        ),
        ("Send the files in the campaign’s folder with your platform. The new page says what comes after.", None),
    ]


def money_options(economics: Economics) -> str:
    """Margin, costs and limits as they are typed.

    Example:
        >>> money_options(Economics(margin=12.0, contact_cost=0.05, capacity=500))
        '--margin 12 --contact-cost 0.05 --capacity 500'
    """
    names = ("margin", "contact_cost", "discount", "capacity", "budget", "stock")
    given = [(name.replace("_", "-"), getattr(economics, name)) for name in names]
    told = [f"--{name} {value:.10g}" for name, value in given if value or name == "margin"]
    share = economics.incremental_share
    if not share.measured and share != IncrementalShare():
        told.append(f"--incremental-share {share.low:g} {share.high:g}")
    return " ".join(told)


def last_day(campaign: Campaign) -> str:
    """The ISO date on which the window of every product is over."""
    return max(campaign.window_end(one) for one in campaign.products).isoformat()


def _send(files: Sequence[ExportFile]) -> str:
    if not files:
        return (
            "No file was written to send it with. Plan the campaign again into another folder, with --export and the "
            "name of your platform."
        )
    told = []
    for name in dict.fromkeys(one.export for one in files):
        own = [one for one in files if one.export == name]
        told.append(f"{name} ({counted(sum(one.rows for one in own), 'contact', 'contacts')})")
    several = len({one.product_id for one in files}) > 1
    each = "; there is one file a product, each for a list of its own" if several else ""
    return f"Upload the files in {files[0].path.parent} to {', '.join(told)}{each}. Delete them when that is done."


def _what(campaign: Campaign) -> str:
    return "the product" if len(campaign.products) == 1 else "these products"
