"""What the recommenders over sequences share: they differ in their network alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from frontrow.errors import ArtifactError, require
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.neural.sequences.settings import SequenceSettings
from frontrow.progress import Progress, no_progress

if TYPE_CHECKING:
    from frontrow.models.neural.sequences.fitted import SequenceModel


class SequenceRecommender:
    """A network over the customer's orders by time, and what the country buys.

    Attributes:
        default: Settings where none are given; they name the network.
        extra: See `recommenders.base.Recommender`.
        compares_products: See there.

    Args:
        settings: The network's.
    """

    default: ClassVar[SequenceSettings]
    extra = "neural"
    compares_products = True

    def __init__(self, settings: SequenceSettings | None = None) -> None:
        self.settings = settings or self.default

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> SequenceModel:
        """Learn from interactions.

        Raises:
            MissingExtraError: torch is not installed.
        """
        require("torch", extra=self.extra)
        from frontrow.models.neural.sequences.fitted import SequenceModel

        return SequenceModel.fit(interactions, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> SequenceModel:
        """See `recommenders.base.Recommender.load`; a model of another network is refused."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.sequences.fitted import SequenceModel

        fitted = SequenceModel.load(folder)
        if fitted.settings.network != self.default.network:
            raise ArtifactError(
                f"{folder} holds a {fitted.settings.network} model; expected {self.default.network}. Fit it again."
            )
        return fitted
