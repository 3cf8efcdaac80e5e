"""frontrow classify: classifiers that learn from a launch's own sales, beside the launch model that needs none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import HOW_MANY, LAUNCH, MODEL, TEST, WHO
from frontrow.errors import SettingError

if TYPE_CHECKING:
    from frontrow.service.classification import ClassificationResult


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
    horizon: options.Horizon = None,
    launch_dates: options.LaunchDates = None,
    vectors: options.Vectors = None,
    active_days: options.ActiveDays = None,
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
        typer.Option(
            min=31,
            help="With --all-past-launches: days before the cutoff whose launches are tested.",
            rich_help_panel=TEST,
        ),
    ] = 150,
    refit_days: Annotated[
        int,
        typer.Option(
            min=1,
            help="With --all-past-launches: days after which the models are fitted again.",
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
    report: options.Report = None,
    as_json: options.AsJson = False,
) -> None:
    """Classify customers of a launch that has sales, as a notebook would, beside the launch model that needs none.

    Customer embeddings feed logistic regression, two small neural networks and boosted trees, which learn from the
    sales of the launch itself among 55 % of its customers and are tested on the rest. The launch model is tested on
    the same customers and knows earlier launches only. Needs the extra neural.
    """
    from frontrow.launch.backtest.backtest import BacktestSettings
    from frontrow.launch.classify.classification import ClassifySettings
    from frontrow.service.classification import classify_launch, classify_past_launches

    page = options.page_file(report)
    if (product is None) == (not all_past_launches):
        raise SettingError("product", "Name one product, or --all-past-launches.")
    settings = replace(ClassifySettings(), cohort=cohort, lengths=tuple(sorted(set(length or []))))
    run = options.run_settings(
        as_of, horizon=horizon, active_days=active_days, launch_dates=launch_dates, seed=seed, vectors=vectors
    )
    result: ClassificationResult
    with terminal.progress("Classifying customers", quiet=as_json) as step:
        if product is not None:
            result = classify_launch(shop, product, settings, run, embedding=embedding, progress=step)
        else:
            past_launches = BacktestSettings(test_days=test_days, refit_days=refit_days, min_buyers=min_buyers)
            result = classify_past_launches(shop, settings, past_launches, run, embedding=embedding, progress=step)
    options.write_page(page, result)
    terminal.show(result, as_json=as_json, report=page)
