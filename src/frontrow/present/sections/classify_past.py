"""What classifying every past launch found, in sentences and tables: on screen and on the page the same."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from frontrow.launch.classify.past_launches import PastClassification
from frontrow.present.sections.classify import Cell, Table, interval
from frontrow.present.wording import count, decimal, percent

RANKING: Final = {
    "auc": ("AUC", 3),
    "average_precision": ("average precision", 3),
    "lift_1": ("lift, first 1\u202f%", 1),
    "lift_5": ("lift, first 5\u202f%", 1),
    "lift_10": ("lift, first 10\u202f%", 1),
}
CHOSEN: Final = {
    "predicted": ("predicted to buy", 1),
    "true_positives": ("of these bought", 1),
    "precision": ("precision", 3),
    "base_rate": ("base rate", 3),
    "recall": ("recall", 3),
    "f1": ("F1", 3),
}
"""Metric, name of its column and decimals."""


def sentences(found: PastClassification) -> list[str]:
    """What was asked and of whom."""
    tested, asked = found.backtest_settings, found.settings
    launches = f"{count(found.launches)} launch{'es' * (found.launches > 1)}"
    return [
        f"{launches} of the last {tested.test_days} days, with {tested.min_buyers} buyers or more. At each, the "
        f"classifiers were given {percent(1 - asked.test_share)} of the customers with their purchases of it (some "
        "kept back to choose the threshold): they need a launch's own sales, which nobody has on its first day. The "
        f"launch model saw only launches whose {found.launch_settings.horizon_days} days were over. All are measured "
        f"on the other {percent(asked.test_share)} of the customers."
    ]


def verdict(found: PastClassification) -> str:
    """The launch model beside the best of the classifiers, in one sentence."""
    best = found.best_classifier()
    row = found.against(best).row(by_predicate=pl.col("metric") == "average_precision", named=True)
    told = (
        f"With no sale, the launch model's average precision is {decimal(row['ratio'], 2)} times that of the best "
        f"classifier, {best}, which was given sales"
    )
    if row["low"] == row["high"]:
        return f"{told}; launches of one week are too few for an interval."
    better = "higher" if row["low"] > 0 else "lower" if row["high"] < 0 else "not shown to differ"
    return (
        f"{told} ({better}: {decimal(row['difference'], 4, signed=True)}, 95 % interval "
        f"{decimal(row['low'], 4, signed=True)} to {decimal(row['high'], 4, signed=True)}, paired by launch)."
    )


def tables(found: PastClassification) -> list[Table]:
    """Ranking, choice at the threshold, and lists of the lengths asked for."""
    means = "mean over launches, below it the 95 % interval (launch weeks resampled)"
    summary = found.summary()
    base_rate = summary.filter(pl.col("metric") == "base_rate")["mean"][0]
    shown = [
        _table(f"The order of the list: {means}", summary, RANKING),
        _table(f"Who is predicted to buy at each model's own threshold: {means}", summary, CHOSEN),
    ]
    if found.settings.lengths:
        columns = {
            f"{measure}_at_{length}": (f"{measure} of the first {count(length)}", digits)
            for length in found.settings.lengths
            for measure, digits in (("precision", 3), ("lift", 1))
        }
        caption = f"Lists of a fixed length; a random one has the base rate, {decimal(base_rate, 3)}: {means}"
        shown.append(_table(caption, summary, columns))
    return shown


def _table(caption: str, summary: pl.DataFrame, columns: dict[str, tuple[str, int]]) -> Table:
    rows: list[tuple[str, list[Cell]]] = []
    for (model,), group in summary.group_by("model", maintain_order=True):
        told: dict[str, dict[str, Any]] = {row["metric"]: row for row in group.iter_rows(named=True)}
        cells = [interval(told.get(metric), digits) for metric, (_, digits) in columns.items()]
        rows.append((str(model), cells))
    return Table(caption, ["model", *[name for name, _ in columns.values()]], rows)
