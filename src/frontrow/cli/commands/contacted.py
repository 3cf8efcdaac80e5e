"""frontrow contacted: keep in the contact log that a campaign was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal


def command(
    campaign: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The folder that frontrow campaign wrote.")],
    shop: Annotated[Path, typer.Option(help="The shop it was planned on.", show_default=False)],
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it was sent [default: the day it was planned for].")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Note that a campaign was sent: the next can leave its contacts alone, and those held out hear of it from none."""
    from frontrow.campaign.record.campaign import Campaign
    from frontrow.campaign.record.contact_log import record_contacts
    from frontrow.shop.shop import Shop

    planned = Campaign.read(campaign)
    Shop.read(shop)
    day = (options.instant(on, "--on") or planned.as_of).date()
    new = record_contacts(shop, planned, day)
    if as_json:
        terminal.as_json({"campaign": planned.name, "contacted_on": day, "contacts": new})
    else:
        terminal.text(f"{new:,} contacts of {day} noted in the contact log of {shop}.")
        if held := planned.held_out.height:
            terminal.text(f"{held:,} held out: no other campaign tells them of it while this one is measured.")
