"""frontrow report: the audience of new products and the back-test behind it, on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import money_options, options, reporting, show

if TYPE_CHECKING:
    from frontrow.launch.settings import LaunchSettings
    from frontrow.shop.shop import History


def command(
    shop: options.ShopFolder,
    output: Annotated[Path, typer.Option(help="Write the page to this .html file.", show_default=False)],
    products: Annotated[
        Path | None, typer.Option(help="CSV, one row a new product [default: the back-test alone].")
    ] = None,
    margin: money_options.Margin = None,
    contact_cost: money_options.ContactCost = 0.0,
    discount: money_options.Discount = 0.0,
    capacity: money_options.Capacity = None,
    budget: money_options.Budget = None,
    stock: money_options.Stock = None,
    incremental_share: money_options.Assumed = None,
    measured: money_options.Measured = None,
    backtest: options.Backtest = True,
    as_of: options.AsOf = None,
    horizon: options.Horizon = 30,
    active_days: options.ActiveDays = 365,
    launch_dates: options.LaunchDates = None,
    seed: options.Seed = 0,
) -> None:
    """Write one page: who is expected to buy the new products, why, what lists earn, and why to believe it.

    It is the page before any campaign; frontrow campaign --report writes that of a campaign.
    """
    from frontrow.launch.audience import audience
    from frontrow.launch.model_store import fitted_model
    from frontrow.launch.new_products import read_new_products
    from frontrow.report.next_steps import Places

    share = money_options.incremental_share(incremental_share, measured)
    money = money_options.economics(margin, contact_cost, discount, capacity, budget, stock, share)
    history = options.history(shop, as_of)
    settings = options.launch_settings(horizon, active_days)
    days = options.launch_days(launch_dates)
    if products is None:
        if money is not None or not backtest:
            raise typer.BadParameter("Without --products there is only the back-test to report.")
        _write_past_alone(history, settings, output, days, seed)
    else:
        asked = read_new_products(products, launch_day=history.day)
        money = None if money is None else money.for_products(asked)
        with show.progress("Learning from past launches"):
            model = fitted_model(history, settings, folder=shop, seed=seed, launch_days=days)
            found = audience(history, asked, model, launch_days=days)
        asking = reporting.Asking(history, asked, model, found, days, seed)
        reporting.write(asking, output, places=Places(str(shop), str(products)), economics=money, tested=backtest)
    show.text(f"Report: {output}")


def _write_past_alone(
    history: History, settings: LaunchSettings, output: Path, launch_days: dict[str, int], seed: int
) -> None:
    from frontrow.launch.backtest import backtest
    from frontrow.report.page import write_report

    with show.progress("Walking through past launches") as step:
        result = backtest(history, settings, seed=seed, launch_days=launch_days, progress=step)
    write_report(output, history, backtest=result, launch_days=launch_days)
