"""frontrow audience: who will buy a product that nobody has bought yet."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import LAUNCH, OUTPUT


def command(
    shop: options.ShopFolder,
    *,
    products: options.Products,
    horizon: options.Horizon = None,
    launch_dates: options.LaunchDates = None,
    vectors: options.Vectors = None,
    sales_so_far: Annotated[
        bool,
        typer.Option(
            "--sales-so-far",
            help="All products are on sale, and it is an error if one is not [default: each that is on sale is "
            "recognised]. Those without it are ranked by its first days of sales.",
            rich_help_panel=LAUNCH,
        ),
    ] = False,
    strict: options.Strict = False,
    active_days: options.ActiveDays = None,
    model: options.LaunchModel = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    engine: options.EngineAddress = None,
    output: options.Output = None,
    format: options.Format = None,
    top: options.Top = 10,
    reasons: Annotated[
        int,
        typer.Option(
            min=0,
            help="Customers of each product that get reasons; 0 to show figures instead.",
            rich_help_panel=OUTPUT,
        ),
    ] = 100,
    as_json: options.AsJson = False,
) -> None:
    """Rank the customers by how likely each is to buy a new product."""
    from frontrow.service.audience import AudienceSettings, rank_audience

    settings = AudienceSettings(
        products, sales_so_far, model, reasons, top, options.table_file(output, format), strict=strict
    )
    run = options.run_settings(
        as_of,
        horizon=horizon,
        active_days=active_days,
        launch_dates=launch_dates,
        seed=seed,
        vectors=vectors,
        engine=engine,
    )
    with terminal.progress("Learning from past launches", quiet=as_json) as step:
        result = rank_audience(shop, settings, run, progress=step)
    terminal.show(result, as_json=as_json)
