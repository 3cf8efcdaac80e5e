"""frontrow classify: classifiers taught by a launch's own sales, beside the launch model that needs none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.option_groups import HOW_MANY, LAUNCH, MODEL, OUTPUT, TEST, WHO

if TYPE_CHECKING:
    from frontrow.launch.classify.classification import Classification, ClassifySettings
    from frontrow.launch.classify.past_launches import PastClassification
    from frontrow.models.embedding import Embedder
    from frontrow.present.sections.classify import Table


def command(
    shop: options.ShopFolder,
    *,
    product: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="A product that has sales, by its id in frontrow launches.", rich_help_panel=LAUNCH
        ),
    ] = None,
    all_past_launches: Annotated[
        bool,
        typer.Option(
            "--all-past-launches",
            help="Classify every past launch instead, and show the means.",
            rich_help_panel=LAUNCH,
        ),
    ] = False,
    horizon: options.Horizon = 30,
    launch_dates: options.LaunchDates = None,
    active_days: options.ActiveDays = 365,
    cohort: Annotated[
        str,
        typer.Option(
            metavar="COHORT",
            help="scored: everyone whom the launch model scores; both-periods: those who ordered after the launch "
            "too, which flatters.",
            rich_help_panel=WHO,
        ),
    ] = "scored",
    length: Annotated[
        list[int] | None,
        typer.Option(
            min=1,
            help="Precision and lift of a list of so many customers; may be repeated [default: 1, 5 and 10 % of those "
            "tested].",
            rich_help_panel=HOW_MANY,
        ),
    ] = None,
    test_days: Annotated[
        int,
        typer.Option(min=31, help="With --all-past-launches: those of the last so many days.", rich_help_panel=TEST),
    ] = 150,
    refit_days: Annotated[
        int,
        typer.Option(
            min=1,
            help="With --all-past-launches: fit launch model and embedding anew after so many days.",
            rich_help_panel=TEST,
        ),
    ] = 30,
    min_buyers: Annotated[
        int,
        typer.Option(
            min=8,
            help="With --all-past-launches: those with at least so many buyers compared.",
            rich_help_panel=TEST,
        ),
    ] = 20,
    embedding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What the classifiers read of a customer: two_tower, or svd [default: two_tower where torch is "
            "installed].",
            rich_help_panel=MODEL,
        ),
    ] = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    report: Annotated[
        Path | None, typer.Option(help="Write the report to this .html file.", rich_help_panel=OUTPUT)
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Classify customers of a launch that has sales, as a notebook would, beside the launch model that needs none.

    Customer embeddings feed logistic regression, two small neural networks and boosted trees, which learn from the
    sales of the launch itself among 55 % of its customers and are tested on the rest. The launch model is tested on
    the same customers and knows earlier launches only. Needs the extra neural.
    """
    from frontrow.launch.backtest.backtest import BacktestSettings
    from frontrow.launch.classify.classify import classify
    from frontrow.launch.classify.past_launches import classify_past
    from frontrow.storage.folder import check_output_file

    report = None if report is None else check_output_file(report, ".html")
    if (product is None) == (not all_past_launches):
        raise typer.BadParameter("name one product, or --all-past-launches.", param_hint="--product")
    settings = options.launch_settings(horizon, active_days)
    asked, embedder = _asked(cohort, length), _embedder(embedding)
    history = options.history(shop, as_of, launch_dates)
    found: Classification | PastClassification
    with terminal.progress("Classifying customers", quiet=as_json) as step:
        if product is not None:
            found = classify(history, product, settings, asked, embedder=embedder, seed=seed, progress=step)
        else:
            tested = BacktestSettings(test_days=test_days, refit_days=refit_days, min_buyers=min_buyers)
            found = classify_past(history, settings, asked, tested, embedder=embedder, seed=seed, progress=step)
    if report is not None:
        from frontrow.report.page import write_report

        write_report(report, history, classification=found)
    if as_json:
        terminal.as_json(found.to_dict())
    else:
        _print(found)


def _asked(cohort: str, lengths: list[int] | None) -> ClassifySettings:
    from frontrow.launch.classify.classification import COHORTS, ClassifySettings

    if cohort not in COHORTS:
        raise typer.BadParameter(f'"{cohort}" is none of {", ".join(COHORTS)}.', param_hint="--cohort")
    return replace(ClassifySettings(), cohort=cohort, lengths=tuple(sorted(set(lengths or []))))


def _embedder(name: str | None) -> Embedder:
    from frontrow.models.embeddings import default_embedding, embedders

    there = embedders()
    if name is not None and name not in there:
        raise typer.BadParameter(f'"{name}" is none of {", ".join(there)}.', param_hint="--embedding")
    return there[name or default_embedding()]


def _print(found: Classification | PastClassification) -> None:
    from frontrow.launch.classify.classification import BOTH_PERIODS, BOTH_PERIODS_WARNING, Classification
    from frontrow.present.sections import classify as classified
    from frontrow.present.sections import classify_past as classified_past

    if found.settings.cohort == BOTH_PERIODS:
        terminal.text(f"These figures flatter. {BOTH_PERIODS_WARNING}")
    if isinstance(found, Classification):
        sentences, tables, verdict = classified.sentences(found), classified.tables(found), classified.verdict(found)
    else:
        sentences, tables = classified_past.sentences(found), classified_past.tables(found)
        verdict = classified_past.verdict(found)
    for sentence in sentences:
        terminal.text(sentence)
    for table in tables:
        _print_table(table)
    terminal.text(verdict)


def _print_table(table: Table) -> None:
    rows = [(model, *["\n".join(part for part in cell if part) for cell in cells]) for model, cells in table.rows]
    words = ("learned from", "class")
    numeric = [name for name in table.columns[1:] if name not in words]
    terminal.table(table.caption, table.columns, rows, numeric=numeric)
