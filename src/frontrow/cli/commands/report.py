"""frontrow report: the audience of new products and the back-test behind it, on one page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import LAUNCH, OUTPUT


def command(
    shop: options.ShopFolder,
    *,
    products: Annotated[
        Path | None,
        typer.Option(help="CSV, one row a new product [default: the back-test alone].", rich_help_panel=LAUNCH),
    ] = None,
    strict: options.Strict = False,
    horizon: options.Horizon = None,
    launch_dates: options.LaunchDates = None,
    vectors: options.Vectors = None,
    active_days: options.ActiveDays = None,
    capacity: options.Capacity = None,
    budget: options.Budget = None,
    stock: options.Stock = None,
    margin: options.Margin = None,
    contact_cost: options.ContactCost = None,
    discount: options.Discount = 0.0,
    incremental_share: options.IncrementalShareRange = None,
    measured: options.Measured = None,
    model: options.LaunchModel = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    output: Annotated[
        Path, typer.Option(help="Write the page to this .html file.", show_default=False, rich_help_panel=OUTPUT)
    ],
    backtest: options.Backtest = True,
) -> None:
    """Write one page: who is expected to buy the new products, why, what lists earn, and why to believe it.

    It is the page before any campaign; frontrow campaign --report writes that of a campaign.
    """
    from frontrow.service.defaults import MoneySettings
    from frontrow.service.report import ReportSettings, gather_report

    page = options.page_file(output)
    money = MoneySettings(margin, contact_cost, discount, capacity, budget, stock, incremental_share, measured)
    given = {
        "horizon": horizon,
        "launch_dates": launch_dates,
        "vectors": vectors,
        "active_days": active_days,
        "measured": measured,
        "model": model,
        "as_of": as_of,
        "seed": seed or None,
    }
    settings = ReportSettings(products, money, model, backtest, _as_typed(given), strict)
    run = options.run_settings(
        as_of, horizon=horizon, active_days=active_days, launch_dates=launch_dates, seed=seed, vectors=vectors
    )
    with terminal.progress("Learning from past launches") as step:
        result = gather_report(shop, settings, run, progress=step)
    options.write_page(page, result)
    for sentence in result.notices:
        terminal.notice(sentence)
    terminal.text(f"Report: {page}")


def _as_typed(given: Mapping[str, object]) -> str:
    """The options on which the figures depend, as they are typed, besides those about money; defaults left out."""
    return " ".join(
        f"--{name.replace('_', '-')} {quote(str(value))}" for name, value in given.items() if value is not None
    )
