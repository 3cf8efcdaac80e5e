"""frontrow lift: end a campaign's hold-out once its window is over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.storage.waiting import DEFAULT_WAIT


def command(
    shop: options.ShopFolder,
    campaign: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The folder that frontrow campaign wrote.")],
    early: Annotated[
        bool,
        typer.Option("--early", help="Lift it before the window is over; the rest of the measurement is lost."),
    ] = False,
    export: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLATFORM",
            help="Show the steps of this platform too; may be repeated [default: those that files were written for].",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="DESTINATION",
            help="Take the tag of those held out off there too: mailchimp, shopify, or a destination.",
        ),
    ] = None,
    set_: options.DestinationSettings = None,
    secret: options.DestinationSecrets = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """End a campaign's hold-out after its window: what to do on each platform, and the files for it.

    Refused while the window is open, unless you say --early.
    """
    from frontrow.service.lift import LiftSettings, lift_hold_out

    settings = LiftSettings(
        early=early, exports=tuple(export or ()), to=to, settings=tuple(set_ or ()), secrets=tuple(secret or ())
    )
    terminal.show(lift_hold_out(shop, campaign, settings, wait=wait), as_json=as_json)
