"""frontrow results: what became of a campaign's messages, from the platform that sent them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.storage.waiting import DEFAULT_WAIT


def command(
    shop: options.ShopFolder,
    campaign: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The folder that frontrow campaign wrote.")],
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILES",
            help="Exports of the platform: FILE, or opened=FILE for a list of those who opened; also sent, delivered, "
            "clicked, bounced, unsubscribed.",
            show_default=False,
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="field=Column, where the header does not tell: email, phone, opened, ..."),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="PLATFORM", help="Ask klaviyo or mailchimp, or a destination of the shop."),
    ] = None,
    platform_campaign: Annotated[
        str | None,
        typer.Option(metavar="NAME|ID", help="The campaign on the platform; without it the latest are listed."),
    ] = None,
    set_: options.DestinationSettings = None,
    secret: options.DestinationSecrets = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Read who received, opened, clicked and unsubscribed; who unsubscribed is not contacted again."""
    from frontrow.service.responses import ResponseSettings, read_campaign_responses

    settings = ResponseSettings(
        tuple(files or ()),
        options.read_pairs(mapping or []),
        from_,
        platform_campaign,
        tuple(set_ or ()),
        tuple(secret or ()),
    )
    terminal.show(read_campaign_responses(shop, campaign, settings, wait=wait), as_json=as_json)
