"""One launch classified: the settings, the result, and how it is measured from the scores of several models."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.classify.cohort import BOTH_PERIODS, PARTS, SCORED, TEST, VALIDATION
from frontrow.launch.classify.threshold import Confusion, best_threshold
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History

BOTH_PERIODS_WARNING: Final = (
    "The customers compared were picked by what they did after the launch: only those who ordered again in the window. "
    "Nobody knows them on the day of the launch. There are more buyers among them, so precision and base rate look "
    "better than any list made beforehand can be."
)

DEFAULT_SHARES: Final = (0.01, 0.05, 0.10)
"""Lengths of the lists measured, as shares of the customers tested, where none is given."""


@dataclass(frozen=True)
class ClassifySettings:
    """Who is classified, how customers are split, how the threshold is chosen.

    Attributes:
        cohort: `cohort.SCORED`, everyone whom the launch model scores; or `cohort.BOTH_PERIODS`, those of them who
            ordered in the window too, which flatters (`BOTH_PERIODS_WARNING`).
        test_share: Share of the customers that are tested.
        validation_share: Share of the others that the threshold is chosen on, hidden from the classifiers.
        threshold_beta: The threshold is the one of the highest F-beta; 1 is F1, more than 1 gives longer lists.
        lengths: Lengths of the lists whose precision and lift are measured; `DEFAULT_SHARES` where none is given.
    """

    cohort: str = SCORED
    test_share: float = 0.45
    validation_share: float = 0.25
    threshold_beta: float = 1.0
    lengths: tuple[int, ...] = ()


@dataclass(frozen=True)
class ClassifiedLaunch:
    """The launch that was classified.

    Attributes:
        product_id: Its product.
        title: Its product's.
        verdict: Whether its first sale counts as a launch, and why not (`life_cycle.compute_life_cycles`).
        launch_date: No model saw orders from its midnight on, except for the labels of the classifiers.
        known_until: Purchases before this day are labels: the horizon's end, or the end of the history.
    """

    product_id: str
    title: str
    verdict: str
    launch_date: dt.date
    known_until: dt.date

    @classmethod
    def from_product(cls, product: pl.DataFrame, history: History, settings: LaunchSettings) -> ClassifiedLaunch:
        """Describe the launch of a product.

        Args:
            product: A row as `cohort.find_launch` returns it.
            history: What is known.
            settings: The horizon.
        """
        row = product.row(0, named=True)
        until = min(row["cutoff_day"] + settings.horizon_days, history.cutoff_day)
        return cls(
            product_id=row["product_id"],
            title=row["title"],
            verdict=row["verdict"],
            launch_date=EPOCH + dt.timedelta(days=row["cutoff_day"]),
            known_until=EPOCH + dt.timedelta(days=until),
        )


@dataclass(frozen=True)
class Classification:
    """One launch classified.

    Attributes:
        launch: The launch.
        embedding: Name of the embedding that the classifiers use.
        parts: `part` (`fit`, `validation`, `test`), `customers`, `buyers`.
        models: One row a model, measured on the customers tested: `model`, `taught_by`, `auc`, `average_precision`,
            `threshold`, `predicted` (at or above it), `true_positives`, `false_positives`, `false_negatives`,
            `true_negatives`, `accuracy`, `precision`, `base_rate`, `lift`, `recall`, `f1`.
        report: `model` and the columns of `threshold.Confusion.report`.
        lists: One row a model and length: `model`, `length`, `buyers` (ties at the end in proportion), `precision`,
            `base_rate`, `lift`.
        scores: Of the customers tested: `customer_id`, `bought`, and one column a model.
        settings: Who was classified, and how.
        launch_settings: The launch model's.
    """

    launch: ClassifiedLaunch
    embedding: str
    parts: pl.DataFrame
    models: pl.DataFrame
    report: pl.DataFrame
    lists: pl.DataFrame
    scores: pl.DataFrame
    settings: ClassifySettings
    launch_settings: LaunchSettings

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints; it names no customer."""
        return {
            "launch": asdict(self.launch),
            "embedding": self.embedding,
            "settings": asdict(self.settings),
            "launch_settings": asdict(self.launch_settings),
            "warning": BOTH_PERIODS_WARNING if self.settings.cohort == BOTH_PERIODS else None,
            "customers": self.parts.to_dicts(),
            "models": self.models.to_dicts(),
            "classification_report": self.report.to_dicts(),
            "lists": self.lists.to_dicts(),
        }


@dataclass(frozen=True)
class ScoredCustomers:
    """The customers of a launch with the scores of several models.

    Attributes:
        customer_ids: Shape (customers,).
        labels: 1.0 for a buyer, else 0.0; shape (customers,).
        parts: See `cohort.stratified_parts`.
        scores: Of each model, shape (customers,).
        taught_by: What each model learned from, in words.
    """

    customer_ids: pl.Series
    labels: NDArray[np.float64]
    parts: NDArray[np.int8]
    scores: Mapping[str, NDArray[np.float64]]
    taught_by: Mapping[str, str]


def evaluate_classifiers(
    launch: ClassifiedLaunch,
    customers: ScoredCustomers,
    *,
    embedding: str,
    settings: ClassifySettings,
    launch_settings: LaunchSettings,
) -> Classification:
    """Choose each model's threshold on the validation customers and measure it on those tested.

    Args:
        launch: The launch.
        customers: Everyone compared, with the scores of each model.
        embedding: Name of the embedding that the classifiers use.
        settings: How to choose, lengths of lists.
        launch_settings: The launch model's.
    """
    labels, parts = customers.labels, customers.parts
    validation, test = parts == VALIDATION, parts == TEST
    models, reports, lists = [], [], []
    lengths = list_lengths(settings.lengths, int(test.sum()))
    for name, scores in customers.scores.items():
        threshold = best_threshold(labels[validation], scores[validation], beta=settings.threshold_beta)
        confusion = Confusion.of(labels[test], scores[test] >= threshold)
        report = confusion.report()
        row = {"model": name, "taught_by": customers.taught_by[name], **_ranking_metrics(labels[test], scores[test])}
        models.append({**row, **_threshold_metrics(threshold, confusion, report)})
        reports.append(report.select(pl.lit(name).alias("model"), pl.all()))
        lists += [{"model": name, **_list_metrics(labels[test], scores[test], length)} for length in lengths]
    ids = customers.customer_ids.filter(pl.Series(test))
    test_scores = {name: scores[test] for name, scores in customers.scores.items()}
    return Classification(
        launch=launch,
        embedding=embedding,
        parts=_count_parts(labels, parts),
        models=pl.DataFrame(models),
        report=pl.concat(reports),
        lists=pl.DataFrame(lists),
        scores=pl.DataFrame({"customer_id": ids, "bought": labels[test], **test_scores}),
        settings=settings,
        launch_settings=launch_settings,
    )


def list_lengths(lengths: Sequence[int], customers: int) -> list[int]:
    """Lengths of lists, none longer than there are customers; without any, `DEFAULT_SHARES` of them.

    Args:
        lengths: The lengths asked for.
        customers: Number of customers tested.

    Example:
        >>> list_lengths([], 250), list_lengths([100, 900], 250)
        ([3, 13, 25], [100, 250])
    """
    chosen = lengths or [math.ceil(share * customers - 1e-9) for share in DEFAULT_SHARES]
    return sorted({min(length, customers) for length in chosen})


def _ranking_metrics(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> dict[str, float]:
    return {"auc": metrics.auc(labels, scores), "average_precision": metrics.average_precision(labels, scores)}


def _threshold_metrics(threshold: float, confusion: Confusion, report: pl.DataFrame) -> dict[str, float]:
    bought = report.row(0, named=True)
    base_rate = bought["customers"] / report["customers"][-1]
    return {
        "threshold": threshold,
        "predicted": confusion.predicted,
        **asdict(confusion),
        "accuracy": confusion.accuracy,
        "precision": bought["precision"],
        "base_rate": base_rate,
        "lift": bought["precision"] / base_rate,
        "recall": bought["recall"],
        "f1": bought["f1"],
    }


def _list_metrics(labels: NDArray[np.float64], scores: NDArray[np.float64], length: int) -> dict[str, float]:
    buyers, base_rate = metrics.buyers_at(labels, scores, length), float(labels.mean())
    return {
        "length": length,
        "buyers": buyers,
        "precision": buyers / length,
        "base_rate": base_rate,
        "lift": buyers / length / base_rate,
    }


def _count_parts(labels: NDArray[np.float64], parts: NDArray[np.int8]) -> pl.DataFrame:
    rows = [(name, int((parts == part).sum()), int(labels[parts == part].sum())) for part, name in PARTS.items()]
    return pl.DataFrame(rows, schema=["part", "customers", "buyers"], orient="row")
