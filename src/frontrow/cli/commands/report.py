"""frontrow report: the audience of new products and the back-test behind it, on one page."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import money_options, options, reporting, terminal
from frontrow.cli.asking import ask
from frontrow.cli.option_groups import LAUNCH, OUTPUT

if TYPE_CHECKING:
    from frontrow.launch.settings import LaunchSettings
    from frontrow.shop.shop import History


def command(
    shop: options.ShopFolder,
    *,
    products: Annotated[
        Path | None,
        typer.Option(help="CSV, one row a new product [default: the back-test alone].", rich_help_panel=LAUNCH),
    ] = None,
    horizon: options.Horizon = 30,
    launch_dates: options.LaunchDates = None,
    active_days: options.ActiveDays = 365,
    capacity: money_options.Capacity = None,
    budget: money_options.Budget = None,
    stock: money_options.Stock = None,
    margin: money_options.Margin = None,
    contact_cost: money_options.ContactCost = 0.0,
    discount: money_options.Discount = 0.0,
    incremental_share: money_options.Assumed = None,
    measured: money_options.Measured = None,
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
    from frontrow.launch.new_products import read_new_products
    from frontrow.present.sections.next_steps import Places
    from frontrow.storage.folder import check_output_file

    output = check_output_file(output, ".html")
    money = money_options.economics(
        margin, contact_cost, discount, capacity, budget, stock, incremental_share, measured
    )
    history = options.history(shop, as_of, launch_dates)
    settings = options.launch_settings(horizon, active_days)
    if products is None:
        if money is not None or not backtest:
            raise typer.BadParameter("Without --products there is only the back-test to report.")
        _write_past_alone(history, settings, output, seed)
    else:
        asked = read_new_products(products, launch_day=history.cutoff_day)
        money = None if money is None else money.for_products(asked)
        asking = ask(history, asked, settings, shop=shop, seed=seed)
        typed = _typed(
            horizon=horizon,
            launch_dates=launch_dates,
            active_days=active_days,
            measured=measured,
            as_of=as_of,
            seed=seed,
        )
        places = Places(str(shop), str(products), options=typed)
        reporting.write(asking, output, places=places, economics=money, tested=backtest)
    terminal.text(f"Report: {output}")


def _typed(**deciding: object) -> str:
    """The options on which the figures depend, as they are typed, besides those about money; defaults left out."""
    told = signature(command).parameters
    given = {name: value for name, value in deciding.items() if value != told[name].default}
    return " ".join(f"--{name.replace('_', '-')} {quote(str(value))}" for name, value in given.items())


def _write_past_alone(history: History, settings: LaunchSettings, output: Path, seed: int) -> None:
    from frontrow.launch.backtest.backtest import backtest
    from frontrow.report.page import write_report

    with terminal.progress("Walking through past launches") as step:
        result = backtest(history, settings, seed=seed, progress=step)
    write_report(output, history, backtest=result)
