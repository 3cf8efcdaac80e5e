"""Candidates from several recommenders, ordered by a ranker that learned from past windows (Covington et al., 2016)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.rankers import get_ranker, rankers
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.progress import Progress, no_progress

if TYPE_CHECKING:
    from frontrow.models.ranker import Ranker
    from frontrow.models.two_stage.model import TwoStage


class Recommender:
    """Two stages: recommenders find some hundred candidates for each customer, a ranker puts them in order.

    The ranker learns from what customers bought in past windows, one kind for customers with a history and one for
    those never seen; scores are logits of the chance to buy within the window.

    Args:
        settings: The recommender's; its ranker is a file of `models/rankers`.
        ranker: That ranker with settings of its own.
    """

    compares_products = False

    def __init__(self, settings: TwoStageSettings | None = None, ranker: Ranker | None = None) -> None:
        self.settings = settings or TwoStageSettings()
        self._ranker = ranker or get_ranker(self.settings.ranker)
        self.name = f"two-stage, {self._ranker.name}"
        self.extra = self._ranker.extra

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> TwoStage:
        """Learn from interactions.

        Raises:
            MissingExtraError: A package that the ranker or a source needs is not installed.
        """
        from frontrow.models.two_stage.model import TwoStage

        return TwoStage.fit(interactions, self._ranker, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> TwoStage:
        """See `base.Recommender.load`."""
        from frontrow.models.two_stage.model import TwoStage

        return TwoStage.load(folder, self._ranker)


def variants() -> dict[str, Recommender]:
    """One for every other ranker, by the name it has in `frontrow evaluate`: `two_stage_NAME`."""
    default = TwoStageSettings()
    others = [name for name in rankers() if name != default.ranker]
    return {f"two_stage_{name}": Recommender(replace(default, ranker=name)) for name in others}
