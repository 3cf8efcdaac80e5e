"""frontrow similar: the products most like a given one, by what customers bought."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal

RENAMED = {"--k": "Write --top."}


def command(
    shop: options.ShopFolder,
    product: Annotated[str, typer.Option(metavar="ID_OR_TITLE", help="The product: its product_id or its title.")],
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|FOLDER",
            help="Recommender that compares products, such as item_to_item, or the folder frontrow train made.",
        ),
    ] = "item_to_item",
    top: options.Top = 10,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show the products for sale that are most similar to a product, as a recommender has learned them."""
    from frontrow.service.recommendations import find_similar

    run = options.run_settings(as_of, seed=seed)
    with terminal.progress("Learning what is similar", quiet=as_json) as step:
        result = find_similar(shop, product, run, model=model, top=top, progress=step)
    terminal.show(result, as_json=as_json)
