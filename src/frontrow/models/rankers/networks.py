"""Rankers in PyTorch: a deep network, Wide & Deep, DCN-v2 and DIN, which differ in their network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import ArtifactError, require
from frontrow.models.neural.settings import RankingSettings
from frontrow.models.ranker import Candidates
from frontrow.progress import Progress, no_progress

if TYPE_CHECKING:
    from frontrow.models.neural.ranking.model import RankingModel

NAMES: Final = {"dnn": "DNN", "wide_and_deep": "Wide & Deep", "dcn": "DCN-v2", "din": "DIN"}
"""Name in tables of each network."""


class NetworkRanker:
    """A network over all features and the embeddings of product, product type, vendor and country.

    Args:
        settings: Hyper-parameters; they name the network.
    """

    extra = "neural"

    def __init__(self, settings: RankingSettings) -> None:
        self.settings = settings
        self.name = NAMES[settings.network]

    def fit(
        self, candidates: Candidates, bought: NDArray[np.bool_], *, seed: int, progress: Progress = no_progress
    ) -> RankingModel:
        """See `Ranker.fit`."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.ranking.model import RankingModel

        return RankingModel.fit(candidates, bought, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> RankingModel:
        """See `Ranker.load`; a model of another network is an error."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.ranking.model import RankingModel

        model, network = RankingModel.load(folder), self.settings.network
        if model.settings.network != network:
            raise ArtifactError(f"{folder} holds a {model.settings.network} ranker; expected {network}. Fit it again.")
        return model


def variants() -> dict[str, NetworkRanker]:
    """Return one ranker per network."""
    return {
        "dnn": NetworkRanker(RankingSettings("dnn")),
        "wide_and_deep": NetworkRanker(RankingSettings("wide_and_deep")),
        # cross layers amplify extreme values; on horizons before 2011-04 twice the penalty was better
        "dcn": NetworkRanker(RankingSettings("dcn", weight_decay=2e-3)),
        "din": NetworkRanker(RankingSettings("din")),
    }
