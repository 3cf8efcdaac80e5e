"""What classifying the customers of launches found: of one launch, or of every past launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classification import BOTH_PERIODS_WARNING, Classification
from frontrow.launch.classify.classify import OWN_SALES
from frontrow.launch.classify.cohort import BOTH_PERIODS
from frontrow.launch.classify.past_launches import PastClassification
from frontrow.present.charts import launches as charts
from frontrow.present.section import Cell, Row, Section, Sentence, Table
from frontrow.present.sections.backtest import format_interval
from frontrow.present.wording import count, counted, decimal, percent

RANKING: Final[Mapping[str, tuple[str, int]]] = {
    "auc": ("AUC", 3),
    "average_precision": ("average precision", 3),
    "lift_1": ("lift, first 1\u202f%", 1),
    "lift_5": ("lift, first 5\u202f%", 1),
    "lift_10": ("lift, first 10\u202f%", 1),
}
AT_THRESHOLD: Final[Mapping[str, tuple[str, int]]] = {
    "predicted": ("predicted to buy", 1),
    "true_positives": ("of these bought", 1),
    "precision": ("precision", 3),
    "base_rate": ("base rate", 3),
    "recall": ("recall", 3),
    "f1": ("F1", 3),
}
"""Metric, heading of its column and decimals."""

WORDS: Final = ("model", "learned from", "class")
"""Columns that hold words, not figures."""


def build_sections(classification: Classification | PastClassification) -> list[Section]:
    """What was asked and found, in sentences and tables."""
    warning = [Sentence(f"These figures flatter. {BOTH_PERIODS_WARNING}")] if _flatters(classification) else []
    sentences = [*warning, *map(Sentence, describe(classification))]
    verdict = Sentence(describe_verdict(classification))
    return [Section("classification", "", (*sentences, *build_tables(classification), verdict))]


def page_values(classification: Classification | PastClassification) -> dict[str, Any]:
    """What a page shows of a classification."""
    values = {
        "title": "Classifiers that know some sales, beside the launch model that knows none",
        "warning": BOTH_PERIODS_WARNING if _flatters(classification) else None,
        "embedding": classification.embedding,
        "sentences": describe(classification),
        "verdict": describe_verdict(classification),
        "tables": build_tables(classification),
    }
    if isinstance(classification, Classification):
        return values | {
            "heading": f"Who found the buyers of {classification.launch.title}?",
            "chart": charts.draw_buyers_reached(classification),
            "chart_label": "Buyers found against customers contacted, one line a model",
            "chart_caption": "Share of the buyers tested that a list of each length holds. The dashed line is a list "
            "drawn by chance.",
        }
    return values | {
        "heading": "Who found the buyers of past launches?",
        "chart": charts.draw_average_precision(classification.summary()),
        "chart_label": "Average precision of each model with its interval",
        "chart_caption": "How well each way of choosing puts buyers first; longer is better. The thin line is the 95 % "
        "interval: where the mean may lie with other launches.",
    }


def describe(classification: Classification | PastClassification) -> list[str]:
    """What was asked and of whom, in sentences."""
    if isinstance(classification, Classification):
        return _describe_launch(classification)
    return _describe_past_launches(classification)


def describe_verdict(classification: Classification | PastClassification) -> str:
    """The launch model beside the best of the classifiers, in one sentence."""
    if isinstance(classification, Classification):
        return _verdict_of_launch(classification)
    return _verdict_of_past_launches(classification)


def build_tables(classification: Classification | PastClassification) -> list[Table]:
    """Ranking, choice at the threshold, and lists of the lengths asked for."""
    if isinstance(classification, Classification):
        return [
            _ranking_table(classification),
            _threshold_table(classification),
            _confusion_table(classification),
            _report_table(classification),
        ]
    return _past_tables(classification)


def _flatters(classification: Classification | PastClassification) -> bool:
    return classification.settings.cohort == BOTH_PERIODS


def _table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Table:
    numeric = tuple(name for name in columns if name not in WORDS)
    ours = tuple(index for index, row in enumerate(rows) if row[0] == LAUNCH_MODEL)
    return Table(title, tuple(columns), rows, numeric, ours)


def _describe_launch(classification: Classification) -> list[str]:
    parts = {row["part"]: row for row in classification.parts.iter_rows(named=True)}
    customers, buyers = (sum(classification.parts[name].to_list()) for name in ("customers", "buyers"))
    launch = classification.launch
    sentences = [
        f"{launch.title}, launched {launch.launch_date}: of {count(customers)} customers, "
        f"{count(buyers)} bought it before {launch.known_until}.",
        f"The classifiers learned from {count(parts['fit']['customers'])} of these customers and saw which "
        f"{parts['fit']['buyers']} of them bought: they need a launch's own sales, which nobody has on its first day. "
        "The launch model saw earlier launches only. Each threshold was chosen on "
        f"{count(parts['validation']['customers'])} other customers ({parts['validation']['buyers']} buyers), and "
        f"everything below is measured on the remaining {count(parts['test']['customers'])} "
        f"({parts['test']['buyers']} buyers).",
    ]
    if launch.verdict not in ("launch", "window still open"):
        sentences.append(f"Its first sale does not count as a launch ({launch.verdict}): take the figures with care.")
    return sentences


def _verdict_of_launch(classification: Classification) -> str:
    """Which of the two is higher is not known for sure from one launch."""
    ranked = classification.models.sort("average_precision", descending=True)
    ours = ranked.row(by_predicate=pl.col("model") == LAUNCH_MODEL, named=True)
    best = ranked.filter(pl.col("taught_by") == OWN_SALES).row(0, named=True)
    return (
        f"Average precision of the launch model, which needed no sale: {decimal(ours['average_precision'], 3)}; of the "
        f"best classifier, {best['model']}: {decimal(best['average_precision'], 3)}. One launch proves little; all "
        "past launches together say more (--all-past-launches)."
    )


def _ranking_table(classification: Classification) -> Table:
    lists = classification.lists
    rows: list[list[Cell | str]] = []
    for row in classification.models.iter_rows(named=True):
        figures = [row["taught_by"], decimal(row["auc"], 3), decimal(row["average_precision"], 3)]
        precisions = [
            Cell(percent(item["precision"], 1), f"lift {decimal(item['lift'], 1)}")
            for item in lists.filter(pl.col("model") == row["model"]).iter_rows(named=True)
        ]
        rows.append([row["model"], *figures, *precisions])
    lengths = [f"precision of the first {count(n)}" for n in lists["length"].unique(maintain_order=True).to_list()]
    base_rate, customers = classification.models["base_rate"][0], classification.scores.height
    title = (
        f"The order of the list. Below each precision its lift: how many times the base rate, {percent(base_rate, 1)}, "
        f"which is the precision of a random list of the {count(customers)} customers"
    )
    return _table(title, ["model", "learned from", "AUC", "average precision", *lengths], rows)


def _threshold_table(classification: Classification) -> Table:
    rows = [
        [
            row["model"],
            f"{row['threshold']:.3g}",
            count(row["predicted"]),
            count(row["true_positives"]),
            percent(row["precision"], 1),
            percent(row["base_rate"], 1),
            decimal(row["lift"], 1),
            percent(row["recall"]),
            decimal(row["f1"], 3),
            percent(row["accuracy"], 1),
        ]
        for row in classification.models.iter_rows(named=True)
    ]
    beta = classification.settings.threshold_beta
    title = (
        f"Who is predicted to buy, from a threshold that was best by {'F1' if beta == 1 else f'F{beta:g}'} on the "
        "validation customers"
    )
    names = ["predicted to buy", "of these bought", "precision", "base rate", "lift", "recall", "F1", "accuracy"]
    return _table(title, ["model", "threshold", *names], rows)


def _confusion_table(classification: Classification) -> Table:
    cells = ("true_positives", "false_negatives", "false_positives", "true_negatives")
    rows = [
        [row["model"], *(count(row[cell]) for cell in cells)] for row in classification.models.iter_rows(named=True)
    ]
    names = ["bought, predicted", "bought, not predicted", "did not buy, predicted", "did not buy, not predicted"]
    return _table("Confusion matrix", ["model", *names], rows)


def _report_table(classification: Classification) -> Table:
    report = classification.report
    # The model's name stands at the first of its rows only.
    first = report["model"] != report["model"].shift(1)
    rows = [
        [
            row["model"] if is_first in (True, None) else "",
            row["class"],
            *[decimal(row[metric], 3) for metric in ("precision", "recall", "f1")],
            count(row["customers"]),
        ]
        for row, is_first in zip(report.iter_rows(named=True), first.to_list(), strict=True)
    ]
    return _table("Classification report", ["model", "class", "precision", "recall", "F1", "customers"], rows)


def _describe_past_launches(classification: PastClassification) -> list[str]:
    tested, settings = classification.backtest_settings, classification.settings
    launches = counted(classification.launches, "launch", "launches")
    return [
        f"{launches} of the last {tested.test_days} days, with {tested.min_buyers} buyers or more. At each, the "
        f"classifiers were given {percent(1 - settings.test_share)} of the customers with their purchases of it (some "
        "kept back to choose the threshold): they need a launch's own sales, which nobody has on its first day. The "
        f"launch model saw only launches whose {classification.launch_settings.horizon_days} days were over. All are "
        f"measured on the other {percent(settings.test_share)} of the customers."
    ]


def _verdict_of_past_launches(classification: PastClassification) -> str:
    best = classification.best_classifier()
    row = classification.against(best).row(by_predicate=pl.col("metric") == "average_precision", named=True)
    comparison = (
        f"With no sale, the launch model's average precision is {decimal(row['ratio'], 2)} times that of the best "
        f"classifier, {best}, which was given sales"
    )
    if row["low"] == row["high"]:
        return f"{comparison}; launches of one week are too few for an interval."
    word = "higher" if row["low"] > 0 else "lower" if row["high"] < 0 else "not shown to differ"
    return (
        f"{comparison} ({word}: {decimal(row['difference'], 4, signed=True)}, 95 % interval "
        f"{decimal(row['low'], 4, signed=True)} to {decimal(row['high'], 4, signed=True)}, paired by launch)."
    )


def _past_tables(classification: PastClassification) -> list[Table]:
    means = "mean over launches, below it the 95 % interval (launch weeks resampled)"
    summary, lengths = classification.summary(), classification.settings.lengths
    base_rate = summary.filter(pl.col("metric") == "base_rate")["mean"][0]
    tables = [
        _mean_table(f"The order of the list: {means}", summary, RANKING),
        _mean_table(f"Who is predicted to buy at each model's own threshold: {means}", summary, AT_THRESHOLD),
    ]
    if lengths:
        columns = {
            f"{metric}_at_{length}": (f"{metric} of the first {count(length)}", digits)
            for length in lengths
            for metric, digits in (("precision", 3), ("lift", 1))
        }
        title = f"Lists of a fixed length; a random one has the base rate, {decimal(base_rate, 3)}: {means}"
        tables.append(_mean_table(title, summary, columns))
    return tables


def _mean_table(title: str, summary: pl.DataFrame, columns: Mapping[str, tuple[str, int]]) -> Table:
    rows: list[Row] = []
    for (model,), group in summary.group_by("model", maintain_order=True):
        by_metric = {row["metric"]: row for row in group.iter_rows(named=True)}
        cells = [
            format_interval(by_metric.get(metric), digits, hide_equal=True) for metric, (_, digits) in columns.items()
        ]
        rows.append([str(model), *cells])
    return _table(title, ["model", *(name for name, _ in columns.values())], rows)
