"""frontrow contacted: record in the contact log that a campaign was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.storage.waiting import DEFAULT_WAIT

RENAMED = {"--shop": "The shop is the first argument: frontrow contacted SHOP CAMPAIGN."}


def command(
    shop: options.ShopFolder,
    campaign: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The folder that frontrow campaign wrote.")],
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it was sent [default: the day it was planned for].")
    ] = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Record that a campaign was sent: the next can leave its contacts alone, and nobody contacts those held out."""
    from frontrow.service.contacts import record_contacts

    sent = options.instant(on, "--on")
    terminal.show(record_contacts(shop, campaign, None if sent is None else sent.date(), wait=wait), as_json=as_json)
