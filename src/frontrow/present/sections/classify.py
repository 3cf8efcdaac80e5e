"""What classifying launches found, in sentences and tables: on screen and on the page the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classification import Classification
from frontrow.launch.classify.classify import OWN_SALES
from frontrow.present.wording import ABSENT, count, decimal, percent

Cell = tuple[str, str]
"""A figure, and what stands small below it."""


@dataclass(frozen=True)
class Table:
    """A table as it is shown.

    Attributes:
        caption: What it is.
        columns: Their names, the model's first.
        rows: Model and cells.
    """

    caption: str
    columns: list[str]
    rows: list[tuple[str, list[Cell]]]


def sentences(found: Classification) -> list[str]:
    """What was asked and of whom."""
    part = {row["part"]: row for row in found.parts.iter_rows(named=True)}
    customers, buyers = (sum(found.parts[name].to_list()) for name in ("customers", "buyers"))
    launched = found.launch
    told = [
        f"{launched.title}, launched {launched.launch_date}: of {count(customers)} customers, "
        f"{count(buyers)} bought it before {launched.known_until}.",
        f"The classifiers learned from {count(part['fit']['customers'])} of these customers and saw which "
        f"{part['fit']['buyers']} of them bought: they need a launch's own sales, which nobody has on its first day. "
        "The launch model saw earlier launches only. Each threshold was chosen on "
        f"{count(part['validation']['customers'])} other customers ({part['validation']['buyers']} buyers), and "
        f"everything below is measured on the remaining {count(part['test']['customers'])} "
        f"({part['test']['buyers']} buyers).",
    ]
    if launched.verdict not in ("launch", "window still open"):
        told.append(f"Its first sale does not count as a launch ({launched.verdict}): take the figures with care.")
    return told


def verdict(found: Classification) -> str:
    """The launch model beside the best of the classifiers, in one sentence; which is higher is not known for sure."""
    ranked = found.models.sort("average_precision", descending=True)
    ours = ranked.row(by_predicate=pl.col("model") == LAUNCH_MODEL, named=True)
    best = ranked.filter(pl.col("taught_by") == OWN_SALES).row(0, named=True)
    return (
        f"Average precision of the launch model, which needed no sale: {decimal(ours['average_precision'], 3)}; of the "
        f"best classifier, {best['model']}: {decimal(best['average_precision'], 3)}. One launch proves little; all "
        "past launches together say more (--all-past-launches)."
    )


def tables(found: Classification) -> list[Table]:
    """Ranking, choice at the threshold, confusion matrix and classification report."""
    return [_lists(found), _chosen(found), _confusion(found), _report(found)]


def _lists(found: Classification) -> Table:
    base_rate, size = found.models["base_rate"][0], found.scores.height
    lengths = found.lists["length"].unique(maintain_order=True).to_list()
    rows = []
    for row in found.models.iter_rows(named=True):
        listed = found.lists.filter(pl.col("model") == row["model"]).iter_rows(named=True)
        ranking = [
            _plain(row["taught_by"]),
            _plain(decimal(row["auc"], 3)),
            _plain(decimal(row["average_precision"], 3)),
        ]
        rows.append((row["model"], [*ranking, *[_precision(one) for one in listed]]))
    return Table(
        f"The order of the list. Below each precision its lift: how many times the base rate, {percent(base_rate, 1)}, "
        f"which is the precision of a random list of the {count(size)} customers",
        ["model", "learned from", "AUC", "average precision", *[f"precision of the first {count(n)}" for n in lengths]],
        rows,
    )


def _precision(one: dict[str, Any]) -> Cell:
    return percent(one["precision"], 1), f"lift {decimal(one['lift'], 1)}"


def _chosen(found: Classification) -> Table:
    rows = [
        (
            row["model"],
            [
                _plain(f"{row['threshold']:.3g}"),
                _plain(count(row["predicted"])),
                _plain(count(row["true_positives"])),
                _plain(percent(row["precision"], 1)),
                _plain(percent(row["base_rate"], 1)),
                _plain(decimal(row["lift"], 1)),
                _plain(percent(row["recall"])),
                _plain(decimal(row["f1"], 3)),
                _plain(percent(row["accuracy"], 1)),
            ],
        )
        for row in found.models.iter_rows(named=True)
    ]
    names = ["predicted to buy", "of these bought", "precision", "base rate", "lift", "recall", "F1", "accuracy"]
    return Table(
        f"Who is predicted to buy, from a threshold that was best by {_f_beta(found.settings.threshold_beta)} on the "
        "validation customers",
        ["model", "threshold", *names],
        rows,
    )


def _f_beta(beta: float) -> str:
    return "F1" if beta == 1 else f"F{beta:g}"


def _confusion(found: Classification) -> Table:
    cells = ("true_positives", "false_negatives", "false_positives", "true_negatives")
    return Table(
        "Confusion matrix",
        ["model", "bought, predicted", "bought, not predicted", "did not buy, predicted", "did not buy, not predicted"],
        [(row["model"], [_plain(count(row[cell])) for cell in cells]) for row in found.models.iter_rows(named=True)],
    )


def _report(found: Classification) -> Table:
    rows = [
        (
            row["model"],
            [
                _plain(row["class"]),
                *[_plain(decimal(row[measure], 3)) for measure in ("precision", "recall", "f1")],
                _plain(count(row["customers"])),
            ],
        )
        for row in found.report.iter_rows(named=True)
    ]
    # A name stands at the first of its rows.
    shown = [
        (model if place == 0 or rows[place - 1][0] != model else "", cells) for place, (model, cells) in enumerate(rows)
    ]
    return Table("Classification report", ["model", "class", "precision", "recall", "F1", "customers"], shown)


def _plain(text: str) -> Cell:
    return text, ""


def interval(row: dict[str, Any] | None, digits: int) -> Cell:
    """A mean and its interval; none where launches of one week leave nothing to resample.

    Example:
        >>> interval({"mean": 0.5, "low": 0.4, "high": 0.6}, 1)
        ('0.5', '0.4 to 0.6')
    """
    if row is None or decimal(row["mean"], digits) == ABSENT:
        return _plain(ABSENT)
    if row["low"] == row["high"]:
        return _plain(decimal(row["mean"], digits))
    return decimal(row["mean"], digits), f"{decimal(row['low'], digits)} to {decimal(row['high'], digits)}"
