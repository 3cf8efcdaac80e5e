"""frontrow resubscribe: a person who had unsubscribed has opted in again."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from frontrow.cli import options, terminal
from frontrow.storage.waiting import DEFAULT_WAIT


def command(
    shop: options.ShopFolder,
    who: Annotated[
        str, typer.Argument(metavar="WHO", help="The customer's e-mail address, or the id as in the source.")
    ],
    channel: Annotated[
        Literal["email", "sms"] | None, typer.Option(help="What the person agreed to again [default: both].")
    ] = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Record that a person who unsubscribed has opted in again, by the person's own statement."""
    from frontrow.service.resubscription import resubscribe_customer

    terminal.show(resubscribe_customer(shop, who, channel, wait=wait), as_json=as_json)
