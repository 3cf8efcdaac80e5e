"""What the launch model would have found at past launches, and how good its probabilities and intervals were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from frontrow.launch.backtest.backtest import Backtest
from frontrow.launch.backtest.forecasts import summarize_sales_days
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.present.charts import launches as charts
from frontrow.present.section import Block, Cell, Row, Section, Sentence, Table
from frontrow.present.wording import ABSENT, count, counted, decimal, percent

METRICS: Final[Mapping[str, tuple[str, int]]] = {
    "auc": ("AUC", 3),
    "average_precision": ("Average precision", 4),
    "lift_1": ("Lift, first 1\u202f%", 1),
    "lift_5": ("Lift, first 5\u202f%", 1),
    "lift_10": ("Lift, first 10\u202f%", 1),
    "log_loss": ("Log loss", 4),
}
"""Heading and decimals of each metric of the table."""

MAX_LAUNCHES: Final = 30
"""Tested launches that are listed one by one."""

MIN_LAUNCHES_FOR_SPREAD: Final = 10
"""With fewer launches, nine in ten and one in ten of them say nothing."""

SALES_NOTE: Final = (
    "Error of the count: mean of |log((predicted + 0.5) / (actual + 0.5))|. Held: by the 80 % intervals."
)


@dataclass(frozen=True)
class Gain:
    """The launch model's average precision beside the best baseline's.

    Attributes:
        baseline: The best baseline.
        ratio: Launch model over baseline.
        difference: Launch model minus baseline.
        low: Lower end of the difference's 95 % interval, paired by launch.
        high: Upper end of the interval.
    """

    baseline: str
    ratio: float
    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """`better` or `worse` when the interval leaves out zero, else `open`."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "open"


def build_sections(backtest: Backtest) -> list[Section]:
    """The models beside each other, the best baseline, and what the probabilities were worth."""
    gain = compare_with_baseline(backtest)
    comparison = Sentence(
        f"Average precision is {gain.ratio:.2f} times that of the best baseline, {gain.baseline}: "
        f"{gain.difference:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]."
    )
    return [Section("backtest", "", (build_metric_table(backtest), comparison, *_forecast_blocks(backtest)))]


def page_values(backtest: Backtest) -> dict[str, Any]:
    """What a page shows of a back-test: the verdict, the tables, and both charts."""
    summary, launches, forecasts = backtest.summary(), list_launches(backtest), backtest.forecasts
    predicted, actual = backtest.buyers()
    lift = summary.row(by_predicate=(pl.col("model") == LAUNCH_MODEL) & (pl.col("metric") == "lift_1"), named=True)
    return {
        "launches": backtest.launches,
        "settings": backtest.settings,
        "tested": backtest.backtest_settings,
        "predicted": predicted,
        "actual": actual,
        "ratio": predicted / actual if actual > 0 else None,
        "spread": measure_spread(backtest),
        "gain": compare_with_baseline(backtest),
        "lift_1": lift["mean"],
        "table": build_metric_table(backtest),
        "precision_chart": charts.draw_average_precision(summary),
        "unsold": _count_unsold(forecasts.launches),
        "buyers_chart": charts.draw_predicted_against_actual(forecasts.launches) if forecasts.launches.height else None,
        "forecasts": forecasts.summary(),
        "launch_table": _launch_table(launches),
    }


def reliability_values(backtest: Backtest | None) -> dict[str, Any] | None:
    """How good probabilities and intervals were; None where no launch had enough before it to calibrate on."""
    if backtest is None or backtest.forecasts.launches.is_empty():
        return None
    forecasts = backtest.forecasts
    summary, likeliest = forecasts.summary(), forecasts.deciles.row(-1, named=True)
    difference = summary["log_loss_difference"]
    return {
        **summary,
        "unsold": _count_unsold(forecasts.launches),
        "likeliest_predicted": percent(likeliest["predicted"], 1),
        "likeliest_actual": percent(likeliest["actual"], 1),
        "off": percent(summary["expected_calibration_error"], 2),
        "sharper": "better" if difference["high"] < 0 else "worse" if difference["low"] > 0 else "open",
        "deciles_chart": charts.draw_reliability(forecasts.deciles),
        "intervals_chart": charts.draw_intervals(forecasts.launches),
    }


def build_metric_table(backtest: Backtest) -> Table:
    """One row a model with the mean of each metric over launches, and its interval; the launch model stands out."""
    rows: list[Row] = []
    for (model,), group in backtest.summary().group_by("model", maintain_order=True):
        by_metric = {row["metric"]: row for row in group.iter_rows(named=True)}
        cells = [format_interval(by_metric.get(metric), digits) for metric, (_, digits) in METRICS.items()]
        rows.append((str(model), *cells))
    names = tuple(name for name, _ in METRICS.values())
    launches = counted(backtest.launches, "launch", "launches")
    title = f"Mean over {launches}, and its 95 % interval (launch weeks resampled)"
    ours = tuple(index for index, row in enumerate(rows) if row[0] == LAUNCH_MODEL)
    return Table(title, ("Model", *names), rows, names, highlighted=ours)


def format_interval(row: Mapping[str, Any] | None, digits: int, *, hide_equal: bool = False) -> Cell:
    """A mean and below it its interval; a dash where there is no mean.

    Args:
        row: `mean`, `low` and `high`; None for a metric that a model does not have.
        digits: Number of decimals.
        hide_equal: Whether an interval of one point is left out.

    Example:
        >>> format_interval({"mean": 0.5, "low": 0.4, "high": 0.6}, 1)
        Cell(text='0.5', small='0.4 to 0.6')
    """
    if row is None or decimal(row["mean"], digits) == ABSENT:
        return Cell(ABSENT)
    if hide_equal and row["low"] == row["high"]:
        return Cell(decimal(row["mean"], digits))
    return Cell(decimal(row["mean"], digits), f"{decimal(row['low'], digits)} to {decimal(row['high'], digits)}")


def compare_with_baseline(backtest: Backtest) -> Gain:
    """The launch model beside the best baseline, by average precision."""
    baseline = backtest.best_baseline()
    row = backtest.against(baseline).row(by_predicate=pl.col("metric") == "average_precision", named=True)
    return Gain(baseline, row["ratio"], row["difference"], row["low"], row["high"])


def measure_spread(backtest: Backtest) -> tuple[float, float] | None:
    """Between which multiples of the predicted buyers the actual ones lay, for eight launches in ten."""
    table = backtest.forecasts.launches.filter(pl.col("predicted_buyers") > 0)
    if table.height < MIN_LAUNCHES_FOR_SPREAD:
        return None
    ratio = table["actual_buyers"] / table["predicted_buyers"]
    low, high = ratio.quantile(0.1, "linear"), ratio.quantile(0.9, "linear")
    return None if low is None or high is None else (low, high)


def list_launches(backtest: Backtest) -> pl.DataFrame:
    """One row a tested launch, latest first.

    Returns:
        `product_id`, `title`, `launch_date`, `customers`, `predicted_buyers`, `actual_buyers`, `auc`, `lift_1`.
    """
    names = ("customers", "predicted_buyers", "actual_buyers", "auc", "lift_1")
    return (
        backtest.values.filter(pl.col("model") == LAUNCH_MODEL)
        .group_by("product_id", "title", "launch_date", maintain_order=True)
        .agg(pl.col("value").filter(pl.col("metric") == name).first().alias(name) for name in names)
        .sort(["launch_date", "product_id"], descending=[True, False])
    )


def _launch_table(launches: pl.DataFrame) -> Table:
    columns = (
        "Launch",
        "Date",
        "Customers scored",
        "Buyers predicted",
        "Buyers that came",
        "AUC",
        "Lift, first 1\u202f%",
    )
    unshown = launches.height - MAX_LAUNCHES
    title = "The launches tested, latest first"
    if unshown > 0:
        title = f"The {MAX_LAUNCHES} latest launches tested; {count(unshown)} more count in the figures above"
    rows = [
        (
            row["title"] or row["product_id"],
            row["launch_date"].isoformat(),
            *(count(row[name]) for name in ("customers", "predicted_buyers", "actual_buyers")),
            decimal(row["auc"], 3),
            decimal(row["lift_1"], 1),
        )
        for row in launches.head(MAX_LAUNCHES).iter_rows(named=True)
    ]
    return Table(title, columns, rows, columns[2:])


def _count_unsold(launches: pl.DataFrame) -> int:
    return launches.filter(launches["actual_buyers"] == 0).height


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
    ratio = summary["predicted_over_actual"]
    times = "" if ratio is None else f", {ratio:.2f} times as many"
    buyers = f"buyers predicted {summary['predicted_buyers']:,.0f}, actual {summary['actual_buyers']:,.0f}{times}"
    interval = f"{percent(summary['coverage'])} of them, interval score {summary['interval_score']:.0f}"
    forecast = f"All {summary['launches']} launches, small ones too: {buyers}. The 80 % intervals held {interval}"
    error = f"Expected calibration error {summary['expected_calibration_error']:.4f}, over ten groups of equal size. "
    loss = f"Log loss {summary['log_loss']:.4f}"
    difference = summary["log_loss_difference"]
    if difference is None:
        return [Sentence(f"{forecast} (lower is better)."), Sentence(f"{error}{loss}.")]
    recent = f"{percent(summary['recent_coverage'])}, {summary['recent_interval_score']:.0f} (lower is better)"
    return [
        Sentence(f"{forecast}; those of recent launches alone {recent}."),
        Sentence(
            f"{error}{loss}, of the recent base rate {summary['constant_log_loss']:.4f}: "
            f"{difference['mean']:+.4f} [{difference['low']:+.4f}, {difference['high']:+.4f}]."
        ),
    ]


def _decile_table(deciles: pl.DataFrame) -> Table:
    columns = ("tenth of the customers", "customers", "predicted", "bought")
    rows = [
        (str(decile), f"{customers:,}", percent(predicted, 2), percent(actual, 2))
        for decile, customers, predicted, actual in deciles.iter_rows()
    ]
    title = "Predicted probability, and share that bought; the last tenth is the most likely"
    return Table(title, columns, rows, numeric=columns)


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
            percent(row["coverage"]),
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
