"""frontrow measure: what a campaign caused, contacted against held-out; several campaigns alone and together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import FILES, HOLD_OUT, LAUNCH, MONEY

if TYPE_CHECKING:
    from frontrow.service.measurement import MeasureSettings
    from frontrow.service.opening import RunSettings

RENAMED = {"--shop": "The shop is the first argument: frontrow measure SHOP CAMPAIGN."}


def command(
    shop: options.ShopFolder,
    campaigns: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="CAMPAIGN",
            help="The folder that frontrow campaign wrote; several are measured alone, and then together.",
            show_default=False,
        ),
    ] = None,
    pool: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Measure all campaigns planned with this --pool that were recorded as sent.",
            rich_help_panel=HOLD_OUT,
        ),
    ] = None,
    orders: Annotated[
        list[Path] | None,
        typer.Option(
            help="An export with the orders since; may be repeated. The shop itself is left as it is.",
            rich_help_panel=FILES,
        ),
    ] = None,
    sold_as: Annotated[
        list[str] | None,
        typer.Option(
            help="What the shop calls the product: PRODUCT, or NEW_PRODUCT=PRODUCT where there are several.",
            rich_help_panel=LAUNCH,
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            help="Earned per unit at its full price [default: the campaign's, else the catalogue's cost].",
            rich_help_panel=MONEY,
        ),
    ] = None,
    cost: Annotated[
        float | None, typer.Option(help="What a unit costs the shop, instead of a margin.", rich_help_panel=MONEY)
    ] = None,
    as_of: options.AsOf = None,
    report: options.Report = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Compare what contacted and held-out customers bought; saves the result in the campaign's folder."""
    from frontrow.campaign.uplift.outcomes import Margin
    from frontrow.service.measurement import MeasureSettings

    if bool(campaigns) == bool(pool):
        raise typer.BadParameter("Name the folder of a campaign, several folders, or a pool.", param_hint="CAMPAIGN")
    page = options.page_file(report)
    settings = MeasureSettings(tuple(orders or ()), tuple(sold_as or ()), Margin(cost=cost, per_unit=margin))
    run = options.run_settings(as_of, seed=seed)
    if campaigns and len(campaigns) == 1:
        _measure_alone(shop, campaigns[0], settings, run, page, as_json=as_json)
        return
    from frontrow.report.page import write_pooled
    from frontrow.service.pooled_measurement import measure_pool, measure_together

    pooled = measure_pool(shop, pool, settings, run) if pool else measure_together(shop, campaigns or [], settings, run)
    if page is not None:
        write_pooled(page, pooled.measurements, pooled.pooled, pooled.pool)
    terminal.show(pooled, as_json=as_json, report=page)


def _measure_alone(
    shop: Path, campaign: Path, settings: MeasureSettings, run: RunSettings, page: Path | None, *, as_json: bool
) -> None:
    from frontrow.report.page import write_measurement
    from frontrow.service.measurement import measure_campaign

    result = measure_campaign(shop, campaign, settings, run)
    if page is not None:
        write_measurement(page, result.measurement, result.campaign, places=result.places)
    terminal.show(result, as_json=as_json, report=page)
