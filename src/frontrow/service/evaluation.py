"""Test recommenders on what customers bought after a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.present.section import Section
from frontrow.present.sections.evaluation import build_sections
from frontrow.progress import Progress, no_progress
from frontrow.recommend.evaluate.evaluation import evaluate
from frontrow.recommend.evaluate.results import Evaluation, EvaluationSettings
from frontrow.shop.shop import Shop
from frontrow.storage.table_output import TableFile


@dataclass(frozen=True)
class EvaluationResult:
    """How good recommenders were.

    Attributes:
        evaluation: Every metric of every recommender.
        models: Recommenders at the top of each table.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    evaluation: Evaluation
    models: tuple[str, ...]
    notices: tuple[str, ...] = ()

    @property
    def table(self) -> pl.DataFrame:
        """One row for each recommender, group of customers, metric and list length."""
        return self.evaluation.values

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.evaluation.to_dict()

    def sections(self) -> list[Section]:
        """A table for each group of customers, and what the recommenders cost."""
        return build_sections(self.evaluation, first=self.models or [self.evaluation.reference])


def evaluate_recommenders(
    folder: Path,
    models: Sequence[str],
    settings: EvaluationSettings,
    *,
    as_of: dt.datetime | None = None,
    seed: int = 0,
    output: TableFile | None = None,
    progress: Progress = no_progress,
) -> EvaluationResult:
    """Fit recommenders on what came before a date and test their lists on what was bought after it.

    Args:
        folder: The shop's folder.
        models: Names of recommenders; none for all.
        settings: Horizon, list lengths, and what may be listed.
        as_of: The cutoff; None for the latest possible.
        seed: Of the fits and the intervals.
        output: Where every metric is written; None for nowhere.
        progress: Called with (done, total) steps.

    Raises:
        RecommendationError: A recommender is unknown, or there is nothing to learn from or to test on.
        ShopError: The folder holds no shop.
    """
    evaluation = evaluate(
        Shop.read(folder), as_of, models=models, only=bool(models), settings=settings, seed=seed, progress=progress
    )
    if output is not None:
        output.write(evaluation.values)
    return EvaluationResult(evaluation, tuple(models))
