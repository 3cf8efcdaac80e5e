"""Why the figures can be believed, or not: what the back-test found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from frontrow.launch.backtest.backtest import Backtest
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.present.wording import ABSENT, count, decimal

FORMS: Final = {
    "auc": ("AUC", 3),
    "average_precision": ("Average precision", 4),
    "lift_1": ("Lift, first 1\u202f%", 1),
    "lift_5": ("Lift, first 5\u202f%", 1),
    "lift_10": ("Lift, first 10\u202f%", 1),
    "log_loss": ("Log loss", 4),
}
"""Column and decimals of each measure of the table."""

LATEST: Final = 30
"""Tested launches that are listed one by one."""

FEWEST_FOR_SPREAD: Final = 10
"""With fewer launches, nine in ten and one in ten of them say nothing."""


@dataclass(frozen=True)
class Gain:
    """The launch model's average precision beside the best baseline's.

    Attributes:
        baseline: The best baseline.
        ratio: Launch model over baseline.
        difference: Launch model minus baseline.
        low: Lower end of the difference's 95 % interval, paired by launch.
        high: Upper end.
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


def gain(found: Backtest) -> Gain:
    """Compare the launch model with the best baseline."""
    baseline = found.best_baseline()
    row = found.against(baseline).filter(pl.col("metric") == "average_precision").row(0, named=True)
    return Gain(baseline, row["ratio"], row["difference"], row["low"], row["high"])


def buyers_ratio(found: Backtest) -> float | None:
    """Buyers predicted over buyers that came, all tested launches together; None when nobody came."""
    predicted, actual = found.buyers()
    return predicted / actual if actual > 0 else None


def spread(found: Backtest) -> tuple[float, float] | None:
    """Between which multiples of the predicted buyers the actual ones lay, for eight launches in ten."""
    table = found.forecasts.launches.filter(pl.col("predicted_buyers") > 0)
    if table.height < FEWEST_FOR_SPREAD:
        return None
    ratio = table["actual_buyers"] / table["predicted_buyers"]
    low, high = ratio.quantile(0.1, "linear"), ratio.quantile(0.9, "linear")
    return None if low is None or high is None else (low, high)


def measures(summary: pl.DataFrame) -> list[tuple[str, list[tuple[str, str]]]]:
    """One row a model: its name, and for each of `FORMS` the mean and its interval as they are shown."""
    rows = []
    for (model,), group in summary.group_by("model", maintain_order=True):
        told = {row["metric"]: row for row in group.iter_rows(named=True)}
        rows.append((str(model), [_cell(told.get(metric), digits) for metric, (_, digits) in FORMS.items()]))
    return rows


def _cell(row: dict[str, Any] | None, digits: int) -> tuple[str, str]:
    if row is None or decimal(row["mean"], digits) == ABSENT:
        return ABSENT, ""
    return decimal(row["mean"], digits), f"{decimal(row['low'], digits)} to {decimal(row['high'], digits)}"


def launches(found: Backtest) -> pl.DataFrame:
    """One row a tested launch, latest first.

    Columns: `product_id`, `title`, `launch_date`, `customers`, `predicted_buyers`, `actual_buyers`, `auc`, `lift_1`.
    """
    ours = found.values.filter(pl.col("model") == LAUNCH_MODEL)
    wanted = ("customers", "predicted_buyers", "actual_buyers", "auc", "lift_1")
    return (
        ours.group_by("product_id", "title", "launch_date", maintain_order=True)
        .agg(pl.col("value").filter(pl.col("metric") == name).first().alias(name) for name in wanted)
        .sort(["launch_date", "product_id"], descending=[True, False])
    )


def launch_rows(table: pl.DataFrame) -> list[list[str]]:
    """The latest of `launches` as they are shown."""
    return [
        [
            row["title"] or row["product_id"],
            row["launch_date"].isoformat(),
            count(row["customers"]),
            count(row["predicted_buyers"]),
            count(row["actual_buyers"]),
            decimal(row["auc"], 3),
            decimal(row["lift_1"], 1),
        ]
        for row in table.head(LATEST).iter_rows(named=True)
    ]
