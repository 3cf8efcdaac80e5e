"""frontrow import: export files into a shop on disk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import FILES, OUTPUT, SHOP
from frontrow.cli.shop_place import parse_shop
from frontrow.storage.waiting import DEFAULT_WAIT

RENAMED = {
    "--shop": "The shop is the first argument: frontrow import SHOP FILE...",
    "--format": "Write --file-format for the format of the exports.",
}


def command(
    shop: Annotated[
        Path, typer.Argument(metavar="SHOP", parser=parse_shop, help="The shop's folder, made if there is none.")
    ],
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILES",
            help="Exports: CSV, Excel or Parquet, .gz and .zip files of them; - is standard input; s3://, gs:// and "
            "az:// name objects of a store.",
            show_default=False,
        ),
    ],
    file_format: Annotated[
        str | None,
        typer.Option(help="Format of all files, where the header does not tell.", rich_help_panel=FILES),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="field=Column, for a table of order lines; may be repeated.", rich_help_panel=FILES),
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="The shop's time zone, such as Europe/London.", rich_help_panel=SHOP)
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="The shop's currency, such as GBP.", rich_help_panel=SHOP)
    ] = None,
    exchange_rates: Annotated[
        str | None,
        typer.Option(
            metavar="RATES",
            help="What other currencies are worth in the shop's: CAD=0.74, or a CSV file with currency, month, rate. "
            "Orders in a currency without a rate are left out.",
            rich_help_panel=SHOP,
        ),
    ] = None,
    grain: Annotated[
        Literal["product", "variant"] | None,
        typer.Option(help="What one product is: product (the parent) or variant.", rich_help_panel=SHOP),
    ] = None,
    parent_sku: Annotated[
        str | None,
        typer.Option(help="Regular expression; its first group is the parent's code in a SKU.", rich_help_panel=SHOP),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="ENGINE",
            help="Where the rows are worked on: local, spark://HOST:PORT, sc://HOST:PORT, or to try Spark here "
            "local-cluster[2,1,1024] [default: local].",
            rich_help_panel=SHOP,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report, and write nothing.", rich_help_panel=OUTPUT)
    ] = False,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Read a shop's exports and add what is new to the shop on disk."""
    from frontrow.service.file_arguments import gather_files
    from frontrow.service.shop_data import import_exports
    from frontrow.shop.import_settings import ImportSettings

    if shop.is_file():
        problem = f"{shop} is a file. The shop's folder comes first, then its exports: frontrow import SHOP FILE..."
        raise typer.BadParameter(problem, param_hint="SHOP")
    settings = ImportSettings(
        format=file_format,
        mapping=options.read_pairs(mapping or []),
        time_zone=time_zone,
        currency=None if currency is None else currency.strip().upper(),
        grain=grain,
        parent_sku=parent_sku,
        exchange_rates=exchange_rates,
        dry_run=dry_run,
    )
    with gather_files(files, sys.stdin.buffer) as gathered:
        result = import_exports(shop, gathered, settings, wait=wait, engine=engine)
    terminal.show(result, as_json=as_json)
