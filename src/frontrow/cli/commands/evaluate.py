"""frontrow evaluate: what recommenders would have put before customers, and what the customers then bought."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import options, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frontrow.recommend.evaluate.results import Evaluation

SHOWN = {
    "hit_rate": "hit rate",
    "recall": "recall",
    "map": "MAP",
    "mrr": "MRR",
    "coverage": "coverage",
    "novelty": "novelty",
}
"""Beside the NDCG, which has its interval."""

HEADINGS = {
    ("returning", "all"): "Returning customers, all products",
    ("returning", "never bought"): "Returning customers, products they never bought",
    ("new", "all"): "New customers, known by their order's time and place alone",
}


def command(
    shop: options.ShopFolder,
    models: Annotated[
        str | None,
        typer.Option(metavar="NAMES|all", help="Recommenders to test, a comma between them. [default: all]"),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Recommender to put first, the others after it; give it again for another."),
    ] = None,
    only: Annotated[bool, typer.Option("--only", help="Leave out the recommenders not named by --model.")] = False,
    cutoff: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Learn from what came before, test on what came after [default: the latest possible]."
        ),
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, help="Days after the cutoff within which a purchase counts.")] = 30,
    k: Annotated[
        list[int] | None, typer.Option(min=1, help="Length of the lists; may be repeated. [default: 10]")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write every figure to this .parquet file.")] = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Test recommenders on what customers bought after a date: every product ranked, every customer asked."""
    from dataclasses import replace

    from frontrow.recommend.evaluate.evaluation import evaluate
    from frontrow.recommend.evaluate.results import EvaluationSettings
    from frontrow.shop.shop import Shop
    from frontrow.storage.folder import check_output_file

    if only and not model:
        raise typer.BadParameter("name at least one recommender with --model.", param_hint="--only")
    if models is not None and model:
        raise typer.BadParameter("takes the place of --model; give one of the two.", param_hint="--models")
    if models is not None and models != "all":
        model, only = [one.strip() for one in models.split(",") if one.strip()], True
        if not model:
            raise typer.BadParameter("names no recommender; write some, or all.", param_hint="--models")
    settings = EvaluationSettings(horizon_days=horizon)
    settings = replace(settings, k=tuple(dict.fromkeys(k))) if k else settings
    output = None if output is None else check_output_file(output, ".parquet")
    opened, start = Shop.read(shop), options.instant(cutoff, "--cutoff")
    with terminal.progress("Fitting and testing recommenders", quiet=as_json) as step:
        found = evaluate(opened, start, models=model or (), only=only, settings=settings, seed=seed, progress=step)
    if output is not None:
        found.write(output)
    if as_json:
        terminal.as_json(found.to_dict())
    else:
        print_evaluation(found, first=model or [found.reference])


def print_evaluation(found: Evaluation, *, first: Sequence[str] = ()) -> None:
    """A table for each part of the customers, the top-k accuracy, and what was left out."""
    tested = found.costs["model"].to_list()
    models = [*(name for name in first if name in tested), *(name for name in tested if name not in first)]
    for (customers, products), heading in HEADINGS.items():
        for k in found.settings.k:
            _print_part(found, models, (customers, products), f"{heading}, list of {k}", k)
    _print_accuracy(found, models)
    _print_costs(found, models)
    terminal.text(
        f"As of {found.cutoff.date()}; bought within {_days(found.settings.horizon_days)}; {found.candidates:,} "
        f"products sold in the {_days(found.settings.on_sale_days)} before. NDCG and its difference to "
        f"{found.reference}, customer by customer, with 95 % intervals over customers; coverage: share of the products "
        "in anyone's list; novelty: how rare what is listed is, in bits (one more is half as many buyers)."
    )
    for name, reason in found.skipped.items():
        terminal.text(f"{name} was left out: {reason}")


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def _print_part(found: Evaluation, models: list[str], part: tuple[str, str], heading: str, k: int) -> None:
    customers, products = part
    count = found.counts.filter(customers=customers, products=products).row(0, named=True)
    against = found.against(found.reference).filter(customers=customers, products=products)
    gains = {row["model"]: row for row in against.iter_rows(named=True)} if k == found.settings.k[0] else {}
    rows = []
    for model in models:
        figures = found.values.filter(model=model, customers=customers, products=products, k=k)
        told = {row["metric"]: row for row in figures.iter_rows(named=True)}
        ndcg, gain = told["ndcg"], gains.get(model)
        rows.append(
            (
                model,
                f"{ndcg['value']:.3f} [{ndcg['low']:.3f}, {ndcg['high']:.3f}]",
                "" if gain is None else f"{gain['difference']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}]",
                *[f"{told[metric]['value']:.{1 if metric == 'novelty' else 3}f}" for metric in SHOWN],
            )
        )
    names = ("NDCG", f"against {found.reference}", *SHOWN.values())
    title = f"{heading} ({count['tested']:,} customers, {count['targets']:,} purchases to find)"
    terminal.table(title, ("model", *names), rows, numeric=names)


def _print_accuracy(found: Evaluation, models: list[str]) -> None:
    accuracy = found.values.filter(metric="accuracy", customers="returning", products="all")
    lengths = accuracy["k"].unique().sort().to_list()
    columns = [f"top {length}" for length in lengths]
    rows = []
    for model in models:
        values = dict(accuracy.filter(model=model).select("k", "value").iter_rows())
        rows.append((model, *[f"{values[length]:.3f}" for length in lengths]))
    terminal.table("Share of returning customers' purchases in their list", ("model", *columns), rows, numeric=columns)


def _print_costs(found: Evaluation, models: list[str]) -> None:
    columns = ("fit, s", "lists, s", "fit, CPU s", "lists, CPU s", "memory, MB")
    rows = []
    for model in models:
        _, *costs = found.costs.filter(model=model).row(0)
        rows.append(
            (model, *["-" if one is None else f"{one:,.{1 if at < 4 else 0}f}" for at, one in enumerate(costs)])
        )
    terminal.table("What they cost", ("model", *columns), rows, numeric=columns)
