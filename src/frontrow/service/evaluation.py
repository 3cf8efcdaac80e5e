"""Test recommenders on what customers bought after a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.present.section import Section
from frontrow.present.sections.evaluation import build_sections
from frontrow.progress import Progress, no_progress
from frontrow.recommend.evaluate.evaluation import evaluate
from frontrow.recommend.evaluate.results import Evaluation, EvaluationSettings
from frontrow.service.opening import RunSettings, launch_settings, list_overrides
from frontrow.shop.config import ShopConfig
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
    run: RunSettings,
    *,
    output: TableFile | None = None,
    progress: Progress = no_progress,
) -> EvaluationResult:
    """Fit recommenders on what came before a date and test their lists on what was bought after it.

    Args:
        folder: The shop's folder.
        models: Names of recommenders; none for all.
        settings: List lengths, and what may be listed.
        run: What this run decides; without a cutoff, the latest possible one is used.
        output: Where every metric is written; None for nowhere.
        progress: Called with (done, total) steps.

    Raises:
        RecommendationError: A recommender is unknown, or there is nothing to learn from or to test on.
        ShopError: The folder holds no shop.
    """
    config = ShopConfig.read(folder)
    settings = replace(settings, horizon_days=launch_settings(run, config).horizon_days)
    evaluation = evaluate(
        Shop.read(folder),
        run.as_of,
        models=models,
        only=bool(models),
        settings=settings,
        seed=run.seed,
        progress=progress,
    )
    if output is not None:
        output.write(evaluation.values)
    return EvaluationResult(evaluation, tuple(models), tuple(list_overrides(config, run)))
