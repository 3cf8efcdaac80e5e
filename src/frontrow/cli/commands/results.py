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
        list[str],
        typer.Argument(
            metavar="FILES",
            help="Exports of the platform: FILE, or opened=FILE for a list of those who opened; also sent, delivered, "
            "clicked, bounced, unsubscribed.",
            show_default=False,
        ),
    ],
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="field=Column, where the header does not tell: email, phone, opened, ..."),
    ] = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Read who received, opened, clicked and unsubscribed; who unsubscribed is not contacted again."""
    from frontrow.service.responses import ResponseSettings, read_campaign_responses

    settings = ResponseSettings(tuple(files), options.read_pairs(mapping or []))
    terminal.show(read_campaign_responses(shop, campaign, settings, wait=wait), as_json=as_json)
