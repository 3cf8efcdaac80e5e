"""frontrow evaluate: what recommenders would have put before customers, and what the customers then bought."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import options, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frontrow.recommend.figures import Evaluation

FIRST = "two_tower"
"""Tested first, where its extra is installed, when no model is named."""

SHOWN = {"hit_rate": "hit rate", "recall": "recall", "map": "MAP", "mrr": "MRR", "coverage": "coverage"}
"""Beside the NDCG, which has its interval."""

HEADINGS = {
    ("returning", "all"): "Returning customers, all products",
    ("returning", "never bought"): "Returning customers, products they never bought",
    ("new", "all"): "New customers, known by their order's time and place alone",
}


def command(
    shop: options.ShopFolder,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Recommender to put first; give it again for another. [default: two_tower]"),
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

    from frontrow.recommend.evaluation import evaluate
    from frontrow.recommend.figures import EvaluationSettings, parquet_file
    from frontrow.shop.shop import Shop

    if only and not model:
        raise typer.BadParameter("name at least one recommender with --model.", param_hint="--only")
    settings = EvaluationSettings(horizon_days=horizon)
    settings = replace(settings, k=tuple(dict.fromkeys(k))) if k else settings
    output = None if output is None else parquet_file(output)
    opened, start = Shop.read(shop), options.instant(cutoff, "--cutoff")
    with show.progress("Fitting and testing recommenders", quiet=as_json) as step:
        found = evaluate(opened, start, models=model or (), only=only, settings=settings, seed=seed, progress=step)
    if output is not None:
        found.write(output)
    if as_json:
        show.as_json(found.to_dict())
    else:
        print_evaluation(found, first=model or [FIRST])


def print_evaluation(found: Evaluation, *, first: Sequence[str] = ()) -> None:
    """A table for each part of the customers, the top-k accuracy, and what was left out."""
    tested = found.seconds["model"].to_list()
    models = [*(name for name in first if name in tested), *(name for name in tested if name not in first)]
    for (customers, products), heading in HEADINGS.items():
        for k in found.settings.k:
            _print_part(found, models, (customers, products), f"{heading}, list of {k}", k)
    _print_accuracy(found, models)
    show.text(
        f"As of {found.cutoff.date()}; bought within {_days(found.settings.horizon_days)}; {found.candidates:,} "
        f"products sold in the {_days(found.settings.on_sale_days)} before. NDCG with its 95 % interval over customers."
    )
    for name, reason in found.skipped.items():
        show.text(f"{name} was left out: {reason}")


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def _print_part(found: Evaluation, models: list[str], part: tuple[str, str], heading: str, k: int) -> None:
    customers, products = part
    count = found.counts.filter(customers=customers, products=products).row(0, named=True)
    rows = []
    for model in models:
        figures = found.values.filter(model=model, customers=customers, products=products, k=k)
        told = {row["metric"]: row for row in figures.iter_rows(named=True)}
        seconds = found.seconds.filter(model=model).row(0, named=True)
        ndcg = told["ndcg"]
        rows.append(
            (
                model,
                f"{ndcg['value']:.3f} [{ndcg['low']:.3f}, {ndcg['high']:.3f}]",
                *[f"{told[metric]['value']:.3f}" for metric in SHOWN],
                f"{seconds['fit']:.1f}",
                f"{seconds['lists']:.1f}",
            )
        )
    names = ("NDCG", *SHOWN.values(), "fit, s", "lists, s")
    title = f"{heading} ({count['tested']:,} customers, {count['targets']:,} purchases to find)"
    show.table(title, ("model", *names), rows, numeric=names)


def _print_accuracy(found: Evaluation, models: list[str]) -> None:
    accuracy = found.values.filter(metric="accuracy", customers="returning", products="all")
    lengths = accuracy["k"].unique().sort().to_list()
    columns = [f"top {length}" for length in lengths]
    rows = []
    for model in models:
        values = dict(accuracy.filter(model=model).select("k", "value").iter_rows())
        rows.append((model, *[f"{values[length]:.3f}" for length in lengths]))
    show.table("Share of returning customers' purchases in their list", ("model", *columns), rows, numeric=columns)
