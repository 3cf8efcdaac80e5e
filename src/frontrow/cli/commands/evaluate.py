"""frontrow evaluate: what recommenders would have put before customers, and what the customers then bought."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.errors import SettingError

RENAMED = {
    "--model": "Write --models NAME,NAME for the recommenders to test.",
    "--only": "Write --models NAME,NAME for the recommenders to test.",
    "--cutoff": "Write --as-of.",
    "--k": "Write --top.",
}


def command(
    shop: options.ShopFolder,
    models: Annotated[
        str, typer.Option(metavar="NAMES|all", help="Recommenders to test, a comma between them.")
    ] = "all",
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Learn from what came before, test on what came after [default: the latest possible]."
        ),
    ] = None,
    horizon: Annotated[
        int | None,
        typer.Option(
            min=1, help="Days within which a purchase counts, from the cutoff on [default: the shop's, else 30]."
        ),
    ] = None,
    top: Annotated[
        list[int] | None, typer.Option(min=1, help="Length of the lists; may be repeated. [default: 10]")
    ] = None,
    output: options.Output = None,
    format: options.Format = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Test recommenders on what customers bought after a date: every product is ranked for every customer."""
    from frontrow.recommend.evaluate.results import EvaluationSettings
    from frontrow.service.evaluation import evaluate_recommenders

    names = [] if models == "all" else [name.strip() for name in models.split(",") if name.strip()]
    if models != "all" and not names:
        raise SettingError("models", "Name recommenders with a comma between them, or all.")
    settings = EvaluationSettings(k=tuple(dict.fromkeys(top or [10])))
    file, run = options.table_file(output, format), options.run_settings(as_of, horizon=horizon, seed=seed)
    with terminal.progress("Fitting and testing recommenders", quiet=as_json) as step:
        result = evaluate_recommenders(shop, names, settings, run, output=file, progress=step)
    terminal.show(result, as_json=as_json)
