"""frontrow demo: the whole main job on a made-up garden shop, from raw exports to a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import forecasts_told, terminal

if TYPE_CHECKING:
    from frontrow.launch.audience.audience import Audience

HORIZON_DAYS = 30


def command(
    output: Annotated[Path, typer.Option(help="Folder for everything the demo writes.")] = Path("demo"),
    customers: Annotated[int, typer.Option(min=500, help="Customers of the made-up shop.")] = 8_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same shop.")] = 7,
) -> None:
    """Make up a garden shop in Shopify's own export format, and run the main job on it."""
    from frontrow.cli.commands.backtest import print_backtest
    from frontrow.cli.commands.import_ import print_report
    from frontrow.launch.audience.audience import audience
    from frontrow.launch.backtest.backtest import backtest
    from frontrow.launch.model.cache import fitted_model
    from frontrow.launch.new_products import read_new_products
    from frontrow.launch.settings import LaunchSettings
    from frontrow.report.page import write_report
    from frontrow.shop.shop import Shop
    from frontrow.shop.update import ImportOptions, import_files
    from frontrow.synthetic import SyntheticShop

    _claim(output, customers, seed)
    garden = SyntheticShop(customers=customers, seed=seed, lines_a_year=6.0)
    exports, new, folder = output / "exports", output / "new.csv", output / "shop"
    terminal.text(f"1. A garden shop of {customers:,} customers, in Shopify's own export format: {exports}")
    files = garden.write_shopify(exports)
    garden.write_upcoming(new)
    terminal.text(f"2. frontrow import {exports}/*.csv --shop {folder} --time-zone {garden.time_zone}")
    report = import_files(files, folder, options=ImportOptions(time_zone=garden.time_zone))
    print_report(report, folder)
    history = Shop.read(folder).as_of()
    settings = LaunchSettings(horizon_days=HORIZON_DAYS)
    terminal.text(f"3. frontrow audience {folder} --products {new} --output {output / 'audience.csv'}")
    with terminal.progress("Learning from past launches"):
        model = fitted_model(history, settings, folder=folder)
        found = audience(history, read_new_products(new, launch_day=history.cutoff_day), model)
    found.write(output / "audience.csv")
    _print_products(found, model.launches)
    terminal.text(f"4. frontrow backtest {folder} --report {output / 'report.html'}")
    with terminal.progress("Walking through past launches") as step:
        result = backtest(history, settings, progress=step)
    print_backtest(result)
    write_report(output / "report.html", history, backtest=result, audience=found, model=model)
    terminal.text(f"Report: {output / 'report.html'}\nAudience: {output / 'audience.csv'}")


def _claim(output: Path, customers: int, seed: int) -> None:
    """Keep a folder for this demo: one that is new or empty, or holds the same demo already."""
    from frontrow.errors import InputError
    from frontrow.storage.folder import write_text

    told, made = f'{{"customers": {customers}, "seed": {seed}}}\n', output / "demo.json"
    if made.is_file() and made.read_text("utf-8") == told:
        return
    if output.exists() and any(output.iterdir()):
        advice = "Name another folder with --output, or delete this one."
        raise InputError("other files than this demo's are there", file=output, advice=advice)
    write_text(told, made)


def _print_products(found: Audience, launches: int) -> None:
    terminal.text(f"New products, nobody has bought one yet; learned from {launches} past launches:")
    for product in found.expected_buyers().iter_rows(named=True):
        terminal.text(f"   {forecasts_told.expected(product, HORIZON_DAYS)}")
