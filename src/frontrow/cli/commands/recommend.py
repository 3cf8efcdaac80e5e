"""frontrow recommend: what each customer is likely to want next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from frontrow.cli import options, recommend_options, terminal

if TYPE_CHECKING:
    import polars as pl

    from frontrow.recommend.answering import Answer, Request
    from frontrow.recommend.trained import TrainedRecommender


def command(
    shop: options.ShopFolder,
    *,
    customers: recommend_options.Customers = "returning",
    active_days: recommend_options.ActiveDays = 365,
    contexts: recommend_options.Contexts = None,
    basket: recommend_options.Basket = None,
    k: recommend_options.Length = 10,
    mode: recommend_options.Mode = None,
    rules: recommend_options.Rules = None,
    launches: recommend_options.Launches = None,
    model: recommend_options.Model = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    output: recommend_options.Output = None,
    examples: recommend_options.Examples = 3,
    as_json: options.AsJson = False,
) -> None:
    """List for each customer what they are likely to want next, under the shop's rules."""
    from frontrow.recommend.answering import Request, answer, refuse_unreadable
    from frontrow.recommend.cache import kept_recommender
    from frontrow.recommend.registry import DEFAULT_MODEL, is_trained
    from frontrow.recommend.trained import TrainedRecommender
    from frontrow.storage.folder import check_output_file

    model = model or DEFAULT_MODEL
    recommend_options.refuse(mode, customers, contexts, basket, launches)
    output = None if output is None else check_output_file(output, ".csv", ".parquet")
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
    with terminal.progress("Learning from past orders", quiet=as_json) as step:
        if is_trained(model):
            if as_of is not None:
                raise typer.BadParameter("a trained model answers as of its own day.", param_hint="--as-of")
            trained = TrainedRecommender.load(model)
        else:
            history = options.history(shop, as_of)
            refuse_unreadable(request, shop, history)
            trained = kept_recommender(history, model, folder=shop, seed=seed, progress=step)
    with terminal.progress("Making lists", quiet=as_json) as step:
        found = answer(trained, shop, request, progress=step)
    if output is not None:
        found.recommendations.write(output)
    if as_json:
        terminal.as_json(_for_a_program(found, trained, request, examples, output))
    else:
        _print(found, trained, request, examples, output)


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
    day = trained.cutoff.date()
    terminal.text(f"Lists of {request.k} for {made.customers:,} {whom} by {trained.model}, as of {day}.")
    if found.unknown:
        rows = f"{found.unknown:,} row{'s' * (found.unknown != 1)}"
        terminal.text(f"{request.customers}: nobody this shop knows in {rows}.")
    for remark in found.remarks:
        terminal.text(remark)
    if examples:
        _print_examples(made.examples(examples, found.shelf), found.chances)
    _print_effects(made.effects)
    if made.short:
        terminal.text(f"Lists shorter than {request.k}, where the rules leave no more: {made.short:,}.")
    if output is not None:
        terminal.text(f"All lists: {output}")


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
    terminal.table("Some of the lists", (*names, "rank", "product", worth, "source"), cells, numeric=("rank", worth))


def _print_effects(effects: pl.DataFrame) -> None:
    columns = ("rule", "products", "places removed", "places filled", "customers")
    rows = [[one if one is None or isinstance(one, str) else f"{one:,}" for one in row] for row in effects.iter_rows()]
    if rows:
        terminal.table("What the rules did", columns, rows, numeric=columns[1:])
