"""frontrow campaigns: every campaign of a shop, whom two of them reached, and what all of them together caused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal


def command(
    shop: options.ShopFolder,
    outputs: Annotated[
        Path | None,
        typer.Option(help="Folder with what frontrow campaign wrote [default: the one that holds the shop]."),
    ] = None,
    report: options.Report = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """List every campaign: sent or not, measured or not, what it earned, and which reached the same customers.

    With a global control group, it says what all campaigns together caused since the group was drawn.
    """
    from frontrow.report.page import write_campaigns
    from frontrow.service.campaigns import SurveySettings, survey_campaigns

    page = options.page_file(report)
    result = survey_campaigns(shop, SurveySettings(outputs, seed=seed))
    if page is not None:
        write_campaigns(page, result.survey)
    terminal.show(result, as_json=as_json, report=page)
