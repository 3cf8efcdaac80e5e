"""frontrow train: a recommender that serves without the orders it learned from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import options, terminal


def command(
    shop: options.ShopFolder,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the trained recommender.")],
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Recommender [default: two_stage].")] = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Fit a recommender and keep it, for frontrow recommend --model DIR and frontrow similar --model DIR."""
    from frontrow.recommend.registry import DEFAULT_MODEL, recommender_named
    from frontrow.recommend.trained import TrainedRecommender
    from frontrow.recommend.trained_store import refuse_other

    model = model or DEFAULT_MODEL
    recommender_named(model)
    refuse_other(output)
    history = options.history(shop, as_of)
    with terminal.progress("Learning from past orders", quiet=as_json) as step:
        trained = TrainedRecommender.fit(history, model, seed=seed, progress=step)
    trained.save(output)
    customers, products = len(trained.customer_ids), len(trained.bought.gap)
    size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    if as_json:
        told = {"model": model, "as_of": str(trained.cutoff), "customers": customers, "products": products}
        terminal.as_json({**told, "bytes": size, "output": str(output)})
        return
    terminal.text(
        f"{model}, as of {trained.cutoff.date()}: {customers:,} customers, {products:,} products, "
        f"{size / 1e6:,.1f} MB in {output}. It holds customer numbers, no names or addresses."
    )
    terminal.text(f"Serve it with: frontrow recommend {shop} --model {output}")
