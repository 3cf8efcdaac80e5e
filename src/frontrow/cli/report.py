"""frontrow report: the audience of new products and the back-test behind it, on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, show


def command(
    shop: options.ShopFolder,
    output: Annotated[Path, typer.Option(help="Write the page to this .html file.", show_default=False)],
    products: Annotated[
        Path | None, typer.Option(help="CSV, one row a new product [default: the back-test alone].")
    ] = None,
    as_of: options.AsOf = None,
    horizon: options.Horizon = 30,
    active_days: options.ActiveDays = 365,
    launch_dates: options.LaunchDates = None,
    seed: options.Seed = 0,
) -> None:
    """Write one page: who is expected to buy the new products, and why to believe it."""
    from frontrow.launch.audience import audience
    from frontrow.launch.backtest import backtest
    from frontrow.launch.model_store import fitted_model
    from frontrow.launch.new_products import read_new_products
    from frontrow.report.page import write_report

    history = options.history(shop, as_of)
    settings = options.launch_settings(horizon, active_days)
    days = options.launch_days(launch_dates)
    asked = None if products is None else read_new_products(products, launch_day=history.day)
    found = model = None
    if asked is not None:
        with show.progress("Learning from past launches"):
            model = fitted_model(history, settings, folder=shop, seed=seed, launch_days=days)
            found = audience(history, asked, model, launch_days=days)
    with show.progress("Walking through past launches") as step:
        result = backtest(history, settings, seed=seed, launch_days=days, progress=step)
    write_report(output, history, backtest=result, audience=found, model=model, launch_days=days)
    show.text(f"Report: {output}")
