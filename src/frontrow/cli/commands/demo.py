"""frontrow demo: the whole main job on a made-up garden shop, from raw exports to a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import terminal


def command(
    output: Annotated[Path, typer.Option(help="Folder for everything the demo writes.")] = Path("demo"),
    customers: Annotated[int, typer.Option(min=500, help="Customers of the made-up shop.")] = 8_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same shop.")] = 7,
) -> None:
    """Make up a garden shop in Shopify's own export format, and run the main job on it."""
    from frontrow.launch.backtest.backtest import BacktestSettings
    from frontrow.report.page import write_report
    from frontrow.service.audience import AudienceSettings, rank_audience
    from frontrow.service.backtest import run_backtest
    from frontrow.service.opening import RunSettings
    from frontrow.service.shop_data import import_exports
    from frontrow.shop.import_settings import ImportSettings
    from frontrow.storage.table_output import TableFile
    from frontrow.synthetic import SyntheticShop

    claim_folder(output, customers, seed)
    garden = SyntheticShop(customers=customers, seed=seed, lines_a_year=6.0)
    exports, new, shop = output / "exports", output / "new.csv", output / "shop"
    audience, page = output / "audience.csv", output / "report.html"
    run = RunSettings()
    terminal.text(f"1. A garden shop of {customers:,} customers, in Shopify's own export format: {exports}")
    files = garden.write_shopify(exports)
    garden.write_upcoming(new)
    terminal.text(f"2. frontrow import {shop} {exports}/*.csv --time-zone {garden.time_zone}")
    terminal.draw(import_exports(shop, files, ImportSettings(time_zone=garden.time_zone)).sections())
    terminal.text(f"3. frontrow audience {shop} --products {new} --output {audience}")
    with terminal.progress("Learning from past launches") as step:
        settings = AudienceSettings(new, reasons=0, output=TableFile.choose(audience))
        ranked = rank_audience(shop, settings, run, progress=step)
    terminal.draw(ranked.summary_sections())
    terminal.text(f"4. frontrow backtest {shop} --report {page}")
    with terminal.progress("Walking through past launches") as step:
        tested = run_backtest(shop, BacktestSettings(), run, progress=step)
    terminal.draw(tested.sections())
    write_report(page, replace(tested.report(), audience=ranked.audience, model=ranked.model))
    terminal.text(f"Report: {page}\nAudience: {audience}")


def claim_folder(output: Path, customers: int, seed: int) -> None:
    """Keep a folder for this demo: one that is new or empty, or holds the same demo already.

    Args:
        output: The folder.
        customers: Customers of the made-up shop.
        seed: Of the made-up shop.

    Raises:
        InputError: The folder holds other files.
    """
    from frontrow.errors import InputError
    from frontrow.storage.folder import write_text

    text, file = f'{{"customers": {customers}, "seed": {seed}}}\n', output / "demo.json"
    if file.is_file() and file.read_text("utf-8") == text:
        return
    if output.exists() and any(output.iterdir()):
        advice = "Name another folder with --output, or delete this one."
        raise InputError("contains other files than this demo's", file=output, advice=advice)
    write_text(text, file, private=False)
