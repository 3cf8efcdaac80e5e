"""DCN-v2 (Wang et al., 2021): layers that cross features with one another, beside hidden layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.rankers.base import Candidates
from frontrow.models.ranking_networks.settings import NetworkSettings
from frontrow.models.recommenders.base import Progress, silent

if TYPE_CHECKING:
    from frontrow.models.ranking_networks.fitted import RankingNetwork


class Ranker:
    """Cross layers and hidden layers side by side, over every feature and the embeddings.

    Args:
        settings: The network's.
    """

    name = "DCN-v2"
    extra = "neural"

    def __init__(self, settings: NetworkSettings | None = None) -> None:
        # crosses multiply whatever is far out; on windows before 2011-04 they did better under twice the penalty
        self.settings = settings or NetworkSettings("dcn", weight_decay=2e-3)

    def fit(
        self, candidates: Candidates, bought: NDArray[np.bool_], *, seed: int, progress: Progress = silent
    ) -> RankingNetwork:
        """See `base.Ranker.fit`."""
        require("torch", extra=self.extra)
        from frontrow.models.ranking_networks.fit import fit

        return fit(candidates, bought, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> RankingNetwork:
        """See `base.Ranker.load`."""
        require("torch", extra=self.extra)
        from frontrow.models.ranking_networks.fitted import load

        return load(folder, "dcn")
