"""frontrow backtest: what the launch model would have found at past launches, beside simpler ways."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import TEST


def command(
    shop: options.ShopFolder,
    *,
    horizon: options.Horizon = None,
    launch_dates: options.LaunchDates = None,
    vectors: options.Vectors = None,
    active_days: options.ActiveDays = None,
    test_days: Annotated[
        int,
        typer.Option(min=31, help="Number of days before the cutoff whose launches are tested.", rich_help_panel=TEST),
    ] = 150,
    refit_days: Annotated[
        int, typer.Option(min=1, help="Days after which the model is fitted again.", rich_help_panel=TEST)
    ] = 30,
    min_buyers: Annotated[
        int, typer.Option(min=1, help="Test launches with at least this many scored buyers.", rich_help_panel=TEST)
    ] = 5,
    sales_days: Annotated[
        str,
        typer.Option(
            metavar="DAYS",
            help="Forecast launches again after so many days of sales, such as 1,3,7.",
            rich_help_panel=TEST,
        ),
    ] = "",
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    engine: options.EngineAddress = None,
    output: options.Output = None,
    format: options.Format = None,
    report: options.Report = None,
    as_json: options.AsJson = False,
) -> None:
    """Test the launch model on past launches, beside baselines, each launch as it stood the midnight before."""
    from frontrow.launch.backtest.backtest import BacktestSettings
    from frontrow.service.backtest import read_days, run_backtest

    page = options.page_file(report)
    settings = BacktestSettings(test_days, refit_days, min_buyers, read_days(sales_days))
    run = options.run_settings(
        as_of,
        horizon=horizon,
        active_days=active_days,
        launch_dates=launch_dates,
        seed=seed,
        vectors=vectors,
        engine=engine,
    )
    file = options.table_file(output, format)
    with terminal.progress("Walking through past launches", quiet=as_json) as step:
        result = run_backtest(shop, settings, run, output=file, progress=step)
    options.write_page(page, result)
    terminal.show(result, as_json=as_json, report=page)
