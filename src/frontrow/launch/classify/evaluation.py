"""From the scores of several models to one table: thresholds chosen on some customers, measures taken on others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.classify.classification import Classification, ClassifySettings, Launched
from frontrow.launch.classify.stratified_split import PARTS, TEST, VALIDATION
from frontrow.launch.classify.threshold import Confusion, best_threshold
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics

DEFAULT_SHARES: Final = (0.01, 0.05, 0.10)
"""Lengths of the lists measured, as shares of the customers tested, where none is asked for."""


def judged(
    launched: Launched,
    customer_ids: pl.Series,
    labels: NDArray[np.float64],
    parts: NDArray[np.int8],
    scores: Mapping[str, NDArray[np.float64]],
    taught_by: Mapping[str, str],
    *,
    embedding: str,
    settings: ClassifySettings,
    launch_settings: LaunchSettings,
) -> Classification:
    """Choose each model's threshold on the validation customers and measure it on those tested.

    Args:
        launched: The launch.
        customer_ids: Shape (customers,).
        labels: 1.0 for a buyer, else 0.0; shape (customers,).
        parts: See `stratified.stratified_parts`.
        scores: Of each model, shape (customers,).
        taught_by: What each model learned from, in words.
        embedding: What the classifiers read.
        settings: How to choose, lengths of lists.
        launch_settings: The launch model's.
    """
    validation, test = parts == VALIDATION, parts == TEST
    models, reports, lists = [], [], []
    lengths = list_lengths(settings.lengths, int(test.sum()))
    for name, score in scores.items():
        threshold = best_threshold(labels[validation], score[validation], beta=settings.threshold_beta)
        confusion = Confusion.of(labels[test], score[test] >= threshold)
        told = confusion.report()
        ranked = _ranked(labels[test], score[test])
        models.append({"model": name, "taught_by": taught_by[name], **ranked, **_chosen(threshold, confusion, told)})
        reports.append(told.select(pl.lit(name).alias("model"), pl.all()))
        lists += [{"model": name, **_list(labels[test], score[test], length)} for length in lengths]
    tested = {name: score[test] for name, score in scores.items()}
    return Classification(
        launched=launched,
        embedding=embedding,
        parts=_counted(labels, parts),
        models=pl.DataFrame(models),
        report=pl.concat(reports),
        lists=pl.DataFrame(lists),
        scores=pl.DataFrame({"customer_id": customer_ids.filter(pl.Series(test)), "bought": labels[test], **tested}),
        settings=settings,
        launch_settings=launch_settings,
    )


def list_lengths(asked: Sequence[int], customers: int) -> list[int]:
    """The lengths asked for, none longer than there are customers; without any, `DEFAULT_SHARES` of them.

    Example:
        >>> list_lengths([], 250), list_lengths([100, 900], 250)
        ([3, 13, 25], [100, 250])
    """
    wanted = asked or [math.ceil(share * customers - 1e-9) for share in DEFAULT_SHARES]
    return sorted({min(length, customers) for length in wanted})


def _ranked(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> dict[str, float]:
    return {"auc": metrics.auc(labels, scores), "average_precision": metrics.average_precision(labels, scores)}


def _chosen(threshold: float, confusion: Confusion, report: pl.DataFrame) -> dict[str, float]:
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


def _list(labels: NDArray[np.float64], scores: NDArray[np.float64], length: int) -> dict[str, float]:
    found, base_rate = metrics.buyers_at(labels, scores, length), float(labels.mean())
    return {
        "length": length,
        "buyers": found,
        "precision": found / length,
        "base_rate": base_rate,
        "lift": found / length / base_rate,
    }


def _counted(labels: NDArray[np.float64], parts: NDArray[np.int8]) -> pl.DataFrame:
    rows = [(name, int((parts == part).sum()), int(labels[parts == part].sum())) for part, name in PARTS.items()]
    return pl.DataFrame(rows, schema=["part", "customers", "buyers"], orient="row")
