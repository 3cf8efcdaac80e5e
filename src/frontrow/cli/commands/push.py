"""frontrow push: bring a campaign's customers into the account that mail is sent from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from frontrow.cli import options, terminal
from frontrow.storage.waiting import DEFAULT_WAIT


def command(
    shop: options.ShopFolder,
    campaign: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The folder that frontrow campaign wrote.")],
    to: Annotated[
        str,
        typer.Option(metavar="DESTINATION", help="A platform, such as klaviyo, or a destination that the shop states."),
    ],
    group: Annotated[
        Literal["contacted", "held-out"],
        typer.Option(help="Those to be contacted, or those held out, so that messages can leave them out."),
    ] = "contacted",
    confirm: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", min=0, help="Send them: the number that this command counts [default: count only]."
        ),
    ] = None,
    suppress: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="CSV of addresses that must not be contacted; may be repeated."),
    ] = None,
    set_: options.DestinationSettings = None,
    secret: options.DestinationSecrets = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Bring a campaign's customers into Klaviyo, say. Counts first, sends what is confirmed, subscribes nobody."""
    from frontrow.service.push import PushSettings, push_campaign

    settings = PushSettings(to, group, tuple(suppress or ()), confirm, tuple(set_ or ()), tuple(secret or ()))
    with terminal.progress("Pushing", quiet=as_json) as step:
        result = push_campaign(shop, campaign, settings, progress=step, wait=wait)
    terminal.show(result, as_json=as_json)
