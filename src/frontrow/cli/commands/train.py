"""frontrow train: a recommender that serves without the orders it learned from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.storage.waiting import DEFAULT_WAIT


def command(
    shop: options.ShopFolder,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the trained recommender.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="Recommender.")] = "two_stage",
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Fit a recommender and save it, for frontrow recommend --model DIR and frontrow similar --model DIR."""
    from frontrow.service.recommendations import train

    run = options.run_settings(as_of, seed=seed)
    with terminal.progress("Learning from past orders", quiet=as_json) as step:
        result = train(shop, output, run, model=model, progress=step, wait=wait)
    terminal.show(result, as_json=as_json)
