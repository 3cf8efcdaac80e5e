"""frontrow sync: fetch from a shop's sources what is new, and import it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import SERVICE, SHOP
from frontrow.cli.exit_codes import ExitCode
from frontrow.cli.shop_place import parse_shop
from frontrow.storage.waiting import DEFAULT_WAIT


def command(
    shop: Annotated[
        Path,
        typer.Argument(
            metavar="SHOP", parser=parse_shop, help="The shop's folder, in which frontrow source stated sources."
        ),
    ],
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this source [default: all].", rich_help_panel=SERVICE)
    ] = None,
    from_start: Annotated[
        bool,
        typer.Option(
            "--from-start",
            help="Fetch everything again, not only what is new: after a scope was added, say.",
            rich_help_panel=SERVICE,
        ),
    ] = False,
    time_zone: Annotated[
        str | None,
        typer.Option(help="The new shop's time zone [default: what the service says].", rich_help_panel=SHOP),
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="The new shop's currency [default: what the service says].", rich_help_panel=SHOP)
    ] = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Fetch from a shop's sources what is new since the last sync, and import it.

    An interrupted sync goes on where it was. Ends with exit code 1 where a source could not be synced.
    """
    from frontrow.service.sync import SyncSettings, sync_shop
    from frontrow.shop.import_settings import ImportSettings

    new_shop = ImportSettings(time_zone=time_zone, currency=None if currency is None else currency.strip().upper())
    settings = SyncSettings(source=source, from_start=from_start, new_shop=new_shop)
    with terminal.progress("Fetching", quiet=as_json) as step:
        result = sync_shop(shop, settings, progress=step, wait=wait)
    terminal.show(result, as_json=as_json)
    if not result.is_done:
        raise typer.Exit(int(ExitCode.REFUSED))
