"""Attention to both sides of hidden orders (Sun et al., 2019), with a sampled softmax."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from frontrow.errors import require
from frontrow.models.recommenders.base import Progress, silent
from frontrow.models.recommenders.interactions import Interactions
from frontrow.models.sequences.settings import SequenceSettings

if TYPE_CHECKING:
    from frontrow.models.sequences.fitted import SequenceModel

PUBLISHED_SETS: Final = SequenceSettings("bert4rec", layers=1, dropout=0.4, batch_events=1024, epochs=120, patience=8)
"""For the data sets of published tables: one product an event, tens of thousands of customers (Amazon Beauty)."""


class Recommender:
    """Attention to both sides of a hidden order, over the customer's orders by time, and what the country buys.

    Args:
        settings: The network's.
    """

    name = "BERT4Rec"
    extra = "neural"

    def __init__(self, settings: SequenceSettings | None = None) -> None:
        self.settings = settings or SequenceSettings("bert4rec")

    def fit(self, known: Interactions, *, seed: int, progress: Progress = silent) -> SequenceModel:
        """Learn from interactions.

        Raises:
            MissingExtraError: torch is not installed.
        """
        require("torch", extra=self.extra)
        from frontrow.models.sequences.fitted import SequenceModel

        return SequenceModel.fit(known, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> SequenceModel:
        """See `base.Recommender.load`."""
        require("torch", extra=self.extra)
        from frontrow.models.sequences.fitted import SequenceModel

        return SequenceModel.load(folder)
