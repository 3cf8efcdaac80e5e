"""frontrow launches: the life of each product, which first sales count as launches, and why the others do not."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import OUTPUT

RENAMED = {"--limit": "Write --top."}


def command(
    shop: options.ShopFolder,
    as_of: options.AsOf = None,
    horizon: options.Horizon = None,
    launch_dates: options.LaunchDates = None,
    engine: options.EngineAddress = None,
    all_products: Annotated[
        bool,
        typer.Option(
            "--all", help="Show every product, also those that do not count as launches.", rich_help_panel=OUTPUT
        ),
    ] = False,
    top: options.Top = 20,
    output: options.Output = None,
    format: options.Format = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the life of each product: launches, and why other first sales do not count as one."""
    from frontrow.service.launches import list_launches

    run = options.run_settings(as_of, horizon=horizon, launch_dates=launch_dates, engine=engine)
    file = options.table_file(output, format)
    terminal.show(list_launches(shop, run, top=top, all_products=all_products, output=file), as_json=as_json)
