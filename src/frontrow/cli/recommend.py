"""frontrow recommend: what each customer is likely to want next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import options, show
from frontrow.cli.option_groups import LISTS, MODEL, OUTPUT, WHO

if TYPE_CHECKING:
    import polars as pl

    from frontrow.recommend.answering import Answer, Request
    from frontrow.recommend.trained import TrainedRecommender

KINDS = {"all": "all products", "new": "only what the customer never bought"}


def command(
    shop: options.ShopFolder,
    *,
    customers: Annotated[
        str,
        typer.Option(
            metavar="FILE|returning|new",
            help="Whom: a CSV with customer_id or source_id; everyone active; or those who have not ordered yet.",
            rich_help_panel=WHO,
        ),
    ] = "returning",
    active_days: Annotated[
        int, typer.Option(min=1, help="Returning: with an order within so many days.", rich_help_panel=WHO)
    ] = 365,
    contexts: Annotated[
        Path | None,
        typer.Option(
            help="New customers: a CSV with country, province, city, hour or month, a list for each row "
            "[default: one for each country].",
            rich_help_panel=WHO,
        ),
    ] = None,
    basket: Annotated[
        str | None,
        typer.Option(
            metavar="IDS", help="New customers: products in the basket, a comma between them.", rich_help_panel=WHO
        ),
    ] = None,
    k: Annotated[int, typer.Option(min=1, max=1_000, help="Length of the lists.", rich_help_panel=LISTS)] = 10,
    mode: Annotated[
        str | None,
        typer.Option(
            metavar="all|new",
            help="List all products, or only those the customer never bought [default: as the rules say, else all].",
            rich_help_panel=LISTS,
        ),
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="A TOML file of rules.", rich_help_panel=LISTS)] = None,
    launches: Annotated[
        Path | None,
        typer.Option(
            help="CSV of products that are not on sale yet, as for frontrow audience --products.",
            rich_help_panel=LISTS,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FOLDER",
            help="Recommender, or the folder frontrow train made [default: two_stage].",
            rich_help_panel=MODEL,
        ),
    ] = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    output: Annotated[
        Path | None, typer.Option(help="Write all lists to this .csv or .parquet file.", rich_help_panel=OUTPUT)
    ] = None,
    examples: Annotated[
        int, typer.Option(min=0, help="Customers whose list is shown on screen.", rich_help_panel=OUTPUT)
    ] = 3,
    as_json: options.AsJson = False,
) -> None:
    """List for each customer what they are likely to want next, under the shop's rules."""
    from frontrow.recommend.answering import Request, answer, refuse_unreadable
    from frontrow.recommend.kept import kept_recommender
    from frontrow.recommend.named import DEFAULT_MODEL, is_trained
    from frontrow.recommend.recommendations import table_file
    from frontrow.recommend.trained import TrainedRecommender

    model = model or DEFAULT_MODEL
    _refuse(mode, customers, contexts, basket, launches)
    output = None if output is None else table_file(output)
    request = Request(
        customers=customers,
        active_days=active_days,
        contexts=contexts,
        basket=tuple(one.strip() for one in basket.split(",") if one.strip()) if basket else (),
        k=k,
        mode=mode,
        rules=rules,
        launches=launches,
        seed=seed,
    )
    with show.progress("Learning from past orders", quiet=as_json) as step:
        if is_trained(model):
            if as_of is not None:
                raise typer.BadParameter("a trained model answers as of its own day.", param_hint="--as-of")
            trained = TrainedRecommender.load(model)
        else:
            history = options.history(shop, as_of)
            refuse_unreadable(request, shop, history)
            trained = kept_recommender(history, model, folder=shop, seed=seed, progress=step)
    with show.progress("Making lists", quiet=as_json) as step:
        found = answer(trained, shop, request, progress=step)
    if output is not None:
        found.recommendations.write(output)
    if as_json:
        show.as_json(_for_a_program(found, trained, request, examples, output))
    else:
        _print(found, trained, request, examples, output)


def _refuse(mode: str | None, customers: str, contexts: Path | None, basket: str | None, launches: Path | None) -> None:
    """Options that do not fit together, before anything is read."""
    if mode not in (None, *KINDS):
        raise typer.BadParameter(f'"{mode}" is neither all nor new.', param_hint="--mode")
    if customers != "new" and (contexts is not None or basket is not None):
        hint = "--contexts" if contexts is not None else "--basket"
        raise typer.BadParameter("is about customers who have not ordered yet: --customers new.", param_hint=hint)
    if customers == "new" and launches is not None:
        raise typer.BadParameter(
            "who will buy a launch is told from past orders, and new customers have none; pin it with --rules.",
            param_hint="--launches",
        )


def _for_a_program(
    found: Answer, trained: TrainedRecommender, request: Request, examples: int, output: Path | None
) -> dict[str, object]:
    made = found.recommendations
    return {
        "as_of": str(trained.cutoff),
        "model": trained.model,
        "k": request.k,
        "customers": made.customers,
        "unknown_customers": found.unknown,
        "short_lists": made.short,
        "scores_are_chances": found.chances,
        "effects": made.effects.to_dicts(),
        "remarks": found.remarks,
        "examples": made.examples(examples, found.shelf).to_dicts(),
        "output": None if output is None else str(output),
    }


def _print(found: Answer, trained: TrainedRecommender, request: Request, examples: int, output: Path | None) -> None:
    made = found.recommendations
    whom = f"{'first order' if request.customers == 'new' else 'customer'}{'s' * (made.customers != 1)}"
    show.text(f"Lists of {request.k} for {made.customers:,} {whom} by {trained.model}, as of {trained.cutoff.date()}.")
    if found.unknown:
        show.text(f"{request.customers}: nobody this shop knows in {found.unknown:,} row{'s' * (found.unknown != 1)}.")
    for remark in found.remarks:
        show.text(remark)
    if examples:
        _print_examples(made.examples(examples, found.shelf), found.chances)
    _print_effects(made.effects)
    if made.short:
        show.text(f"Lists shorter than {request.k}, where the rules leave no more: {made.short:,}.")
    if output is not None:
        show.text(f"All lists: {output}")


def _print_examples(rows: pl.DataFrame, chances: bool) -> None:
    """One table; the customer stands beside the first of each list."""
    known = "customer_id" in rows.columns
    whom = ["customer_id"] if known else [one for one in rows.columns[1:6] if rows[one].null_count() < rows.height]
    worth = "chance" if chances else "score"
    cells: list[tuple[object, ...]] = []
    for row in rows.iter_rows(named=True):
        first = row["rank"] == 1
        score = row["score"]
        told = "-" if score is None else f"{score:.1%}" if chances else f"{score:.3f}"
        title = row["title"] or row["product_id"]
        cells.append((*[row[one] if first else "" for one in whom], row["rank"], title, told, row["source"]))
    names = ["customer" if one == "customer_id" else one for one in whom]
    show.table("Some of the lists", (*names, "rank", "product", worth, "source"), cells, numeric=("rank", worth))


def _print_effects(effects: pl.DataFrame) -> None:
    columns = ("rule", "products", "places removed", "places filled", "customers")
    rows = [[one if one is None or isinstance(one, str) else f"{one:,}" for one in row] for row in effects.iter_rows()]
    if rows:
        show.table("What the rules did", columns, rows, numeric=columns[1:])
