"""Classify the customers of launches that have sales, beside the launch model that needs none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.errors import SettingError
from frontrow.launch.backtest.backtest import BacktestSettings
from frontrow.launch.classify.classification import Classification, ClassifySettings
from frontrow.launch.classify.classify import classify
from frontrow.launch.classify.cohort import COHORTS
from frontrow.launch.classify.past_launches import PastClassification, classify_past
from frontrow.models.embedding import Embedder
from frontrow.models.embeddings import default_embedding, embedders
from frontrow.present.report_content import ReportContent
from frontrow.present.section import Section
from frontrow.present.sections.classification import build_sections
from frontrow.progress import Progress, no_progress
from frontrow.service.opening import OpenedShop, RunSettings, open_shop_here


@dataclass(frozen=True)
class ClassificationResult:
    """What classifiers made of one launch, or of every past launch.

    Attributes:
        classification: The models side by side.
        shop: The shop as this run sees it.
    """

    classification: Classification | PastClassification
    shop: OpenedShop

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what this run does differently from what was asked or stated."""
        return self.shop.notices

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.classification.to_dict()

    def sections(self) -> list[Section]:
        """Rankings, choices at the threshold, and the verdict."""
        return build_sections(self.classification)

    def report(self) -> ReportContent:
        """What the report of a classification shows."""
        return ReportContent(self.shop.history, classification=self.classification)


def classify_launch(
    folder: Path,
    product_id: str,
    settings: ClassifySettings,
    run: RunSettings,
    *,
    embedding: str | None = None,
    progress: Progress = no_progress,
) -> ClassificationResult:
    """Classify the customers of one launch with classifiers that learn from its own sales.

    Args:
        folder: The shop's folder.
        product_id: A product that has sales.
        settings: Who is classified, and how.
        run: What this run decides.
        embedding: What the classifiers read of a customer; None for the best one installed.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: The product was never sold, or has too few buyers.
        MissingExtraError: The extra neural is not installed.
        SettingError: There is no embedding or cohort of that name.
    """
    embedder = get_embedder(embedding)
    _check_cohort(settings)
    shop = open_shop_here(folder, run)
    result = classify(
        shop.history, product_id, shop.settings, settings, embedder=embedder, seed=shop.seed, progress=progress
    )
    return ClassificationResult(result, shop)


def classify_past_launches(
    folder: Path,
    settings: ClassifySettings,
    past_launches: BacktestSettings,
    run: RunSettings,
    *,
    embedding: str | None = None,
    progress: Progress = no_progress,
) -> ClassificationResult:
    """Classify the customers of every past launch.

    Args:
        folder: The shop's folder.
        settings: Who is classified, and how.
        past_launches: Which launches are classified.
        run: What this run decides.
        embedding: What the classifiers read of a customer; None for the best one installed.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: No launch has enough buyers.
        MissingExtraError: The extra neural is not installed.
        SettingError: There is no embedding or cohort of that name.
    """
    embedder = get_embedder(embedding)
    _check_cohort(settings)
    shop = open_shop_here(folder, run)
    result = classify_past(
        shop.history, shop.settings, settings, past_launches, embedder=embedder, seed=shop.seed, progress=progress
    )
    return ClassificationResult(result, shop)


def get_embedder(name: str | None) -> Embedder:
    """The embedding of that name; None for the best one installed.

    Raises:
        SettingError: There is no embedding of that name.
    """
    available = embedders()
    if name is not None and name not in available:
        raise SettingError("embedding", f'There is no embedding named "{name}". Available: {", ".join(available)}.')
    return available[name or default_embedding()]


def _check_cohort(settings: ClassifySettings) -> None:
    if settings.cohort not in COHORTS:
        problem = f'There is no cohort named "{settings.cohort}". Available: {", ".join(COHORTS)}.'
        raise SettingError("cohort", problem)
