"""frontrow customers: how likely, how often and when each customer orders, and the RFM groups."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal


def command(
    shop: options.ShopFolder,
    *,
    horizon: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Days within which an order counts, from the cutoff on [default: the shop's, else 30].",
        ),
    ] = None,
    backtest: Annotated[
        bool,
        typer.Option("--backtest", help="Test the chance to order at six past cutoffs, beside simpler models."),
    ] = False,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    output: options.Output = None,
    format: options.Format = None,
    as_json: options.AsJson = False,
) -> None:
    """Forecast each customer's orders and spend, and sort the customers into RFM groups."""
    from frontrow.service.customers import forecast_customers

    run, file = options.run_settings(as_of, horizon=horizon, seed=seed), options.table_file(output, format)
    with terminal.progress("Learning from past orders", quiet=as_json) as step:
        result = forecast_customers(shop, run, output=file, backtest=backtest, progress=step)
    terminal.show(result, as_json=as_json)
