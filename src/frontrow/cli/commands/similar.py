"""frontrow similar: the products most like a given one, by what customers bought."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal


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
    k: Annotated[int, typer.Option(min=1, help="How many products to show.")] = 10,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show the products for sale that are most like one, as a recommender has learned them."""
    from frontrow.recommend.registry import is_trained
    from frontrow.recommend.retrieve.similar_products import similar_products, similar_to
    from frontrow.recommend.trained import TrainedRecommender

    if is_trained(model):
        if as_of is not None:
            raise typer.BadParameter("a trained model answers as of its own day.", param_hint="--as-of")
        trained = TrainedRecommender.load(model)
        found, model = similar_to(trained, product, k=k), trained.model
    else:
        history = options.history(shop, as_of)
        with terminal.progress("Learning what is alike", quiet=as_json) as step:
            found = similar_products(history, product, model=model, k=k, seed=seed, progress=step)
    if as_json:
        terminal.as_json({**found.product, "model": model, "similar": found.rows.to_dicts()})
        return
    if found.rows.height == 0:
        terminal.text(
            f"{model} finds no product for sale like {found.product['title']}: too few known customers bought it. "
            "Another recommender may (--model)."
        )
        return
    terminal.table(
        f"Most like {found.product['title']} ({found.product['product_id']}), by {model}",
        ("product", "title", "similarity"),
        [(row["product_id"], row["title"], f"{row['similarity']:.3f}") for row in found.rows.iter_rows(named=True)],
        numeric=("similarity",),
    )
