"""frontrow status: how a shop stands, and what needs doing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.exit_codes import ExitCode


def command(
    shop: options.ShopFolder,
    fail_if_stale: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS",
            min=0,
            help="End with exit code 3 where the last order is older than this many days, or there is none.",
        ),
    ] = None,
    outputs: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder to which campaigns and trained recommenders were moved [default: the one with the shop].",
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Say how the shop stands: what came in and when, what it holds, which models are current, what needs doing."""
    from frontrow.service.status import StatusSettings, read_status

    settings = StatusSettings(outputs)
    if fail_if_stale is not None:
        settings = StatusSettings(outputs, fail_if_stale)
    result = read_status(shop, settings)
    terminal.show(result, as_json=as_json)
    if fail_if_stale is not None and result.status.is_stale:
        raise typer.Exit(int(ExitCode.STALE))
