"""What classifying the customers of one launch is asked with, and what it finds."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from frontrow.launch.settings import LaunchSettings

SCORED: Final = "scored"
BOTH_PERIODS: Final = "both-periods"
COHORTS: Final = (SCORED, BOTH_PERIODS)

BOTH_PERIODS_WARNING: Final = (
    "The customers compared were picked by what they did after the launch: only those who ordered again in the window. "
    "Nobody knows them on the day of the launch. There are more buyers among them, so precision and base rate look "
    "better than any list made beforehand can be."
)


@dataclass(frozen=True)
class ClassifySettings:
    """Who is classified, how customers are split, how the threshold is chosen.

    Attributes:
        cohort: `SCORED`, everyone whom the launch model scores; or `BOTH_PERIODS`, those of them who ordered in the
            window too, which flatters (`BOTH_PERIODS_WARNING`).
        test_share: Of the customers, tested.
        validation_share: Of the others, kept from the classifiers: the threshold is chosen on them.
        threshold_beta: The threshold is the one of the highest F-beta; 1 is F1, more than 1 asks for longer lists.
        lengths: Of the lists whose precision and lift are measured; `judging.DEFAULT_SHARES` where none is given.
    """

    cohort: str = SCORED
    test_share: float = 0.45
    validation_share: float = 0.25
    threshold_beta: float = 1.0
    lengths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Launched:
    """The launch.

    Attributes:
        product_id: Its product.
        title: Its product's.
        verdict: Whether its first sale counts as a launch, and why not (`life_cycle.compute_life_cycles`).
        launch_date: Nothing from its midnight on was known to any model, but the labels of the classifiers.
        known_until: Purchases before this day are labels: the horizon's end, or the end of what is known.
    """

    product_id: str
    title: str
    verdict: str
    launch_date: dt.date
    known_until: dt.date


@dataclass(frozen=True)
class Classification:
    """One launch classified.

    Attributes:
        launched: The launch.
        embedding: What the classifiers read.
        parts: `part` (`fit`, `validation`, `test`), `customers`, `buyers`.
        models: One row a model, measured on the customers tested: `model`, `taught_by`, `auc`, `average_precision`,
            `threshold`, `predicted` (at or above it), `true_positives`, `false_positives`, `false_negatives`,
            `true_negatives`, `accuracy`, `precision`, `base_rate`, `lift`, `recall`, `f1`.
        report: `model` and the columns of `threshold.Confusion.report`.
        lists: One row a model and length: `model`, `length`, `buyers` (ties at the end in proportion), `precision`,
            `base_rate`, `lift`.
        scores: Of the customers tested: `customer_id`, `bought`, and one column a model.
        settings: What it was asked with.
        launch_settings: The launch model's.
    """

    launched: Launched
    embedding: str
    parts: pl.DataFrame
    models: pl.DataFrame
    report: pl.DataFrame
    lists: pl.DataFrame
    scores: pl.DataFrame
    settings: ClassifySettings
    launch_settings: LaunchSettings

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints; no single customer stands in it."""
        return {
            "launch": asdict(self.launched),
            "embedding": self.embedding,
            "settings": asdict(self.settings),
            "launch_settings": asdict(self.launch_settings),
            "warning": BOTH_PERIODS_WARNING if self.settings.cohort == BOTH_PERIODS else None,
            "customers": self.parts.to_dicts(),
            "models": self.models.to_dicts(),
            "classification_report": self.report.to_dicts(),
            "lists": self.lists.to_dicts(),
        }
