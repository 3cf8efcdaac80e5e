"""frontrow forget: erase a person from a shop."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.storage.waiting import DEFAULT_WAIT

RENAMED = {"--shop": "The shop is the first argument: frontrow forget SHOP WHO."}


def command(
    shop: options.ShopFolder,
    who: Annotated[
        str, typer.Argument(metavar="WHO", help="The customer's e-mail address, or the id as in the source.")
    ],
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Erase a customer's personal data; the orders stay, as a guest's, for the products' histories."""
    from frontrow.service.forgetting import forget_customer

    terminal.show(forget_customer(shop, who, wait=wait), as_json=as_json)
