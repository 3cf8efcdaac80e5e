"""Candidates from several recommenders, ordered by a ranker that learned from past windows (Covington et al., 2016)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.blocks import InteractionBlocks
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.rankers import get_ranker, rankers
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.progress import Progress, no_progress

if TYPE_CHECKING:
    from frontrow.models.ranker import Ranker
    from frontrow.models.two_stage.model import TwoStage

SAMPLE_LINES: Final = 5_000_000
"""Order lines of the customers whom it learns from, where the order lines of all are not in one memory."""


class Recommender:
    """Recommenders find some hundred candidates for each customer, and a ranker orders them.

    The ranker learns from what customers bought in past windows, apart for customers with a history and for new ones;
    scores are logits of the probability to buy within the horizon.

    Args:
        settings: Sources, windows and the file name of the ranker in `models/rankers`.
        ranker: That ranker with settings of its own; None for its default settings.
    """

    compares_products = False

    def __init__(self, settings: TwoStageSettings | None = None, ranker: Ranker | None = None) -> None:
        self.settings = settings or TwoStageSettings()
        self._ranker = ranker or get_ranker(self.settings.ranker)
        self.name = f"two-stage, {self._ranker.name}"
        self.extra = self._ranker.extra

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> TwoStage:
        """See `Recommender.fit`."""
        from frontrow.models.two_stage.model import TwoStage

        return TwoStage.fit(interactions, self._ranker, self.settings, seed=seed, progress=progress)

    def learn(
        self, blocks: InteractionBlocks, *, seed: int, progress: Progress = no_progress
    ) -> tuple[TwoStage, Interactions]:
        """See `LearnsFromBlocks`; it learns from a sample of customers, who are everybody up to `SAMPLE_LINES`."""
        sample = blocks.sample(SAMPLE_LINES)
        fitted = self.fit(sample, seed=seed, progress=progress)
        pool = fitted.returning.sources.pool()
        rows = np.full(sample.shape[0], -1, dtype=np.int64)
        rows[pool] = np.arange(len(pool))
        needed = sample.select(pool)
        return fitted.with_customers(needed, rows), needed

    def with_customers(self, fitted: TwoStage, interactions: Interactions, rows: NDArray[np.int64]) -> TwoStage:
        """See `TakesCustomers`."""
        return fitted.with_customers(interactions, rows)

    def load(self, folder: Path) -> TwoStage:
        """See `Recommender.load`."""
        from frontrow.models.two_stage.model import TwoStage

        return TwoStage.load(folder, self._ranker)


def variants() -> dict[str, Recommender]:
    """A two-stage recommender for every other ranker, called `two_stage_RANKER` in `frontrow evaluate`."""
    default = TwoStageSettings()
    others = [name for name in rankers() if name != default.ranker]
    return {f"two_stage_{name}": Recommender(replace(default, ranker=name)) for name in others}
