"""The section of the report about classifiers: of one launch, or of every past launch."""

from __future__ import annotations

from typing import Any

from frontrow.launch.backtest.backtest import LAUNCH_MODEL
from frontrow.launch.classify.classification import BOTH_PERIODS, BOTH_PERIODS_WARNING, Classification
from frontrow.launch.classify.past_launches import PastClassification
from frontrow.present.charts import launch_charts as charts
from frontrow.present.charts.classification import found_buyers
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
        "heading": f"Who found the buyers of {found.launched.title}?",
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
