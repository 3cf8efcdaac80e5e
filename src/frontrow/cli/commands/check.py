"""frontrow check: whether a shop on disk is sound, and what can be repaired."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.exit_codes import ExitCode
from frontrow.storage.waiting import DEFAULT_WAIT


def command(
    shop: options.ShopFolder,
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired.")] = False,
    remove_order: Annotated[
        list[str] | None,
        typer.Option(metavar="ORDER_ID", help="Remove this order, by its id as in the source; may be repeated."),
    ] = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Compare every file of a shop with its checksum, and what it says with what a shop can have.

    Ends with exit code 1 while something is wrong.
    """
    from frontrow.service.check import check_shop

    result = check_shop(shop, repair=repair, remove_orders=tuple(remove_order or ()), wait=wait)
    terminal.show(result, as_json=as_json)
    if not result.sound:
        raise typer.Exit(int(ExitCode.REFUSED))
