"""Recommenders over each customer's orders by time: GRU4Rec, SASRec and BERT4Rec, which differ in their network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from frontrow.errors import ArtifactError, require
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.neural.settings import SequenceSettings
from frontrow.progress import Progress, no_progress

if TYPE_CHECKING:
    from frontrow.models.neural.sequences.model import SequenceModel

NAMES: Final = {"gru4rec": "GRU4Rec", "sasrec": "SASRec", "bert4rec": "BERT4Rec"}
"""Name in tables of each network."""


class SequenceRecommender:
    """A sequence network, and what sells in the customer's country.

    Args:
        settings: Hyper-parameters; they name the network.
    """

    extra = "neural"
    compares_products = True

    def __init__(self, settings: SequenceSettings) -> None:
        self.settings = settings
        self.name = NAMES[settings.network]

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> SequenceModel:
        """See `Recommender.fit`."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.sequences.model import SequenceModel

        return SequenceModel.fit(interactions, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> SequenceModel:
        """See `Recommender.load`; a model of another network is an error."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.sequences.model import SequenceModel

        model, network = SequenceModel.load(folder), self.settings.network
        if model.settings.network != network:
            raise ArtifactError(f"{folder} holds a {model.settings.network} model; expected {network}. Fit it again.")
        return model


def variants() -> dict[str, SequenceRecommender]:
    """Return one recommender per network."""
    return {
        "gru4rec": SequenceRecommender(SequenceSettings("gru4rec", layers=1)),
        "sasrec": SequenceRecommender(SequenceSettings("sasrec")),
        "bert4rec": SequenceRecommender(SequenceSettings("bert4rec")),
    }
