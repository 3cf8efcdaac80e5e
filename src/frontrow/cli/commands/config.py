"""frontrow config: the facts a shop states once, which every command uses."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.errors import SettingError
from frontrow.storage.waiting import DEFAULT_WAIT

# A negative amount is a value that is refused with its reason, not an unknown option.
CONTEXT_SETTINGS = {"ignore_unknown_options": True}


def command(
    shop: options.ShopFolder,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="The fact to show or set; none for all.")] = None,
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="Its new value; a CSV file for launch_dates.")
    ] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Take KEY back to its default.")] = False,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Show or set what a shop states once: horizon, margin, contact cost, launch dates and more.

    An option of a command replaces a stated fact for that run only, and the command says so.
    """
    from frontrow.service.config import configure

    if unset and key is None:
        raise SettingError("unset", "Name the key to take back, such as margin.")
    terminal.show(configure(shop, key, value, unset=unset, wait=wait), as_json=as_json)
