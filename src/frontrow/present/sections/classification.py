"""The section of the report about classifiers: of one launch, or of every past launch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classification import BOTH_PERIODS_WARNING, Classification
from frontrow.launch.classify.cohort import BOTH_PERIODS
from frontrow.launch.classify.past_launches import PastClassification
from frontrow.present.charts import launch_charts as charts
from frontrow.present.charts.classification import found_buyers
from frontrow.present.section import Block, Cell, Section, Sentence, Table
from frontrow.present.sections import classify as classified
from frontrow.present.sections import classify_past as classified_past


def section(found: Classification | PastClassification) -> dict[str, Any]:
    """What the template `classified.html` shows."""
    of_kind = _one(found) if isinstance(found, Classification) else _past(found)
    return {
        "warning": BOTH_PERIODS_WARNING if found.settings.cohort == BOTH_PERIODS else None,
        "embedding": found.embedding,
        "launch_model": LAUNCH_MODEL,
        **of_kind,
    }


def _one(found: Classification) -> dict[str, Any]:
    return {
        "heading": f"Who found the buyers of {found.launch.title}?",
        "title": "Classifiers that know some sales, beside the launch model that knows none",
        "sentences": classified.sentences(found),
        "verdict": classified.verdict(found),
        "tables": classified.tables(found),
        "chart": found_buyers(found),
        "chart_label": "Buyers found against customers contacted, one line a model",
        "chart_caption": "Share of the buyers tested that a list of each length holds. The dashed line is a list drawn "
        "by chance.",
    }


def _past(found: PastClassification) -> dict[str, Any]:
    return {
        "heading": "Who found the buyers of past launches?",
        "title": "Classifiers that know some sales, beside the launch model that knows none",
        "sentences": classified_past.sentences(found),
        "verdict": classified_past.verdict(found),
        "tables": classified_past.tables(found),
        "chart": charts.average_precision(found.summary()),
        "chart_label": "Average precision of each model with its interval",
        "chart_caption": "How well each way of choosing puts buyers first; longer is better. The thin line is the 95 % "
        "interval: where the mean may lie with other launches.",
    }


def build_sections(classification: Classification | PastClassification) -> list[Section]:
    """What classifying found, as a command prints it."""
    blocks: list[Block] = []
    if classification.settings.cohort == BOTH_PERIODS:
        blocks.append(Sentence(f"These figures flatter. {BOTH_PERIODS_WARNING}"))
    if isinstance(classification, Classification):
        sentences, tables = classified.sentences(classification), classified.tables(classification)
        verdict = classified.verdict(classification)
    else:
        sentences, tables = classified_past.sentences(classification), classified_past.tables(classification)
        verdict = classified_past.verdict(classification)
    blocks += [*map(Sentence, sentences), *map(_table, tables), Sentence(verdict)]
    return [Section("classification", "", tuple(blocks))]


def _table(table: classified.Table) -> Table:
    rows: list[Sequence[Cell | str | None]] = [
        (model, *[Cell(figure, small) for figure, small in cells]) for model, cells in table.rows
    ]
    words = ("learned from", "class")
    numeric = tuple(name for name in table.columns[1:] if name not in words)
    return Table(table.caption, tuple(table.columns), rows, numeric)
