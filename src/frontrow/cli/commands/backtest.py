"""frontrow backtest: what the launch model would have found at past launches, beside simpler ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import forecasts_told, options, terminal
from frontrow.cli.option_groups import OUTPUT, TEST

if TYPE_CHECKING:
    from frontrow.launch.backtest.backtest import Backtest

SHOWN = {
    "auc": ("AUC", "{:.3f}"),
    "average_precision": ("average precision", "{:.3f}"),
    "lift_1": ("lift, top 1 %", "{:.1f}"),
    "lift_5": ("top 5 %", "{:.1f}"),
    "lift_10": ("top 10 %", "{:.1f}"),
    "log_loss": ("log loss", "{:.3f}"),
}


def command(
    shop: options.ShopFolder,
    *,
    horizon: options.Horizon = 30,
    launch_dates: options.LaunchDates = None,
    active_days: options.ActiveDays = 365,
    test_days: Annotated[
        int, typer.Option(min=31, help="Test the launches of the last so many days.", rich_help_panel=TEST)
    ] = 150,
    refit_days: Annotated[
        int, typer.Option(min=1, help="Fit the model anew after so many days.", rich_help_panel=TEST)
    ] = 30,
    min_buyers: Annotated[
        int, typer.Option(min=1, help="Test launches with at least so many buyers scored.", rich_help_panel=TEST)
    ] = 5,
    sales_days: Annotated[
        str,
        typer.Option(
            metavar="DAYS",
            help="Forecast launches again after so many days of sales, such as 1,3,7.",
            rich_help_panel=TEST,
        ),
    ] = "",
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    output: Annotated[
        Path | None,
        typer.Option(help="Write every figure of every launch to this .parquet file.", rich_help_panel=OUTPUT),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the report to this .html file.", rich_help_panel=OUTPUT)
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Test the launch model on past launches, beside baselines, each launch as it stood the midnight before."""
    from frontrow.launch.backtest.backtest import BacktestSettings, backtest
    from frontrow.storage.folder import check_output_file

    wanted = _days(sales_days, horizon)
    output = None if output is None else check_output_file(output, ".parquet")
    report = None if report is None else check_output_file(report, ".html")
    history = options.history(shop, as_of, launch_dates)
    with terminal.progress("Walking through past launches", quiet=as_json) as step:
        result = backtest(
            history,
            options.launch_settings(horizon, active_days),
            BacktestSettings(test_days, refit_days, min_buyers, wanted),
            seed=seed,
            progress=step,
        )
    if output is not None:
        result.write(output)
    if report is not None:
        from frontrow.report.page import write_report

        write_report(report, history, backtest=result)
    if as_json:
        terminal.as_json(result.to_dict())
    else:
        print_backtest(result)


def print_backtest(result: Backtest) -> None:
    """The table of a back-test, and what it says in two sentences."""
    from frontrow.present.wording import counted

    summary = result.summary()
    rows = []
    for model in summary["model"].unique(maintain_order=True):
        cells = {row["metric"]: _cell(row) for row in summary.filter(summary["model"] == model).iter_rows(named=True)}
        rows.append((model, *[cells.get(metric, "") for metric in SHOWN]))
    names = [name for name, _ in SHOWN.values()]
    terminal.table(
        f"{counted(result.launches, 'launch', 'launches')}, each as it stood the midnight before (below each mean, its "
        "95 % interval)",
        ("model", *names),
        rows,
        numeric=names,
    )
    best = result.best_baseline()
    gain = result.against(best).filter(result.against(best)["metric"] == "average_precision").row(0, named=True)
    terminal.text(
        f"Average precision is {gain['ratio']:.2f} times that of the best baseline, {best}: "
        f"{gain['difference']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]."
    )
    forecasts_told.print_forecasts(result)


def _cell(row: dict[str, float | str]) -> str:
    _, form = SHOWN.get(str(row["metric"]), ("", "{:.0f}"))
    mean, low, high = (form.format(row[name]) for name in ("mean", "low", "high"))
    return f"{mean}\n{low} to {high}"


def _days(text: str, horizon: int) -> tuple[int, ...]:
    """Read `--sales-days`."""
    try:
        days = tuple(sorted({int(one) for one in text.split(",") if one.strip()}))
    except ValueError:
        days = (0,)
    if days and not 0 < days[0] <= days[-1] < horizon:
        raise typer.BadParameter(
            f'"{text}" are not days within the window; write 1,3,7, say.', param_hint="--sales-days"
        )
    return days
