"""What the launch model would have found at past launches, as a command prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from frontrow.launch.backtest.backtest import Backtest
from frontrow.launch.backtest.forecasts import summarize_sales_days
from frontrow.present.section import Block, Cell, Section, Sentence, Table
from frontrow.present.wording import counted, percent_plain

METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "auc": ("AUC", "{:.3f}"),
    "average_precision": ("average precision", "{:.3f}"),
    "lift_1": ("lift, top 1 %", "{:.1f}"),
    "lift_5": ("top 5 %", "{:.1f}"),
    "lift_10": ("top 10 %", "{:.1f}"),
    "log_loss": ("log loss", "{:.3f}"),
}


def build_sections(backtest: Backtest) -> list[Section]:
    """The models beside each other, the best baseline, and what the probabilities were worth."""
    baseline = backtest.best_baseline()
    differences = backtest.against(baseline)
    gain = differences.filter(differences["metric"] == "average_precision").row(0, named=True)
    comparison = Sentence(
        f"Average precision is {gain['ratio']:.2f} times that of the best baseline, {baseline}: "
        f"{gain['difference']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]."
    )
    return [Section("backtest", "", (_metric_table(backtest), comparison, *_forecast_blocks(backtest)))]


def _metric_table(backtest: Backtest) -> Table:
    summary = backtest.summary()
    rows = []
    for model in summary["model"].unique(maintain_order=True):
        own_rows = summary.filter(summary["model"] == model)
        cells = {row["metric"]: _cell(row) for row in own_rows.iter_rows(named=True) if row["metric"] in METRICS}
        rows.append((model, *[cells.get(metric, "") for metric in METRICS]))
    names = tuple(name for name, _ in METRICS.values())
    launches = counted(backtest.launches, "launch", "launches")
    title = f"{launches}, each as it stood the midnight before (below each mean, its 95 % interval)"
    return Table(title, ("model", *names), rows, numeric=names)


def _cell(row: dict[str, Any]) -> Cell:
    _, form = METRICS[row["metric"]]
    mean, low, high = (form.format(row[name]) for name in ("mean", "low", "high"))
    return Cell(mean, f"{low} to {high}")


def _forecast_blocks(backtest: Backtest) -> list[Block]:
    """What probabilities and numbers of buyers were worth at the launches tested."""
    summary = backtest.forecasts.summary()
    blocks: list[Block] = []
    if summary["too_few_earlier_launches"]:
        launches = counted(summary["too_few_earlier_launches"], "launch", "launches")
        blocks.append(Sentence(f"{launches} had too few earlier ones to calibrate on."))
    if not summary["launches"]:
        return blocks
    blocks += [*_summary_sentences(summary), _decile_table(backtest.forecasts.deciles)]
    if not backtest.sales.is_empty():
        blocks += [_sales_table(summarize_sales_days(backtest.sales)), Sentence(SALES_NOTE)]
    return blocks


def _summary_sentences(summary: dict[str, Any]) -> list[Sentence]:
    ratio, difference = summary["predicted_over_actual"], summary["log_loss_difference"]
    times = "" if ratio is None else f", {ratio:.2f} times as many"
    buyers = f"buyers predicted {summary['predicted_buyers']:,.0f}, actual {summary['actual_buyers']:,.0f}{times}"
    interval = f"{percent_plain(summary['coverage'])} of them, interval score {summary['interval_score']:.0f}"
    recent = f"{percent_plain(summary['recent_coverage'])}, {summary['recent_interval_score']:.0f} (lower is better)"
    return [
        Sentence(
            f"All {summary['launches']} launches, small ones too: {buyers}. The 80 % intervals held {interval}; those "
            f"of recent launches alone {recent}."
        ),
        Sentence(
            f"Expected calibration error {summary['expected_calibration_error']:.4f}, over ten groups of equal size. "
            f"Log loss {summary['log_loss']:.4f}, of the recent base rate {summary['constant_log_loss']:.4f}: "
            f"{difference['mean']:+.4f} [{difference['low']:+.4f}, {difference['high']:+.4f}]."
        ),
    ]


def _decile_table(deciles: pl.DataFrame) -> Table:
    columns = ("tenth of the customers", "customers", "predicted", "bought")
    rows = [
        (str(decile), f"{customers:,}", percent_plain(predicted, 2), percent_plain(actual, 2))
        for decile, customers, predicted, actual in deciles.iter_rows()
    ]
    title = "Predicted probability, and share that bought; the last tenth is the most likely"
    return Table(title, columns, rows, numeric=columns)


SALES_NOTE: Final = (
    "Error of the count: mean of |log((predicted + 0.5) / (actual + 0.5))|. Held: by the 80 % intervals."
)


def _sales_table(days: pl.DataFrame) -> Table:
    columns = (
        *("days on sale", "launches", "error of the count", "before", "held"),
        *("average precision", "before ", "gain"),
    )
    rows = [
        (
            str(row["days"]),
            str(row["launches"]),
            f"{row['count_error']:.2f}",
            f"{row['count_error_before']:.2f}",
            percent_plain(row["coverage"]),
            "" if row["average_precision"] is None else f"{row['average_precision']:.4f}",
            "" if row["average_precision_before"] is None else f"{row['average_precision_before']:.4f}",
            f"{row['gain']:+.4f} [{row['gain_low']:+.4f}, {row['gain_high']:+.4f}]",
        )
        for row in days.iter_rows(named=True)
    ]
    title = (
        "What each day of sales is worth, on the rest of the horizon and those who had not bought; before: as at launch"
    )
    return Table(title, columns, rows, numeric=columns)
