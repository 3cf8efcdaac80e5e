"""frontrow measure: what a campaign caused, contacted against held-out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal

RENAMED = {"--shop": "The shop is the first argument: frontrow measure SHOP CAMPAIGN."}


def command(
    shop: options.ShopFolder,
    campaign: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The folder that frontrow campaign wrote.")],
    orders: Annotated[
        list[Path] | None,
        typer.Option(help="An export with the orders since; may be repeated. The shop itself is left as it is."),
    ] = None,
    sold_as: Annotated[
        list[str] | None,
        typer.Option(help="What the shop calls the product: PRODUCT, or NEW_PRODUCT=PRODUCT where there are several."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(help="Earned per unit at its full price [default: the campaign's, else the catalogue's cost]."),
    ] = None,
    cost: Annotated[float | None, typer.Option(help="What a unit costs the shop, instead of a margin.")] = None,
    as_of: options.AsOf = None,
    report: options.Report = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Compare what contacted and held-out customers bought; saves the result in the campaign's folder."""
    from frontrow.campaign.uplift.outcomes import Margin
    from frontrow.report.page import write_measurement
    from frontrow.service.measurement import MeasureSettings, measure_campaign

    page = options.page_file(report)
    settings = MeasureSettings(tuple(orders or ()), tuple(sold_as or ()), Margin(cost=cost, per_unit=margin))
    result = measure_campaign(shop, campaign, settings, options.run_settings(as_of, seed=seed))
    if page is not None:
        write_measurement(page, result.measurement, result.campaign, places=result.places)
    terminal.show(result, as_json=as_json, report=page)
